"""Membership by how much better the target does than models without the record."""

import numpy as np

from skprivacy.membership._base import BaseShadowAttack
from skprivacy.shadow import moments
from skprivacy.shadow._store import in_blocks
from skprivacy.signals import check_signal, compute_signal, residual_scale

__all__ = ["CalibratedAttack", "calibrated_difference"]


class CalibratedAttack(BaseShadowAttack):
    """Subtract from a record's signal what models without the record would give.

    A record that is easy for every model is no sign of membership; one that only the
    target finds easy is.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    shadow : ShadowModels, FrozenEstimator or None, default=None
        Shadow models; fitted ones inside
        :class:`~sklearn.frozen.FrozenEstimator` are used as they are. None:
        ``ShadowModels()``.

    signal : str, default="auto"
        What to compare; one of the columns of
        :class:`~skprivacy.signals.TargetSignals`. "auto" is the confidence (for labels
        alone the correctness, for a regressor the absolute residual): a mean over
        models is steadier for a signal that is bounded than for a loss that is not.

    label : str or int, default=-1
        The records' label column.

    random_state : int, RandomState instance or None, default=None
        For shadow models that have none of their own.

    Attributes
    ----------
    shadow_ : ShadowModels
        The fitted shadow models.

    signal_ : str
        The signal in force.

    threshold_ : float
        Mean difference over the records seen in ``fit``.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    LiRA : Also compares with models that were trained on the record.
    RMIA : Compares ratios, and with other records.

    Notes
    -----
    Assumes that the attacker can ask the target, knows a record's label, knows how the
    target was trained, and holds records of the same population.

    References
    ----------
    L. Watson, C. Guo, G. Cormode, A. Sablayrolles. "On the importance of difficulty
    calibration in membership inference attacks". ICLR 2022.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import CalibratedAttack
    >>> from skprivacy.records import make_membership_records
    >>> from skprivacy.shadow import ShadowModels
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_holdout, y_train, y_holdout = train_test_split(
    ...     X, y, test_size=0.5, random_state=0
    ... )
    >>> model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    >>> records, is_member = make_membership_records(
    ...     X_train, y_train, X_holdout, y_holdout, random_state=0
    ... )
    >>> attack = CalibratedAttack(
    ...     BlackBox(model), shadow=ShadowModels(n_models=8), random_state=0
    ... ).fit(records)
    >>> round(attack.score(records, is_member), 1)
    0.7
    """

    _parameter_constraints: dict = {
        **BaseShadowAttack._parameter_constraints,
        "signal": [str],
    }

    def __init__(
        self, target, *, shadow=None, signal="auto", label=-1, random_state=None
    ):
        self.target = target
        self.shadow = shadow
        self.signal = signal
        self.label = label
        self.random_state = random_state

    def _fit(self, records):
        super()._fit(records)
        self.threshold_ = float(np.nanmean(self._difference(records)))

    def _learn(self):
        response = self._box.response_
        self.signal_ = _STEADY[response] if self.signal == "auto" else self.signal
        check_signal(self.signal_, response)
        shadow = self.shadow_
        if self._box.response_ == "value":
            out = ~shadow.membership_
            self.scale_ = residual_scale((shadow.answers_[..., 0] - shadow.truth_)[out])

    def _decide(self, records):
        # Nothing is known of a record that every shadow model was trained on.
        return np.nan_to_num(self._difference(records) - self.threshold_)

    def _difference(self, records):
        asked = self._ask(records)
        shadow = self.shadow_.query(records)
        response, scale = self._box.response_, getattr(self, "scale_", 1.0)

        def signal(answers, truth):
            return compute_signal(self.signal_, answers, truth, response, scale)

        def difference(rows):
            own = signal(asked.answers[rows], asked.truth[rows])
            others = signal(shadow.answers[:, rows], shadow.truth[rows])
            return calibrated_difference(own, others, shadow.membership[:, rows])

        return in_blocks(difference, *shadow.membership.shape)


_STEADY = {
    "proba": "confidence",
    "decision": "confidence",
    "label": "correctness",
    "value": "absolute_residual",
}


def calibrated_difference(signal, shadow_signals, membership):
    """Signal of the target minus its mean over the models without the record.

    Parameters
    ----------
    signal : ndarray of shape (n_records,)
        Signal of the target.

    shadow_signals : ndarray of shape (n_models, n_records)
        The same of the shadow models.

    membership : ndarray of bool of shape (n_models, n_records)
        Which model was trained on which record.

    Returns
    -------
    difference : ndarray of shape (n_records,)
        NaN where every model was trained on the record.

    References
    ----------
    Watson et al. 2022, the calibrated score.

    Examples
    --------
    >>> import numpy as np
    >>> shadow_signals = np.array([[1.0], [3.0], [9.0]])
    >>> inside = np.array([[False], [False], [True]])
    >>> calibrated_difference(np.array([5.0]), shadow_signals, inside)
    array([3.])
    """
    return signal - moments(shadow_signals, ~membership).mean
