"""The best of a random number of private runs."""

import numpy as np
from scipy.optimize import brentq
from scipy.stats import poisson

from skprivacy.dp._approximate import ApproximateDP
from skprivacy.dp._compose import as_renyi
from skprivacy.dp._gaussian import GaussianDP
from skprivacy.dp._guarantee import PrivacyGuarantee
from skprivacy.dp._observed import observed_hidden
from skprivacy.dp._renyi import ORDERS, RenyiDP

__all__ = [
    "SHAPES",
    "draw_runs",
    "mean_runs",
    "orders_of",
    "selected_guarantee",
    "selected_renyi",
    "stopping_for_mean",
]

#: Shapes of truncated negative binomial laws; an infinite one is a Poisson law.
SHAPES = {"logarithmic": 0.0, "geometric": 1.0, "poisson": np.inf}
#: Where divergences are looked at, of curves that have all.
MANY_ORDERS = tuple(np.union1d(ORDERS, 1 + np.geomspace(1e-2, 1e4, 300)).tolist())
#: Chance of more runs, which are not made.
BEYOND = 1e-18


def mean_runs(stopping, shape) -> float:
    r"""Mean of a truncated negative binomial law.

    Parameters
    ----------
    stopping : float
        Above 0, below 1; of the geometric law the chance to stop after each run.

    shape : float
        0 of the logarithmic law, 1 of the geometric.

    Returns
    -------
    mean : float

    Examples
    --------
    >>> mean_runs(0.1, 1.0)
    10.0
    """
    odds = 1 / stopping - 1
    if shape == 0:
        return float(odds / -np.log(stopping))
    return float(shape * odds / -np.expm1(shape * np.log(stopping)))


def stopping_for_mean(mean, shape) -> float:
    """Return the stopping parameter of the law with a mean, as of :func:`mean_runs`.

    Examples
    --------
    >>> round(stopping_for_mean(10.0, 1.0), 6)
    0.1
    """

    def excess(log_stopping):
        return np.log(mean_runs(np.exp(log_stopping), shape)) - np.log(mean)

    return float(np.exp(brentq(excess, -60.0, -1e-12, xtol=1e-13)))


def draw_runs(mean, shape, noise) -> int:
    """Draw the number of runs.

    Parameters
    ----------
    mean, shape : float
        Of the law.

    noise : NoiseSource
        Where it comes from.

    Returns
    -------
    n_runs : int
        0 by a Poisson law alone.
    """
    uniform = float(observed_hidden(noise.uniform, noise))
    if np.isinf(shape):
        return int(poisson.ppf(uniform, mean))
    stopping = stopping_for_mean(mean, shape)
    on, k = 1 - stopping, 1
    if shape == 0:
        chance = on / -np.log(stopping)
    else:
        chance = shape * on / np.expm1(-shape * np.log(stopping))
    left = uniform - chance
    while left > 0 and chance > BEYOND:
        chance *= on * (k + shape) / (k + 1)
        left, k = left - chance, k + 1
    return k


def selected_renyi(orders, divergences, mean, shape, curve) -> np.ndarray:
    r"""Renyi divergences of the best of a random number of runs.

    By a truncated negative binomial law of shape :math:`\eta`, stopping :math:`\gamma`
    and mean :math:`m`, for any :math:`b \geq 1`,

    .. math:: r(a) + (1 + \eta) \left(1 - \frac1b\right) r(b) - (1 + \eta)
              \frac{\log \gamma}{b} + \frac{\log m}{a - 1};

    by a Poisson law, with the delta of one run at :math:`\log(1 + 1 / (a - 1))`,

    .. math:: r(a) + m \delta + \frac{\log m}{a - 1}.

    Parameters
    ----------
    orders, divergences : ndarray of shape (n_orders,)
        Increasing orders above 1, and divergences of one run.

    mean, shape : float
        Of the number of runs.

    curve : curve
        Delta of one run.

    Returns
    -------
    divergences : ndarray of shape (n_orders,)

    References
    ----------
    N. Papernot, T. Steinke. "Hyperparameter tuning with Rényi differential privacy".
    ICLR 2022, theorems 2 and 6 of arXiv:2110.03620.

    Examples
    --------
    >>> orders = np.array([2.0, 1e6])
    >>> selected_renyi(orders, np.ones(2), 10.0, 1.0, None).round(3)
    array([3., 3.])
    """
    orders, divergences = np.asarray(orders, float), np.asarray(divergences, float)
    told = divergences + np.log(mean) / (orders - 1)
    if np.isinf(shape):
        told = told + mean * curve.delta(np.log1p(1 / (orders - 1)))
    else:
        stopping = stopping_for_mean(mean, shape)
        others = (1 - 1 / orders) * divergences - np.log(stopping) / orders
        told = told + (1 + shape) * others.min()
    # Divergences grow with the order: a smaller one bounds those of lower orders.
    return np.minimum.accumulate(told[::-1])[::-1]


def selected_guarantee(guarantee, mean, shape, delta) -> PrivacyGuarantee:
    """Guarantee of the best of a random number of runs, if nothing else is told.

    Parameters
    ----------
    guarantee : PrivacyGuarantee
        Of one run, its score included.

    mean, shape : float
        Of the number of runs.

    delta : float
        Delta at which it is named.

    Returns
    -------
    guarantee : PrivacyGuarantee
        Pure where that of a run is, but for a Poisson law.

    References
    ----------
    For pure guarantees and the geometric law: J. Liu, K. Talwar. "Private selection
    from private candidates". STOC 2019.

    Examples
    --------
    >>> print(selected_guarantee(PrivacyGuarantee.pure(0.5), 10.0, 1.0, 1e-5))
    epsilon=1.5 (replace)
    """
    curve, words = guarantee.curve, (guarantee.adjacency, guarantee.assumptions)
    if _is_pure(curve) and np.isfinite(shape):
        return PrivacyGuarantee.pure((2 + shape) * curve.at_epsilon, *words)
    orders = orders_of(curve)
    divergences = as_renyi(curve, orders)
    if not isinstance(curve, ApproximateDP | GaussianDP):
        # A score with noise has no larger divergences; its delta may be another.
        curve = RenyiDP(orders, tuple(divergences.tolist()))
    told = selected_renyi(orders, divergences, mean, shape, curve)
    return PrivacyGuarantee.renyi(orders, told, *words, delta)


def orders_of(curve) -> tuple:
    """Orders at which divergences of a curve are looked at."""
    return curve.orders if isinstance(curve, RenyiDP) else MANY_ORDERS


def _is_pure(curve):
    return isinstance(curve, ApproximateDP) and curve.at_delta == 0
