"""Signs by which answers show what kind of model gives them."""

import numpy as np

__all__ = [
    "bend",
    "common_denominator",
    "interaction",
]


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
