"""Attribute inference from which completion of a record looks like a member."""

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_random_state, get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.validation import check_is_fitted

from skprivacy.attribute._base import BaseAttributeAttack, BaseTargetAttack
from skprivacy.attribute._confidence import SAME, best_of
from skprivacy.attribute._imputation import Imputer
from skprivacy.attribute._oracle_records import as_oracle, lay_out
from skprivacy.membership import BaseMembershipAttack
from skprivacy.records import stack_tables
from skprivacy.targets import allows_nan

__all__ = ["MembershipOracleAttack"]

#: Own records that are completed to see how far scores lie apart.
N_FOR_SCALE = 500
#: Distance of the quartiles of a Gaussian, in standard deviations.
IQR_OF_GAUSSIAN = 1.349
#: Infinite scores become this, of which differences and squares are finite.
LARGEST_SCORE = 1e100


class MembershipOracleAttack(BaseTargetAttack):
    """Take the value with which a record looks most like a member.

    Each candidate value is put into the record, and a membership attack scores what
    comes out, the label beside it. The value with the highest score is taken. Whatever
    tells members from others tells the secret of members too: answers, shadow models,
    or what the model holds.

    Parameters
    ----------
    membership_attack : membership attack, or FrozenEstimator around a fitted one
        What scores the completed records. It is cloned and fitted on the attacker's own
        complete records; inside :class:`~sklearn.frozen.FrozenEstimator` it is used as
        it is. The target is its own. Its ``label`` says where it looks for the label
        of the records that it is given, whose other columns are in the target's order.

    sensitive : str, int or list
        Sensitive column: its name, or its position among the target's features; or
        several, which are inferred together.

    imputer : classifier or None, default=None
        Decides between values with the same score. It guesses the secret from what is
        known, as in :class:`~skprivacy.attribute.ImputationBaseline`; for a number its
        step on the grid. None: gradient boosting; for a number the density of a forest.

    values : {"auto", "classes", "numeric"} or array-like, default="auto"
        What the secret may be. "classes": one of the values that `y` has. "numeric": a
        number. "auto": numbers of more than 20 different values, or with fractions,
        are numbers. Or the candidates themselves.

    label : str, int, default=-1
        The label's column in ``X``.

    label_known : bool, default=True
        Whether the label of the records under attack is known; this attack needs it.

    random_state : int, RandomState instance or None, default=None
        For the imputer, and for a membership attack that has none of its own.

    Attributes
    ----------
    membership_attack_ : membership attack
        The fitted membership attack.

    imputer_ : classifier
        The fitted imputer.

    scale_ : float
        Usual spread of the scores of the attacker's own records with a wrong value in
        its place, which are nobody.

    classes_ : ndarray
        Candidate values; not for a numeric secret.

    grid_ : ndarray of shape (n_candidates,)
        Steps of the number line, between which numbers are then looked for; for a
        numeric secret.

    n_features_in_ : int
        Columns that are known.

    Raises
    ------
    TypeError
        If ``membership_attack`` is no membership attack.
    ValueError
        If the label of the records under attack is not known; or if the membership
        attack learns from the truth, which the attacker's own records do not have, and
        is not fitted.

    See Also
    --------
    ConfidenceAttack : The same without an attack on membership.
    LearnedAttack : Learns how far to trust the target, for strangers too.

    Notes
    -----
    Assumes what the membership attack assumes, that the attacker holds complete records
    of the same population, knows of a record all but the secret, and takes it for a
    member.

    Chances are the softmax of scores divided by `scale_`: in the order of the scores,
    and no probabilities to be taken at their word. Values that are level at the top
    share what they have together as the imputer says.

    All completions are scored by one call of the membership attack, so that shadow
    models are asked once. Models that are trained here are kept for it; fitted ones
    should have been trained with ``ShadowModels(keep_models=True)``, or each is trained
    once more at every call.

    An attack that looks for the members among the records of its ``fit``, such as
    :class:`~skprivacy.membership.BootstrapReplayAttack`, finds none among the
    attacker's own. It is stronger where it is fitted on all completions of the records
    under attack, and given inside of FrozenEstimator; what it says of a record then
    hangs on the others.

    References
    ----------
    S. Yeom, I. Giacomelli, M. Fredrikson, S. Jha. "Privacy risk in machine learning:
    analyzing the connection to overfitting". IEEE CSF 2018. The paper's oracle says yes
    or no; here its score is compared, and that the imputer breaks ties is an addition.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skprivacy.attribute import MembershipOracleAttack
    >>> from skprivacy.membership import ThresholdAttack
    >>> from skprivacy.targets import BlackBox
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 4))
    >>> X[:, 1] = rng.integers(2, size=600)  # the secret
    >>> y = rng.integers(2, size=600)
    >>> model = RandomForestClassifier(20, random_state=0).fit(X[:300], y[:300])
    >>> known, secret = np.column_stack([np.delete(X, 1, axis=1), y]), X[:, 1]
    >>> attack = MembershipOracleAttack(
    ...     ThresholdAttack(BlackBox(model)), sensitive=1, random_state=0
    ... )
    >>> attack.fit(known[300:], secret[300:]).score(known[:300], secret[:300]) > 0.6
    True
    """

    _parameter_constraints: dict = {
        **BaseAttributeAttack._parameter_constraints,
        "membership_attack": [HasMethods(["fit", "decision_function"])],
        "imputer": [HasMethods(["fit", "predict_proba"]), None],
        "random_state": ["random_state"],
    }
    _needs_label = True

    def __init__(
        self,
        membership_attack,
        *,
        sensitive,
        imputer=None,
        values="auto",
        label=-1,
        label_known=True,
        random_state=None,
    ):
        self.membership_attack = membership_attack
        self.sensitive = sensitive
        self.imputer = imputer
        self.values = values
        self.label = label
        self.label_known = label_known
        self.random_state = random_state

    @property
    def target(self):
        """The membership attack's target."""
        return self._inner().target

    def _fit(self, known, secret):
        rng = check_random_state(self.random_state)
        self._imputer = Imputer(self.imputer, self._candidates, rng)
        self._imputer.fit(known.table(), secret)
        self.imputer_ = self._imputer.estimator_
        self.membership_attack_ = self._fitted_attack(known, secret, rng)
        some = np.sort(rng.permutation(len(known))[:N_FOR_SCALE])
        codes = self._candidates.encode(secret[some])
        some = known.take(some)
        self.scale_ = spread_of(self._scores(some, self._candidates.values), codes)

    def _fitted_attack(self, known, secret, rng):
        if isinstance(self.membership_attack, FrozenEstimator):
            check_is_fitted(self._inner())
            return self._inner()
        if get_tags(self.membership_attack).target_tags.required:
            raise ValueError(
                f"membership_attack: {type(self.membership_attack).__name__} learns "
                "from the truth, and of the attacker's own records nobody says which "
                "were members. Fit it where the truth is known, and pass "
                "FrozenEstimator(fitted)."
            )
        attack = as_oracle(self.membership_attack, rng.randint(2**31 - 1))
        return attack.fit(self._records(attack, known, secret))

    def _read(self, known, values):
        return self._scores(known, values)[:, :, None]

    def _weigh(self, prior, read, steps=None):
        return log_chances_of(read[..., 0] / self.scale_, prior)

    def _scores(self, known, values):
        """Scores of each record with each candidate value, (n_records, n_candidates).

        In one question, so that shadow models that were not kept are trained once.
        """
        attack = self.membership_attack_
        parts = [self._records(attack, known, value) for value in values]
        together = stack_tables(parts)
        try:
            scores = np.asarray(attack.decision_function(together), dtype=float)
        except ValueError as error:
            raise ValueError(
                f"membership_attack={self.membership_attack!r} refuses the records "
                f"with each value of sensitive={self.sensitive!r} in its place; give "
                f"those that the target takes as values=. It says: {error}"
            ) from error
        if np.isnan(scores).any():
            raise ValueError(
                f"membership_attack={self.membership_attack!r} scored "
                f"{int(np.isnan(scores).sum())} completed records NaN."
            )
        scores = np.clip(scores, -LARGEST_SCORE, LARGEST_SCORE)
        return scores.reshape(len(parts), len(known)).T

    def _records(self, attack, known, values):
        """Complete records as the membership attack takes them."""
        X = self._completer.complete(known.features, values)
        return lay_out(X, known.y, attack, self._completer.record_label)

    def _inner(self):
        attack = self.membership_attack
        attack = attack.estimator if isinstance(attack, FrozenEstimator) else attack
        if not isinstance(attack, BaseMembershipAttack):
            raise TypeError(
                "membership_attack must be an attack of skprivacy.membership, or "
                f"FrozenEstimator around a fitted one; got {self.membership_attack!r}."
            )
        return attack

    def _takes_nan(self):
        return allows_nan(self._inner())


