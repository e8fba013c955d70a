"""Formulas of the likelihood ratio attack, on arrays."""

from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from skprivacy.shadow._shrinkage import shrink

__all__ = [
    "SMOOTHING",
    "Contrast",
    "contrast",
    "log_likelihood_ratio",
    "one_sided_evidence",
    "pull_together",
]

#: Smoothings of log-odds to choose from: none, and what suits ever coarser
#: probabilities.
SMOOTHING = (1e-16, 1e-6, 1e-3, 1e-2, 5e-2, 0.2)


def log_likelihood_ratio(
    signal: np.ndarray,
    mean_in: np.ndarray,
    variance_in: np.ndarray,
    mean_out: np.ndarray,
    variance_out: np.ndarray,
) -> np.ndarray:
    """Log of how much likelier a signal is if the record was in the training set.

    Parameters
    ----------
    signal : ndarray of shape (n_records,)
        Signal of the target.

    mean_in, variance_in : ndarray of shape (n_records,)
        Moments of the signal over models with the record.

    mean_out, variance_out : ndarray of shape (n_records,)
        Moments over models without it.

    Returns
    -------
    ratio : ndarray of shape (n_records,)
        In nats.

    References
    ----------
    Carlini et al. 2022, Algorithm 1: both densities are Gaussian.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(1)
    >>> log_likelihood_ratio(2 * one, 2 * one, one, 0 * one, one)
    array([2.])
    """
    return norm.logpdf(signal, mean_in, np.sqrt(variance_in)) - norm.logpdf(
        signal, mean_out, np.sqrt(variance_out)
    )


def one_sided_evidence(signal, mean_out, variance_out, shift):
    """Evidence where no model with the record is known.

    The order is that of the one-sided test of the paper, by the number of standard
    deviations ``z`` above the mean without the record. The scale is that of a log
    likelihood ratio: members are taken to stand ``shift`` standard deviations higher,
    so that the evidence is ``shift * z - shift**2 / 2``.

    Parameters
    ----------
    signal : ndarray of shape (n_records,)
        Signal of the target.

    mean_out, variance_out : ndarray of shape (n_records,)
        Moments over models without the record.

    shift : float
        How far members stand above, in standard deviations; positive.

    Returns
    -------
    evidence : ndarray of shape (n_records,)
        In nats.

    References
    ----------
    Carlini et al. 2022, offline attack, for the order.

    Examples
    --------
    >>> import numpy as np
    >>> one_sided_evidence(np.array([3.0]), np.array([1.0]), np.array([4.0]), 1.0)
    array([0.5])
    """
    z = (signal - mean_out) / np.sqrt(variance_out)
    return shift * z - shift**2 / 2


class Contrast(NamedTuple):
    """How far two Gaussians lie apart, in numbers whose errors are known.

    Parameters
    ----------
    distance : ndarray of shape (n_records,)
        Mean with the record minus mean without it, over the standard deviation.

    distance_error : ndarray of shape (n_records,)
        Variance of `distance` from the number of shadow models alone.

    log_ratio : ndarray of shape (n_records,)
        Log of the variance with the record over that without it.

    log_ratio_error : ndarray of shape (n_records,)
        Variance of `log_ratio` from the number of shadow models alone.
    """

    distance: np.ndarray
    distance_error: np.ndarray
    log_ratio: np.ndarray
    log_ratio_error: np.ndarray


def contrast(inside, outside, variance_in, variance_out):
    """Measure how far the Gaussians with and without each record lie apart.

    Parameters
    ----------
    inside, outside : Moments
        Numbers and means of the signal with the record, and without it.

    variance_in, variance_out : ndarray of shape (n_records,)
        Variances of the two Gaussians.

    Returns
    -------
    contrast : Contrast

    Examples
    --------
    Means 3 and 1, variances 4: one standard deviation apart, with an error of
    (4 / 2 + 4 / 2) / 4 = 1.

    >>> import numpy as np
    >>> from skprivacy.shadow import Moments
    >>> four, n = np.full(1, 4.0), np.full(1, 2)
    >>> inside, outside = Moments(n, np.ones(1) * 3, four), Moments(n, np.ones(1), four)
    >>> apart = contrast(inside, outside, four, four)
    >>> apart.distance, apart.distance_error
    (array([1.]), array([1.]))
    """
    n_in, n_out = np.maximum(inside.n, 1), np.maximum(outside.n, 1)
    middle = (variance_in + variance_out) / 2
    return Contrast(
        (inside.mean - outside.mean) / np.sqrt(middle),
        (variance_in / n_in + variance_out / n_out) / middle,
        np.log(variance_in / variance_out),
        # The log of a variance of d degrees of freedom varies by about 2 / d.
        2 / np.maximum(n_in - 1, 1) + 2 / np.maximum(n_out - 1, 1),
    )


def pull_together(apart, distance_prior, log_ratio_prior, mean, variance):
    """Two Gaussians around a common middle, as far apart as is likely.

    Parameters
    ----------
    apart : Contrast
        How far apart they were measured.

    distance_prior, log_ratio_prior : Prior
        What is known of distances and of ratios of variances over all records.

    mean : ndarray of shape (n_records,)
        The middle of the two means.

    variance : tuple of two ndarrays of shape (n_records,)
        Variances of the two Gaussians.

    Returns
    -------
    mean_in, variance_in, mean_out, variance_out : ndarray of shape (n_records,)

    Examples
    --------
    Nothing is real of what the distances vary: each becomes their mean, 1, and the
    variances become equal.

    >>> import numpy as np
    >>> from skprivacy.shadow._shrinkage import Prior
    >>> one = np.ones(1)
    >>> apart = Contrast(3 * one, one, np.log(4) * one, one)
    >>> prior = Prior(1.0, 0.0), Prior(0.0, 0.0)
    >>> pulled = pull_together(apart, *prior, 0 * one, (2 * one, one / 2))
    >>> [part.round(2).item() for part in pulled]
    [0.56, 1.0, -0.56, 1.0]
    """
    half = np.sqrt((variance[0] + variance[1]) / 2) / 2
    half = half * shrink(apart.distance, apart.distance_error, distance_prior)
    ratio = np.exp(shrink(apart.log_ratio, apart.log_ratio_error, log_ratio_prior) / 2)
    common = np.sqrt(variance[0] * variance[1])
    return mean + half, common * ratio, mean - half, common / ratio
