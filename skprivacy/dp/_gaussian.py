"""Gaussian differential privacy: what a Gaussian release gives away, exactly."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr, ndtri

__all__ = [
    "GaussianDP",
    "gaussian_delta",
    "gaussian_epsilon",
    "gaussian_mu",
    "gaussian_trade_off",
]

#: A release with a larger mu hides nothing that floating point could express.
LARGEST_MU = 1e4


def gaussian_delta(epsilon, mu):
    r"""Delta of a Gaussian release at an epsilon.

    .. math:: \delta(\varepsilon) = \Phi\left(-\frac{\varepsilon}{\mu} + \frac{\mu}{2}
              \right) - e^\varepsilon \Phi\left(-\frac{\varepsilon}{\mu} -
              \frac{\mu}{2}\right)

    Parameters
    ----------
    epsilon : float or ndarray
        Epsilon; below 0 as well.

    mu : float
        Sensitivity over standard deviation.

    Returns
    -------
    delta : ndarray

    Examples
    --------
    >>> float(gaussian_delta(1.0, 1.0).round(4)), float(gaussian_delta(0.0, 0.0))
    (0.1269, 0.0)
    """
    epsilon = np.asarray(epsilon, dtype=float)
    if mu == 0:
        return 1 - np.exp(np.minimum(epsilon, 0.0))
    first = log_ndtr(-epsilon / mu + mu / 2)
    # As logarithms: the power overflows long before the product does.
    second = epsilon + log_ndtr(-epsilon / mu - mu / 2)
    return np.exp(first) * -np.expm1(np.minimum(second - first, 0.0))


def gaussian_epsilon(delta, mu) -> float:
    """Return the least epsilon at which a Gaussian release has at most this delta.

    Parameters
    ----------
    delta : float
        From 0 to 1.

    mu : float
        Sensitivity over standard deviation.

    Returns
    -------
    epsilon : float
        Infinite where ``delta`` is 0 and ``mu`` is not.

    Examples
    --------
    >>> round(gaussian_epsilon(1e-5, 1.0), 3)
    4.377
    """
    if mu == 0 or gaussian_delta(0.0, mu) <= delta:
        return 0.0
    if delta <= 0:
        return np.inf
    high = mu**2 / 2 + mu * np.sqrt(2 * np.log(1 / delta)) + 1.0
    target = np.log(delta)

    def above(epsilon):
        return float(np.log(np.maximum(gaussian_delta(epsilon, mu), 1e-300))) - target

    root = brentq(above, 0.0, high, xtol=1e-12, rtol=1e-12)
    # Rounding must not make it smaller than it is.
    return root * (1 + 1e-10) + 1e-11


def gaussian_mu(epsilon, delta) -> float:
    """Return the largest mu with which a Gaussian release is (epsilon, delta)-private.

    Parameters
    ----------
    epsilon : float
        At least 0.

    delta : float
        Above 0, below 1.

    Returns
    -------
    mu : float
        The noise's standard deviation is the sensitivity over it.

    Examples
    --------
    >>> round(1 / gaussian_mu(1.0, 1e-5), 3)
    3.731
    """

    def above(mu):
        return float(gaussian_delta(epsilon, mu)) - delta

    if above(LARGEST_MU) < 0:
        return LARGEST_MU
    # From below: a mu too large by rounding would break the promise.
    return brentq(above, 0.0, LARGEST_MU, xtol=1e-14, rtol=1e-12) * (1 - 1e-10)


def gaussian_trade_off(fpr, mu):
    r"""Least false negative rate of any attack at a false positive rate.

    :math:`f(\alpha) = \Phi(\Phi^{-1}(1 - \alpha) - \mu)`.

    Parameters
    ----------
    fpr : float or ndarray
        False positive rate.

    mu : float
        Sensitivity over standard deviation.

    Returns
    -------
    fnr : ndarray

    Examples
    --------
    >>> gaussian_trade_off([0.0, 0.5, 1.0], 1.0).round(3)
    array([1.   , 0.159, 0.   ])
    """
    return ndtr(-ndtri(np.asarray(fpr, dtype=float)) - mu)


@dataclass(frozen=True)
class GaussianDP:
    """The curve of a Gaussian release with sensitivity ``mu`` and noise of 1.

    Attributes
    ----------
    mu : float
        At least 0.
    """

    mu: float

    def delta(self, epsilon):
        """Delta at an epsilon."""
        return gaussian_delta(epsilon, self.mu)

    def epsilon(self, delta) -> float:
        """Epsilon at a delta."""
        return gaussian_epsilon(delta, self.mu)

    def trade_off(self, fpr):
        """Least false negative rate at a false positive rate."""
        return gaussian_trade_off(fpr, self.mu)

    def __str__(self):
        return f"{self.mu:.4g}-GDP"
