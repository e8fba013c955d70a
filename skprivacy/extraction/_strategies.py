"""Which points are worth an answer."""

import numpy as np

__all__ = ["STRATEGIES", "committee_spread", "k_center", "margin", "uncertainty"]

#: What is drawn, and never chosen.
DRAWN = ("records", "uniform", "marginal", "mixup")
#: What looks at the answers so far.
ACTIVE = (
    "uncertainty",
    "committee",
    "kcenter",
    "boundary",
    "bandit",
    "jacobian",
    "adaptive",
)
STRATEGIES = (*DRAWN, *ACTIVE)


def uncertainty(proba):
    """Variance of a label drawn by probabilities: 1 minus the sum of their squares.

    Parameters
    ----------
    proba : ndarray of shape (n_points, n_classes)
        Probabilities.

    Returns
    -------
    uncertainty : ndarray of shape (n_points,)

    Examples
    --------
    >>> uncertainty(np.array([[0.5, 0.5], [1.0, 0.0]]))
    array([0.5, 0. ])
    """
    return 1 - (proba**2).sum(axis=1)


def committee_spread(told):
    """How far models of a committee are apart.

    Parameters
    ----------
    told : ndarray of shape (n_models, n_points, n_columns)
        Answers of each.

    Returns
    -------
    spread : ndarray of shape (n_points,)
        Root of the summed variances of the columns.
    """
    return np.sqrt(told.var(axis=0).sum(axis=1))


def margin(answers):
    """Distance between the largest and the second largest answer."""
    if answers.shape[1] == 1:
        return np.zeros(len(answers))
    last = np.partition(answers, -2, axis=1)
    return last[:, -1] - last[:, -2]


def k_center(points, asked, n_chosen):
    """Choose points one after the other, each the farthest from all before.

    Parameters
    ----------
    points : ndarray of shape (n_points, n_coordinates)
        Candidates.

    asked : ndarray of shape (n_asked, n_coordinates)
        Points that count as chosen already.

    n_chosen : int
        How many.

    Returns
    -------
    chosen : ndarray of int of shape (n_chosen,)

    Examples
    --------
    >>> points = np.array([[0.0], [1.0], [4.0], [9.0]])
    >>> k_center(points, points[:1], 2)
    array([3, 2])
    """
    size = (points**2).sum(axis=1)
    nearest = np.full(len(points), np.inf)
    for start in range(0, len(asked), 500):
        part = asked[start : start + 500]
        square = size[:, None] - 2 * points @ part.T + (part**2).sum(axis=1)
        nearest = np.minimum(nearest, square.min(axis=1))
    chosen = []
    for _ in range(min(n_chosen, len(points))):
        best = int(nearest.argmax())
        chosen.append(best)
        square = ((points - points[best]) ** 2).sum(axis=1)
        nearest = np.minimum(nearest, square)
        nearest[best] = -np.inf
    return np.array(chosen, dtype=int)


def draw_by_weight(weights, n_drawn, rng):
    """Draw points without putting back, likelier where weights are larger."""
    weights = weights + 1e-12
    n_drawn = min(n_drawn, len(weights))
    # Largest keys of Gumbel noise are such a draw.
    keys = np.log(weights) + rng.gumbel(size=len(weights))
    return np.argsort(-keys, kind="stable")[:n_drawn]
