"""Which node of a tree each record passes: all records at once, a level at a time."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from skprivacy.inspection._trees import TreeEnsemble, TreeNodes

__all__ = ["Passages", "last_node", "leaf_of", "walk_tree", "with_usual_counts"]


class Passages(NamedTuple):
    """Each visit of a record to a node, the root's visits first.

    Parameters
    ----------
    record : ndarray of int of shape (n_passages,)
        Row of the table.

    node : ndarray of int of shape (n_passages,)
        Row of the tree.
    """

    record: np.ndarray
    node: np.ndarray


def walk_tree(nodes: TreeNodes, values: np.ndarray) -> Passages:
    """Follow all records from the root to their leaves.

    Parameters
    ----------
    nodes : TreeNodes
        The tree.

    values : ndarray of shape (n_records, n_columns)
        What the tree compares: :meth:`TreeEnsemble.tree_values`.

    Returns
    -------
    passages : Passages
        Every record once at each node of its path, the leaf included.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.inspection import read_trees
    >>> tree = read_trees(DecisionTreeClassifier().fit([[1], [3]], [0, 1])).trees[0]
    >>> passages = walk_tree(tree, np.array([[1.0], [9.0]]))
    >>> passages.record, passages.node
    (array([0, 1, 0, 1]), array([0, 0, 1, 2]))
    """
    record = np.arange(len(values))
    node = np.zeros(len(values), dtype=int)
    records, visited = [record], [node]
    while True:
        inner = ~nodes.is_leaf[node]
        record, node = record[inner], node[inner]
        if not len(record):
            return Passages(np.concatenate(records), np.concatenate(visited))
        left = _goes_left(nodes, node, values[record, nodes.feature[node]])
        node = np.where(left, nodes.left[node], nodes.right[node])
        records.append(record)
        visited.append(node)


def leaf_of(nodes: TreeNodes, values: np.ndarray) -> np.ndarray:
    """Return the leaf of each record.

    Parameters
    ----------
    nodes : TreeNodes
        The tree.

    values : ndarray of shape (n_records, n_columns)
        What the tree compares.

    Returns
    -------
    leaf : ndarray of int of shape (n_records,)
    """
    leaf = np.zeros(len(values), dtype=int)
    record = np.arange(len(values))
    while True:
        record = record[~nodes.is_leaf[leaf[record]]]
        if not len(record):
            return leaf
        node = leaf[record]
        left = _goes_left(nodes, node, values[record, nodes.feature[node]])
        leaf[record] = np.where(left, nodes.left[node], nodes.right[node])


def last_node(passages: Passages, n_records: int) -> np.ndarray:
    """Return the leaf of each record, from where it went.

    Parameters
    ----------
    passages : Passages
        From :func:`walk_tree`.

    n_records : int
        Records.

    Returns
    -------
    leaf : ndarray of int of shape (n_records,)
    """
    leaf = np.zeros(n_records, dtype=int)
    # Of a record's passages, the leaf's is the last.
    leaf[passages.record] = passages.node
    return leaf


def with_usual_counts(ensemble: TreeEnsemble, values: np.ndarray, share: float):
    """Give nodes the counts that tell nothing: a share of the candidates in each.

    Parameters
    ----------
    ensemble : TreeEnsemble
        A model whose counts were removed, or are to be left aside.

    values : ndarray of shape (n_candidates, n_columns)
        From :meth:`TreeEnsemble.transform`.

    share : float
        Share of the candidates that the model is taken to be trained on.

    Returns
    -------
    ensemble : TreeEnsemble
    """
    trees = []
    for nodes in ensemble.trees:
        passed = walk_tree(nodes, ensemble.tree_values(nodes, values)).node
        there = np.bincount(passed, minlength=len(nodes.feature))
        count = np.maximum(np.rint(share * there), 1)
        trees.append(replace(nodes, n_samples=count.astype(int), weight=count))
    return replace(ensemble, trees=tuple(trees))


def _goes_left(nodes, node, value):
    with np.errstate(invalid="ignore"):
        left = value <= nodes.threshold[node]
    left = np.where(np.isnan(value), nodes.missing_left[node], left)
    for split, categories in nodes.categories_left.items():
        here = (node == split) & ~np.isnan(value)
        left[here] = np.isin(value[here], categories)
    return left
