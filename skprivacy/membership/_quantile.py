"""Membership by quantile regression on known non-members."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skprivacy.membership._base import BaseMembershipAttack
from skprivacy.membership._empirical import break_ties, exceedance_p_value
from skprivacy.records import ColumnCodes, hash_records, split_records
from skprivacy.signals import check_signal, compute_signal, label_log_odds

__all__ = ["QuantileAttack", "set_quantile"]


class QuantileAttack(BaseMembershipAttack):
    """Ask how far a record's signal lies above what its features let one expect.

    ``fit`` takes records of the attacker's own that were **not** in the training set,
    and learns from them, by quantile regression, how large the signal of a non-member
    with such features and such a label is. No shadow model is trained, and nothing
    needs to be known of how the target was.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    regressor : estimator or None, default=None
        A quantile regressor, such as ``HistGradientBoostingRegressor(loss="quantile")``
        or :class:`~sklearn.linear_model.QuantileRegressor`, alone or at the end of a
        pipeline; its own parameter for the quantile is set to `quantile`. It is given
        numbers: texts and categories as their position among the values that ``fit``
        saw, missing and new ones as NaN. None: gradient boosting with histograms,
        which is told which columns are categories.

    quantile : float or "auto", default="auto"
        The quantile of a non-member's signal to measure from. Records are told apart
        best by one that is learned well: a quantile near 1 hangs on few records. "auto"
        is 0.75; for a regressor, whose predictions are learned in place of signals, it
        is the median.

    alpha : float, default=0.01
        ``predict`` calls a record a member where its p-value is below `alpha`: the
        false positive rate that is aimed at.

    signal : str, default="auto"
        What to look at; one of the columns of
        :class:`~skprivacy.signals.TargetSignals`. "auto" is the log-odds of the
        record's label, its probabilities raised by `smoothing`; for decision values
        their log-odds, for labels alone the correctness, for a regressor minus the
        absolute residual.

    smoothing : float, default=0.05
        For "auto" on probabilities: the differences of two log-odds are comparable
        between sure and unsure answers only where neither is extreme.

    n_folds : int, default=5
        Parts of the records of ``fit``, and regressors: each is trained on all parts
        but one, and predicts for that one.

    label : str or int, default=-1
        The records' label column.

    random_state : int, RandomState instance or None, default=None
        Decides the folds and the randomness of the regressors.

    Attributes
    ----------
    quantile_ : float
        The quantile in force.

    regressors_ : list of estimators
        The fitted regressor of each fold.

    reference_ : ndarray of shape (n_records,)
        Sorted excesses of the records of ``fit``: signal minus predicted quantile.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    PopulationAttack : The same comparison without a look at the features.
    CalibratedAttack : Learns what to expect from shadow models.

    Notes
    -----
    Assumes that the attacker can ask the target, knows a record's label, and holds
    records of the same population that the target was not trained on.

    What a target answers to a non-member does not depend on the non-member's label.
    So each record is learned from twice, with its own label and with another one drawn
    at random, at no further query: the records that matter most, whose label is not the
    usual one, are otherwise rare. For a regressor the same holds for any true value:
    the quantile of its prediction is learned from the features alone, and the signal
    is computed from that.

    The p-value compares a record's excess with those of the attacker's records, each
    predicted by one regressor that has not seen it: a new record is given to one as
    good as at random. So it keeps its level for records of the same population, however
    poor the regressors are. A record that was given to ``fit`` is recognized, and
    goes to the regressor that has not seen it.

    References
    ----------
    M. Bertran, S. Tang, M. Kearns, J. Morgenstern, A. Roth, Z. S. Wu. "Scalable
    membership inference attacks via quantile regression". NeurIPS 2023. The second
    label, the folds and the p-value are additions of this package.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import QuantileAttack
    >>> from skprivacy.records import join_records, make_membership_records
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_holdout, y_train, y_holdout = train_test_split(
    ...     X, y, test_size=0.7, random_state=0
    ... )
    >>> model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    >>> records, is_member = make_membership_records(
    ...     X_train, y_train, X_holdout[:170], y_holdout[:170], random_state=0
    ... )
    >>> own = join_records(X_holdout[170:], y_holdout[170:])
    >>> attack = QuantileAttack(BlackBox(model), random_state=0).fit(own)
    >>> round(attack.score(records, is_member), 1)
    0.7
    """

    _parameter_constraints: dict = {
        **BaseMembershipAttack._parameter_constraints,
        "regressor": [HasMethods(["fit", "predict"]), None],
        "quantile": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="neither")],
        "alpha": [Interval(Real, 0, 1, closed="neither")],
        "signal": [str],
        "smoothing": [Interval(Real, 0, None, closed="neither")],
        "n_folds": [Interval(Integral, 2, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        target,
        *,
        regressor=None,
        quantile="auto",
        alpha=0.01,
        signal="auto",
        smoothing=0.05,
        n_folds=5,
        label=-1,
        random_state=None,
    ):
        self.target = target
        self.regressor = regressor
        self.quantile = quantile
        self.alpha = alpha
        self.signal = signal
        self.smoothing = smoothing
        self.n_folds = n_folds
        self.label = label
        self.random_state = random_state

    def p_value(self, X):
        """How often a non-member exceeds its quantile by as much.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            Records.

        Returns
        -------
        p_value : ndarray of shape (n_records,)
            At least 1 / (1 + number of records given to ``fit``).
        """
        check_is_fitted(self)
        return self._compare(self._check_records(X, reset=False))[0]

    def _fit(self, records):
        rng = check_random_state(self.random_state)
        asked = self._ask(records)
        if self.signal != "auto":
            check_signal(self.signal, self._box.response_)
        self._codes = ColumnCodes(split_records(records, self.label)[0])
        features = self._features(records)
        hashes = _identity(features, asked.truth)
        self._folds = _Folds(hashes, self.n_folds, rng)
        fold = self._folds.find(hashes)
        regressor = self._quantile_regressor(rng)
        table, signal, source = self._examples(features, asked, rng)
        self.regressors_ = [
            clone(regressor).fit(table[fold[source] != k], signal[fold[source] != k])
            for k in range(fold.max() + 1)
        ]
        self.reference_ = np.sort(self._excess(features, asked, fold))

    def _decide(self, records):
        p_value, excess = self._compare(records)
        # A step of the p-value, so that the order by p-value stays as it is.
        step = 1 / (1 + len(self.reference_))
        return break_ties(-p_value, excess, step) + self.alpha

    def _compare(self, records):
        features, asked = self._features(records), self._ask(records)
        hashes = _identity(features, asked.truth)
        excess = self._excess(features, asked, self._folds.find(hashes))
        p_value = exceedance_p_value(excess, self.reference_)
        known = self._folds.has(hashes)
        p_value[known] = _rank_among(excess[known], self.reference_)
        return p_value, excess

    def _excess(self, features, asked, fold):
        """Signal minus quantile, as the regressor of each record's fold predicts it."""
        value = self._box.response_ == "value"
        table = features if value else np.column_stack([features, asked.truth])
        predicted = np.empty(len(table))
        for k in np.unique(fold):
            predicted[fold == k] = self.regressors_[k].predict(table[fold == k])
        if value:
            predicted = self._signal(predicted[:, None], asked.truth)
        return self._signal(asked.answers, asked.truth) - predicted

    def _examples(self, features, asked, rng):
        """Rows to learn from, what is to be predicted, and the record of each row."""
        source = np.arange(len(features))
        if self._box.response_ == "value":
            return features, asked.answers[:, 0], source
        other = _another_label(asked.truth, len(self._box.classes_), rng)
        signals = [self._signal(asked.answers, y) for y in (asked.truth, other)]
        table = [np.column_stack([features, y]) for y in (asked.truth, other)]
        return np.vstack(table), np.concatenate(signals), np.tile(source, 2)

    def _signal(self, answers, truth):
        response = self._box.response_
        if self.signal == "auto" and response == "proba":
            return label_log_odds(answers, truth, self.smoothing)
        name = _SIGNAL[response] if self.signal == "auto" else self.signal
        return compute_signal(name, answers, truth, response)

    def _features(self, records):
        return self._codes(split_records(records, self.label)[0])

    def _quantile_regressor(self, rng):
        seed = int(rng.randint(np.iinfo(np.int32).max))
        self.quantile_ = self.quantile
        if self.quantile == "auto":
            self.quantile_ = 0.5 if self._box.response_ == "value" else 0.75
        if self.regressor is not None:
            regressor = set_quantile(clone(self.regressor), self.quantile_)
            free = [
                name
                for name, value in regressor.get_params().items()
                if name.split("__")[-1] == "random_state" and value is None
            ]
            return regressor.set_params(**dict.fromkeys(free, seed))
        categories = self._codes.is_category & (self._codes.n_values <= _MOST_VALUES)
        if self._box.response_ != "value":
            categories = np.append(categories, 2 < len(self._box.classes_))
        return HistGradientBoostingRegressor(
            loss="quantile",
            quantile=self.quantile_,
            categorical_features=np.flatnonzero(categories),
            random_state=seed,
        )


