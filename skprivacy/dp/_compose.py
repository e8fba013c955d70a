"""Several releases about the same records, as one."""

from functools import reduce

import numpy as np

from skprivacy.dp._approximate import ApproximateDP
from skprivacy.dp._gaussian import GaussianDP
from skprivacy.dp._perturbed_objective import PerturbedObjective
from skprivacy.dp._privacy_loss import PrivacyLoss
from skprivacy.dp._renyi import RenyiDP, gaussian_renyi
from skprivacy.dp._sampled_gaussian import SampledGaussian

__all__ = ["as_loss", "as_renyi", "compose_curves"]


def compose_curves(curves):
    """Curve of all releases together.

    Parameters
    ----------
    curves : sequence of curves
        Not empty. Where one is of Renyi divergences all are turned into such.

    Returns
    -------
    curve : GaussianDP, RenyiDP or PrivacyLoss
        Gaussian curves make a Gaussian one, exactly.

    Raises
    ------
    ValueError
        If a curve of Renyi divergences meets one that has none.

    Examples
    --------
    >>> compose_curves([GaussianDP(3.0), GaussianDP(4.0)])
    GaussianDP(mu=5.0)
    """
    curves = list(curves)
    if len(curves) == 1:
        return curves[0]
    if all(isinstance(curve, GaussianDP) for curve in curves):
        return GaussianDP(float(np.hypot.reduce([curve.mu for curve in curves])))
    orders = [set(curve.orders) for curve in curves if isinstance(curve, RenyiDP)]
    if orders:
        shared = tuple(sorted(set.intersection(*orders)))
        if not shared:
            raise ValueError("guarantees by Renyi divergences of no order in common.")
        sums = sum(as_renyi(curve, shared) for curve in curves)
        return RenyiDP(shared, tuple(sums.tolist()))
    return _loss_of(curves)


def as_renyi(curve, orders) -> np.ndarray:
    """Renyi divergences of a curve.

    Parameters
    ----------
    curve : curve
        Of any kind that has them.

    orders : tuple of float
        Orders above 1.

    Returns
    -------
    divergences : ndarray of shape (n_orders,)

    Raises
    ------
    ValueError
        If it has none.

    References
    ----------
    For pure guarantees: M. Bun, T. Steinke. "Concentrated differential privacy:
    simplifications, extensions, and lower bounds". TCC 2016.
    """
    orders = np.asarray(orders, dtype=float)
    if isinstance(curve, RenyiDP):
        known = dict(zip(curve.orders, curve.divergences, strict=True))
        return np.array([known[order] for order in orders])
    if isinstance(curve, GaussianDP):
        return orders * curve.mu**2 / 2
    if isinstance(curve, ApproximateDP) and curve.at_delta == 0:
        return np.minimum(curve.at_epsilon, orders * curve.at_epsilon**2 / 2)
    if isinstance(curve, PerturbedObjective):
        return curve.renyi(orders)
    if isinstance(curve, SampledGaussian) and (orders == orders.astype(int)).all():
        one = gaussian_renyi(curve.noise_multiplier, curve.sampling_rate, orders)
        return curve.n_releases * one
    raise ValueError(
        f"a guarantee by {curve} has no Renyi divergences, and can't be composed with "
        "one that has nothing else. State both as (epsilon, delta)."
    )


def as_loss(curve) -> PrivacyLoss:
    """Privacy loss of a curve that is not of Renyi divergences."""
    if isinstance(curve, GaussianDP):
        # Without anything to tell, any loss will do that is 0.
        return (
            PrivacyLoss.gaussian(1 / curve.mu)
            if curve.mu > 0
            else PrivacyLoss.approximate(0.0)
        )
    if isinstance(curve, ApproximateDP):
        return PrivacyLoss.approximate(curve.at_epsilon, curve.at_delta)
    return getattr(curve, "loss", curve)


def _loss_of(curves):
    # What occurs often is raised to a power, once.
    counts = {}
    for curve in curves:
        key = curve if not isinstance(curve, PrivacyLoss) else id(curve)
        counts.setdefault(key, [curve, 0])[1] += 1
    losses = [as_loss(curve).repeat(times) for curve, times in counts.values()]
    return reduce(PrivacyLoss.compose, losses)
