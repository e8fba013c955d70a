"""Trees that split at random: they know of no record."""

import numpy as np

__all__ = ["apply_trees", "draw_trees", "leaf_sums", "share_of_columns"]


def draw_trees(edges, n_trees, depth, noise):
    """Draw complete binary trees.

    Parameters
    ----------
    edges : list of ndarray
        Where each column may be split: numbers in order, at least one.

    n_trees : int
        Trees.

    depth : int
        Splits on the way to a leaf.

    noise : NoiseSource
        Where chance comes from.

    Returns
    -------
    feature : ndarray of int of shape (n_trees, 2**depth - 1)
        Column of each node; the two below node ``i`` are ``2 i + 1`` and ``2 i + 2``.

    threshold : ndarray of shape (n_trees, 2**depth - 1)
        What is less goes left. Infinite, where no column can be split any more.
    """
    d = len(edges)
    n_edges = np.array([len(one) for one in edges])
    values = np.full((d, n_edges.max()), np.inf)
    for row, one in zip(values, edges, strict=True):
        row[: len(one)] = one
    # Edges that are still inside a node: from first to before last.
    first = np.zeros((n_trees, 1, d), dtype=np.int32)
    last = np.broadcast_to(n_edges.astype(np.int32), (n_trees, 1, d)).copy()
    features, thresholds = [], []
    for level in range(depth):
        shape = n_trees, 2**level
        can = last > first
        column = (noise.uniform((*shape, d)) + can).argmax(axis=2)
        at = np.arange(n_trees)[:, None], np.arange(2**level), column
        low, high = first[at], last[at]
        edge = low + (noise.uniform(shape) * (high - low)).astype(np.int32)
        splits = high > low
        cut = np.where(splits, values[column, np.where(splits, edge, 0)], np.inf)
        features.append(column)
        thresholds.append(cut)
        first, last = np.repeat(first, 2, axis=1), np.repeat(last, 2, axis=1)
        last[at[0], 2 * at[1], column] = edge
        first[at[0], 2 * at[1] + 1, column] = np.minimum(edge + 1, high)
    return np.concatenate(features, axis=1), np.concatenate(thresholds, axis=1)


def apply_trees(X, feature, threshold) -> np.ndarray:
    """Find the leaf of each record in each tree.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Records.

    feature, threshold : ndarray of shape (n_trees, n_nodes)
        Trees, as of :func:`draw_trees`.

    Returns
    -------
    leaves : ndarray of int of shape (n_records, n_trees)
        From the left.

    Examples
    --------
    >>> X = np.array([[0.0, 5.0], [0.0, 6.0], [1.0, 0.0]])
    >>> apply_trees(X, np.array([[0, 1, 1]]), np.array([[1.0, 6.0, np.inf]])).tolist()
    [[0], [1], [2]]
    """
    n_trees, n_nodes = feature.shape
    leaves = np.empty((len(X), n_trees), dtype=np.int32)
    rows = np.arange(len(X))
    for tree in range(n_trees):
        node = np.zeros(len(X), dtype=np.intp)
        while node.size and node[0] < n_nodes:
            right = X[rows, feature[tree, node]] >= threshold[tree, node]
            node = 2 * node + 1 + right
        leaves[:, tree] = node - n_nodes
    return leaves


def leaf_sums(leaves, values, n_leaves) -> np.ndarray:
    """Sum up what records hold, in each leaf.

    Parameters
    ----------
    leaves : ndarray of int of shape (n_records, n_trees)
        Leaves.

    values : ndarray of shape (n_records, n_values)
        What is summed up.

    n_leaves : int
        Leaves of a tree.

    Returns
    -------
    sums : ndarray of shape (n_trees, n_leaves, n_values)

    Examples
    --------
    >>> leaf_sums(np.array([[0], [1], [1]]), np.array([[1.0], [2.0], [3.0]]), 2).ravel()
    array([1., 5.])
    """
    sums = np.empty((leaves.shape[1], n_leaves, values.shape[1]))
    for tree, own in enumerate(leaves.T):
        for place, column in enumerate(values.T):
            sums[tree, :, place] = np.bincount(own, column, minlength=n_leaves)
    return sums


def share_of_columns(n_features, depth) -> float:
    """Return the share of the columns that a random path asks for, by expectation.

    Examples
    --------
    >>> share_of_columns(1, 3), share_of_columns(4, 1)
    (1.0, 0.25)
    """
    return float(1 - (1 - 1 / n_features) ** depth)
