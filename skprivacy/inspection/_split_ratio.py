"""Log-likelihood ratios of "in the bag of this tree" that a tree gives candidates."""

import numpy as np

from skprivacy.inspection._split_points import Ranks, node_values, split_pairs
from skprivacy.inspection._walk import walk_tree

__all__ = ["leaf_log_ratio", "node_log_ratio", "tree_log_ratios"]

#: Weight of "the two values are not among the candidates" beside all possible pairs.
NO_PAIR = 1e-6

#: No single piece of evidence counts for more, in nats.
LARGEST = 30.0


def leaf_log_ratio(n_inside, n_candidates, share):
    """Log-likelihood ratio for each candidate of a leaf, from the leaf's count.

    Parameters
    ----------
    n_inside : ndarray of shape (n_leaves,)
        Training rows in the leaf.

    n_candidates : ndarray of shape (n_leaves,)
        Candidates in the leaf.

    share : float
        Share of all candidates that the tree was trained on.

    Returns
    -------
    log_ratio : ndarray of shape (n_leaves,)
        Log-odds that a candidate of the leaf is one of the rows, less those of any
        candidate.

    Examples
    --------
    >>> leaf_log_ratio(np.array([2.0]), np.array([4.0]), 0.5)
    array([0.])
    """
    # A little short of none and of all: the list may lack a row.
    inside = np.clip(n_inside, 0.02, np.maximum(n_candidates - 0.02, 0.02))
    outside = np.maximum(n_candidates - inside, 0.02)
    return np.log(inside / outside) - np.log(share / (1 - share))


def node_log_ratio(table, pairs, inside, n_nodes):
    """Log-likelihood ratio for each passage, from the threshold of its node.

    Each possible pair of neighbors is weighted with the probability that somebody with
    the low value and somebody with the high value was there, and nobody between.

    Parameters
    ----------
    table : NodeValues
        Values of the candidates.

    pairs : SplitPairs
        Pairs that may have made the thresholds.

    inside : ndarray of shape (n_passages,)
        Probability, before the node is looked at, that the tree had the record.

    n_nodes : int
        Nodes of the tree.

    Returns
    -------
    log_ratio : ndarray of shape (n_passages,)
    """
    if not len(table.record):
        return np.zeros(0)
    log_out = np.log1p(-inside)
    group_out = np.add.reduceat(log_out, table.start)
    before = np.concatenate([[0], np.cumsum(group_out)])
    holds = np.maximum(-np.expm1(group_out), 1e-300)
    between = before[pairs.high] - before[pairs.low + 1]
    log_weight = np.log(holds[pairs.low]) + np.log(holds[pairs.high]) + between
    largest = np.full(n_nodes, -np.inf)
    np.maximum.at(largest, pairs.node, log_weight)
    weight = np.exp(log_weight - largest[pairs.node])
    total = np.bincount(pairs.node, weight, minlength=n_nodes)
    weight = weight / (total[pairs.node] + NO_PAIR)
    none = NO_PAIR / (total + NO_PAIR)

    end = np.zeros(len(table.node))
    end[pairs.low] = end[pairs.high] = weight
    step = np.zeros(len(table.node) + 1)
    np.add.at(step, pairs.low + 1, weight)
    np.add.at(step, pairs.high, -weight)
    gap = np.clip(np.cumsum(step)[:-1], 0, 1)[table.group]
    gap[gap < 1e-9] = 0
    end, holds = end[table.group], holds[table.group]
    rest = np.maximum(1 - gap - end, none[table.node[table.group]])
    others = np.clip(-np.expm1(group_out[table.group] - log_out), 0, 1)
    with_it = rest + end / holds
    without = rest + gap / (1 - inside) + end * others / holds
    return np.clip(np.log(with_it) - np.log(without), -LARGEST, LARGEST)


def tree_log_ratios(nodes, values, label, n_labels, share, midpoints=True, ranked=None):
    """Evidence of one tree that it was trained on each candidate.

    Parameters
    ----------
    nodes : TreeNodes
        The tree.

    values : ndarray of shape (n_candidates, n_columns)
        What the tree compares.

    label : ndarray of int of shape (n_candidates,)
        Column of the nodes' answers that belongs to each candidate; all 0 where the
        answers are not shares of classes.

    n_labels : int
        Columns of the answers that are shares of classes; 1 where they are not.

    share : float
        Share of the candidates that the tree was trained on.

    midpoints : bool, default=True
        Whether thresholds lie in the middle of training values.

    ranked : tuple of Ranks and ndarray, or None, default=None
        ``Ranks(values)`` and their codes, where several trees compare the same values.

    Returns
    -------
    leaf, split : ndarray of shape (n_candidates,)
        Log-likelihood ratios from the count of the leaf, and from the thresholds.
    """
    n_nodes, n_records = len(nodes.feature), len(values)
    passages = walk_tree(nodes, values)
    leaf_node = np.zeros(n_records, dtype=int)
    # Of a record's passages, the leaf's is the last.
    leaf_node[passages.record] = passages.node
    cell = leaf_node * n_labels + label
    n_inside = nodes.n_samples[:, None].astype(float)
    if n_labels > 1:
        # Somebody stands behind every share that is not 0.
        n_inside = np.where(nodes.value > 0, np.maximum(n_inside * nodes.value, 1), 0.0)
    n_candidates = np.bincount(cell, minlength=n_nodes * n_labels)
    ratio = leaf_log_ratio(n_inside.ravel(), n_candidates, share)
    leaf = np.clip(ratio, -LARGEST, LARGEST)[cell]
    if not midpoints:
        return leaf, np.zeros(n_records)
    ranks, codes = (Ranks(values), None) if ranked is None else ranked
    table = node_values(nodes, values, passages, ranks, codes)
    pairs = split_pairs(nodes, table, ranks)
    odds = np.exp(leaf) * share / (1 - share)
    inside = np.clip(odds / (1 + odds), 1e-9, 1 - 1e-9)
    message = node_log_ratio(table, pairs, inside[table.record], n_nodes)
    return leaf, np.bincount(table.record, message, minlength=n_records)
