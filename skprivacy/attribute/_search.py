"""Where a function of several numbers is largest, for many records at once."""

import numpy as np

__all__ = ["best_beyond_noise", "coordinate_search", "gradient_ascent"]

#: A step that gains less than this is none.
LEAST_GAIN = 1e-9
#: Steps between two neighbors of a grid, and how often they are refined.
N_BETWEEN, N_REFINED = 4, 2


def gradient_ascent(function, start, metric, low, high, n_steps=200):
    """Climb from a start, each record with steps of its own length.

    Parameters
    ----------
    function : callable
        ``function(points, rows)`` gives the values, shape (n_rows,), and gradients,
        shape (n_rows, n_columns), of points of the records ``rows``.

    start : ndarray of shape (n_records, n_columns)
        Points within the bounds.

    metric : ndarray of shape (n_columns, n_columns)
        Covariance by which gradients are turned into directions.

    low, high : ndarray of shape (n_columns,)
        Bounds.

    n_steps : int, default=200
        Most steps.

    Returns
    -------
    points : ndarray of shape (n_records, n_columns)
        Never lower than the start.

    Examples
    --------
    >>> def hill(points, rows):
    ...     return -((points - 2) ** 2).sum(axis=1), -2 * (points - 2)
    >>> bounds = np.array([-9.0, -9.0]), np.array([9.0, 1.0])
    >>> gradient_ascent(hill, np.zeros((1, 2)), np.eye(2), *bounds).round(3)
    array([[2., 1.]])
    """
    points = np.clip(start, low, high)
    rows = np.arange(len(points))
    value, gradient = function(points, rows)
    # At first no farther than a standard deviation, however steep it is.
    slope = np.sqrt(np.maximum(((gradient @ metric) * gradient).sum(axis=1), 0))
    step = 1 / np.maximum(slope, 1)
    least = 1e-8 * step
    for _ in range(n_steps):
        here, uphill = points[rows], gradient[rows]
        # At a bound a coordinate goes back alone; the others are not held up by it.
        free = ~((here <= low) & (uphill < 0) | (here >= high) & (uphill > 0))
        direction = ((uphill * free) @ metric) * free
        there = np.clip(here + step[rows, None] * direction, low, high)
        new_value, new_gradient = function(there, rows)
        gain = new_value - value[rows]
        better = gain > 0
        moved = rows[better]
        points[moved], value[moved] = there[better], new_value[better]
        gradient[moved] = new_gradient[better]
        step[rows] *= np.where(better, 2.0, 0.25)
        still = (step[rows] > least[rows]) & ~(better & (gain < LEAST_GAIN))
        rows = rows[still]
        if not len(rows):
            break
    return points


def coordinate_search(function, center, basis, grids, low, high, n_sweeps=3):
    """Look along one direction after the other, first on a grid, then between.

    Parameters
    ----------
    function : callable
        ``function(points, rows)`` gives the values, shape (n_tries, n_rows), of points
        of shape (n_tries, n_rows, n_columns) of the records ``rows``.

    center : ndarray of shape (n_records, n_columns)
        Where the search begins.

    basis : ndarray of shape (n_columns, n_directions)
        Directions.

    grids : list of ndarray
        For each direction its steps from the center, ascending.

    low, high : ndarray of shape (n_columns,)
        Bounds, to which points are pulled back.

    n_sweeps : int, default=3
        Most rounds over all directions.

    Returns
    -------
    points : ndarray of shape (n_records, n_columns)
        Never lower than the center. Of steps that are equally good the middle one.

    Examples
    --------
    >>> def hill(points, rows):
    ...     return -((points - 2) ** 2).sum(axis=-1)
    >>> grids = [np.arange(-4.0, 5.0)] * 2
    >>> bounds = np.array([-9.0, -9.0]), np.array([9.0, 1.0])
    >>> coordinate_search(hill, np.zeros((1, 2)), np.eye(2), grids, *bounds)
    array([[2., 1.]])
    """
    at = np.zeros((len(center), basis.shape[1]))
    rows = np.arange(len(center))

    def points_of(steps, rows):
        return np.clip(center[rows] + steps @ basis.T, low, high)

    value = function(points_of(at, rows)[None], rows)[0]
    for _ in range(n_sweeps):
        before = value.copy()
        for j, grid in enumerate(grids):
            tried = np.repeat(grid[:, None], len(rows), axis=1)
            width = _widths(grid)
            for refined in range(N_REFINED + 1):
                steps = np.repeat(at[rows][None], len(tried), axis=0)
                steps[:, :, j] = tried
                values = function(points_of(steps, rows), rows)
                best = _middle_of_best(values)
                column = np.arange(len(rows))
                better = values[best, column] > value[rows] + LEAST_GAIN
                moved = rows[better]
                at[moved, j] = tried[best, column][better]
                value[moved] = values[best, column][better]
                if refined == N_REFINED:
                    break
                near = np.clip(np.searchsorted(grid, at[rows, j]), 0, len(grid) - 1)
                reach = width[near] / (N_BETWEEN + 1) ** refined
                share = np.linspace(-1, 1, 2 * N_BETWEEN + 3)[1:-1]
                tried = at[rows, j] + share[:, None] * reach
        rows = rows[value[rows] > before[rows] + LEAST_GAIN]
        if not len(rows) or len(grids) == 1:
            break
    return points_of(at, np.arange(len(center)))


def best_beyond_noise(errors):
    """Position of the least error, unless the first is as good but for noise.

    Parameters
    ----------
    errors : ndarray of shape (n_choices, n_records)
        Squared errors of each choice for the same records.

    Returns
    -------
    best : int
        The first choice, unless the mean of another's is less by more than the
        standard error of the difference.

    Examples
    --------
    >>> best_beyond_noise(np.array([[1.0, 1.0], [0.5, 0.4], [0.9, 0.2]]))
    1
    >>> best_beyond_noise(np.array([[1.0, 1.0], [1.5, 0.4]]))
    0
    """
    best = int(errors.mean(axis=1).argmin())
    gain = errors[0] - errors[best]
    noise = gain.std() / np.sqrt(len(gain))
    return best if gain.mean() > noise else 0


def _widths(grid):
    """Return the distance of each step of a grid to the farther of its neighbors."""
    if len(grid) < 2:
        return np.zeros(len(grid))
    gaps = np.diff(grid)
    return np.maximum(np.append(gaps[:1], gaps), np.append(gaps, gaps[-1:]))


def _middle_of_best(values):
    best = values >= values.max(axis=0) - LEAST_GAIN
    rank = best.cumsum(axis=0)
    return (rank >= (rank[-1] + 1) // 2).argmax(axis=0)
