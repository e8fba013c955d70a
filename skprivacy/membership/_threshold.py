"""Membership by a threshold on the target's answer alone."""

import numpy as np

from skprivacy.membership._base import BaseMembershipAttack
from skprivacy.signals import compute_signal, residual_scale

__all__ = ["ThresholdAttack"]


class ThresholdAttack(BaseMembershipAttack):
    """Call those records members on which the target does well.

    The weakest assumption of all: one query a record, nothing else. A baseline; that it
    finds nothing says little.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    signal : str, default="loss"
        What to look at; one of the columns of
        :class:`~skprivacy.signals.TargetSignals`. "loss" is there for every kind of
        target: log loss, zero-one loss or squared error.

    label : str or int, default=-1
        The records' label column.

    Attributes
    ----------
    threshold_ : float
        Mean signal of the records seen in ``fit``.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    PopulationAttack : A threshold for a chosen false positive rate.

    Notes
    -----
    Assumes that the attacker can ask the target about a record and knows its label. No
    threshold is fitted on the truth: a record is called a member where its loss is
    below the average loss. Yeom et al. take the average over the training set, which
    their attacker knows; here it is taken over the records in ``fit``, members or not.

    References
    ----------
    S. Yeom, I. Giacomelli, M. Fredrikson, S. Jha. "Privacy risk in machine learning:
    analyzing the connection to overfitting". CSF 2018.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import ThresholdAttack
    >>> from skprivacy.records import make_membership_records
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_holdout, y_train, y_holdout = train_test_split(
    ...     X, y, test_size=0.5, random_state=0
    ... )
    >>> model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    >>> records, is_member = make_membership_records(
    ...     X_train, y_train, X_holdout, y_holdout, random_state=0
    ... )
    >>> attack = ThresholdAttack(BlackBox(model)).fit(records)
    >>> round(attack.score(records, is_member), 1)
    0.6
    """

    _parameter_constraints: dict = {
        **BaseMembershipAttack._parameter_constraints,
        "signal": [str],
    }

    def __init__(self, target, *, signal="loss", label=-1):
        self.target = target
        self.signal = signal
        self.label = label

    def _fit(self, records):
        asked = self._ask(records)
        if self._box.response_ == "value":
            self.scale_ = residual_scale(asked.answers[:, 0] - asked.truth)
        self.threshold_ = float(np.mean(self._signal_of(asked)))

    def _decide(self, records):
        return self._signal_of(self._ask(records)) - self.threshold_

    def _signal_of(self, asked):
        scale = getattr(self, "scale_", 1.0)
        return compute_signal(
            self.signal, asked.answers, asked.truth, self._box.response_, scale
        )
