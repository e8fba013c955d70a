"""How well an answer matches the one that is known, and how exactly it must."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import t

__all__ = ["AnswerError", "answer_distance", "learn_error"]

#: Answers no further apart than this, relative to the largest, are the same.
SAME = 1e-9
#: Degrees of freedom of noise: few, so that no answer is ever quite ruled out.
FREEDOM = 3


class AnswerError(NamedTuple):
    """By how much known answers differ from those that the target gives.

    Parameters
    ----------
    width : float
        Answers within it match equally well.

    scale : float
        Scale on which answers beyond match less.

    miss : float or None, default=None
        Of labels the chance that they differ, which is all that they can; None: they
        never do, or answers are numbers.

    Examples
    --------
    >>> rounded = AnswerError(width=0.005, scale=1e-5)
    >>> rounded.log_match(np.array([0.0, 0.005, 0.01])).round(1)
    array([ -0. ,  -0. , -22.7])
    """

    width: float
    scale: float
    miss: float | None = None

    def log_match(self, distance):
        r"""Log of how likely it is that a known answer lies so far away.

        With :math:`e = \max(d - \text{width}, 0) / \text{scale}` it is
        :math:`-2 \log(1 + e^2 / 3)`, as of Student's t with 3 degrees of freedom: never
        minus infinity, and of several that do not match the nearest is likeliest.

        Parameters
        ----------
        distance : ndarray of any shape
            Distance of answers from the known one.

        Returns
        -------
        log_match : ndarray of the same shape
            0 where they match.
        """
        if self.miss is not None:
            return np.where(distance > 0, np.log(self.miss), np.log1p(-self.miss))
        excess = np.maximum(distance - self.width, 0) / self.scale
        return -(FREEDOM + 1) / 2 * np.log1p(excess**2 / FREEDOM)


def answer_distance(answers, known):
    """Largest difference in any column.

    Parameters
    ----------
    answers : ndarray of shape (..., n_records, n_columns)
        What the target answers.

    known : ndarray of shape (n_records, n_columns)
        What it is known to have answered.

    Returns
    -------
    distance : ndarray of shape (..., n_records)

    Examples
    --------
    >>> answer_distance(np.array([[0.2, 0.8]]), np.array([[0.25, 0.75]])).round(3)
    array([0.05])
    """
    return np.abs(answers - known).max(axis=-1)


def learn_error(distance, magnitude, is_label=False):
    """Learn from the attacker's own records how known answers differ.

    Parameters
    ----------
    distance : ndarray of shape (n_records,)
        Distance of the known answer from the target's answer to the complete record.

    magnitude : float
        Largest answer.

    is_label : bool, default=False
        Whether answers are labels, which are the same or not.

    Returns
    -------
    error : AnswerError
        Exact; or as of rounding, within the largest distance; or as of noise, with the
        scale that makes the distances likeliest: whichever of the two does more so.

    Examples
    --------
    >>> learn_error(np.zeros(100), magnitude=1.0)
    AnswerError(width=1e-09, scale=1e-09, miss=None)
    >>> learn_error(np.linspace(0, 0.005, 100), magnitude=1.0).width
    0.00505
    """
    n = len(distance)
    least = SAME * (magnitude or 1.0)
    largest = float(distance.max())
    if largest <= least:
        return AnswerError(least, least)
    if is_label:
        return AnswerError(least, least, (float((distance > 0).sum()) + 1) / (n + 2))
    # The largest of n falls short of the true width by about one part in n.
    width = largest * (n + 1) / n
    scale = _likeliest_scale(distance, least, largest)
    noise = t.logpdf(distance, FREEDOM, scale=scale).sum() + n * np.log(2)
    if noise > -n * np.log(width):
        return AnswerError(0.0, scale)
    return AnswerError(width, max(width / n, least))


def _likeliest_scale(distance, least, largest):
    def loss(log_scale):
        return -t.logpdf(distance, FREEDOM, scale=np.exp(log_scale)).sum()

    bounds = np.log(least), np.log(largest)
    found = minimize_scalar(loss, bounds=bounds, method="bounded")
    return float(np.exp(found.x))
