"""Signs by which answers show what kind of model gives them."""

import numpy as np

__all__ = [
    "bend",
    "bisect_jumps",
    "common_denominator",
    "find_feature",
    "interaction",
]

#: How often a way is halved.
N_HALVES = 34


def bisect_jumps(ask, low, high, low_answer, high_answer, n_halves=N_HALVES):
    """Close in on a change of the answers on each of several ways, all at once.

    Of the two halves, the one whose ends differ more is followed, so that in the end a
    step is left with its whole height, and next to nothing of what changes smoothly.

    Parameters
    ----------
    ask : callable
        Answers to points, shape (n_ways, n_features).

    low, high : ndarray of shape (n_ways, n_features)
        Ends of each way.

    low_answer, high_answer : ndarray of shape (n_ways, n_columns)
        Answers there.

    n_halves : int, default=34
        How often each way is halved.

    Returns
    -------
    low, high : ndarray of shape (n_ways, n_features)
        Ends of what is left of each way.

    low_answer, high_answer : ndarray of shape (n_ways, n_columns)
        Answers there.

    Examples
    --------
    >>> import numpy as np
    >>> step = lambda points: (points > 0.3) * 1.0
    >>> ends = np.array([[0.0]]), np.array([[1.0]])
    >>> low, high, *_ = bisect_jumps(step, *ends, step(ends[0]), step(ends[1]))
    >>> bool(low[0, 0] <= 0.3 < high[0, 0] < 0.3 + 1e-9)
    True
    """
    low, high = low.copy(), high.copy()
    low_answer, high_answer = low_answer.copy(), high_answer.copy()
    for _ in range(n_halves):
        middle = (low + high) / 2
        answer = ask(middle)
        first = np.abs(answer - low_answer).max(axis=1)
        second = np.abs(high_answer - answer).max(axis=1)
        is_first = first >= second
        high[is_first], high_answer[is_first] = middle[is_first], answer[is_first]
        low[~is_first], low_answer[~is_first] = middle[~is_first], answer[~is_first]
    return low, high, low_answer, high_answer


def find_feature(ask, low, high, high_answer):
    """Find the one feature that a step between two points hangs on.

    Parameters
    ----------
    ask : callable
        Answers to points.

    low, high : ndarray of shape (n_features,)
        Both sides of the step.

    high_answer : ndarray of shape (n_columns,)
        Answer on the second side.

    Returns
    -------
    feature : int or None
        None if no single feature makes the step.
    """
    left = np.flatnonzero(low != high)
    while len(left) > 1:
        half = left[: len(left) // 2]
        point = low.copy()
        point[half] = high[half]
        made = np.allclose(ask(point[None])[0], high_answer, rtol=0, atol=1e-12)
        left = half if made else left[len(half) :]
    if not len(left):
        return None
    point = low.copy()
    point[left] = high[left]
    made = np.allclose(ask(point[None])[0], high_answer, rtol=0, atol=1e-12)
    return int(left[0]) if made else None


def interaction(neither, first, second, both):
    """Whether two steps add up: what is left of their sum, by the smaller of the two.

    Parameters
    ----------
    neither, first, second, both : ndarray of shape (n_pairs, n_scores)
        Scores before both steps, beyond each, and beyond both.

    Returns
    -------
    share : ndarray of shape (n_pairs,)
        0 where they add up; infinite where a score is not finite or there is no step.

    Examples
    --------
    >>> import numpy as np
    >>> interaction(*np.array([[[0.0]], [[1.0]], [[2.0]], [[3.5]]]))
    array([0.5])
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = np.abs(both - first - second + neither).max(axis=1)
        steps = [np.abs(part - neither).max(axis=1) for part in (first, second)]
        share = rest / np.minimum(*steps)
    return np.where(np.isfinite(share), share, np.inf)


def bend(scores, order):
    """How far scores at points in even steps are from a polynomial.

    Parameters
    ----------
    scores : ndarray of shape (n_lines, n_points, n_scores)
        Scores along lines.

    order : int
        Degree of the polynomial, plus one.

    Returns
    -------
    bend : ndarray of shape (n_lines,)
        Largest difference of that order, by the largest difference of any two scores.

    Examples
    --------
    >>> import numpy as np
    >>> squares = np.arange(5.0)[None, :, None] ** 2
    >>> bend(squares, 2), bend(squares, 3)
    (array([0.125]), array([0.]))
    """
    rest = np.abs(np.diff(scores, n=order, axis=1)).max(axis=(1, 2))
    spread = np.ptp(scores, axis=1).max(axis=1)
    return np.divide(rest, spread, out=np.zeros_like(rest), where=spread > 0)


def common_denominator(answers, most=1000):
    """Smallest number that all probabilities are whole multiples of one over.

    Parameters
    ----------
    answers : ndarray of shape (n_points, n_classes)
        Probabilities.

    most : int, default=1000
        Largest number that is tried.

    Returns
    -------
    n : int or None
        None if there is none.

    Examples
    --------
    >>> import numpy as np
    >>> common_denominator(np.array([[0.25, 0.75], [0.5, 0.5]]))
    4
    """
    values = np.unique(answers)
    for n in range(1, most + 1):
        if np.abs(values * n - np.round(values * n)).max() < 1e-9 * n:
            return n
    return None
