"""What the edges of a model's bins tell about the records that it was trained on.

Histogram boosting keeps the edges of the bins that it sorted its training set into.
An edge is a value of the training column, or lies in the middle of two neighbors: in a
column of few distinct values between any two of them, otherwise at quantiles.
"""

import numpy as np

from skprivacy.inspection._split_points import Ranks, SplitPairs, node_values
from skprivacy.inspection._split_points import split_pairs as find_pairs
from skprivacy.inspection._split_ratio import LARGEST, node_log_ratio
from skprivacy.inspection._trees import TreeNodes
from skprivacy.inspection._walk import Passages

__all__ = ["edge_log_ratio", "holder_log_ratio"]


def edge_log_ratio(edges, values, share):
    """Log-likelihood ratio for each candidate, from all edges.

    Parameters
    ----------
    edges : tuple of ndarray
        Edges of each column, ascending.

    values : ndarray of shape (n_candidates, n_columns)
        Candidates among whom the training rows are.

    share : float
        Share of the candidates that the model was trained on.

    Returns
    -------
    log_ratio : ndarray of shape (n_candidates,)

    Examples
    --------
    The edge in the middle of 1 and 4: the candidate 2 lies between them.

    >>> ratio = edge_log_ratio(
    ...     (np.array([2.5]),), np.array([[1.0], [2.0], [4.0], [9.0]]), 0.5
    ... )
    >>> ratio.round().tolist()
    [15.0, -15.0, 15.0, 0.0]
    """
    total = np.zeros(len(values))
    # One column after the other: tables of all at once are many times the records.
    for j, of_column in enumerate(edges):
        if len(of_column):
            total += _of_column(of_column, values[:, [j]], share)
    return total


def _of_column(edges, values, share):
    """Log-likelihood ratio for each candidate, from the edges of one column."""
    nodes = _one_node_an_edge(edges)
    ranks = Ranks(values)
    table = node_values(nodes, values, _passages_by_edges(edges, values[:, 0]), ranks)
    pairs = find_pairs(nodes, table, ranks)
    itself = table.value == nodes.threshold[table.node]
    explained = np.zeros(len(edges), dtype=bool)
    explained[table.node[itself]] = True
    kept = ~explained[pairs.node]
    pairs = SplitPairs(*(part[kept] for part in pairs))
    inside = np.full(len(table.record), share)
    message = node_log_ratio(table, pairs, inside, len(edges))
    holders = np.bincount(table.group, minlength=len(table.node))
    held = np.where(itself, holder_log_ratio(holders, share), 0.0)
    return np.bincount(table.record, message + held[table.group], minlength=len(values))


def holder_log_ratio(n_holders, share):
    """Log-likelihood ratio of each holder of a value that was surely there.

    One of them was a training row; of the others as many as of anybody.

    Parameters
    ----------
    n_holders : ndarray of int
        Candidates that hold the value.

    share : float
        Share of the candidates that the model was trained on.

    Returns
    -------
    log_ratio : ndarray

    Examples
    --------
    Of two holders, one for sure and the other with 1/2: 3/4 each, odds of 3.

    >>> np.exp(holder_log_ratio(np.array([2]), 0.5)).round(3)
    array([3.])
    """
    chance = (1 + (n_holders - 1) * share) / np.maximum(n_holders, 1)
    chance = np.clip(chance, 1e-9, 1 - 1e-3)
    ratio = np.log(chance / (1 - chance)) - np.log(share / (1 - share))
    return np.clip(ratio, -LARGEST, LARGEST)


def _one_node_an_edge(edges):
    """Return the edges as nodes, so that pairs are found as for thresholds."""
    nothing = np.zeros(len(edges))
    return TreeNodes(
        feature=nothing.astype(int),
        threshold=edges,
        left=nothing.astype(int),
        right=nothing.astype(int),
        n_samples=nothing.astype(int),
        weight=nothing,
        value=nothing[:, None],
        missing_left=nothing.astype(bool),
    )


def _passages_by_edges(edges, value):
    """Each candidate at the two edges of its bin, as nothing else is between."""
    known = np.flatnonzero(~np.isnan(value))
    above = np.searchsorted(edges, value[known], side="left")
    there = [(edge >= 0) & (edge < len(edges)) for edge in (above - 1, above)]
    return Passages(
        np.concatenate([known[there[0]], known[there[1]]]),
        np.concatenate([(above - 1)[there[0]], above[there[1]]]),
    )
