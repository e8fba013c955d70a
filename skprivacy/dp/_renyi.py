"""Renyi differential privacy: bounds on the moments of the privacy loss."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, logsumexp

__all__ = ["ORDERS", "RenyiDP", "gaussian_renyi", "renyi_delta", "renyi_epsilon"]

#: Whole orders, for which the divergence of a subsampled Gaussian is a finite sum.
ORDERS = tuple(range(2, 65)) + (72, 80, 96, 128, 192, 256, 512, 1024)


def gaussian_renyi(noise_multiplier, sampling_rate=1.0, orders=ORDERS) -> np.ndarray:
    r"""Renyi divergences of a Gaussian release from a Poisson sample.

    .. math:: \frac{1}{a - 1} \log \sum_{k=0}^{a} \binom{a}{k} (1 - q)^{a - k} q^k
              \exp\frac{k (k - 1)}{2 \sigma^2}

    Parameters
    ----------
    noise_multiplier : float
        Standard deviation of the noise over the sensitivity.

    sampling_rate : float, default=1.0
        Chance of each record to be in the sample.

    orders : sequence of int, default=ORDERS
        Orders, 2 at least.

    Returns
    -------
    divergences : ndarray of shape (n_orders,)
        Of one release, of neighbors that add or remove a record.

    References
    ----------
    I. Mironov, K. Talwar, L. Zhang. "Rényi differential privacy of the sampled Gaussian
    mechanism". arXiv:1908.10530, 2019.

    Examples
    --------
    >>> gaussian_renyi(2.0, orders=(2, 8))
    array([0.25, 1.  ])
    """
    orders = np.asarray(orders, dtype=int)
    if sampling_rate == 0:
        return np.zeros(len(orders))
    if sampling_rate == 1:
        return orders / (2 * noise_multiplier**2)
    divergences = []
    for a in orders:
        k = np.arange(a + 1)
        log_choose = gammaln(a + 1) - gammaln(k + 1) - gammaln(a - k + 1)
        terms = log_choose + (a - k) * np.log1p(-sampling_rate)
        terms += k * np.log(sampling_rate) + k * (k - 1) / (2 * noise_multiplier**2)
        divergences.append(max(logsumexp(terms), 0.0) / (a - 1))
    return np.array(divergences)


def renyi_epsilon(orders, divergences, delta) -> float:
    r"""Epsilon at a delta that follows from Renyi divergences.

    .. math:: \min_a \; r(a) + \log\left(1 - \frac1a\right) -
              \frac{\log \delta + \log a}{a - 1}

    Parameters
    ----------
    orders, divergences : ndarray of shape (n_orders,)
        Orders above 1, and the divergence of each.

    delta : float
        From 0 to 1.

    Returns
    -------
    epsilon : float

    References
    ----------
    C. Canonne, G. Kamath, T. Steinke. "The discrete Gaussian for differential privacy".
    NeurIPS 2020.

    Examples
    --------
    >>> import numpy as np
    >>> orders = np.arange(2, 65)
    >>> divergences = 1000 * gaussian_renyi(1.0, 0.01, orders)
    >>> round(renyi_epsilon(orders, divergences, 1e-5), 3)
    2.108
    """
    if delta <= 0:
        return np.inf
    orders, divergences = np.asarray(orders, float), np.asarray(divergences, float)
    bounds = divergences + np.log1p(-1 / orders)
    bounds -= (np.log(delta) + np.log(orders)) / (orders - 1)
    return max(0.0, float(bounds.min()))


def renyi_delta(orders, divergences, epsilon):
    """Delta at an epsilon that follows from Renyi divergences.

    Parameters
    ----------
    orders, divergences : ndarray of shape (n_orders,)
        Orders above 1, and the divergence of each.

    epsilon : float or ndarray
        Epsilon.

    Returns
    -------
    delta : ndarray
        1 at most.

    Examples
    --------
    >>> orders = np.arange(2, 65)
    >>> divergences = 1000 * gaussian_renyi(1.0, 0.01, orders)
    >>> float(renyi_delta(orders, divergences, 2.108).round(7))
    1e-05
    """
    orders, divergences = np.asarray(orders, float), np.asarray(divergences, float)
    epsilon = np.asarray(epsilon, dtype=float)[..., None]
    logs = (orders - 1) * (divergences - epsilon + np.log1p(-1 / orders))
    bound = np.exp(np.minimum((logs - np.log(orders)).min(axis=-1), 0.0))
    # Whatever the moments say, nobody's chance grows by more than all of it.
    return np.minimum(bound, 1.0)


@dataclass(frozen=True)
class RenyiDP:
    """A curve of Renyi divergences.

    Attributes
    ----------
    orders, divergences : tuple of float
        Orders above 1, and the divergence of each.
    """

    orders: tuple
    divergences: tuple

    @classmethod
    def sampled_gaussian(cls, noise_multiplier, sampling_rate=1.0, n_releases=1):
        """Curve of Gaussian releases from Poisson samples."""
        one = gaussian_renyi(noise_multiplier, sampling_rate)
        return cls(ORDERS, tuple((n_releases * one).tolist()))

    def delta(self, epsilon):
        """Delta at an epsilon."""
        return renyi_delta(self.orders, self.divergences, epsilon)

    def epsilon(self, delta) -> float:
        """Epsilon at a delta."""
        return renyi_epsilon(self.orders, self.divergences, delta)

    def __str__(self):
        return f"Renyi divergences of {len(self.orders)} orders"
