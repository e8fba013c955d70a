"""Membership by comparison with records that are known to be non-members."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from skprivacy.membership._base import BaseMembershipAttack
from skprivacy.membership._empirical import break_ties, exceedance_p_value
from skprivacy.signals import compute_signal, residual_scale

__all__ = ["PopulationAttack"]


class PopulationAttack(BaseMembershipAttack):
    """Ask how rare a record's signal would be among non-members.

    ``fit`` takes records of the attacker's own that were **not** in the training set.
    Each record under attack gets a p-value: how often a non-member (of its class) looks
    at least as much like a member. This is attack P of Ye et al.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    signal : str, default="loss"
        What to look at; one of the columns of
        :class:`~skprivacy.signals.TargetSignals`.

    per_class : bool, default=True
        Compare a record with non-members of its own class, where there are at least 20
        of them. Without effect for regressors.

    alpha : float, default=0.05
        ``predict`` calls a record a member where its p-value is below `alpha`: the
        false positive rate that is aimed at.

    label : str or int, default=-1
        The records' label column.

    Attributes
    ----------
    population_ : dict
        Sorted signals of the non-members: under None those of all, under a class's
        position those of the class.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    ThresholdAttack : Without any records of one's own.

    Notes
    -----
    Assumes that the attacker can ask the target, knows a record's label, and holds
    records of the same population that the target was not trained on. Do not score it
    on the records that it was fitted on.

    References
    ----------
    J. Ye, A. Maddi, S. K. Murakonda, V. Bindschaedler, R. Shokri. "Enhanced membership
    inference attacks against machine learning models". CCS 2022, attack P.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import PopulationAttack
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
    >>> attack = PopulationAttack(BlackBox(model)).fit(own)
    >>> round(attack.score(records, is_member), 1)
    0.6
    """

    _parameter_constraints: dict = {
        **BaseMembershipAttack._parameter_constraints,
        "signal": [str],
        "per_class": ["boolean"],
        "alpha": [Interval(Real, 0, 1, closed="neither")],
    }

    def __init__(self, target, *, signal="loss", per_class=True, alpha=0.05, label=-1):
        self.target = target
        self.signal = signal
        self.per_class = per_class
        self.alpha = alpha
        self.label = label

    def p_value(self, X):
        """How often a non-member looks at least as much like a member.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            Records.

        Returns
        -------
        p_value : ndarray of shape (n_records,)
            At least 1 / (1 + number of non-members compared with).
        """
        check_is_fitted(self)
        return self._compare(self._ask(self._check_records(X, reset=False)))[0]

    def _fit(self, records):
        asked = self._ask(records)
        if self._box.response_ == "value":
            self.scale_ = residual_scale(asked.answers[:, 0] - asked.truth)
        signal = self._signal_of(asked)
        self.population_ = {None: np.sort(signal)}
        if self.per_class and self._box.response_ != "value":
            for code in np.unique(asked.truth):
                own = signal[asked.truth == code]
                if len(own) >= _FEWEST_OF_A_CLASS:
                    self.population_[int(code)] = np.sort(own)

    def _decide(self, records):
        p_value, signal, n_compared = self._compare(self._ask(records))
        # A step of the p-value, so that the order by p-value stays as it is.
        margin = break_ties(-p_value, signal, 1 / (1 + n_compared))
        return margin + self.alpha

    def _compare(self, asked):
        signal = self._signal_of(asked)
        p_value = exceedance_p_value(signal, self.population_[None])
        n_compared = np.full(len(signal), len(self.population_[None]))
        for code, population in self.population_.items():
            if code is not None:
                own = asked.truth == code
                p_value[own] = exceedance_p_value(signal[own], population)
                n_compared[own] = len(population)
        return p_value, signal, n_compared

    def _signal_of(self, asked):
        scale = getattr(self, "scale_", 1.0)
        return compute_signal(
            self.signal, asked.answers, asked.truth, self._box.response_, scale
        )


_FEWEST_OF_A_CLASS = 20
