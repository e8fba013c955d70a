"""Noise that each client adds a part of, and what it promises of the sum."""

import os
from dataclasses import dataclass
from math import ceil, log, pi, sqrt

import numpy as np

from skprivacy.dp import PrivacyGuarantee
from skprivacy.dp._guarantee import ADJACENCIES, check_delta, check_epsilon

__all__ = [
    "DistributedGaussian",
    "discrete_gaussian",
    "least_noise",
    "summed_divergences",
]

ORDERS = tuple((1 + np.geomspace(1e-2, 1e3, 200)).tolist())
#: The chance that noise leaves the room that is set aside for it: 2 ** -64.
OVERFLOW_BITS = 64
#: Rejections, each with a chance below one half, that are not waited for.
MOST_DRAWS = 200


def discrete_gaussian(deviation, size) -> np.ndarray:
    r"""Draw whole numbers with :math:`P(x) \propto \exp(-x^2 / 2 \sigma^2)`.

    From discrete Laplace noise by rejection. Uniform numbers come from the operating
    system and logarithms are those of floats, so that probabilities are right to about
    2 ** -50 of themselves, and not exact.

    Parameters
    ----------
    deviation : float
        :math:`\sigma`.

    size : int
        How many.

    Returns
    -------
    noise : ndarray of shape (size,) of int64

    References
    ----------
    C. L. Canonne, G. Kamath, T. Steinke. "The discrete Gaussian for differential
    privacy". Advances in Neural Information Processing Systems, 2020. Algorithm 3.
    """
    scale = int(deviation) + 1
    noise, missing = np.zeros(size, dtype=np.int64), np.arange(size)
    for _ in range(MOST_DRAWS):
        if not len(missing):
            return noise
        n = len(missing)
        magnitude = np.floor(-scale * np.log(_uniform(n)))
        sign = np.where(_uniform(n) < 0.5, -1.0, 1.0)
        away = magnitude - deviation**2 / scale
        kept = _uniform(n) < np.exp(-(away**2) / (2 * deviation**2))
        # 0 must not be twice as likely as it is.
        kept &= (magnitude > 0) | (sign > 0)
        noise[missing[kept]] = (sign * magnitude)[kept].astype(np.int64)
        missing = missing[~kept]
    raise RuntimeError(f"no noise found in {MOST_DRAWS} draws.")


def summed_divergences(deviation, n_noisy, n_values, l2, l1, orders=ORDERS):
    r"""Renyi divergences of a sum with discrete Gaussian noise of many clients.

    The sum of discrete Gaussians is no discrete Gaussian, but close to one:

    .. math:: \tau = 10 \sum_{k=1}^{n-1} \exp\left(-2 \pi^2 \sigma^2 \frac{k}{k+1}
              \right)

    bounds how much more it gives away. With :math:`\Delta_2, \Delta_1` in units of
    :math:`\sqrt{n} \sigma` and d values, the divergence of order a is at most

    .. math:: \min\left(\frac{a}{2} \Delta_2^2 + \tau d, \;
              \frac{a}{2} (\Delta_2^2 + 2 \Delta_1 \tau + \tau^2 d), \;
              \frac{a}{2} (\Delta_2 + \tau \sqrt d)^2\right)

    Parameters
    ----------
    deviation : float
        Of one client's noise, :math:`\sigma`, as a whole number of steps.

    n_noisy : int
        Clients whose noise is in the sum, and unknown.

    n_values : int
        Values of the vector, d.

    l2, l1 : float
        Largest difference of two sums that must not be told apart.

    orders : sequence of float
        Orders above 1.

    Returns
    -------
    divergences : ndarray of shape (n_orders,)

    References
    ----------
    P. Kairouz, Z. Liu, T. Steinke. "The distributed discrete Gaussian mechanism for
    federated learning with secure aggregation". International Conference on Machine
    Learning, 2021. Proposition 14, as in the authors' accounting
    (google-research/federated, distributed_dp/accounting_utils.py).

    Examples
    --------
    >>> summed_divergences(100.0, 25, 1, l2=500.0, l1=500.0, orders=(2.0,))
    array([1.])
    """
    k = np.arange(1, n_noisy)
    tau = 10 * float(np.exp(-2 * (pi * deviation) ** 2 * k / (k + 1)).sum())
    scale = sqrt(n_noisy) * deviation
    l2, l1, half = l2 / scale, l1 / scale, np.asarray(orders, dtype=float) / 2
    first = half * l2**2 + tau * n_values
    second = half * (l2**2 + 2 * l1 * tau + tau**2 * n_values)
    third = half * (l2 + tau * sqrt(n_values)) ** 2
    return np.minimum(np.minimum(first, second), third)


def least_noise(spent, epsilon, delta, start) -> float:
    """Search for the least noise that keeps an epsilon.

    Parameters
    ----------
    spent : callable
        Gives the epsilon that a noise above 0 costs, less for more noise.

    epsilon, delta : float
        What it may cost; delta is told in the error.

    start : float
        A noise of about the right size, above 0.

    Returns
    -------
    noise : float
        At most a millionth above the least.

    Raises
    ------
    ValueError
        If no noise does.
    """
    low, high = 0.0, start
    while spent(high) > epsilon:
        low, high = high, 2 * high
        if high > 1e12 * start:
            raise ValueError(f"no noise keeps epsilon={epsilon} at delta={delta}.")
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if spent(middle) <= epsilon else (middle, high)
    return high


