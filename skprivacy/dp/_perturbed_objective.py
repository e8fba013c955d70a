"""The curve of an optimum of an objective with a random linear term."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import logsumexp
from scipy.stats import chi

from skprivacy.dp._gaussian import gaussian_delta, gaussian_epsilon
from skprivacy.dp._privacy_loss import STEP, LossDistribution, PrivacyLoss

__all__ = ["PerturbedObjective"]

#: Lengths of the noise at which the law is looked at; rounded up in between.
N_LENGTHS = 1000
#: Chance of a longer one, which counts as telling all.
BEYOND = 1e-15
#: How far from the mode moments are summed up, and what the sum may be off by.
REACH, TOLERANCE = 12.0, 1e-9
NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)


@dataclass(frozen=True)
class PerturbedObjective:
    r"""An optimum with noise in the objective, and Gaussian noise on what was found.

    The privacy loss of the optimum is at most :math:`d + a r + a^2 / 2`, where
    :math:`r` is the length of the part of the noise, in standard deviations, in the
    space of :math:`k` dimensions that the gradients of the two records span.

    Attributes
    ----------
    curvature : float
        d, the logarithm by which one record changes the determinant of the Hessian, at
        most.

    shift : float
        a, how far apart gradients of neighbors are, in standard deviations.

    dimension : int
        k.

    mu : float
        Of the Gaussian noise on what was found.
    """

    curvature: float
    shift: float
    dimension: int
    mu: float

    def delta(self, epsilon):
        """Delta at an epsilon: the expectation, over lengths, of the Gaussian's."""
        epsilon = np.asarray(epsilon, dtype=float)
        lengths, chances, beyond = _lengths(self.dimension)
        left = epsilon[..., None] - self._loss_at(lengths)
        found = gaussian_delta(left, self.mu) @ chances + beyond
        return np.minimum(found, 1.0)

    def epsilon(self, delta) -> float:
        """Epsilon at a delta."""
        if float(self.delta(0.0)) <= delta:
            return 0.0
        if delta <= 2 * BEYOND:
            return np.inf
        longest = self._loss_at(_lengths(self.dimension)[0][-1])
        low, high = 0.0, float(longest + gaussian_epsilon(delta / 4, self.mu))
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (
                (middle, high) if float(self.delta(middle)) > delta else (low, middle)
            )
        return high

    def renyi(self, orders) -> np.ndarray:
        """Renyi divergences: integrals over the law of lengths."""
        orders = np.asarray(orders, dtype=float)
        lift, shape = orders - 1, self.dimension - 1
        # The tilted law is log-concave, and no wider than a normal one around its mode.
        tilt = self.shift * lift
        mode = (tilt + np.sqrt(tilt**2 + 4 * shape)) / 2
        start = np.maximum(mode - REACH, 0.0)
        half = (mode + REACH - start) / 2
        lengths = start[:, None] + half[:, None] * (1 + NODES)
        logs = chi.logpdf(lengths, self.dimension) + tilt[:, None] * lengths
        moments = logsumexp(logs, b=half[:, None] * WEIGHTS, axis=1) + TOLERANCE
        fixed = self.curvature + self.shift**2 / 2 + orders * self.mu**2 / 2
        return moments / lift + fixed

    @cached_property
    def loss(self) -> PrivacyLoss:
        """Distribution of the privacy loss, on a grid."""
        lengths, chances, beyond = _lengths(self.dimension)
        steps = np.ceil(self._loss_at(lengths) / STEP).astype(int)
        spread = np.bincount(steps - steps[0], chances)
        one = LossDistribution(int(steps[0]), spread, beyond)
        found = PrivacyLoss(one, one)
        return found.compose(PrivacyLoss.gaussian(1 / self.mu)) if self.mu else found

    def __getstate__(self):
        return {k: v for k, v in vars(self).items() if k != "loss"}

    def _loss_at(self, lengths):
        return self.curvature + self.shift * lengths + self.shift**2 / 2

    def __str__(self):
        return f"optimum of a noisy objective, shift {self.shift:.4g}"


def _lengths(dimension):
    """Lengths of normal noise, rounded up, their chances, and that of longer ones."""
    last = chi.isf(BEYOND, dimension)
    edges = np.linspace(0.0, last, N_LENGTHS + 1)
    return edges[1:], np.exp(_log_between(edges, dimension)), BEYOND


def _log_between(edges, dimension):
    """Logarithm of the chance of each interval, by whichever tail is the smaller."""
    below, above = chi.cdf(edges, dimension), chi.sf(edges, dimension)
    chances = np.where(below[1:] < 0.5, np.diff(below), -np.diff(above))
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(chances, 0.0))
