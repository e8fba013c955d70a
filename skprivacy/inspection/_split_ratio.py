"""Log-likelihood ratios of "in the bag of this tree" that a tree gives candidates."""

import numpy as np

from skprivacy.inspection._split_points import (
    Ranks,
    node_values,
    partners,
    shared_ranks,
    split_pairs,
)
from skprivacy.inspection._walk import last_node, leaf_of, walk_tree

__all__ = [
    "leaf_log_ratio",
    "node_log_ratio",
    "split_log_ratios",
    "stranger_log_ratios",
    "tree_log_ratios",
]

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
    group_out, before, holds = _who_is_there(table, log_out)
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


def split_log_ratios(ensemble, values, inside):
    """Evidence of all thresholds, given how likely each candidate was there.

    Parameters
    ----------
    ensemble : TreeEnsemble
        Trees that saw all training rows, with thresholds in the middle of two values.

    values : ndarray of shape (n_candidates, n_columns)
        From ``ensemble.transform``.

    inside : ndarray of shape (n_candidates,)
        Chance that each was in training, by everything else.

    Returns
    -------
    log_ratio : ndarray of shape (n_candidates,)

    Examples
    --------
    The threshold 2.5 lies in the middle of 1 and 4, and 2 lies between them.

    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.inspection import read_trees
    >>> trees = read_trees(DecisionTreeClassifier().fit([[1], [4]], [0, 1]))
    >>> values = np.array([[1.0], [2.0], [4.0], [9.0]])
    >>> split_log_ratios(trees, values, np.full(4, 0.5)).round().tolist()
    [15.0, -15.0, 15.0, 0.0]
    """
    inside = np.clip(inside, 1e-9, 1 - 1e-9)
    ranked = shared_ranks(ensemble, values)
    total = np.zeros(len(values))
    for nodes in ensemble.trees:
        seen = ensemble.tree_values(nodes, values)
        ranks, codes = (Ranks(seen), None) if ranked is None else ranked
        table = node_values(nodes, seen, walk_tree(nodes, seen), ranks, codes)
        pairs = split_pairs(nodes, table, ranks)
        n_nodes = len(nodes.feature)
        message = node_log_ratio(table, pairs, inside[table.record], n_nodes)
        total += np.bincount(table.record, message, minlength=len(values))
    return total


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
    passages = walk_tree(nodes, values) if midpoints else None
    at = last_node(passages, n_records) if midpoints else leaf_of(nodes, values)
    cell = at * n_labels + label
    n_candidates = np.bincount(cell, minlength=n_nodes * n_labels)
    leaf = _cell_log_ratio(nodes, n_labels, n_candidates, share)[cell]
    if not midpoints:
        return leaf, np.zeros(n_records)
    table, pairs, _, inside = _candidates_at_nodes(
        nodes, values, passages, leaf, share, ranked
    )
    message = node_log_ratio(table, pairs, inside[table.record], n_nodes)
    return leaf, np.bincount(table.record, message, minlength=n_records)


def stranger_log_ratios(
    nodes, values, label, n_labels, share, strangers, stranger_label, midpoints=True
):
    """Evidence for records that are added to the candidates, one at a time.

    What a candidate of the same leaf is thought to be does not change when the record
    is added; but for that it is what :func:`tree_log_ratios` gives the record.

    Parameters
    ----------
    nodes : TreeNodes
        The tree.

    values, label, n_labels, share
        The candidates, as :func:`tree_log_ratios` takes them.

    strangers : ndarray of shape (n_strangers, n_columns)
        What the tree compares, of the records to add.

    stranger_label : ndarray of int of shape (n_strangers,)
        Their labels.

    midpoints : bool, default=True
        Whether thresholds lie in the middle of training values.

    Returns
    -------
    leaf, split : ndarray of shape (n_strangers,)
    """
    n_nodes = len(nodes.feature)
    passages = walk_tree(nodes, values)
    cell = last_node(passages, len(values)) * n_labels + label
    n_candidates = np.bincount(cell, minlength=n_nodes * n_labels)
    new_cell = leaf_of(nodes, strangers) * n_labels + stranger_label
    leaf = _cell_log_ratio(nodes, n_labels, n_candidates + 1, share)[new_cell]
    if not midpoints or not len(strangers):
        return leaf, np.zeros(len(strangers))
    known_leaf = _cell_log_ratio(nodes, n_labels, n_candidates, share)[cell]
    known = _candidates_at_nodes(nodes, values, passages, known_leaf, share)
    passages = walk_tree(nodes, strangers)
    record, node = passages.record, passages.node
    inner = ~nodes.is_leaf[node]
    record, node = record[inner], node[inner]
    value = strangers[record, nodes.feature[node]].astype(float)
    seen = ~np.isnan(value)
    record, node, value = record[seen], node[seen], value[seen]
    message = _visit_log_ratio(nodes, known, node, value)
    return leaf, np.bincount(record, message, minlength=len(strangers))