_SIGNAL = {
    "decision": "logit",
    "label": "correctness",
    "value": "absolute_residual",
}

#: Categories that histogram gradient boosting can keep apart.
_MOST_VALUES = 254


def set_quantile(regressor, quantile):
    """Set a quantile regressor to a quantile, whatever it calls its parameter.

    Parameters
    ----------
    regressor : estimator
        Unfitted; it is changed.

    quantile : float
        Between 0 and 1.

    Returns
    -------
    regressor : estimator

    Raises
    ------
    ValueError
        If it does not look like a quantile regressor.

    Examples
    --------
    >>> from sklearn.ensemble import GradientBoostingRegressor
    >>> set_quantile(GradientBoostingRegressor(loss="quantile"), 0.75).alpha
    0.75
    """
    params = regressor.get_params()
    for wanted in ("quantile", "quantile_alpha", "alpha"):
        for name in params:
            stem = name[: len(name) - len(wanted)]
            if name != stem + wanted or (stem and not stem.endswith("__")):
                continue
            kind = params.get(f"{stem}loss", params.get(f"{stem}objective"))
            # QuantileRegressor has neither; Ridge has an alpha that is none.
            if kind == "quantile" or (kind is None and wanted != "alpha"):
                return regressor.set_params(**{name: quantile})
            if isinstance(kind, str) and kind.endswith("quantileerror"):
                return regressor.set_params(**{name: quantile})
    raise ValueError(
        "regressor must be a quantile regressor, such as "
        "HistGradientBoostingRegressor(loss='quantile') or QuantileRegressor(); got "
        f"{regressor!r}."
    )


