"""The BASE attack: the log-confidence against its log-mean over other models."""

from numbers import Real

import numpy as np
from scipy.special import logsumexp
from sklearn.utils._param_validation import Interval

from skprivacy.membership._base import BaseShadowAttack
from skprivacy.shadow import best_on_pretend_targets
from skprivacy.shadow._pretend import pretend_records
from skprivacy.shadow._store import in_blocks
from skprivacy.signals import confidence, decision_probabilities, residual_scale

__all__ = ["BASEAttack", "base_score", "log_mean_exp", "tempered_log_confidence"]


class BASEAttack(BaseShadowAttack):
    """Compare the log-confidence with the log of its mean over shadow models.

    The attack needs a mean alone, no variance, and so works with very few shadow
    models. At temperature 1 it puts records in the order of RMIA.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    shadow : ShadowModels, FrozenEstimator or None, default=None
        Shadow models; fitted ones inside
        :class:`~sklearn.frozen.FrozenEstimator` are used as they are. None:
        ``ShadowModels()``.

    temperature : float, default=1.0
        Divides the logits before they are turned into probabilities; positive. Above 1
        confidences are drawn together, below 1 they are driven apart. Of a regressor it
        widens the Gaussian around the prediction. Without effect on labels alone.

    label : str or int, default=-1
        The records' label column.

    random_state : int, RandomState instance or None, default=None
        For shadow models that have none of their own.

    Attributes
    ----------
    shadow_ : ShadowModels
        The fitted shadow models.

    offline_scale_ : float
        Between 0 and 1: what the log-mean over models without a record is multiplied
        by, where no model with it is known. Chosen on the shadow models, each taken as
        the target in turn.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    RMIA : The same order at temperature 1, on the scale of a rank.
    LiRA : Uses variances too; stronger with many shadow models.

    Notes
    -----
    Assumes that the attacker can ask the target, knows a record's label, knows how the
    target was trained, and holds records of the same population.

    The mean is half over models with the record and half over those without, which for
    shadow models in pairs is the plain mean over all of them. For a regressor, the
    confidence is the density of the true value under a Gaussian around the prediction,
    relative to its peak. Confidences below 1e-12 count as that much.

    References
    ----------
    M. Lassila, J. Ostman, K.-H. Ngo. "Practical Bayes-optimal membership inference
    attacks". NeurIPS 2025, arXiv 2505.24089, which also shows when BASE and RMIA are
    equivalent. Temperature and offline scale are those of its implementation in LeakPro
    (``BASEConfig``), where the scale is a fixed number.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import BASEAttack
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
    >>> attack = BASEAttack(
    ...     BlackBox(model), shadow=ShadowModels(n_models=4), random_state=0
    ... ).fit(records)
    >>> round(attack.score(records, is_member), 1)
    0.7
    """

    _parameter_constraints: dict = {
        **BaseShadowAttack._parameter_constraints,
        "temperature": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self, target, *, shadow=None, temperature=1.0, label=-1, random_state=None
    ):
        self.target = target
        self.shadow = shadow
        self.temperature = temperature
        self.label = label
        self.random_state = random_state

    def _learn(self):
        shadow = self.shadow_
        self._scale = 1.0
        if self._box.response_ == "value":
            out = ~shadow.membership_
            self._scale = residual_scale((shadow.answers_[..., 0] - shadow.truth_)[out])
        self.offline_scale_ = self._choose_offline_scale()

    def _decide(self, records):
        asked, shadow = self._ask(records), self.shadow_.query(records)

        def score(rows):
            return base_score(
                self._log_confidence(asked.answers[rows], asked.truth[rows]),
                self._log_confidence(shadow.answers[:, rows], shadow.truth[rows]),
                shadow.membership[:, rows],
                self.offline_scale_,
            )

        return in_blocks(score, *shadow.membership.shape)

    def _log_confidence(self, answers, truth):
        return tempered_log_confidence(
            answers, truth, self._box.response_, self.temperature, self._scale
        )

    def _choose_offline_scale(self):
        shadow = self.shadow_
        records = pretend_records(len(shadow.truth_))
        part = self._log_confidence(shadow.answers_[:, records], shadow.truth_[records])

        def attack(target, others, records):
            # Only models without the record, as for a record outside the pool.
            out = ~shadow.membership_[np.ix_(others, records)]
            mean_out = np.nan_to_num(log_mean_exp(part[others], out))
            return lambda scale: part[target] - scale * mean_out

        return best_on_pretend_targets(OFFLINE_SCALES, attack, shadow.membership_)