def _visit_log_ratio(nodes, known, node, value):
    """Log-likelihood ratio for one more value at a node, each on its own."""
    table, pairs, ranks, inside = known
    n_visits, n_nodes, n_groups = len(node), len(nodes.feature), len(table.node)
    if not n_visits or not n_groups:
        return np.zeros(n_visits)
    _, before, holds = _who_is_there(table, np.log1p(-inside[table.record]))
    between = before[pairs.high] - before[pairs.low + 1]
    log_weight = np.log(holds[pairs.low]) + np.log(holds[pairs.high]) + between

    column = nodes.feature[node]
    key = node * ranks.size
    for j in np.unique(column):
        key[column == j] += ranks.of_column(j, value[column == j])
    place = np.searchsorted(table.key, key)
    group = np.minimum(place, n_groups - 1)
    held = table.key[group] == key

    # Pairs that the value makes with those of the candidates, if nobody else had it.
    which, partner = partners(nodes, table, ranks, node, value)
    above = partner >= place[which] + held[which]
    low = np.where(above, place[which] + held[which], partner + 1)
    high = np.where(above, partner, place[which])
    new = np.log(holds[partner]) + before[high] - before[low]

    largest = np.full(n_nodes, -np.inf)
    np.maximum.at(largest, pairs.node, log_weight)
    top = largest[node]
    np.maximum.at(top, which, new)
    top[~np.isfinite(top)] = 0
    weight = np.exp(log_weight - largest[pairs.node])
    total = np.bincount(pairs.node, weight, minlength=n_nodes)
    end = np.zeros(n_groups)
    end[pairs.low] = end[pairs.high] = weight
    step = np.zeros(n_groups + 1)
    np.add.at(step, pairs.low + 1, weight)
    np.add.at(step, pairs.high, -weight)
    at_group = np.cumsum(step)[:-1]
    # Between two groups lie the pairs around both, and those that end at the first.
    opens, closes = np.zeros(n_groups + 1), np.zeros(n_groups + 1)
    np.add.at(opens, pairs.low, weight)
    np.add.at(closes, pairs.high, weight)
    at_gap = np.concatenate([[0], np.cumsum(opens - closes)[:-1]])
    gap = np.where(held, at_group[group], at_gap[place])
    gap = np.clip(gap, 0, total[node])
    gap[gap < 1e-9 * total[node]] = 0
    scale = np.exp(np.where(np.isfinite(largest[node]), largest[node] - top, -np.inf))
    gained = np.bincount(which, np.exp(new - top[which]), minlength=n_visits)
    rest = total[node] - gap - np.where(held, end[group], 0)
    with_it = np.maximum(rest, 0) * scale + gained + NO_PAIR
    without = total[node] * scale + NO_PAIR
    return np.clip(np.log(with_it) - np.log(without), -LARGEST, LARGEST)


def _who_is_there(table, log_out):
    """Of each distinct value: log-chance that nobody had it, sums, chance of some."""
    group_out = np.add.reduceat(log_out, table.start)
    before = np.concatenate([[0], np.cumsum(group_out)])
    return group_out, before, np.maximum(-np.expm1(group_out), 1e-300)


def _cell_log_ratio(nodes, n_labels, n_candidates, share):
    """Ratio of each leaf and label."""
    n_inside = nodes.n_samples[:, None].astype(float)
    if n_labels > 1:
        # Somebody stands behind every share that is not 0.
        n_inside = np.where(nodes.value > 0, np.maximum(n_inside * nodes.value, 1), 0.0)
    ratio = leaf_log_ratio(n_inside.ravel(), n_candidates, share)
    return np.clip(ratio, -LARGEST, LARGEST)


def _candidates_at_nodes(nodes, values, passages, leaf, share, ranked=None):
    """Sort the candidates at the nodes, and say how likely the tree had each."""
    ranks, codes = (Ranks(values), None) if ranked is None else ranked
    table = node_values(nodes, values, passages, ranks, codes)
    odds = np.exp(leaf) * share / (1 - share)
    inside = np.clip(odds / (1 + odds), 1e-9, 1 - 1e-9)
    return table, split_pairs(nodes, table, ranks), ranks, inside
