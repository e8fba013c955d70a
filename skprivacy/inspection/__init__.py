"""What a fitted model holds of its training set."""

from skprivacy.inspection._trees import TreeEnsemble, TreeNodes, read_trees

__all__ = ["TreeEnsemble", "TreeNodes", "read_trees"]
