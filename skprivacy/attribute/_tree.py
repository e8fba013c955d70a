"""Attribute inference from the inside of a model's trees."""

import numpy as np

from skprivacy.attribute._learned import LearnedAttack
from skprivacy.attribute._tree_evidence import TreeReader, tree_evidence
from skprivacy.inspection import read_trees
from skprivacy.targets import check_white_box

__all__ = ["TreeAttack"]


class TreeAttack(LearnedAttack):
    r"""Follow each completion of a record through the trees of the model.

    A wrong value sends a record to other leaves than those that it was trained into.
    In a forest that takes bootstrap samples, whose draws can be drawn again, the right
    completion of a member fits one of the training rows in every tree that drew it. How
    much this says, beside the target's answers and imputation, is learned on shadow
    models.

    Parameters
    ----------
    target : FrozenEstimator
        The model under attack: a model whose trees can be read, or a pipeline that ends
        in one.

    sensitive : str, int or list
        Sensitive column: its name, or its position among the target's features; or
        several, which are inferred together.

    shadow : ShadowModels, FrozenEstimator or None, default=None
        Shadow models, trained on the attacker's own records; fitted ones inside
        :class:`~sklearn.frozen.FrozenEstimator` are used as they are, and must have
        been trained with ``keep_models=True``. None: 8 of them.

    member_prior : float, default=0.5
        How likely the attacker takes a record to be a member. At 1 the attack is at its
        strongest on members, and wrong about all others.

    final_estimator : classifier or "auto", default="auto"
        Learns from the evidence of a record and a value whether it is the true one.
        "auto": gradient boosting.

    imputer : classifier or None, default=None
        Guesses the secret from what is known, as in
        :class:`~skprivacy.attribute.ImputationBaseline`; for a number its step on the
        grid. None: gradient boosting; for a number the density of a forest.

    values : {"auto", "classes", "numeric"} or array-like, default="auto"
        What the secret may be. "classes": one of the values that `y` has. "numeric": a
        number. "auto": numbers of more than 20 different values, or with fractions,
        are numbers. Or the candidates themselves.

    label : str, int or None, default=-1
        The label's column in ``X``.

    label_known : bool, default=True
        Whether the label of the records under attack is known.

    random_state : int, RandomState instance or None, default=None
        For the learners, and for shadow models that have none of their own.

    Attributes
    ----------
    shadow_ : ShadowModels
        The fitted shadow models.

    final_estimator_ : classifier
        The fitted learner of evidence.

    classes_ : ndarray
        Candidate values; not for a numeric secret.

    grid_ : ndarray of shape (n_candidates,)
        Steps of the number line, between which numbers are then looked for; for a
        numeric secret.

    n_features_in_ : int
        Columns that are known.

    See Also
    --------
    LearnedAttack : The same without a look inside.
    skprivacy.membership.BootstrapReplayAttack : The same evidence, of membership.

    Notes
    -----
    Assumes that the attacker holds the model itself, knows how it was trained, holds
    complete records of the same population, and knows of a record all but the secret.

    For a completion v, tree t leads to a leaf. With :math:`p_t(v \mid k)` the share of
    the training rows drawn k times that are in that leaf with the record's label, and
    :math:`q_t(v)` the share of strangers,

    .. math:: s(v) = \log \frac1N \sum_i \prod_t \frac{p_t(v \mid k_{it})}{q_t(v)}

    where :math:`k_{it}` is how often tree t drew row i. Where that is not known, every
    row may be in every tree. Strangers are the attacker's own records that the model
    was not trained on. Further evidence: the mean over trees of the log of the label's
    share in the leaf; the trees that the best row contradicts; how many trees lead the
    candidates to different leaves. The trees of boosting tell counts alone.

    References
    ----------
    The evidence and learning it on shadow members and non-members are additions of this
    package. That leaf counts of a decision tree tell a missing value: M. Fredrikson,
    S. Jha, T. Ristenpart. "Model inversion attacks that exploit confidence information
    and basic countermeasures". ACM CCS 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.frozen import FrozenEstimator
    >>> from skprivacy.attribute import TreeAttack
    >>> from skprivacy.shadow import ShadowModels
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 4))
    >>> X[:, 1] = rng.integers(2, size=600)  # the secret
    >>> y = rng.integers(2, size=600)
    >>> model = RandomForestClassifier(20, random_state=0).fit(X[:300], y[:300])
    >>> known, secret = np.column_stack([np.delete(X, 1, axis=1), y]), X[:, 1]
    >>> shadow = ShadowModels(n_models=4)
    >>> attack = TreeAttack(
    ...     FrozenEstimator(model), sensitive=1, shadow=shadow, random_state=0
    ... )
    >>> attack.fit(known[300:], secret[300:]).score(known[:300], secret[:300]) > 0.7
    True
    """

    _takes_correlation = False
    _reads_shadow = True

    def _fit(self, known, secret):
        model = check_white_box(self.target)
        # Before the shadow models are trained, since they cost most.
        read_trees(model)
        super()._fit(known, secret)
        X = self._completer.complete(known.features, secret)
        stranger = np.ones(len(known), dtype=bool)
        self._reader = TreeReader(model, X, known.y, stranger)

    def _inside_shadow(self, i, own, known, secret, is_member, values):
        X = self._completer.complete(known.features, secret)
        reader = TreeReader(self.shadow_.models_[i], X, known.y, ~is_member)
        return reader.read(self._completions(own, values), own.y, own=True)

    def _inside_target(self, known, values):
        return self._reader.read(self._completions(known, values), known.y)

    def _inside_evidence(self, inside, steps=None):
        return tree_evidence(inside, steps)

    def _completions(self, known, values):
        return [self._completer.complete(known.features, value) for value in values]
