"""Signals: a number for each record, computed from a model's answer to it."""

from skprivacy.signals._ask import Asked, ask, truth_of
from skprivacy.signals._classification import (
    confidence,
    correctness,
    decision_log_odds,
    decision_probabilities,
    label_log_odds,
    label_mass,
    margin,
    negative_entropy,
    negative_log_loss,
    negative_modified_entropy,
)
from skprivacy.signals._regression import (
    gaussian_log_likelihood,
    negative_absolute_residual,
    negative_squared_residual,
    residual_scale,
)
from skprivacy.signals._table import available_signals, check_signal, compute_signal
from skprivacy.signals._target_signals import TargetSignals

__all__ = [
    "Asked",
    "TargetSignals",
    "ask",
    "available_signals",
    "check_signal",
    "compute_signal",
    "confidence",
    "correctness",
    "decision_log_odds",
    "decision_probabilities",
    "gaussian_log_likelihood",
    "label_log_odds",
    "label_mass",
    "margin",
    "negative_absolute_residual",
    "negative_entropy",
    "negative_log_loss",
    "negative_modified_entropy",
    "negative_squared_residual",
    "residual_scale",
    "truth_of",
]