@dataclass(frozen=True)
class DistributedGaussian:
    """Discrete Gaussian noise in parts: no one but all clients together add enough.

    Each client shortens its vector to `clip_norm`, rounds it and adds its part of the
    noise; the server sees the sum of all parts alone. The promise counts the parts
    that are in the sum and that no corrupt client tells: what drops out takes its part
    with it.

    Parameters
    ----------
    clip_norm : float
        Largest Euclidean norm of a client's vector; longer ones are shortened.

    deviation : float
        Standard deviation of one client's part, in units of the vector.

    adjacency : {"replace", "add_remove"}, default="replace"
        Whether a client's vector becomes any other one; or becomes zero.

    Examples
    --------
    >>> from skprivacy.federated import DistributedGaussian, FixedPoint
    >>> noise = DistributedGaussian(clip_norm=1.0, deviation=0.5)
    >>> fixed = FixedPoint(bound=1.0, fraction_bits=16)
    >>> for n_noisy in (100, 60):  # 40 dropped out
    ...     print(noise.guarantee(n_noisy, n_values=10, fixed_point=fixed).epsilon())
    1.69...
    2.24...
    """

    clip_norm: float
    deviation: float
    adjacency: str = "replace"

    def __post_init__(self):
        check_epsilon(self.clip_norm, "clip_norm")
        check_epsilon(self.deviation, "deviation")
        if self.adjacency not in ADJACENCIES:
            raise ValueError(
                f"adjacency must be one of {ADJACENCIES}; got {self.adjacency!r}."
            )

    @classmethod
    def calibrate(
        cls,
        epsilon,
        *,
        delta,
        clip_norm,
        n_noisy,
        n_values,
        fixed_point,
        adjacency="replace",
    ):
        """Make the one with the least noise that keeps an epsilon.

        Parameters
        ----------
        epsilon, delta : float
            What the sum may cost.

        clip_norm, adjacency
            As in the class.

        n_noisy : int
            Fewest clients whose noise is in the sum, and unknown: without those that
            may drop out or be corrupt.

        n_values : int
            Values of the vector.

        fixed_point : FixedPoint
            How they are rounded.

        Returns
        -------
        noise : DistributedGaussian

        Examples
        --------
        >>> from skprivacy.federated import DistributedGaussian, FixedPoint
        >>> fixed = FixedPoint(bound=1.0, fraction_bits=16)
        >>> noise = DistributedGaussian.calibrate(
        ...     2.0, delta=1e-5, clip_norm=1.0, n_noisy=60, n_values=10,
        ...     fixed_point=fixed,
        ... )
        >>> round(noise.deviation, 2)
        0.55
        """
        check_epsilon(epsilon)
        check_delta(delta)

        def spent(deviation):
            noise = cls(clip_norm, deviation, adjacency)
            return noise.guarantee(n_noisy, n_values, fixed_point).epsilon(delta)

        deviation = least_noise(spent, epsilon, delta, float(clip_norm))
        return cls(clip_norm, deviation, adjacency)

    def shorten(self, values):
        """Return a vector of at most `clip_norm`, and whether it was longer."""
        values = np.asarray(values, dtype=float)
        norm = float(np.linalg.norm(values))
        if norm <= self.clip_norm:
            return values, False
        return values * (self.clip_norm / norm), True

    def draw(self, n_values, fixed_point) -> np.ndarray:
        """Draw one client's part, as whole numbers of steps."""
        return discrete_gaussian(self._steps(fixed_point), n_values)

    def headroom(self, n_clients, n_values, fixed_point) -> int:
        """Return what the noise of a sum exceeds with a chance of 2 ** -64."""
        deviation = self._steps(fixed_point) * sqrt(n_clients)
        return ceil(deviation * sqrt(2 * log(2 * n_values * 2.0**OVERFLOW_BITS)))

    def guarantee(self, n_noisy, n_values, fixed_point, stated_delta=1e-5):
        """Promise of a sum.

        Parameters
        ----------
        n_noisy : int
            Clients whose noise is in the sum, and unknown.

        n_values : int
            Values of the vector.

        fixed_point : FixedPoint
            How they are rounded.

        stated_delta : float, default=1e-5
            Delta at which it is named.

        Returns
        -------
        guarantee : PrivacyGuarantee
            About the vector of a client as a whole.

        Raises
        ------
        ValueError
            If no noise is left.
        """
        if n_noisy < 1:
            raise ValueError(
                f"no client is left whose noise is unknown; got n_noisy={n_noisy}."
            )
        # Rounding moves each value by half a step at most.
        norm = self.clip_norm * 2.0**fixed_point.fraction_bits + sqrt(n_values) / 2
        moved = norm * (2 if self.adjacency == "replace" else 1)
        # Of whole numbers the sum of magnitudes is at most that of squares.
        l1 = min(sqrt(n_values) * moved, moved**2)
        divergences = summed_divergences(
            self._steps(fixed_point), n_noisy, n_values, moved, l1
        )
        changed = "replaced" if self.adjacency == "replace" else "set to zero"
        assumptions = (
            f"a client's whole vector is {changed}",
            f"the noise of {n_noisy} clients is in the sum, and nobody tells it",
            "only the sum is seen",
        )
        return PrivacyGuarantee.renyi(
            ORDERS, divergences, self.adjacency, assumptions, stated_delta
        )

    def _steps(self, fixed_point):
        return self.deviation * 2.0**fixed_point.fraction_bits


def _uniform(n):
    words = np.frombuffer(os.urandom(8 * n), dtype=np.uint64)
    return (words.astype(float) + 0.5) / 2.0**64
