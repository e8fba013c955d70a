"""Estimates from few shadow models, pulled towards what all records say."""

from typing import NamedTuple

import numpy as np

__all__ = [
    "Prior",
    "estimated_variance",
    "normal_prior",
    "shrink",
    "shrink_variances",
    "variance_prior",
]


class Prior(NamedTuple):
    """What is known of a number before one record is looked at.

    Parameters
    ----------
    mean : float
        Mean over all records.

    spread : float
        Variance of the true numbers from record to record.
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
    prior : Prior

    Examples
    --------
    Two values each, so d = 1. The mean is 4, the estimates vary by 16, noise alone
    would account for 2 * 4**2 = 32: nothing is real.

    >>> import numpy as np
    >>> variance_prior(np.array([0.0, 8.0]), np.array([2, 2]))
    Prior(mean=4.0, spread=0.0)
    """
    known = n > 1
    if not known.any():
        return Prior(1.0, 0.0)
    variance, degrees = variance[known], n[known] - 1
    mean = float(variance.mean())
    noise = np.mean(2 * mean**2 / degrees)
    spread = (variance.var() - noise) / np.mean(1 + 2 / degrees)
    return Prior(mean, float(max(spread, 0.0)))


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

    prior : Prior
        Mean and spread of the variances.

    Returns
    -------
    variance : ndarray of shape (n_records,)

    Examples
    --------
    With mean 2, spread 4 and d = 16 the noise is 2 * (4 + 4) / 16 = 1, so that the own
    variance has weight 4 / 5: 2 + 0.8 * (7 - 2) = 6.

    >>> import numpy as np
    >>> shrink_variances(np.array([7.0]), np.array([17]), Prior(2.0, 4.0))
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

    prior : Prior
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
    ...     np.array([0.0, 4.0]), np.array([4, 4]), Prior(2.0, 0.0), "record"
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


def normal_prior(value, error):
    """Mean and spread of true values, of which noisy ones are known.

    Parameters
    ----------
    value : ndarray of shape (n_records,)
        Noisy values; NaN is left out.

    error : ndarray of shape (n_records,)
        Variance of the noise of each.

    Returns
    -------
    prior : Prior

    Examples
    --------
    The values vary by 4, of which 3 is noise.

    >>> import numpy as np
    >>> normal_prior(np.array([1.0, 5.0]), np.array([3.0, 3.0]))
    Prior(mean=3.0, spread=1.0)
    """
    known = np.isfinite(value)
    if not known.any():
        return Prior(0.0, 0.0)
    value, error = value[known], error[known]
    return Prior(float(value.mean()), float(max(value.var() - error.mean(), 0.0)))


def shrink(value, error, prior):
    """Pull noisy values towards their mean, as far as they are noise.

    Parameters
    ----------
    value : ndarray of shape (n_records,)
        Noisy values.

    error : ndarray of shape (n_records,)
        Variance of the noise of each.

    prior : Prior
        Mean and spread of the true values.

    Returns
    -------
    value : ndarray of shape (n_records,)

    Examples
    --------
    With spread 1 and noise 3 the own value has weight 1 / 4.

    >>> import numpy as np
    >>> shrink(np.array([5.0]), np.array([3.0]), Prior(3.0, 1.0))
    array([3.5])
    """
    weight = prior.spread / np.maximum(prior.spread + error, TINY)
    return prior.mean + weight * (value - prior.mean)


#: Keeps a variance of zero from being divided by.
TINY = 1e-30

_SMALLEST_SHARE = 0.01
