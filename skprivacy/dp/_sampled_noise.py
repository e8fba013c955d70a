"""How much noise gradients of random samples need."""

from functools import lru_cache

import numpy as np
from scipy.optimize import brentq

from skprivacy.dp._gaussian import gaussian_mu
from skprivacy.dp._guarantee import PrivacyGuarantee
from skprivacy.dp._renyi import RenyiDP
from skprivacy.dp._sampled_gaussian import SampledGaussian

__all__ = ["sampled_guarantee"]

#: Noise that is looked for, as logarithms of multiples of the sensitivity.
LEAST, MOST = np.log(1e-2), np.log(1e8)
#: Epsilon above which, and noise below which Renyi divergences do: a grid of losses
#: would be too long.
LARGEST_ON_GRID, LEAST_ON_GRID = 20.0, 0.3
#: How close to the least noise the search goes, as a share of it.
CLOSE = 3e-3


def sampled_guarantee(
    epsilon, delta, n_releases, sampling_rate, assumptions=()
) -> tuple:
    """Find the noise with which sums over Poisson samples keep a promise.

    Parameters
    ----------
    epsilon, delta : float
        The promise.

    n_releases : int
        Sums.

    sampling_rate : float
        Chance of each record to be in a sum.

    assumptions : tuple of str, default=()
        What the guarantee says must be true.

    Returns
    -------
    noise_multiplier : float
        Standard deviation of the noise over the longest summand.

    guarantee : PrivacyGuarantee
        Of neighbors that add or remove a record.

    Examples
    --------
    >>> noise, guarantee = sampled_guarantee(1.0, 1e-5, 100, 0.05)
    >>> round(noise, 1), guarantee.epsilon() <= 1.0, guarantee.adjacency
    (2.1, True, 'add_remove')
    """
    noise, method = _least_noise(epsilon, delta, n_releases, sampling_rate)
    guarantee = PrivacyGuarantee.sampled_gaussian(
        noise, sampling_rate, n_releases, method, assumptions, delta
    )
    return noise, guarantee


@lru_cache(maxsize=256)
def _least_noise(epsilon, delta, n_releases, rate):
    """Noise, and the method by which it is enough.

    Renyi divergences give a noise that is enough, in no time; the distribution of the
    privacy loss tells how much less would do.
    """

    def excess(log_noise):
        curve = RenyiDP.sampled_gaussian(np.exp(log_noise), rate, n_releases)
        return curve.epsilon(delta) - epsilon

    def is_enough(noise):
        return SampledGaussian(noise, rate, n_releases).epsilon(delta) <= epsilon

    if excess(MOST) < 0:
        enough = float(np.exp(brentq(excess, LEAST, MOST, xtol=1e-6) + 2e-6))
    else:
        # Too small an epsilon for these orders: what it takes without samples.
        enough = float(np.sqrt(n_releases) / gaussian_mu(epsilon, delta))
    if epsilon > LARGEST_ON_GRID or enough < LEAST_ON_GRID:
        return enough, "rdp"
    low = 0.9 * enough
    while low > LEAST_ON_GRID and is_enough(low):
        enough, low = low, 0.9 * low
    while enough - low > CLOSE * enough:
        middle = (enough + low) / 2
        enough, low = (middle, low) if is_enough(middle) else (enough, middle)
    return (enough, "pld") if is_enough(enough) else (enough, "rdp")
