"""Descent along gradients with noise."""

import numpy as np
from scipy.special import softmax

from skprivacy.dp._release import release_gaussian

__all__ = [
    "CLIP_NORMS",
    "STEPS",
    "clipped_gradient",
    "momentum_of",
    "plan_descent",
    "private_descent",
    "step_length",
]

#: Least part of the old in an exponential mean over the gradients. With records no
#: longer than 1, and a constant, curvature is at most 1, and steps shorter than
#: ``2 (1 + m) / (1 - m)`` end at the optimum.
MOMENTUM = 0.9
#: What is taken for the 2 above, to be on the safe side.
SAFE_STEP = 1.7
#: Steps are so long that noise alone moves a log-odds by this, in all.
NOISE_IN_LOG_ODDS = 3.0
#: Longest step, of records no longer than 1 and a constant; and, where even most steps
#: leave noise to spare, with a longer memory.
LONGEST_STEP, LONGEST_OF_ALL = 32.0, 64.0
#: Fewest and most steps, where their number is not given.
STEPS = 100, 800
#: Where so many of the longest steps leave noise to spare, gradients may be longer.
STEPS_OF_SHORT_GRADIENTS = 400
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
        Steps, the longest gradient and the length of a step. More steps, longer
        gradients, and at last longer steps are for noise so small that it would be
        left unused.

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
    >>> plan_descent(2.0, 32_000, "auto", "auto", "auto")
    (800, 2.0, 60.0)
    """
    # In all steps together the noise of a sum is that of a single release.
    way = NOISE_IN_LOG_ODDS * mu * n_records / 2
    longest = LONGEST_STEP if learning_rate == "auto" else np.inf
    if clip_norm == "auto":
        short = STEPS_OF_SHORT_GRADIENTS * longest
        clip_norm = float(np.clip(way / short, *CLIP_NORMS))
    most = LONGEST_STEP
    if n_iter == "auto":
        n_iter = int(np.clip(np.ceil(way / clip_norm / longest), *STEPS))
        most = LONGEST_OF_ALL
    if learning_rate == "auto":
        learning_rate = min(way / clip_norm / n_iter, most)
    return n_iter, clip_norm, learning_rate


def momentum_of(step) -> float:
    """Part of the old in the mean over gradients, with which a step is not too long.

    Parameters
    ----------
    step : float
        Length of a step.

    Returns
    -------
    momentum : float
        At least .9.

    Examples
    --------
    >>> momentum_of(10.0), round(momentum_of(64.0), 3)
    (0.9, 0.948)
    """
    return float(max(MOMENTUM, (step - SAFE_STEP) / (step + SAFE_STEP)))


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
    mean, momentum = np.zeros_like(weights), momentum_of(step)
    for _ in range(n_iter):
        drawn = slice(None) if rate == 1 else noise.uniform(len(records)) < rate
        gradient = clipped_gradient(records[drawn], own[drawn], weights, clip_norm)
        released = release_gaussian(gradient, sensitivity, mu, noise)
        mean = momentum * mean + (1 - momentum) * released / n_summed
        weights = weights - step * mean
    return weights
