"""Model extraction: copying a model by asking it.

``X`` is what the attacker may ask, the answers are asked for, and the fitted attack is
the copy: it predicts in the target's place.
"""

from skprivacy.extraction._auto_extraction import AutoExtraction
from skprivacy.extraction._base import BaseExtractionAttack
from skprivacy.extraction._equation_solving import EquationSolvingAttack
from skprivacy.extraction._evasion_transfer import EvasionTransfer, evasion_transfer
from skprivacy.extraction._family_detector import FamilyDetector
from skprivacy.extraction._fidelity import fidelity_score
from skprivacy.extraction._fidelity_curve_display import FidelityCurveDisplay
from skprivacy.extraction._hyperparameter import HyperparameterAttack
from skprivacy.extraction._lowd_meek import LowdMeekAttack
from skprivacy.extraction._membership_transfer import (
    MembershipTransfer,
    membership_transfer,
)
from skprivacy.extraction._neural_extraction import NeuralExtractionAttack
from skprivacy.extraction._path_finding import PathFindingAttack
from skprivacy.extraction._query_monitor import QueryMonitor
from skprivacy.extraction._surrogate import SurrogateAttack
from skprivacy.extraction._threshold_search import ThresholdSearchAttack

__all__ = [
    "AutoExtraction",
    "BaseExtractionAttack",
    "EquationSolvingAttack",
    "EvasionTransfer",
    "FamilyDetector",
    "FidelityCurveDisplay",
    "HyperparameterAttack",
    "LowdMeekAttack",
    "MembershipTransfer",
    "NeuralExtractionAttack",
    "PathFindingAttack",
    "QueryMonitor",
    "SurrogateAttack",
    "ThresholdSearchAttack",
    "evasion_transfer",
    "fidelity_score",
    "membership_transfer",
]
