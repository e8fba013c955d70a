"""Attribute inference learned on shadow models whose members are known."""

from numbers import Real

import numpy as np
from scipy.special import softmax
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from skprivacy.attribute._base import BaseShadowAttack
from skprivacy.attribute._completion import Known
from skprivacy.attribute._evidence import candidate_evidence, out_reference
from skprivacy.attribute._imputation import Imputer

__all__ = ["LearnedAttack", "draw_steps"]

#: Values of a number that each true one is told from.
N_DRAWN = 8


class LearnedAttack(BaseShadowAttack):
    """Learn on shadow models how far to trust the target's answers.

    Each candidate value is put into the record, and the target is asked. How much an
    answer says, against what imputation says, is learned where the truth is known: on
    shadow models, each of which plays the target once for its own members and once for
    records that it never saw.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    sensitive : str, int or list
        Sensitive column: its name, or its position among the target's features; or
        several, which are inferred together.

    shadow : ShadowModels, FrozenEstimator or None, default=None
        Shadow models, trained on the attacker's own records; fitted ones inside
        :class:`~sklearn.frozen.FrozenEstimator` are used as they are. None: 8 of them.

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
    BayesAttack : One weight instead of a learner.
    ImputationBaseline : What to compare it with.

    Notes
    -----
    Assumes that the attacker can ask the target, knows how it was trained, holds
    complete records of the same population, and knows of a record all but the secret.

    A row of evidence stands for one record with one candidate value: the imputer's
    log-chance, out of fold; how well the target's answer fits the label; by how much
    it is better than the answers of models that do not know the record, plain and in
    standard deviations; and how all of these compare with the record's other
    candidates. Rows of members weigh `member_prior` in learning, the others the rest.

    A number's true value is told from values that are drawn as the imputer takes them
    to be likely, so that what is learned is by how much answers change what was likely.
    It is looked for on a grid of 32 quantiles, and then among as many values again of
    the attacker's own records that lie within the likeliest steps.

    References
    ----------
    The evidence and learning it on shadow members and non-members are additions of this
    package. That an attack must be compared with imputation: B. Jayaraman, D. Evans.
    "Are attribute inference attacks just imputation?". ACM CCS 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skprivacy.attribute import LearnedAttack
    >>> from skprivacy.shadow import ShadowModels
    >>> from skprivacy.targets import BlackBox
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 4))
    >>> X[:, 1] = rng.integers(2, size=600)  # the secret
    >>> y = rng.integers(2, size=600)
    >>> model = RandomForestClassifier(20, random_state=0).fit(X[:300], y[:300])
    >>> known, secret = np.column_stack([np.delete(X, 1, axis=1), y]), X[:, 1]
    >>> shadow = ShadowModels(n_models=4)
    >>> attack = LearnedAttack(
    ...     BlackBox(model), sensitive=1, shadow=shadow, random_state=0
    ... )
    >>> attack.fit(known[300:], secret[300:]).score(known[:300], secret[:300]) > 0.6
    True
    """

    _parameter_constraints: dict = {
        **BaseShadowAttack._parameter_constraints,
        "member_prior": [Interval(Real, 0, 1, closed="both")],
        "final_estimator": [StrOptions({"auto"}), HasMethods(["fit", "predict_proba"])],
        "imputer": [HasMethods(["fit", "predict_proba"]), None],
    }
    _takes_correlation = True

    def __init__(
        self,
        target,
        *,
        sensitive,
        shadow=None,
        member_prior=0.5,
        final_estimator="auto",
        imputer=None,
        values="auto",
        label=-1,
        label_known=True,
        random_state=None,
    ):
        self.target = target
        self.sensitive = sensitive
        self.shadow = shadow
        self.member_prior = member_prior
        self.final_estimator = final_estimator
        self.imputer = imputer
        self.values = values
        self.label = label
        self.label_known = label_known
        self.random_state = random_state

    def _fit(self, known, secret):
        self.shadow_ = self._train_shadow(known, secret)
        self._scale = self._error_scale(known, secret)
        self._some_label = np.asarray(known.y)[:1]
        own = self._completer.as_attacked(known)
        self._imputer = Imputer(self.imputer, self._candidates, self.random_state)
        self._imputer.fit(own.table(), secret)
        log_chances = self._imputer.out_of_fold(own.table(), secret)
        membership = self._shadow_membership(known, secret)
        rng = check_random_state(self._imputer.seed)
        values = self._values_to_learn_from(secret, rng)
        signals = self._signal_of_shadows(own, known, values)
        truth = self._candidates.encode(secret)
        rows, labels, weight = [], [], []
        for i in range(len(signals)):
            others = _not_its_complement(membership, i)
            mean, deviation = out_reference(signals[others], membership[others])
            evidence = candidate_evidence(log_chances, signals[i], mean, deviation)
            inside = self._inside_shadow(i, own, known, secret, membership[i], values)
            inside = self._inside_evidence(inside)
            evidence = np.concatenate([evidence, inside], axis=-1)
            share = np.where(membership[i], self.member_prior, 1 - self.member_prior)
            record, candidate, is_true = self._examples(log_chances, truth, rng)
            used = share[record] > 0
            record, candidate = record[used], candidate[used]
            rows.append(evidence[record, candidate])
            labels.append(is_true[used])
            weight.append(share[record])
        self.final_estimator_ = self._learn(
            np.concatenate(rows), np.concatenate(labels), np.concatenate(weight)
        )

    def _examples(self, log_chances, truth, rng):
        """Choose what to learn from: true values, and what to tell them from.

        Of classes these are all others. Of a number they are values drawn as the
        imputer takes them to be likely, so that the odds of being true are those by
        which the answers change what was likely before.

        Returns
        -------
        record, candidate : ndarray of int of shape (n_examples,)
            Which record with which value.

        is_true : ndarray of int of shape (n_examples,)
        """
        n_records, n_candidates = log_chances.shape
        if self._candidates.numeric:
            drawn = draw_steps(log_chances, N_DRAWN, rng)
            candidate = np.concatenate([truth[:, None], drawn], axis=1)
            is_true = np.zeros(candidate.shape, dtype=int)
            is_true[:, 0] = 1
        else:
            candidate = np.tile(np.arange(n_candidates), (n_records, 1))
            is_true = (candidate == truth[:, None]).astype(int)
        record = np.repeat(np.arange(n_records), candidate.shape[1])
        return record, candidate.ravel(), is_true.ravel()

    def _values_to_learn_from(self, secret, rng):
        """Candidate values of the own records.

        A number's true value stands for its step, since it is what an attack finds that
        looks between the steps; those that stand for the others are drawn alike.
        """
        if not self._candidates.numeric:
            return self._candidates.values
        return self._steps.draw(secret, rng)

    def _signal_of_shadows(self, known, with_label, values):
        """Signals of all shadow models, (n_models, n_records, n_candidates)."""
        answers = self._ask_shadow(with_label, values)
        return self._signal(answers, known, self._scale).transpose(0, 2, 1)

    def _learn(self, rows, is_true, weight):
        final = self.final_estimator
        final = plain_final_estimator() if isinstance(final, str) else clone(final)
        if final.get_params().get("random_state", 0) is None:
            rng = check_random_state(self.random_state)
            final.set_params(random_state=rng.randint(2**31 - 1))
        return final.fit(rows, is_true, sample_weight=weight)

    def _read(self, known, values):
        signal = self._signal(self._ask(known, values), known, self._scale).T
        with_label = self._with_some_label(known)
        reference = self._signal_of_shadows(known, with_label, values)
        stranger = np.zeros(reference.shape[:2], dtype=bool)
        answers = np.stack([signal, *out_reference(reference, stranger)], axis=-1)
        return np.concatenate([answers, self._inside_target(known, values)], axis=-1)

    def _weigh(self, prior, read, steps=None):
        signal, mean, deviation = np.moveaxis(read[..., :3], -1, 0)
        evidence = candidate_evidence(prior, signal, mean, deviation, steps)
        inside = self._inside_evidence(read[..., 3:], steps)
        evidence = np.concatenate([evidence, inside], axis=-1)
        rows = evidence.reshape(-1, evidence.shape[-1])
        chance = self.final_estimator_.predict_proba(rows)[:, 1].reshape(signal.shape)
        if self._candidates.numeric:
            # Of so many values some are so unlikely that a learner no longer tells how
            # much: it says by how much the answers change it.
            return prior + np.log((chance + 1e-12) / (1 - chance + 1e-12))
        return np.log(chance + 1e-12)

    def _inside_shadow(self, i, own, known, secret, is_member, values):
        """Read the inside of a shadow model about the own records: nothing.

        Parameters
        ----------
        i : int
            Number of the model.

        own, known : Known
            The own records, as records under attack are known, and with their label.

        secret : ndarray of shape (n_records, n_secrets)
            The truth.

        is_member : ndarray of bool of shape (n_records,)
            Which records the model was trained on.

        values : ndarray of shape (n_candidates, n_secrets) or \
                (n_candidates, n_records, n_secrets)
            Candidate values.

        Returns
        -------
        inside : ndarray of shape (n_records, n_candidates, n_columns)
        """
        return np.empty((len(own), len(values), 0))

    def _inside_target(self, known, values):
        """Read the inside of the target, in the same columns: nothing."""
        return np.empty((len(known), len(values), 0))

    def _inside_evidence(self, inside, steps=None):
        """Lay out what the inside says of candidates beside each other."""
        return inside

    def _with_some_label(self, known):
        """Give records without a label one, which shadow models do not look at."""
        if known.y is not None:
            return known
        return Known(known.features, np.repeat(self._some_label, len(known)))