def _another_label(truth, n_classes, rng):
    """Draw for each record a class that is not its own."""
    if n_classes < 2:
        return truth
    drawn = rng.randint(n_classes - 1, size=len(truth))
    return drawn + (drawn >= np.where(truth < 0, n_classes, truth))


def _rank_among(excess, reference):
    """p-value of records that are among the reference themselves."""
    reached = len(reference) - np.searchsorted(reference, excess, side="left")
    # At least the record itself, whatever the last digit of its prediction.
    return np.maximum(reached, 1) / len(reference)


def _identity(features, truth):
    return hash_records(np.column_stack([features, truth]))


class _Folds:
    """Records spread over folds; equal ones are in the same.

    The fold hangs on what a record is, not on where it stands or with which others.
    """

    def __init__(self, hashes, n_folds, rng):
        self._known = np.unique(hashes)
        if len(self._known) < 2:
            raise ValueError(
                "records must hold at least 2 different ones, so that one part can be "
                f"predicted from another; got n_samples={len(hashes)}, 1 different."
            )
        self._fold = rng.permutation(len(self._known)) % n_folds

    def has(self, hashes):
        """Whether a record is among those that were spread."""
        return self._known[self._position(hashes)] == hashes

    def find(self, hashes):
        """Fold of each record; for a new one any, as good as drawn at random."""
        drawn = (hashes >> np.uint64(32)) % np.uint64(self._fold.max() + 1)
        known = self._fold[self._position(hashes)]
        return np.where(self.has(hashes), known, drawn.astype(int))

    def _position(self, hashes):
        at = np.searchsorted(self._known, hashes)
        return np.minimum(at, len(self._known) - 1)
