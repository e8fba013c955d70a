"""Models that give away less of their training set."""

from skprivacy.defenses._canary_evaluation import CanaryEvaluation
from skprivacy.defenses._defense_tradeoff_display import DefenseTradeoffDisplay
from skprivacy.defenses._protected_output import ProtectedOutput
from skprivacy.defenses._sanitize import sanitize
from skprivacy.defenses._sanitized_estimators import (
    SanitizedClassifier,
    SanitizedRegressor,
)

__all__ = [
    "CanaryEvaluation",
    "DefenseTradeoffDisplay",
    "ProtectedOutput",
    "SanitizedClassifier",
    "SanitizedRegressor",
    "sanitize",
]