def draw_steps(log_chances, n_drawn, rng):
    """Draw candidates of each record as likely as they are taken to be.

    Parameters
    ----------
    log_chances : ndarray of shape (n_records, n_candidates)
        Log of chances, up to a constant of each record.

    n_drawn : int
        How many, one of which may be drawn more than once.

    rng : RandomState
        Draws.

    Returns
    -------
    drawn : ndarray of int of shape (n_records, n_drawn)

    Examples
    --------
    >>> draw_steps(np.log([[1e-9, 1.0]]), 3, np.random.RandomState(0))
    array([[1, 1, 1]])
    """
    below = softmax(log_chances, axis=1).cumsum(axis=1)[:, None, :-1]
    return (rng.uniform(size=(len(log_chances), n_drawn, 1)) > below).sum(axis=2)


def plain_final_estimator():
    """Return the default learner of evidence.

    Returns
    -------
    final_estimator : HistGradientBoostingClassifier
    """
    return HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=150,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=5.0,
        early_stopping=False,
    )


def _not_its_complement(membership, i):
    """Models to compare model ``i`` with: neither itself nor its complement.

    The complement was trained on just the records that the other was not, so that it
    would tell the membership.
    """
    same = (membership == membership[i]).all(axis=1)
    opposite = (membership != membership[i]).all(axis=1)
    others = ~(same | opposite)
    return others if others.any() else ~same
