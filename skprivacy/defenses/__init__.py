"""Models that give away less of their training set."""

from skprivacy.defenses._adversarial_regularization import (
    AdversarialRegularizationClassifier,
)
from skprivacy.defenses._adversarial_training import AdversarialTrainingClassifier
from skprivacy.defenses._canary_evaluation import CanaryEvaluation
from skprivacy.defenses._data_minimizer import DataMinimizer
from skprivacy.defenses._defense_tradeoff_display import DefenseTradeoffDisplay
from skprivacy.defenses._distilled import DistilledClassifier
from skprivacy.defenses._high_entropy import HighEntropyClassifier
from skprivacy.defenses._k_anonymizer import KAnonymizer
from skprivacy.defenses._mixup import MixupClassifier
from skprivacy.defenses._property_resampler import PropertyResampler
from skprivacy.defenses._protected_output import ProtectedOutput
from skprivacy.defenses._relax_loss import RelaxLossClassifier
from skprivacy.defenses._resampled_estimators import (
    ResampledClassifier,
    ResampledRegressor,
)
from skprivacy.defenses._sanitize import sanitize
from skprivacy.defenses._sanitized_estimators import (
    SanitizedClassifier,
    SanitizedRegressor,
)
from skprivacy.defenses._self_distillation import SelfDistillationClassifier
from skprivacy.defenses._stacked_partition import StackedPartitionClassifier

__all__ = [
    "AdversarialRegularizationClassifier",
    "AdversarialTrainingClassifier",
    "CanaryEvaluation",
    "DataMinimizer",
    "DefenseTradeoffDisplay",
    "DistilledClassifier",
    "HighEntropyClassifier",
    "KAnonymizer",
    "MixupClassifier",
    "PropertyResampler",
    "ProtectedOutput",
    "RelaxLossClassifier",
    "ResampledClassifier",
    "ResampledRegressor",
    "SanitizedClassifier",
    "SanitizedRegressor",
    "SelfDistillationClassifier",
    "StackedPartitionClassifier",
    "sanitize",
]