def tempered_log_confidence(answers, truth, response, temperature=1.0, scale=1.0):
    r"""Log-probability of each record's own label, at a temperature.

    Logits are divided by the temperature, which turns probabilities :math:`p_c` into
    :math:`p_c^{1/T} / \sum_k p_k^{1/T}`, and the Gaussian of a regressor into one of
    :math:`T` times the variance.

    Parameters
    ----------
    answers : ndarray of shape (..., n_records, n_columns)
        Answers of a model or of several.

    truth : ndarray of shape (n_records,)
        Position of each record's label among the classes, or its true value.

    response : {"proba", "decision", "label", "value"}
        Kind of answer.

    temperature : float, default=1.0
        Positive.

    scale : float, default=1.0
        Standard deviation of a regressor's errors.

    Returns
    -------
    log_confidence : ndarray of shape (..., n_records)
        At most 0; at least the logarithm of 1e-12.

    Examples
    --------
    Square roots of 0.64 and 0.36 are 0.8 and 0.6: the first is 0.8 / 1.4 of them.

    >>> import numpy as np
    >>> proba = np.array([[0.64, 0.36]])
    >>> np.exp(tempered_log_confidence(proba, np.array([0]), "proba", 2.0)).round(3)
    array([0.571])
    """
    if response == "value":
        z = (answers[..., 0] - truth) / scale
        return np.maximum(-0.5 * z**2 / temperature, SMALLEST_LOG_CONFIDENCE)
    if response == "decision":
        proba = decision_probabilities(answers / temperature)
    else:
        power = np.maximum(answers, 0) ** (1 / temperature)
        proba = power / np.maximum(power.sum(axis=-1, keepdims=True), 1e-300)
    own = confidence(proba, truth)
    return np.log(np.maximum(own, np.exp(SMALLEST_LOG_CONFIDENCE)))


def base_score(log_confidence, shadow_log_confidences, membership, offline_scale=1.0):
    r"""Log-confidence minus the log of the mean confidence of shadow models.

    .. math::

        s = \log p - \log \tfrac{1}{2}\left(\bar{p}_{in} + \bar{p}_{out}\right)

    Where no model has the record, the second term is
    :math:`\lambda \log \bar{p}_{out}`.

    Parameters
    ----------
    log_confidence : ndarray of shape (n_records,)
        Of the target.

    shadow_log_confidences : ndarray of shape (n_models, n_records)
        Of the shadow models.

    membership : ndarray of bool of shape (n_models, n_records)
        Which model was trained on which record.

    offline_scale : float, default=1.0
        :math:`\lambda`, between 0 and 1.

    Returns
    -------
    score : ndarray of shape (n_records,)
        In nats.

    References
    ----------
    Lassila et al. 2025.

    Examples
    --------
    The first record: log(0.8 / ((0.9 + 0.3) / 2)). The second is in no model:
    log(0.8) - 0.5 * log(0.4).

    >>> import numpy as np
    >>> shadow = np.log([[0.9, 0.4], [0.3, 0.4]])
    >>> inside = np.array([[True, False], [False, False]])
    >>> base_score(np.log([0.8, 0.8]), shadow, inside, 0.5).round(3)
    array([0.288, 0.235])
    """
    inside = log_mean_exp(shadow_log_confidences, membership)
    outside = log_mean_exp(shadow_log_confidences, ~membership)
    with np.errstate(invalid="ignore"):
        both = np.logaddexp(inside, outside) - np.log(2)
    threshold = np.where(np.isnan(inside), offline_scale * outside, both)
    # A record that every model has: what is known is the mean with it.
    return log_confidence - np.where(np.isnan(outside), inside, threshold)


def log_mean_exp(values, mask):
    """Log of the mean of exponentials over the models that ``mask`` takes.

    Parameters
    ----------
    values : ndarray of shape (n_models, n_records)
        Logarithms.

    mask : ndarray of bool of shape (n_models, n_records)
        Which values count.

    Returns
    -------
    log_mean : ndarray of shape (n_records,)
        NaN where none counts.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.log([[1.0, 1.0], [3.0, 9.0]])
    >>> mask = np.array([[True, False], [True, False]])
    >>> log_mean_exp(values, mask).round(3)
    array([0.693,   nan])
    """
    n = mask.sum(axis=0)
    total = logsumexp(values, axis=0, b=np.where(n > 0, mask, True))
    return np.where(n > 0, total - np.log(np.maximum(n, 1)), np.nan)


#: Values of the offline scale to choose from.
OFFLINE_SCALES = tuple(np.arange(11) / 10)

#: Stands for the logarithm of a confidence of 0, so that scores are finite.
SMALLEST_LOG_CONFIDENCE = float(np.log(1e-12))
