"""What a fitted model holds of its training set."""

from skprivacy.inspection._read_trees import read_trees
from skprivacy.inspection._trees import TreeEnsemble, TreeNodes

__all__ = ["TreeEnsemble", "TreeNodes", "read_trees"]
