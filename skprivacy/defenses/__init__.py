"""Models that give away less of their training set."""

from skprivacy.defenses._data_minimizer import DataMinimizer
from skprivacy.defenses._k_anonymizer import KAnonymizer
from skprivacy.defenses._protected_output import ProtectedOutput
from skprivacy.defenses._sanitize import sanitize
from skprivacy.defenses._sanitized_estimators import (
    SanitizedClassifier,
    SanitizedRegressor,
)

__all__ = [
    "DataMinimizer",
    "KAnonymizer",
    "ProtectedOutput",
    "SanitizedClassifier",
    "SanitizedRegressor",
    "sanitize",
]
