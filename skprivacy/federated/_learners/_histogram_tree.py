"""Trees that grow from histograms of gradients, the best leaf first.

The rules are those of scikit-learn's histogram gradient boosting. A tree is a list of
nodes, dicts of plain numbers, so that it can be sent. Which leaf is split next depends
on histograms of leaves that were not split yet, so a round asks for all histograms that
may be needed: a tree takes about as many rounds as it is deep, and not one a split.
"""

from heapq import heappop, heappush

import numpy as np
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE

__all__ = [
    "best_split",
    "grow",
    "leaf_values",
    "new_tree",
    "nodes_of_rows",
    "predictor_nodes",
]

#: As in scikit-learn.
LEAST_HESSIAN = 1e-3
EPSILON = 1e-15
#: Gains that differ by less of their size are equal: the first split is taken.
TIE = 1e-8
#: Roundings of a sum that a gain may be off by.
NOISE_GAIN = 64


def new_tree() -> list:
    """Return a tree of a root whose histogram is not known."""
    return [{"depth": 0, "value": 0.0, "split": "unknown"}]


def best_split(histogram, value, *, l2, min_samples_leaf, error=0.0):
    """Find the split of a node that gains most.

    Parameters
    ----------
    histogram : ndarray of shape (n_features, n_bins, 3)
        Records, sum of gradients and sum of Hessians in each bin.

    value : float
        The node's own, before the learning rate.

    l2 : float
        Added to Hessians.

    min_samples_leaf : int
        Fewest records of a child.

    error : float, default=0.0
        Rounding of a sum: gains that differ by it are equal.

    Returns
    -------
    split : dict or None
        Feature, bin (records up to it go left), gain, and both children's numbers;
        None where nothing is gained.

    Examples
    --------
    >>> records = np.array([[[2.0, -4.0, 2.0], [2.0, 4.0, 2.0]]])
    >>> split = best_split(records, 0.0, l2=0.0, min_samples_leaf=1)
    >>> split["feature"], split["bin"], split["gain"], round(split["left"]["value"], 9)
    (0, 0, 16.0, 2.0)
    """
    left = histogram.cumsum(axis=1)[:, :-1]
    total = histogram.sum(axis=1, keepdims=True)
    right = total - left
    is_allowed = np.ones(left.shape[:2], dtype=bool)
    losses = 0.0
    for side in (left, right):
        counts = np.rint(side[..., 0])
        is_allowed &= (counts >= min_samples_leaf) & (side[..., 2] >= LEAST_HESSIAN)
        losses = losses - side[..., 1] ** 2 / np.maximum(side[..., 2] + l2, EPSILON)
    gains = np.where(is_allowed, total[..., 1] * value - losses, -np.inf)
    most = gains.max(initial=-np.inf)
    if not most > NOISE_GAIN * error:
        return None
    near = gains >= most - TIE * abs(most) - NOISE_GAIN * error
    feature, cut = (int(one) for one in np.argwhere(near)[0])
    sides = {}
    for name, side in (("left", left), ("right", right)):
        count, gradient, hessian = side[feature, cut].tolist()
        sides[name] = {
            "count": round(count),
            "hessian": hessian,
            "value": -gradient / (hessian + l2 + EPSILON),
        }
    gain = float(gains[feature, cut])
    return {"feature": feature, "bin": cut, "gain": gain, **sides}


