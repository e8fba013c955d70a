"""Points of different labels, and where on the way between them labels change."""

import numpy as np

__all__ = ["bisect_labels", "find_labels"]

#: Records that are asked at first.
N_FIRST = 16
#: Points after which a class that was not seen is taken to have no place.
N_LAST = 400


def find_labels(oracle, space, rng):
    """Ask records, then points of the box, until all classes were seen.

    Parameters
    ----------
    oracle : Oracle
        The target.

    space : QuerySpace
        What may be asked.

    rng : RandomState
        Which are asked first.

    Returns
    -------
    points : ndarray of shape (n_points, n_features)
        What was asked.

    labels : ndarray of int of shape (n_points,)
        Positions of their labels among the target's classes.
    """
    n_classes = len(oracle.box.classes_)
    order = rng.permutation(len(space.records))[:N_LAST]
    pool = np.vstack([space.records[order], space.uniform(N_LAST, rng)])
    points, labels = pool[:0], np.empty(0, dtype=int)
    n_new = N_FIRST
    while len(points) < len(pool) and len(np.unique(labels)) < n_classes:
        new = pool[len(points) : len(points) + int(min(n_new, oracle.left))]
        if not len(new):
            break
        labels = np.append(labels, oracle.ask(new).argmax(axis=1))
        points = pool[: len(labels)]
        n_new = len(points)
    return points, labels


def bisect_labels(ask, low, high, low_label, high_label, n_steps):
    """Where labels change on the ways between points, all at once.

    Parameters
    ----------
    ask : callable
        Labels of points, shape (n_ways, n_features).

    low, high : ndarray of shape (n_ways, n_features)
        Ends of each way.

    low_label, high_label : ndarray of int of shape (n_ways,)
        Their labels, which differ.

    n_steps : int
        How often each way is halved, at most.

    Returns
    -------
    points : ndarray of shape (n_ways, n_features)
        Where labels change; there may be other changes on the way.

    first, second : ndarray of int of shape (n_ways,)
        Labels on both sides.

    Examples
    --------
    >>> import numpy as np
    >>> ask = lambda points: (points[:, 0] > 0.3).astype(int)
    >>> ends = np.array([[0.0]]), np.array([[1.0]]), np.array([0]), np.array([1])
    >>> bisect_labels(ask, *ends, 40)[0].round(6)
    array([[0.3]])
    """
    share = np.stack([np.zeros(len(low)), np.ones(len(low))])
    label = np.stack([low_label, high_label]).copy()
    way = high - low
    for _ in range(n_steps):
        middle = share.mean(axis=0)
        rows = np.flatnonzero(share[1] - share[0] > 1e-15)
        if not len(rows):
            break
        found = ask(low[rows] + middle[rows, None] * way[rows])
        side = (found != label[0, rows]).astype(int)
        share[side, rows], label[side, rows] = middle[rows], found
    return low + share.mean(axis=0)[:, None] * way, label[0], label[1]
