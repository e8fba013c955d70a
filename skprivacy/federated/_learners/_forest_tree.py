"""Trees of a forest, that grow from histograms of weighted records, level by level.

A cell of a histogram holds the number of records and either the weight of each class,
or the weight, and the weighted sums of the target and of its square. The rules are
those of scikit-learn's trees, with bins in place of all values.
"""

import numpy as np
from scipy.special import xlogy
from sklearn.tree._tree import Tree

__all__ = [
    "as_sklearn_tree",
    "best_cut",
    "impurity",
    "nodes_of_rows",
    "root",
    "weight_of",
]

#: Below, a node is pure: as in scikit-learn.
EPSILON = np.finfo(float).eps
#: Gains that differ by less of their size are equal: the first cut is taken.
TIE = 1e-8
#: Roundings of a sum that a gain may be off by.
NOISE_GAIN = 64
#: Marks of a leaf in scikit-learn's trees.
NO_CHILD, NO_FEATURE = -1, -2


def root() -> dict:
    """Return a tree of a root of which nothing is known, as lists of its nodes."""
    return {
        "left": [NO_CHILD],
        "right": [NO_CHILD],
        "feature": [NO_FEATURE],
        "bin": [0],
        "depth": [0],
        "stats": [None],
    }


def weight_of(stats, criterion):
    """Return the weight of records: of all classes, or the first of the numbers.

    Parameters
    ----------
    stats : ndarray of shape (..., n_channels)
        Number of records; weight of each class, or weight, sum and sum of squares.

    criterion : {"gini", "entropy", "log_loss", "squared_error"}
        What channels are depends on it.

    Returns
    -------
    weight : ndarray of shape (...)
    """
    if criterion == "squared_error":
        return stats[..., 1]
    return stats[..., 1:].sum(axis=-1)


def impurity(stats, criterion):
    r"""Return how mixed nodes are.

    With the shares p of the classes, :math:`1 - \sum p^2` or
    :math:`-\sum p \log_2 p`; of numbers their variance.

    Parameters
    ----------
    stats, criterion
        As in `weight_of`.

    Returns
    -------
    impurity : ndarray of shape (...)
        0 where there are no records.

    Examples
    --------
    >>> float(impurity(np.array([4.0, 1.0, 3.0]), "gini"))
    0.375
    >>> float(impurity(np.array([2.0, 2.0, 4.0, 10.0]), "squared_error"))
    1.0
    """
    weight = np.maximum(weight_of(stats, criterion), EPSILON)
    if criterion == "squared_error":
        means = stats[..., 2] / weight
        found = np.maximum(stats[..., 3] / weight - means**2, 0.0)
    else:
        shares = stats[..., 1:] / weight[..., None]
        if criterion == "gini":
            found = np.maximum(1 - (shares**2).sum(axis=-1), 0.0)
            found = np.where(weight > EPSILON, found, 0.0)
        else:
            found = -(xlogy(shares, shares)).sum(axis=-1) / np.log(2)
            found = np.maximum(found, 0.0)
    return found[()]


