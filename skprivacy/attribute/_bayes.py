"""Bayes' rule with imputation as the prior and the target's answer as evidence."""

from numbers import Real

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_expit, logsumexp
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from skprivacy.attribute._base import BaseShadowAttack
from skprivacy.attribute._imputation import Imputer

__all__ = ["BayesAttack", "likeliest_weight"]

#: Largest weight that is looked for: 1 nat of the answer outweighs 100 of imputation.
MOST_WEIGHT = 100.0


def likeliest_weight(log_chances, log_likelihood, truth):
    """Weight of the answers at which the true values are likeliest.

    Parameters
    ----------
    log_chances : ndarray of shape (n_records, n_candidates)
        Log of the imputer's chances.

    log_likelihood : ndarray of shape (n_records, n_candidates)
        Log of the chance that the model gives to the known label of each completion.

    truth : ndarray of int of shape (n_records,)
        Position of the true value; -1 where it is no candidate, which is passed over.

    Returns
    -------
    weight : float
        Between 0 and 100. The likelihood is concave in it, so that there is one best.

    Examples
    --------
    Three answers are for the true value and one against it, each by 1 nat. The best
    weight makes them right with a chance of 3/4, which log 3 = 1.1 does:

    >>> answers = np.array([[0.0, -1.0]] * 4)
    >>> round(likeliest_weight(np.zeros((4, 2)), answers, np.array([0, 0, 0, 1])), 3)
    1.099
    """
    told = truth >= 0
    prior, answer, truth = log_chances[told], log_likelihood[told], truth[told]
    rows = np.arange(len(truth))

    def loss(weight):
        score = prior + weight * answer
        return float(np.mean(logsumexp(score, axis=1) - score[rows, truth]))

    if not len(truth) or not loss(1e-6) < loss(0):
        return 0.0
    options = {"xatol": 1e-6}
    found = minimize_scalar(
        loss, bounds=(0, MOST_WEIGHT), method="bounded", options=options
    )
    return float(found.x)


class BayesAttack(BaseShadowAttack):
    """Imputation as the prior, and the target's answer as the likelihood.

    Each candidate value is put into the record, and the target is asked how likely it
    takes the record's label to be. A model that knows the record by heart is much surer
    with the true value than its own probabilities would say, so that the answer has to
    be given weight; how much is learned on shadow models.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    sensitive : str, int or list
        Sensitive column: its name, or its position among the target's features; or
        several, which are inferred together.

    weight : float or "auto", default="auto"
        How many times the log of the target's answer counts. 1 is Bayes' rule as it
        stands. "auto": the weight at which shadow models' own members are told best,
        which is large where models overfit and near 0 where they do not.

    shadow : ShadowModels, FrozenEstimator or None, default=None
        Shadow models, trained on the attacker's own records; fitted ones inside
        :class:`~sklearn.frozen.FrozenEstimator` are used as they are. None: 8 of them.
        Not used where `weight` is a number.

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
        Whether the label of the records under attack is known. If not, the target's
        sureness takes its place.

    random_state : int, RandomState instance or None, default=None
        For the imputer, and for shadow models that have no seed of their own.

    Attributes
    ----------
    weight_ : float
        The weight in use.

    shadow_ : ShadowModels
        The fitted shadow models; only where the weight was learned.

    classes_ : ndarray
        Candidate values; not for a numeric secret.

    grid_ : ndarray of shape (n_candidates,)
        Steps of the number line, between which numbers are then looked for; for a
        numeric secret.

    n_features_in_ : int
        Columns that are known.

    See Also
    --------
    LearnedAttack : Learns from more evidence, and for strangers too.
    MarginalPriorAttack : The share of each value as the prior, and no weight.

    Notes
    -----
    Assumes that the attacker can ask the target, holds complete records of the same
    population, and takes the records under attack for members. A learned weight further
    assumes that they know how the target was trained.

    References
    ----------
    An addition of this package to the attack of M. Fredrikson et al. "Privacy in
    Pharmacogenetics: An End-to-End Case Study of Personalized Warfarin Dosing". USENIX
    Security 2014, which has the marginal share as its prior and no weight.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skprivacy.attribute import BayesAttack
    >>> from skprivacy.shadow import ShadowModels
    >>> from skprivacy.targets import BlackBox
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 4))
    >>> X[:, 1] = rng.integers(2, size=600)  # the secret
    >>> y = rng.integers(2, size=600)
    >>> model = RandomForestClassifier(20, random_state=0).fit(X[:300], y[:300])
    >>> known, secret = np.column_stack([np.delete(X, 1, axis=1), y]), X[:, 1]
    >>> shadow = ShadowModels(n_models=4)
    >>> attack = BayesAttack(
    ...     BlackBox(model), sensitive=1, shadow=shadow, random_state=0
    ... )
    >>> attack.fit(known[300:], secret[300:]).score(known[:300], secret[:300]) > 0.6
    True
    """

    _parameter_constraints: dict = {
        **BaseShadowAttack._parameter_constraints,
        "weight": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "imputer": [HasMethods(["fit", "predict_proba"]), None],
    }

    def __init__(
        self,
        target,
        *,
        sensitive,
        weight="auto",
        shadow=None,
        imputer=None,
        values="auto",
        label=-1,
        label_known=True,
        random_state=None,
    ):
        self.target = target
        self.sensitive = sensitive
        self.weight = weight
        self.shadow = shadow
        self.imputer = imputer
        self.values = values
        self.label = label
        self.label_known = label_known
        self.random_state = random_state

    def _fit(self, known, secret):
        self._scale = self._error_scale(known, secret)
        own = self._completer.as_attacked(known)
        self._imputer = Imputer(self.imputer, self._candidates, self.random_state)
        self._imputer.fit(own.table(), secret)
        if isinstance(self.weight, str):
            self.weight_ = self._learned_weight(known, own, secret)
        else:
            self.weight_ = float(self.weight)

    def _learned_weight(self, known, own, secret):
        """Let each shadow model play the target, with its members as the people."""
        self.shadow_ = self._train_shadow(known, secret)
        membership = self._shadow_membership(known, secret)
        _, inside = np.nonzero(membership)
        values = self._candidates.values
        answers = self._ask_shadow(known, values)
        fit = self._log_likelihood(answers, own).transpose(0, 2, 1)
        log_chances = self._imputer.out_of_fold(own.table(), secret)
        truth = self._candidates.encode(secret)
        return likeliest_weight(log_chances[inside], fit[membership], truth[inside])

    def _log_likelihood(self, answers, known):
        signal = self._signal(answers, known, self._scale)
        # Log-odds become log-probabilities; the others are such, or a mere right/wrong.
        has_odds = self._box.response_ in ("proba", "decision")
        return log_expit(signal) if has_odds else signal

    def _read(self, known, values):
        return self._log_likelihood(self._ask(known, values), known).T[:, :, None]

    def _weigh(self, prior, read, steps=None):
        return prior + self.weight_ * read[..., 0]
