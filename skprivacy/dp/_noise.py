"""Noise that nobody can foresee, draw again or read off its low bits."""

import os
import warnings

import numpy as np
from scipy.special import ndtri
from sklearn.utils import check_random_state

from skprivacy.dp._errors import PrivateFitWarning

__all__ = ["NoiseSource", "grid_step", "on_grid"]

#: Steps of the grid in a standard deviation of the noise.
FINENESS = 2**20


class NoiseSource:
    """Draws noise from the operating system, or from a seed where one is given.

    The operating system's generator is a cryptographic one with 256 bits of state. A
    seed makes a fit reproducible, for everybody who knows it: then the noise hides
    nothing.

    Parameters
    ----------
    random_state : int, RandomState instance or None
        None: the operating system.

    Examples
    --------
    >>> source = NoiseSource(None)
    >>> source.is_secure, source.normal((2, 3)).shape
    (True, (2, 3))
    """

    def __init__(self, random_state=None):
        self.is_secure = random_state is None
        self._rng = None
        if not self.is_secure:
            warnings.warn(
                "random_state makes the noise reproducible: who learns it takes the "
                "noise away again, and the guarantee holds against nobody else. Leave "
                "it None for a model that is released.",
                PrivateFitWarning,
                stacklevel=3,
            )
            self._rng = check_random_state(random_state)

    def uniform(self, size=None) -> np.ndarray:
        """Numbers strictly between 0 and 1, as fine as floats are close to 0."""
        shape = () if size is None else size
        n_bytes = 8 * int(np.prod(shape, dtype=int))
        drawn = os.urandom(n_bytes) if self._rng is None else self._rng.bytes(n_bytes)
        words = np.frombuffer(drawn, dtype=np.uint64).reshape(shape)
        return (words.astype(float) + 0.5) / 2.0**64

    def normal(self, size=None) -> np.ndarray:
        """Draw standard normal noise."""
        sign, magnitude = self._halves(size)
        # From the tail that floats resolve: half a uniform number is never too coarse.
        return sign * -ndtri(magnitude / 2)

    def laplace(self, size=None) -> np.ndarray:
        """Draw Laplace noise of scale 1."""
        sign, magnitude = self._halves(size)
        return sign * -np.log(magnitude)

    def gumbel(self, size=None) -> np.ndarray:
        """Draw standard Gumbel noise; its upper tail is as fine as floats are."""
        # A uniform number of 1 makes it minus infinity, which is never the largest.
        with np.errstate(divide="ignore"):
            return -np.log(-np.log1p(-self.uniform(size)))

    def permutation(self, n) -> np.ndarray:
        """Draw an order of ``n`` things."""
        return np.argsort(self.uniform(n), kind="stable")

    def seed(self) -> int:
        """Draw a seed for something that takes no other source."""
        return int(self.uniform() * 2**31)

    def _halves(self, size):
        uniform = self.uniform(size)
        upper = uniform >= 0.5
        return np.where(upper, 1.0, -1.0), 2 * np.where(upper, 1 - uniform, uniform)


def grid_step(deviation) -> float:
    """Return the step of the grid for noise of a standard deviation: a power of two.

    Examples
    --------
    >>> grid_step(1.0) == 2.0**-20, grid_step(3.0) == 2.0**-19
    (True, True)
    """
    return float(2.0 ** (np.floor(np.log2(deviation)) - np.log2(FINENESS)))


def on_grid(values, step) -> np.ndarray:
    """Round values to multiples of a step.

    Noise and what it is added to are both rounded. The sum then lies on the grid
    whatever the data were, so that its low bits tell nothing; and it is what rounding
    would make of a sum with noise that was not rounded, which is as private.

    Parameters
    ----------
    values : ndarray
        Values.

    step : float
        A power of two.

    Returns
    -------
    rounded : ndarray

    Examples
    --------
    >>> on_grid([0.3, 0.9], 0.25)
    array([0.25, 1.  ])
    """
    return np.round(np.asarray(values, dtype=float) / step) * step