def best_cut(histogram, sizes, criterion, *, min_samples_leaf, error=0.0, draws=None):
    """Find the cut of a node that leaves its children purest.

    Parameters
    ----------
    histogram : ndarray of shape (n_features, n_bins, n_channels)
        Of the features that are looked at.

    sizes : ndarray of int of shape (n_features,)
        Bins of each; there are none beyond.

    criterion : {"gini", "entropy", "log_loss", "squared_error"}
        What is pure.

    min_samples_leaf : int
        Fewest records of a child.

    error : float, default=0.0
        Rounding of a sum: gains that differ by it are equal.

    draws : ndarray of shape (n_features,) or None, default=None
        Numbers from 0 to 1: of each feature the one cut that is so far between the
        first and the last that leave both children records. None: all cuts.

    Returns
    -------
    cut : tuple or None
        Position of the feature, bin (records up to it go left), and what both
        children hold. None where no cut is allowed.

    Examples
    --------
    >>> records = np.array([[[2.0, 2.0, 0.0], [0.0, 0.0, 0.0], [2.0, 0.0, 2.0]]])
    >>> best_cut(records, [3], "gini", min_samples_leaf=1)
    (0, 0, array([2., 2., 0.]), array([2., 0., 2.]))
    """
    left = histogram.cumsum(axis=1)[:, :-1]
    total = histogram.sum(axis=1, keepdims=True)
    right = total - left
    counts = np.rint(left[..., 0]), np.rint(right[..., 0])
    cuts = np.arange(left.shape[1])
    is_allowed = cuts < np.asarray(sizes)[:, None] - 1
    for side in counts:
        is_allowed = is_allowed & (side >= max(min_samples_leaf, 1))
    if draws is not None:
        is_allowed = _one_of(is_allowed, draws)
    if not is_allowed.any():
        return None
    gains = np.full(is_allowed.shape, -np.inf)
    sides = left[is_allowed], right[is_allowed]
    gains[is_allowed] = sum(_purity(side, criterion) for side in sides)
    most = gains.max()
    near = gains >= most - TIE * abs(most) - NOISE_GAIN * error
    feature, cut = (int(one) for one in np.argwhere(near)[0])
    if draws is None:
        # Bins that the node has no records in: the middle of them.
        same = np.flatnonzero(
            is_allowed[feature] & (counts[0][feature] == counts[0][feature, cut])
        )
        cut = int(same[(len(same) - 1) // 2])
    return feature, cut, left[feature, cut], right[feature, cut]


def _one_of(is_allowed, draws):
    """Keep one cut of each feature."""
    chosen = np.zeros_like(is_allowed)
    for feature, draw in enumerate(draws):
        ends = np.flatnonzero(is_allowed[feature])
        if len(ends):
            span = ends[-1] - ends[0] + 1
            cut = ends[0] + min(int(draw * span), span - 1)
            chosen[feature, cut] = is_allowed[feature, cut]
    return chosen


def _purity(stats, criterion):
    """Return what is largest where the weighted impurity of the children is least."""
    weight = np.maximum(weight_of(stats, criterion), EPSILON)
    if criterion == "squared_error":
        return stats[..., 2] ** 2 / weight
    classes = stats[..., 1:]
    if criterion == "gini":
        return (classes**2).sum(axis=-1) / weight
    return xlogy(classes, classes / weight[..., None]).sum(axis=-1)


def nodes_of_rows(tree, binned):
    """Return the deepest node that each record is in.

    Parameters
    ----------
    tree : dict of list
        Nodes.

    binned : ndarray of int of shape (n_records, n_features)
        Bins.

    Returns
    -------
    nodes : ndarray of int of shape (n_records,)
    """
    left, right = np.array(tree["left"]), np.array(tree["right"])
    feature, cut = np.array(tree["feature"]), np.array(tree["bin"])
    nodes = np.zeros(len(binned), dtype=int)
    rows = np.arange(len(binned))
    while True:
        rows = rows[left[nodes[rows]] != NO_CHILD]
        if not len(rows):
            return nodes
        here = nodes[rows]
        goes_left = binned[rows, feature[here]] <= cut[here]
        nodes[rows] = np.where(goes_left, left[here], right[here])


def as_sklearn_tree(tree, like, thresholds, criterion, scale=1.0, shift=0.0):
    """Return a grown tree as scikit-learn stores it.

    Parameters
    ----------
    tree : dict of list
        Nodes.

    like : Tree
        A fitted one, of the same columns and classes.

    thresholds : list of ndarray
        Upper ends of the bins of each feature but the last.

    criterion : {"gini", "entropy", "log_loss", "squared_error"}
        Of its impurities.

    scale, shift : float
        Of the target, where it is a number.

    Returns
    -------
    tree : Tree
    """
    stats = np.array(tree["stats"])
    weight = weight_of(stats, criterion)
    state = like.__getstate__()
    nodes = np.zeros(len(stats), dtype=state["nodes"].dtype)
    nodes["left_child"], nodes["right_child"] = tree["left"], tree["right"]
    nodes["feature"] = tree["feature"]
    nodes["threshold"] = [
        NO_FEATURE if feature == NO_FEATURE else thresholds[feature][cut]
        for feature, cut in zip(tree["feature"], tree["bin"], strict=True)
    ]
    nodes["impurity"] = impurity(stats, criterion)
    nodes["n_node_samples"] = np.rint(stats[:, 0])
    nodes["weighted_n_node_samples"] = weight
    if criterion == "squared_error":
        values = stats[:, 2:3] / weight[:, None] * scale + shift
        nodes["impurity"] *= scale**2
    else:
        values = stats[:, 1:] / weight[:, None]
    state |= {
        "max_depth": max(tree["depth"]),
        "node_count": len(nodes),
        "nodes": nodes,
        "values": np.ascontiguousarray(values[:, None, :]),
    }
    made = Tree(*like.__reduce__()[1])
    made.__setstate__(state)
    return made
