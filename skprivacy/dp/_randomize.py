"""Noise on values one by one: randomized response, Laplace and Gaussian noise."""

import numpy as np

from skprivacy.dp._gaussian import gaussian_mu
from skprivacy.dp._noise import grid_step, on_grid
from skprivacy.dp._observed import Release, observed

__all__ = [
    "choose_noise",
    "lie_chance",
    "noise_deviation",
    "randomize_codes",
    "randomize_numbers",
    "unbiased_frequencies",
]

#: Chances are whole multiples of this: as fine as the source of noise is.
FINEST = 2.0**-64
#: By how much the chance to lie is larger than it must be: more than rounding takes.
SAFETY = 1 + 1e-12


def lie_chance(n_categories, epsilon) -> float:
    r"""Return the chance that randomized response does not tell the true category.

    .. math:: 1 - p = \frac{k - 1}{e^\varepsilon + k - 1}

    Parameters
    ----------
    n_categories : int
        Categories, k.

    epsilon : float
        Of one value.

    Returns
    -------
    chance : float
        Rounded up to what the source of noise can draw.

    References
    ----------
    P. Kairouz, K. Bonawitz, D. Ramage. "Discrete distribution estimation under local
    privacy". ICML 2016. Two categories: S. L. Warner. "Randomized response: a survey
    technique for eliminating evasive answer bias". JASA 1965.

    Examples
    --------
    >>> round(lie_chance(2, np.log(3)), 6), round(lie_chance(4, np.log(3)), 6)
    (0.25, 0.5)
    """
    others = n_categories - 1
    # As a power below 1, which does not overflow.
    odds = np.exp(-epsilon) * others
    chance = odds / (1 + odds) * SAFETY
    return float(max(np.ceil(chance / FINEST), 1.0) * FINEST)


def randomize_codes(codes, n_categories, epsilon, noise) -> np.ndarray:
    """Tell each category, or any other one instead, by chance.

    Parameters
    ----------
    codes : ndarray of int
        Categories, from 0.

    n_categories : int
        How many there are.

    epsilon : float
        Of each value.

    noise : NoiseSource
        Where chance comes from.

    Returns
    -------
    told : ndarray of int
        All other categories are told alike often.

    Examples
    --------
    >>> from skprivacy.dp._noise import NoiseSource
    >>> randomize_codes(np.array([0, 1, 2]), 3, 50.0, NoiseSource())
    array([0, 1, 2])
    """
    codes = np.asarray(codes)
    others = n_categories - 1
    if others == 0:
        return codes.copy()
    chance = lie_chance(n_categories, epsilon)

    def draw():
        lies = noise.uniform(codes.shape) < chance
        which = (noise.uniform(codes.shape) * others).astype(int)
        # Numbers next to 1 may be rounded up to it.
        told = (codes + 1 + np.minimum(which, others - 1)) % n_categories
        return np.where(lies, told, codes)

    odds = float(np.log1p(-chance) - np.log(chance / others))
    ends = 0, n_categories - 1
    return observed(Release("randomized_response", codes, 1.0, odds, ends), draw, noise)


def noise_deviation(sensitivity, loss) -> tuple:
    """Return how large noise is that hides one value, and the grid that it is on.

    Parameters
    ----------
    sensitivity : float
        How far apart two values can be.

    loss : float
        Epsilon of Laplace noise, or mu of Gaussian noise.

    Returns
    -------
    size : float
        Scale, or standard deviation. Values are rounded to the grid, by which they may
        be a step farther apart.

    step : float
        Of the grid.
    """
    step = grid_step(sensitivity / loss)
    return (sensitivity + step) / loss, step


def randomize_numbers(values, sensitivity, loss, noise, *, law="laplace") -> np.ndarray:
    """Add noise to each number.

    Parameters
    ----------
    values : ndarray
        Numbers, each a release by itself.

    sensitivity : float
        How far apart two of them can be.

    loss : float
        Epsilon of Laplace noise, or mu of Gaussian noise, of each number.

    noise : NoiseSource
        Where noise comes from.

    law : {"laplace", "gaussian"}, default="laplace"
        Which noise.

    Returns
    -------
    told : ndarray
        On a grid of a millionth of the noise.
    """
    size, step = noise_deviation(sensitivity, loss)
    of_law = noise.laplace if law == "laplace" else noise.normal

    def draw():
        return on_grid(values, step) + on_grid(size * of_law(np.shape(values)), step)

    return observed(Release(law, values, sensitivity, size), draw, noise)


def choose_noise(epsilons, delta=0.0, mechanism="auto") -> tuple:
    """Choose the noise on the numbers of a record.

    Parameters
    ----------
    epsilons : ndarray of shape (n_numbers,)
        Of each number.

    delta : float, default=0.0
        Of Gaussian noise on all of them.

    mechanism : str, default="auto"
        "laplace", "gaussian", or whichever has the smaller variances, each in units of
        its own bounds.

    Returns
    -------
    law : {"laplace", "gaussian"}
        Which noise.

    losses : ndarray of shape (n_numbers,)
        Epsilon, or mu, of each number.

    mu : float or None
        Of all numbers together, where the noise is Gaussian. In it squares add up: each
        has a part in proportion to its epsilon.

    Raises
    ------
    ValueError
        If Gaussian noise is wanted without a delta.

    Examples
    --------
    >>> choose_noise(np.ones(2), 1e-5)[0], choose_noise(np.ones(50), 1e-5)[0]
    ('laplace', 'gaussian')
    """
    if mechanism == "gaussian" and delta == 0:
        raise ValueError(
            'mechanism="gaussian" needs a delta above 0: Gaussian noise keeps no '
            "promise at delta=0."
        )
    if len(epsilons) == 0 or delta == 0 or mechanism == "laplace":
        return "laplace", epsilons, None
    mu = gaussian_mu(float(epsilons.sum()), delta)
    of_each = mu * epsilons / np.linalg.norm(epsilons)
    smaller = (1 / of_each**2).sum() < (2 / epsilons**2).sum()
    if mechanism == "gaussian" or smaller:
        return "gaussian", of_each, mu
    return "laplace", epsilons, None


def unbiased_frequencies(counts, epsilon) -> np.ndarray:
    r"""Return how frequent categories were before randomized response.

    .. math:: \hat f_c = \frac{n_c / n - q}{p - q}, \qquad q = \frac{1 - p}{k - 1}

    Parameters
    ----------
    counts : array-like of shape (n_categories,)
        How often each category was told.

    epsilon : float
        Of each value.

    Returns
    -------
    frequencies : ndarray of shape (n_categories,)
        They sum to 1. Right on average, and so below 0 at times.

    Examples
    --------
    >>> # Of 80 zeros 60 say so, of 20 ones 5 say zero.
    >>> unbiased_frequencies([65, 35], np.log(3)).round(6)
    array([0.8, 0.2])
    """
    counts = np.asarray(counts, dtype=float)
    if len(counts) == 1:
        return np.ones(1)
    lie = lie_chance(len(counts), epsilon)
    q = lie / (len(counts) - 1)
    return (counts / counts.sum() - q) / (1 - lie - q)
