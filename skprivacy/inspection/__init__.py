"""What a fitted model holds of its training set."""

from skprivacy.inspection._leave_one_out import (
    leave_one_out_answers,
    memorization_scores,
    supports_leave_one_out,
)
from skprivacy.inspection._trees import TreeEnsemble, TreeNodes, read_trees

__all__ = [
    "TreeEnsemble",
    "TreeNodes",
    "leave_one_out_answers",
    "memorization_scores",
    "read_trees",
    "supports_leave_one_out",
]