def grow(tree, histograms, *, l2, min_samples_leaf, max_leaves, max_depth, error):
    """Split nodes whose histograms came in, and say which are needed next.

    Parameters
    ----------
    tree : list of dict
        Nodes; changed in place.

    histograms : dict of {int: ndarray of shape (n_features, n_bins, 3)}
        Of nodes.

    l2, min_samples_leaf, error
        As in `best_split`.

    max_leaves, max_depth : int or None
        Limits of the tree.

    Returns
    -------
    needed : list of int
        Nodes whose histograms decide what comes next. Empty where the tree is grown:
        nodes that are split are marked then.
    """
    for position, histogram in histograms.items():
        node = tree[position]
        if position == 0:
            node["count"] = round(histogram[0, :, 0].sum())
        node["split"] = best_split(
            histogram,
            node["value"],
            l2=l2,
            min_samples_leaf=min_samples_leaf,
            error=error,
        )
        if node["split"] is not None:
            for side in ("left", "right"):
                child = node["split"].pop(side)
                node[side] = len(tree)
                depth = node["depth"] + 1
                can_split = (
                    child["count"] >= 2 * min_samples_leaf
                    and child.pop("hessian") >= LEAST_HESSIAN
                    and (max_depth is None or depth < max_depth)
                )
                split = "unknown" if can_split else None
                tree.append({**child, "depth": depth, "split": split})
    needed, heap, n_leaves = [], [], 1

    def push(position):
        split = tree[position]["split"]
        if split == "unknown":
            needed.append(position)
        elif split is not None:
            heappush(heap, (-split["gain"], position))

    push(0)
    for node in tree:
        node["is_split"] = False
    while heap and (max_leaves is None or n_leaves < max_leaves):
        node = tree[heappop(heap)[1]]
        node["is_split"] = True
        n_leaves += 1
        # Of the last two leaves none is split.
        if max_leaves is None or n_leaves < max_leaves:
            push(node["left"])
            push(node["right"])
    return needed


def nodes_of_rows(tree, binned):
    """Return the deepest node that each record is in.

    Parameters
    ----------
    tree : list of dict
        Nodes; children come after their parents.

    binned : ndarray of int of shape (n_records, n_features)
        Bins.

    Returns
    -------
    nodes : ndarray of int of shape (n_records,)
    """
    nodes = np.zeros(len(binned), dtype=int)
    for position, node in enumerate(tree):
        if "left" not in node:
            continue
        rows = np.flatnonzero(nodes == position)
        goes_left = binned[rows, node["split"]["feature"]] <= node["split"]["bin"]
        nodes[rows] = np.where(goes_left, node["left"], node["right"])
    return nodes


def predictor_nodes(tree, thresholds, shrinkage):
    """Return a grown tree as scikit-learn stores it.

    Parameters
    ----------
    tree : list of dict
        Nodes of `grow`.

    thresholds : list of ndarray
        Upper ends of the bins of each feature but the last.

    shrinkage : float
        Leaves are multiplied by it.

    Returns
    -------
    nodes : structured ndarray
    """
    rows = []

    def fill(position):
        node, row = tree[position], np.zeros((), dtype=PREDICTOR_RECORD_DTYPE)
        rows.append(row)
        row["count"], row["depth"] = node["count"], node["depth"]
        row["value"], row["gain"] = node["value"], -1.0
        if not node["is_split"]:
            row["is_leaf"] = True
            row["value"] *= shrinkage
            return
        split = node["split"]
        row["feature_idx"], row["bin_threshold"] = split["feature"], split["bin"]
        row["num_threshold"] = thresholds[split["feature"]][split["bin"]]
        row["gain"] = split["gain"]
        left, right = tree[node["left"]], tree[node["right"]]
        # Nobody had missing values; they go where more records went.
        row["missing_go_to_left"] = left["count"] > right["count"]
        row["left"] = len(rows)
        fill(node["left"])
        row["right"] = len(rows)
        fill(node["right"])

    fill(0)
    return np.array(rows, dtype=PREDICTOR_RECORD_DTYPE)


def leaf_values(nodes, X):
    """Return the value of the leaf that each record is in.

    Parameters
    ----------
    nodes : structured ndarray
        Of `predictor_nodes`.

    X : ndarray of shape (n_records, n_features)
        Records.

    Returns
    -------
    values : ndarray of shape (n_records,)
    """
    at = np.zeros(len(X), dtype=int)
    inner = np.flatnonzero(nodes["is_leaf"][at] == 0)
    while len(inner):
        here = nodes[at[inner]]
        goes_left = X[inner, here["feature_idx"]] <= here["num_threshold"]
        at[inner] = np.where(goes_left, here["left"], here["right"])
        inner = inner[nodes["is_leaf"][at[inner]] == 0]
    return nodes["value"][at]
