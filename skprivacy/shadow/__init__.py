"""Shadow models: trained like the target, on records that the attacker knows."""

from skprivacy._progress import report_progress
from skprivacy.shadow._fitted import fitted_shadow
from skprivacy.shadow._pretend import (
    attack_power,
    best_on_pretend_targets,
    pretend_targets,
)
from skprivacy.shadow._shadow_models import ShadowAnswers, ShadowModels
from skprivacy.shadow._statistics import Moments, moments
from skprivacy.shadow._subsets import fit_on_subsets
from skprivacy.shadow._train import ShadowFitError, with_random_states
from skprivacy.shadow._transductive import TransductiveKFold

__all__ = [
    "Moments",
    "ShadowAnswers",
    "ShadowFitError",
    "ShadowModels",
    "TransductiveKFold",
    "attack_power",
    "best_on_pretend_targets",
    "fit_on_subsets",
    "fitted_shadow",
    "moments",
    "pretend_targets",
    "report_progress",
    "with_random_states",
]
