"""Linear scores of classes, from points at which two of them are equal."""

import numpy as np
from scipy.optimize import linprog

__all__ = ["boundaries_from_points", "spanning_pairs", "weights_by_sides"]

#: Singular values below this share of the largest count as zero.
RANK = 1e-9


def spanning_pairs(points):
    """Pairs that connect all points, each the nearest to those before it.

    Parameters
    ----------
    points : ndarray of shape (n_points, n_coordinates)
        Points.

    Returns
    -------
    pairs : list of tuple of int
        One less than there are points.

    Examples
    --------
    >>> import numpy as np
    >>> spanning_pairs(np.array([[0.0], [5.0], [1.0]]))
    [(0, 2), (2, 1)]
    """
    inside, pairs = [0], []
    while len(inside) < len(points):
        outside = [k for k in range(len(points)) if k not in inside]
        apart = ((points[inside][:, None] - points[outside]) ** 2).sum(axis=2)
        first, second = np.unravel_index(int(apart.argmin()), apart.shape)
        pairs.append((inside[first], outside[second]))
        inside.append(outside[second])
    return pairs


def boundaries_from_points(terms, first, second, n_classes):
    """Scores of which the first and second class have the same at each point.

    Each point is an equation (theta_first - theta_second) t = 0. The scores that solve
    all of them are the singular vectors of the singular values that are zero, next to
    those that add the same to all classes.

    Parameters
    ----------
    terms : ndarray of shape (n_points, n_terms)
        Terms of the points: 1 and the coordinates.

    first, second : ndarray of int of shape (n_points,)
        Classes between which the label changes.

    n_classes : int
        Number of classes.

    Returns
    -------
    theta : ndarray of shape (n_solutions, n_classes, n_terms)
        Coefficients, which sum to zero over the classes, of length 1; best first, at
        least one. Signs are open.

    Examples
    --------
    >>> import numpy as np
    >>> terms = np.array([[1.0, 2.0]])
    >>> theta = boundaries_from_points(terms, np.array([0]), np.array([1]), 2)[0]
    >>> bool(abs((theta[1] - theta[0]) @ [1.0, 2.0]) < 1e-12)
    True
    """
    n_points, n_terms = terms.shape
    terms = terms / np.linalg.norm(terms, axis=1, keepdims=True)
    rows = np.zeros((n_points, n_classes, n_terms))
    at = np.arange(n_points)
    rows[at, first] = terms
    rows[at, second] = -terms
    # Scores sum to zero: without it they may all grow alike.
    gauge = np.tile(np.eye(n_terms)[:, None], (1, n_classes, 1))
    rows = np.concatenate([rows, gauge]).reshape(-1, n_classes * n_terms)
    # Only the right vectors are wanted, which the triangle has too.
    if len(rows) > rows.shape[1]:
        rows = np.linalg.qr(rows, mode="r")
    sizes = np.zeros(rows.shape[1])
    _, found, vectors = np.linalg.svd(rows)
    sizes[: len(found)] = found
    n_solutions = max(int((sizes < RANK * sizes[0]).sum()), 1)
    return vectors[::-1][:n_solutions].reshape(n_solutions, n_classes, n_terms)


def weights_by_sides(solutions, terms, codes):
    """Weigh solutions so that points lie on the side of their class, and far inside.

    Parameters
    ----------
    solutions : ndarray of shape (n_solutions, n_classes, n_terms)
        Coefficients.

    terms : ndarray of shape (n_points, n_terms)
        Terms of the points.

    codes : ndarray of int of shape (n_points,)
        Their classes.

    Returns
    -------
    weights : ndarray of shape (n_solutions,)
        Between -1 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> solutions = np.array([[[1.0], [-1.0]], [[0.0], [0.0]]])
    >>> weights_by_sides(solutions, np.array([[1.0]]), np.array([1]))
    array([-1.,  ...])
    """
    scores = np.einsum("skt,nt->nks", solutions, terms)
    own = scores[np.arange(len(codes)), codes]
    lead = (own[:, None] - scores).reshape(-1, len(solutions))
    # Beside the point's own class; the last unknown is the least lead.
    others = (np.arange(scores.shape[1]) != codes[:, None]).ravel()
    lead = np.hstack([-lead[others], np.ones((others.sum(), 1))])
    best = linprog(
        np.r_[np.zeros(len(solutions)), -1.0],
        A_ub=lead,
        b_ub=np.zeros(len(lead)),
        bounds=[(-1, 1)] * len(solutions) + [(None, None)],
    )
    return best.x[:-1]
