"""Models that give away less of their training set."""

from skprivacy.defenses._property_resampler import PropertyResampler
from skprivacy.defenses._protected_output import ProtectedOutput
from skprivacy.defenses._resampled_estimators import (
    ResampledClassifier,
    ResampledRegressor,
)
from skprivacy.defenses._sanitize import sanitize
from skprivacy.defenses._sanitized_estimators import (
    SanitizedClassifier,
    SanitizedRegressor,
)

__all__ = [
    "PropertyResampler",
    "ProtectedOutput",
    "ResampledClassifier",
    "ResampledRegressor",
    "SanitizedClassifier",
    "SanitizedRegressor",
    "sanitize",
]
