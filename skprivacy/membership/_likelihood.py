"""Formulas of the likelihood ratio attack, on arrays."""

from typing import NamedTuple

import numpy as np
from scipy.stats import norm

__all__ = [
    "VariancePrior",
    "estimated_variance",
    "log_likelihood_ratio",
    "one_sided_evidence",
    "shrink_variances",
    "variance_prior",
]


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


class VariancePrior(NamedTuple):
    """What is known of the variances before one record is looked at.

    Parameters
    ----------
    mean : float
        Their mean.

    spread : float
        Variance of the true variances from record to record.
    """

    mean: float
    spread: float


def variance_prior(variance, n):
    """Tell how much variances differ from record to record beyond what is noise.

    A variance of ``n`` values has ``d = n - 1`` degrees of freedom; if the true one is
    ``v`` for every record, the estimates vary by ``2 v**2 / d``. What they vary beyond
    that is real.

    Parameters
    ----------
    variance : ndarray of shape (n_records,)
        Unbiased variances; those of fewer than two values are left out.

    n : ndarray of shape (n_records,)
        Number of values behind each.

    Returns
    -------
    prior : VariancePrior

    Examples
    --------
    Two values each, so d = 1. The mean is 4, the estimates vary by 16, noise alone
    would account for 2 * 4**2 = 32: nothing is real.

    >>> import numpy as np
    >>> variance_prior(np.array([0.0, 8.0]), np.array([2, 2]))
    VariancePrior(mean=4.0, spread=0.0)
    """
    known = n > 1
    if not known.any():
        return VariancePrior(1.0, 0.0)
    variance, degrees = variance[known], n[known] - 1
    mean = float(variance.mean())
    noise = np.mean(2 * mean**2 / degrees)
    spread = (variance.var() - noise) / np.mean(1 + 2 / degrees)
    return VariancePrior(mean, float(max(spread, 0.0)))


def shrink_variances(variance, n, prior):
    """Pull each record's variance towards the mean, as far as it is noise.

    The weight of the record's own variance is the share of its deviation that is real:
    ``spread / (spread + 2 * (mean**2 + spread) / d)``, the linear empirical Bayes
    estimate.

    Parameters
    ----------
    variance : ndarray of shape (n_records,)
        Unbiased variances; anything where there are fewer than two values.

    n : ndarray of shape (n_records,)
        Number of values behind each.

    prior : VariancePrior
        Mean and spread of the variances.

    Returns
    -------
    variance : ndarray of shape (n_records,)

    Examples
    --------
    With mean 2, spread 4 and d = 16 the noise is 2 * (4 + 4) / 16 = 1, so that the own
    variance has weight 4 / 5: 2 + 0.8 * (7 - 2) = 6.

    >>> import numpy as np
    >>> shrink_variances(np.array([7.0]), np.array([17]), VariancePrior(2.0, 4.0))
    array([6.])
    """
    degrees = np.maximum(n - 1, 1)
    noise = 2 * (prior.mean**2 + prior.spread) / degrees
    weight = np.where(n > 1, prior.spread / np.maximum(prior.spread + noise, TINY), 0.0)
    own = np.where(n > 1, variance, prior.mean)
    return prior.mean + weight * (own - prior.mean)


def estimated_variance(variance, n, prior, kind, fix_small=True):
    """Variance of the Gaussian of each record.

    Parameters
    ----------
    variance : ndarray of shape (n_records,)
        Unbiased variances of the signal over shadow models.

    n : ndarray of shape (n_records,)
        Number of shadow models behind each.

    prior : VariancePrior
        Mean and spread of the variances.

    kind : {"global", "record", "shrunk"}
        One for all, each record's own, or its own pulled towards the mean.

    fix_small : bool, default=True
        Keep the variance above 1% of the mean, and widen it by the factor 1 + 1/n,
        since the mean of the Gaussian is estimated from the same n values.

    Returns
    -------
    variance : ndarray of shape (n_records,)
        Positive.

    Examples
    --------
    >>> import numpy as np
    >>> estimated_variance(
    ...     np.array([0.0, 4.0]), np.array([4, 4]), VariancePrior(2.0, 0.0), "record"
    ... )
    array([0.025, 5.   ])
    """
    if kind == "global":
        variance = np.full(len(n), prior.mean)
    elif kind == "record":
        variance = np.where(n > 1, variance, prior.mean)
    else:
        variance = shrink_variances(variance, n, prior)
    if fix_small:
        variance = np.maximum(variance, _SMALLEST_SHARE * prior.mean)
        variance = variance * (1 + 1 / np.maximum(n, 1))
    return np.maximum(variance, TINY)


#: Keeps a variance of zero from being divided by.
TINY = 1e-30

_SMALLEST_SHARE = 0.01
