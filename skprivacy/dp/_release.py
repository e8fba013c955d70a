"""Releases of sums with noise."""

import numpy as np

from skprivacy.dp._noise import grid_step, on_grid

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
        return values.copy()
    step = grid_step(sensitivity / mu)
    deviation = (sensitivity + step * np.sqrt(values.size)) / mu
    drawn = on_grid(deviation * noise.normal(values.shape), step)
    return on_grid(values, step) + drawn


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
        return values.copy()
    step = grid_step(sensitivity / epsilon)
    scale = (sensitivity + step * values.size) / epsilon
    drawn = on_grid(scale * noise.laplace(values.shape), step)
    return on_grid(values, step) + drawn
