"""What a fitted model holds of its training set."""

from skprivacy.inspection._bootstrap import BootstrapCounts, replay_bootstrap
from skprivacy.inspection._leak_scan import leak_scan
from skprivacy.inspection._leave_one_out import (
    leave_one_out_answers,
    memorization_scores,
    supports_leave_one_out,
)
from skprivacy.inspection._read_trees import read_trees
from skprivacy.inspection._structural_risk import (
    StructuralRisk,
    count_parameters,
    structural_risk,
)
from skprivacy.inspection._training_values import recover_training_values
from skprivacy.inspection._trees import TreeEnsemble, TreeNodes

__all__ = [
    "BootstrapCounts",
    "StructuralRisk",
    "TreeEnsemble",
    "TreeNodes",
    "count_parameters",
    "leak_scan",
    "leave_one_out_answers",
    "memorization_scores",
    "read_trees",
    "replay_bootstrap",
    "recover_training_values",
    "structural_risk",
    "supports_leave_one_out",
]
