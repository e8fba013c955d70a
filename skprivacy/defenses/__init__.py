"""Models that give away less of their training set."""

from skprivacy.defenses._adversarial_regularization import (
    AdversarialRegularizationClassifier,
)
from skprivacy.defenses._adversarial_training import AdversarialTrainingClassifier
from skprivacy.defenses._high_entropy import HighEntropyClassifier
from skprivacy.defenses._mixup import MixupClassifier
from skprivacy.defenses._protected_output import ProtectedOutput
from skprivacy.defenses._relax_loss import RelaxLossClassifier
from skprivacy.defenses._sanitize import sanitize
from skprivacy.defenses._sanitized_estimators import (
    SanitizedClassifier,
    SanitizedRegressor,
)

__all__ = [
    "AdversarialRegularizationClassifier",
    "AdversarialTrainingClassifier",
    "HighEntropyClassifier",
    "MixupClassifier",
    "ProtectedOutput",
    "RelaxLossClassifier",
    "SanitizedClassifier",
    "SanitizedRegressor",
    "sanitize",
]
