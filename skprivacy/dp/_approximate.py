"""What one pair of epsilon and delta says."""

from dataclasses import dataclass

import numpy as np

__all__ = ["ApproximateDP", "approximate_trade_off"]


def approximate_trade_off(fpr, epsilon, delta=0.0):
    r"""Least false negative rate of any attack at a false positive rate.

    .. math:: f(\alpha) = \max\{0, 1 - \delta - e^\varepsilon \alpha,
              e^{-\varepsilon} (1 - \delta - \alpha)\}

    Parameters
    ----------
    fpr : float or ndarray
        False positive rate.

    epsilon, delta : float
        Of the guarantee.

    Returns
    -------
    fnr : ndarray

    References
    ----------
    L. Wasserman, S. Zhou. "A statistical framework for differential privacy". JASA
    2010; P. Kairouz, S. Oh, P. Viswanath. "The composition theorem for differential
    privacy". ICML 2015.

    Examples
    --------
    >>> import numpy as np
    >>> approximate_trade_off([0.0, 0.1, 0.5], np.log(4)).round(3)
    array([1.   , 0.6  , 0.125])
    """
    fpr = np.asarray(fpr, dtype=float)
    steep = 1 - delta - np.exp(min(epsilon, 700.0)) * fpr
    level = np.exp(-epsilon) * (1 - delta - fpr)
    return np.maximum(0.0, np.maximum(steep, level))


@dataclass(frozen=True)
class ApproximateDP:
    """The curve of randomized response with a chance of telling all.

    No mechanism with the same pair of numbers gives away more.

    Attributes
    ----------
    at_epsilon : float
        At least 0.

    at_delta : float
        From 0 to 1.
    """

    at_epsilon: float
    at_delta: float = 0.0

    def delta(self, epsilon):
        """Delta at an epsilon: of a smaller one, what is left of both pairs."""
        epsilon = np.asarray(epsilon, dtype=float)
        p = 1 / (1 + np.exp(-self.at_epsilon))
        # Loss +at_epsilon with chance p, -at_epsilon otherwise.
        up = p * -np.expm1(np.minimum(epsilon - self.at_epsilon, 0.0))
        down = (1 - p) * -np.expm1(np.minimum(epsilon + self.at_epsilon, 0.0))
        return self.at_delta + (1 - self.at_delta) * (up + down)

    def epsilon(self, delta) -> float:
        """Epsilon at a delta."""
        if delta < self.at_delta:
            return np.inf
        if delta >= float(self.delta(0.0)):
            return 0.0
        p = 1 / (1 + np.exp(-self.at_epsilon))
        left = (delta - self.at_delta) / (1 - self.at_delta)
        return float(self.at_epsilon + np.log1p(-left / p))

    def trade_off(self, fpr):
        """Least false negative rate at a false positive rate."""
        return approximate_trade_off(fpr, self.at_epsilon, self.at_delta)

    def __str__(self):
        if self.at_delta == 0:
            return f"epsilon={self.at_epsilon:.4g}"
        return f"epsilon={self.at_epsilon:.4g} at delta={self.at_delta:.3g}"
