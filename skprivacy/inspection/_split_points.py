"""What each threshold of a tree tells about the records whose path it is on.

A tree of scikit-learn puts a threshold in the middle between two neighboring training
values of the node, to the last bit. Two candidates that reach the node and whose values
have that middle may be the two; a candidate strictly between them was not there.
"""

from typing import NamedTuple

import numpy as np

from skprivacy.inspection._trees import TreeNodes
from skprivacy.inspection._walk import Passages, walk_tree

__all__ = ["NodeValues", "SplitPairs", "node_values", "split_evidence", "split_pairs"]


class NodeValues(NamedTuple):
    """The values that meet at each inner node, sorted within the node.

    Parameters
    ----------
    record, node : ndarray of int of shape (n_passages,)
        Passages through inner nodes, sorted by node and value; none with a missing
        value.

    group : ndarray of int of shape (n_passages,)
        Distinct value of the node that the record has there.

    group_node : ndarray of int of shape (n_groups,)
        Node of each distinct value.

    group_value : ndarray of float of shape (n_groups,)
        The value itself; ascending within a node.

    group_start : ndarray of int of shape (n_groups + 1,)
        First passage of each distinct value.
    """

    record: np.ndarray
    node: np.ndarray
    group: np.ndarray
    group_node: np.ndarray
    group_value: np.ndarray
    group_start: np.ndarray


class SplitPairs(NamedTuple):
    """Pairs of distinct values with the threshold exactly in their middle.

    Parameters
    ----------
    node : ndarray of int of shape (n_pairs,)
        Node of each pair; a node may have several.

    low, high : ndarray of int of shape (n_pairs,)
        The two distinct values, as groups of :class:`NodeValues`.
    """

    node: np.ndarray
    low: np.ndarray
    high: np.ndarray


def node_values(nodes: TreeNodes, values: np.ndarray, passages: Passages) -> NodeValues:
    """Sort the values that meet at each inner node.

    Parameters
    ----------
    nodes : TreeNodes
        The tree.

    values : ndarray of shape (n_records, n_columns)
        What the tree compares.

    passages : Passages
        Of the same records, from :func:`walk_tree`.

    Returns
    -------
    table : NodeValues
    """
    numeric = ~np.isnan(nodes.threshold)
    record, node = passages.record, passages.node
    inner = numeric[node]
    record, node = record[inner], node[inner]
    value = values[record, nodes.feature[node]].astype(float)
    known = ~np.isnan(value)
    record, node, value = record[known], node[known], value[known]
    order = np.lexsort((value, node))
    record, node, value = record[order], node[order], value[order]
    new = np.ones(len(node), dtype=bool)
    new[1:] = (node[1:] != node[:-1]) | (value[1:] != value[:-1])
    start = np.flatnonzero(new)
    return NodeValues(
        record,
        node,
        np.cumsum(new) - 1,
        node[start],
        value[start],
        np.append(start, len(node)),
    )


def split_pairs(nodes: TreeNodes, table: NodeValues) -> SplitPairs:
    """Find all pairs of distinct values whose middle is the threshold of their node.

    Parameters
    ----------
    nodes : TreeNodes
        The tree.

    table : NodeValues
        The values at its nodes.

    Returns
    -------
    pairs : SplitPairs
    """
    threshold = nodes.threshold[table.group_node]
    left = np.flatnonzero(table.group_value <= threshold)
    mirror = 2 * threshold[left] - table.group_value[left]
    at = _search(table, table.group_node[left], mirror)
    low, high = [], []
    # Rounding may put the mirrored value one place off.
    for shift in (-1, 0):
        other = np.clip(at + shift, 0, max(len(table.group_node) - 1, 0))
        middle = table.group_value[left] / 2 + table.group_value[other] / 2
        fits = (
            (table.group_node[other] == table.group_node[left])
            & (middle == threshold[left])
            & (table.group_value[other] > threshold[left])
        )
        low.append(left[fits])
        high.append(other[fits])
    low, high = np.concatenate(low), np.concatenate(high)
    order = np.lexsort((-low, table.group_node[low]))
    low, high = low[order], high[order]
    return SplitPairs(table.group_node[low], low, high)


def _search(table, node, value):
    """First group of a node that holds at least the value, or the next node's first."""
    n_groups = len(table.group_node)
    # One search for all nodes: groups and questions in one sorted list.
    order = np.lexsort(
        (
            np.r_[np.ones(n_groups), np.zeros(len(node))],
            np.r_[table.group_value, value],
            np.r_[table.group_node, node],
        )
    )
    is_group = order < n_groups
    before = np.cumsum(is_group)
    found = np.empty(len(node), dtype=int)
    found[order[~is_group] - n_groups] = before[~is_group]
    return found


def split_evidence(
    nodes: TreeNodes, values: np.ndarray, passages: Passages | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Count what the thresholds of one tree say for and against each record.

    Parameters
    ----------
    nodes : TreeNodes
        The tree; its thresholds lie in the middle of two training values.

    values : ndarray of shape (n_records, n_columns)
        What the tree compares: candidates among whom the training rows are.

    passages : Passages or None, default=None
        Where the records go, if it is known already.

    Returns
    -------
    supported : ndarray of float of shape (n_records,)
        Sum over the thresholds on the record's path: the chance that the record gave
        one of the two values. A value that three candidates have counts a third, one
        of two possible pairs a half.

    contradicted : ndarray of int of shape (n_records,)
        Thresholds on the path between whose two training values the record strictly
        lies, whichever of the possible pairs they are.

    Examples
    --------
    The tree was trained on 1 and 4: its threshold is 2.5. Of the candidates 1, 2, 4
    and 9, only 1 and 4 have that middle, and 2 lies between them.

    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.inspection import read_trees
    >>> tree = read_trees(DecisionTreeClassifier().fit([[1], [4]], [0, 1])).trees[0]
    >>> split_evidence(tree, np.array([[1.0], [2.0], [4.0], [9.0]]))
    (array([1., 0., 1., 0.]), array([0, 1, 0, 0]))
    """
    if passages is None:
        passages = walk_tree(nodes, values)
    table = node_values(nodes, values, passages)
    pairs = split_pairs(nodes, table)
    n_groups, n_records = len(table.group_node), len(values)
    n_pairs = np.bincount(pairs.node, minlength=len(nodes.feature))
    count = np.diff(table.group_start)
    share = np.zeros(n_groups)
    for end in (pairs.low, pairs.high):
        np.add.at(share, end, 1 / (n_pairs[pairs.node] * count[end]))
    # Of several pairs of a node, the innermost comes first: pairs are nested.
    first = np.ones(len(pairs.node), dtype=bool)
    first[1:] = pairs.node[1:] != pairs.node[:-1]
    step = np.zeros(n_groups + 1, dtype=int)
    np.add.at(step, pairs.low[first] + 1, 1)
    np.add.at(step, pairs.high[first], -1)
    inside = np.cumsum(step)[:-1]
    supported = np.bincount(table.record, share[table.group], minlength=n_records)
    contradicted = np.bincount(table.record, inside[table.group], minlength=n_records)
    return supported, contradicted.astype(int)
