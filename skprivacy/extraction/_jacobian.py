"""Records moved along the derivative of the copy's own answer."""

import numpy as np

__all__ = ["jacobian_step"]


def jacobian_step(tell, codes, space, spread, step):
    """Move records to where an answer of the copy becomes larger, or smaller.

    Each number moves by the same share of its column's spread, by the sign of its
    derivative; trees have none, so that the difference over such a step both ways
    stands for it. Of the other columns the one switches, to the one of its values, that
    changes the answer most in the same direction.

    Parameters
    ----------
    tell : callable
        Takes points, shape (n_points, n_features), and the rows of ``codes`` that they
        are made of; returns the answer that counts, shape (n_points,).

    codes : ndarray of float of shape (n_points, n_features)
        Records.

    space : TableSpace
        What may be asked.

    spread : ndarray of float of shape (n_features,)
        Standard deviation of each column of numbers.

    step : float
        Share of it; below 0 the answer is made smaller.

    Returns
    -------
    moved : ndarray of float of shape (n_points, n_features)

    Examples
    --------
    >>> from skprivacy.extraction._table_space import TableSpace
    >>> space = TableSpace(np.array([[0.0, 0.0], [10.0, 10.0]]))
    >>> tell = lambda codes, rows: codes[:, 0] - codes[:, 1]
    >>> start = np.array([[5.0, 9.0]])
    >>> jacobian_step(tell, start, space, np.array([2.0, 4.0]), 0.5)
    array([[6., 7.]])
    """
    rows = np.arange(len(codes))
    moved = codes.copy()
    gain, values = np.zeros(len(codes)), np.full(codes.shape, np.nan)
    column = np.zeros(len(codes), dtype=int)
    base = tell(codes, rows)
    for j in range(codes.shape[1]):
        if space.is_category[j]:
            for value in range(int(space.upper[j]) + 1):
                told = tell(_with(codes, j, value), rows)
                # What is no switch changes nothing, and is never the best.
                found = np.sign(step) * (told - base)
                better = found > gain
                gain[better], column[better] = found[better], j
                values[better, j] = value
            continue
        size = abs(step) * spread[j]
        up = space.snap(_with(codes, j, codes[:, j] + size))
        down = space.snap(_with(codes, j, codes[:, j] - size))
        sign = np.sign(tell(up, rows) - tell(down, rows)) * np.sign(step)
        moved[:, j] = codes[:, j] + sign * size
    moved = space.snap(moved)
    switched = gain > 0
    moved[rows[switched], column[switched]] = values[rows[switched], column[switched]]
    return moved


def _with(codes, j, value):
    changed = codes.copy()
    # A missing number stays missing.
    changed[:, j] = value
    return changed
