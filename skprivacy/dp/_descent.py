"""Descent along gradients with noise."""

import numpy as np
from scipy.special import softmax

from skprivacy.dp._observed import observed_hidden
from skprivacy.dp._release import release_gaussian

__all__ = [
    "CLIP_NORMS",
    "STEPS",
    "clipped_gradient",
    "plan_descent",
    "private_descent",
    "step_length",
]

#: Of an exponential mean over the gradients.
MOMENTUM = 0.9
#: Steps are so long that noise alone moves a log-odds by this, in all.
NOISE_IN_LOG_ODDS = 3.0
#: Longest step, of records no longer than 1 and a constant.
LONGEST_STEP = 32.0
#: Fewest and most steps, where their number is not given.
STEPS = 100, 400
#: Longest gradient of a record that is not shortened, where it is not given: about the
#: length at the start, and no gradient is longer than the second.
CLIP_NORMS = 1.0, 2.0


def clipped_gradient(records, own, weights, clip_norm) -> np.ndarray:
    """Sum of the gradients of the log loss, each of a bounded length.

    Parameters
    ----------
    records : ndarray of shape (n_records, n_columns)
        Records.

    own : ndarray of shape (n_records, n_classes)
        1 for the class of each, 0 for others.

    weights : ndarray of shape (n_columns, n_classes)
        Weights.

    clip_norm : float
        The longest that the gradient of a record may be.

    Returns
    -------
    gradient : ndarray of shape (n_columns, n_classes)

    Examples
    --------
    >>> own = np.array([[1.0, 0.0]])
    >>> clipped_gradient(np.array([[2.0]]), own, np.zeros((1, 2)), 10.0)
    array([[-1.,  1.]])
    >>> clipped_gradient(np.array([[2.0]]), own, np.zeros((1, 2)), 0.5 * 2**0.5)
    array([[-0.5,  0.5]])
    """
    rest = softmax(records @ weights, axis=1) - own
    # The gradient of a record is an outer product, whose length is that of both.
    lengths = np.linalg.norm(rest, axis=1) * np.linalg.norm(records, axis=1)
    return records.T @ (rest / np.maximum(lengths / clip_norm, 1.0)[:, None])


def step_length(deviation, n_iter, n_summed) -> float:
    """Length of a step with which noise alone moves a log-odds by 3, in all.

    Parameters
    ----------
    deviation : float
        Standard deviation of the noise in a sum of gradients.

    n_iter : int
        Steps.

    n_summed : float
        Records in a sum.

    Returns
    -------
    step : float
        No longer than 32.

    Examples
    --------
    >>> step_length(10.0, 100, 1000.0)
    30.0
    """
    longest = NOISE_IN_LOG_ODDS * n_summed / (deviation * np.sqrt(n_iter))
    return float(min(longest, LONGEST_STEP))


def plan_descent(mu, n_records, n_iter, clip_norm, learning_rate):
    """Choose what is not given of a descent over all records.

    Parameters
    ----------
    mu : float
        Of all steps together, of neighbors of which one record is another.

    n_records : int
        Records in each sum.

    n_iter, clip_norm, learning_rate : number or "auto"
        Steps, the longest gradient and the length of a step. More steps, and then
        longer gradients, are for noise so small that the longest steps leave it unused.

    Returns
    -------
    n_iter : int
    clip_norm, learning_rate : float

    Examples
    --------
    >>> plan_descent(1.0, 1000, "auto", "auto", "auto")
    (100, 1.0, 15.0)
    >>> plan_descent(16.0, 1000, "auto", "auto", "auto")
    (400, 1.875, 32.0)
    """
    # In all steps together the noise of a sum is that of a single release.
    way = NOISE_IN_LOG_ODDS * mu * n_records / 2
    longest = LONGEST_STEP if learning_rate == "auto" else np.inf
    if clip_norm == "auto":
        clip_norm = float(np.clip(way / (STEPS[1] * longest), *CLIP_NORMS))
    if n_iter == "auto":
        n_iter = int(np.clip(np.ceil(way / clip_norm / longest), *STEPS))
    if learning_rate == "auto":
        learning_rate = min(way / clip_norm / n_iter, LONGEST_STEP)
    return n_iter, clip_norm, learning_rate


def private_descent(
    records, own, noise, n_iter, clip_norm, step, *, sensitivity, mu, rate=1.0, n_summed
) -> np.ndarray:
    """Descend along sums of clipped gradients with noise.

    Parameters
    ----------
    records : ndarray of shape (n_records, n_columns)
        Records.

    own : ndarray of shape (n_records, n_classes)
        1 for the class of each, 0 for others.

    noise : NoiseSource
        Where noise comes from, and samples.

    n_iter : int
        Gradients.

    clip_norm : float
        The longest gradient of a record.

    step : float
        Length of a step, of a mean gradient.

    sensitivity : float
        By how much a sum changes at most, from neighbor to neighbor.

    mu : float
        Sensitivity over the noise of each sum.

    rate : float, default=1.0
        Chance of each record to be in a sum.

    n_summed : float
        Records that are in a sum, on average; public.

    Returns
    -------
    weights : ndarray of shape (n_columns, n_classes)
    """
    weights = np.zeros((records.shape[1], own.shape[1]))
    mean = np.zeros_like(weights)
    for _ in range(n_iter):
        drawn = slice(None)
        if rate < 1:
            drawn = observed_hidden(lambda: noise.uniform(len(records)) < rate, noise)
        gradient = clipped_gradient(records[drawn], own[drawn], weights, clip_norm)
        released = release_gaussian(gradient, sensitivity, mu, noise)
        mean = MOMENTUM * mean + (1 - MOMENTUM) * released / n_summed
        weights = weights - step * mean
    return weights
