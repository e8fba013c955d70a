"""Releases of sums with noise."""

import numpy as np

from skprivacy.dp._noise import grid_step, on_grid
from skprivacy.dp._observed import Release, observed

__all__ = ["release_gaussian", "release_laplace"]


def release_gaussian(values, sensitivity, mu, noise) -> np.ndarray:
    """Release numbers with Gaussian noise.

    Parameters
    ----------
    values : ndarray
        Numbers, together one release.

    sensitivity : float
        Euclidean norm by which they change at most, from neighbor to neighbor.

    mu : float
        Sensitivity over the standard deviation of the noise: the release is ``mu``-GDP.

    noise : NoiseSource
        Where noise comes from.

    Returns
    -------
    released : ndarray
        On a grid of a millionth of the noise. Numbers are rounded to it before noise
        is added, by which neighbors may be farther apart; the noise is as much larger.
    """
    values = np.asarray(values, dtype=float)
    if sensitivity == 0:
        return _released_as_it_is("gaussian", values, noise)
    step = grid_step(sensitivity / mu)
    deviation = (sensitivity + step * np.sqrt(values.size)) / mu

    def draw():
        drawn = on_grid(deviation * noise.normal(values.shape), step)
        return on_grid(values, step) + drawn

    return observed(Release("gaussian", values, sensitivity, deviation), draw, noise)


def release_laplace(values, sensitivity, epsilon, noise) -> np.ndarray:
    """Release numbers with Laplace noise.

    Parameters
    ----------
    values : ndarray
        Numbers, together one release.

    sensitivity : float
        Sum of the absolute changes from neighbor to neighbor, at most.

    epsilon : float
        The release is ``epsilon``-private.

    noise : NoiseSource
        Where noise comes from.

    Returns
    -------
    released : ndarray
        On a grid, as of :func:`release_gaussian`.
    """
    values = np.asarray(values, dtype=float)
    if sensitivity == 0:
        return _released_as_it_is("laplace", values, noise)
    step = grid_step(sensitivity / epsilon)
    scale = (sensitivity + step * values.size) / epsilon

    def draw():
        drawn = on_grid(scale * noise.laplace(values.shape), step)
        return on_grid(values, step) + drawn

    return observed(Release("laplace", values, sensitivity, scale), draw, noise)


def _released_as_it_is(law, values, noise):
    return observed(Release(law, values, 0.0, 0.0), values.copy, noise)