def log_chances_of(scores, log_imputed):
    """Log of chances that are in the order of scores, up to a constant of each record.

    Parameters
    ----------
    scores : ndarray of shape (n_records, n_candidates)
        Scores in units of their spread; larger is likelier.

    log_imputed : ndarray of shape (n_records, n_candidates)
        Log of the imputer's chances, which divide what candidates that are level at the
        top have together.

    Returns
    -------
    log_chances : ndarray of shape (n_records, n_candidates)

    Examples
    --------
    >>> scores = np.array([[2.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
    >>> np.exp(log_chances_of(scores, np.log([[0.2, 0.3, 0.5]] * 2))).round(2)
    array([[1.  , 0.37, 0.14],
           [0.8 , 1.2 , 0.37]])
    """
    best = best_of(scores)
    together = np.where(best, np.exp(log_imputed), 0).sum(axis=1, keepdims=True)
    mean = together / best.sum(axis=1, keepdims=True)
    lead = scores - scores.max(axis=1, keepdims=True)
    return np.where(best, log_imputed - np.log(mean), lead)


def spread_of(scores, codes):
    """Usual spread of the scores of records that nobody is.

    Parameters
    ----------
    scores : ndarray of shape (n_records, n_candidates)
        Scores of the completions of each record.

    codes : ndarray of int of shape (n_records,)
        Position of each record's true value: this completion is left out. The
        membership attack has been fitted on it, so that its score may be like no
        other's.

    Returns
    -------
    spread : float
        Standard deviation of a Gaussian with the same quartiles, so that it stays
        small where a few scores have no bounds; the standard deviation where the
        quartiles are level, and 1 where all scores are.

    Examples
    --------
    >>> scores = np.array([[9e9, 0.0], [1.0, 9e9], [9e9, 2.0], [9e9, 3.0], [9e9, 4.0]])
    >>> round(spread_of(scores, np.array([0, 1, 0, 0, 0])), 2)
    1.48
    """
    wrong = scores[np.arange(scores.shape[1]) != codes[:, None]]
    low, high = np.quantile(wrong, [0.25, 0.75])
    spread = (high - low) / IQR_OF_GAUSSIAN
    spread = spread if spread > SAME else np.std(wrong)
    return float(spread) if spread > SAME else 1.0
