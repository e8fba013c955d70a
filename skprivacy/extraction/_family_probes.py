"""Cheap looks at a model, from points that are known already."""

import numpy as np

__all__ = ["change_on_the_way", "hybrids", "is_same", "nudge"]

#: Sums over trees that run side by side differ in their last digits.
SAME = 1e-12


def is_same(first, second):
    """Whether answers are the same but for their last digits, row by row.

    Parameters
    ----------
    first, second : ndarray of shape (..., n_columns)
        Answers.

    Returns
    -------
    same : ndarray of bool of shape (...)

    Examples
    --------
    >>> import numpy as np
    >>> is_same(np.array([[0.1 + 0.2], [0.4]]), np.array([[0.3], [0.5]]))
    array([ True, False])
    """
    size = 1 + np.abs(first) + np.abs(second)
    return (np.abs(first - second) <= SAME * size).all(axis=-1)


def hybrids(base, other, order, n_parts):
    """Points that take more and more features of another point.

    Parameters
    ----------
    base, other : ndarray of shape (n_features,)
        Two points.

    order : ndarray of int of shape (n_moved,)
        Features in the order in which they are taken.

    n_parts : int
        Points in between, at most.

    Returns
    -------
    points : ndarray of shape (n_points, n_features)
        From ``base`` to ``other`` in ``order``, both included.

    sizes : ndarray of int of shape (n_points,)
        How many features each has of ``other``.

    Examples
    --------
    >>> import numpy as np
    >>> points, sizes = hybrids(np.zeros(3), np.ones(3), np.array([2, 0, 1]), 2)
    >>> points, sizes
    (array([[0., 0., 0.],
           [0., 0., 1.],
           [1., 0., 1.],
           [1., 1., 1.]]), array([0, 1, 2, 3]))
    """
    n_parts = min(n_parts + 1, len(order))
    sizes = np.unique(np.linspace(0, len(order), n_parts + 1).round().astype(int))
    rank = np.full(len(base), len(order))
    rank[order] = np.arange(len(order))
    points = np.where(rank[None] < sizes[:, None], other, base)
    return points, sizes


def change_on_the_way(ask, base, other, order, base_answer):
    """Find one feature that changes the answer, near the start of a way.

    Parameters
    ----------
    ask : callable
        Answers to points.

    base, other : ndarray of shape (n_features,)
        Points with different answers.

    order : ndarray of int of shape (n_moved,)
        Features in the order in which they change.

    base_answer : ndarray of shape (n_columns,)
        Answer at ``base``.

    Returns
    -------
    feature : int
        The feature.

    low : ndarray of shape (n_features,)
        Point that answers as ``base``, and does not once ``feature`` is as in
        ``other``.

    answer : ndarray of shape (n_columns,) or None
        Answer with the feature changed; None if that is ``other`` itself.
    """
    few, many, answer = 0, len(order), None
    while many - few > 1:
        middle = (few + many) // 2
        point = base.copy()
        point[order[:middle]] = other[order[:middle]]
        told = ask(point[None])[0]
        if is_same(told, base_answer):
            few = middle
        else:
            many, answer = middle, told
    low = base.copy()
    low[order[:few]] = other[order[:few]]
    return int(order[few]), low, answer


def nudge(points, space, share, rng, kept=()):
    """Move all features that are not whole numbers by a little.

    Parameters
    ----------
    points : ndarray of shape (n_points, n_features)
        Points.

    space : QuerySpace
        What may be asked.

    share : float
        How far, as a share of the range of each feature.

    rng : RandomState
        Which way.

    kept : sequence of int, default=()
        Features that stay.

    Returns
    -------
    moved : ndarray of shape (n_points, n_features)
    """
    width = np.where(space.integer, 0.0, share * (space.upper - space.lower))
    width[list(kept)] = 0
    # By different amounts, so that what is told by a difference moves too.
    moves = (
        width * rng.uniform(0.5, 1, points.shape) * rng.choice([-1, 1], points.shape)
    )
    outside = (points + moves > space.upper) | (points + moves < space.lower)
    return points + np.where(outside, -moves, moves)
