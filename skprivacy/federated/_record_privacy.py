"""What sums over records promise each of them, where clients add noise."""

from dataclasses import dataclass
from math import sqrt
from numbers import Integral

import numpy as np

from skprivacy.dp import PrivacyGuarantee
from skprivacy.dp._guarantee import ADJACENCIES, check_delta, check_epsilon
from skprivacy.federated._distributed_noise import discrete_gaussian, least_noise

__all__ = ["NoisePlan", "RecordPrivacy"]

#: Steps of the words that one client's noise must at least be wide. A sum of discrete
#: Gaussians is a Gaussian then but for exp(-300), which no delta sees.
LEAST_STEPS = 8.0
#: Whole numbers up to this are exact as floats.
MOST_STEPS = 2.0**53


@dataclass(frozen=True)
class RecordPrivacy:
    """Differential privacy of each record in what clients learn by sums.

    Each client adds its part of discrete Gaussian noise to its vector before it is
    masked. The parts of all but `n_corrupt` of the fewest clients that a sum may have,
    `min_clients`, are enough by themselves; those of more clients are more noise than
    promised. Columns are clipped to `bounds`, and the sums are composed.

    Parameters
    ----------
    epsilon : float
        What the whole fit may cost, above 0.

    delta : float, default=1e-5
        The delta at which it may, above 0.

    n_corrupt : int, default=0
        Clients that may tell the server their part of the noise.

    adjacency : {"replace", "add_remove"}, default="replace"
        Whether a record becomes another one of the same client, or is left out.

    Raises
    ------
    TypeError, ValueError
        If they are something else.

    See Also
    --------
    DistributedGaussian : Noise for the whole vector of a client.

    References
    ----------
    P. Kairouz, Z. Liu, T. Steinke. "The distributed discrete Gaussian mechanism for
    federated learning with secure aggregation". International Conference on Machine
    Learning, 2021. The sum over rounds is that of zero-concentrated differential
    privacy.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skprivacy.federated import FederatedClassifier, RecordPrivacy
    >>> X, y = load_iris(return_X_y=True)
    >>> model = FederatedClassifier(
    ...     GaussianNB(),
    ...     privacy=RecordPrivacy(epsilon=5.0),
    ...     classes=[0, 1, 2],
    ...     bounds=(0, 8),
    ...     min_clients=5,
    ... ).fit(X, y, groups=np.arange(150) % 5)
    >>> round(model.privacy_guarantee_.epsilon(1e-5), 2)
    5.0
    """

    epsilon: float
    delta: float = 1e-5
    n_corrupt: int = 0
    adjacency: str = "replace"

    def __post_init__(self):
        check_epsilon(self.epsilon)
        check_delta(self.delta)
        if isinstance(self.n_corrupt, bool) or not isinstance(self.n_corrupt, Integral):
            raise TypeError(
                f"n_corrupt must be a whole number; got {self.n_corrupt!r}."
            )
        if self.n_corrupt < 0:
            raise ValueError(f"n_corrupt must be 0 at least; got {self.n_corrupt}.")
        if self.adjacency not in ADJACENCIES:
            raise ValueError(
                f"adjacency must be one of {ADJACENCIES}; got {self.adjacency!r}."
            )

    def plan(self, n_sums, min_clients, fraction_bits):
        """Say how much noise each client adds.

        Parameters
        ----------
        n_sums : int
            Sums of the whole fit.

        min_clients : int
            Fewest clients of a sum.

        fraction_bits : int
            How vectors are rounded.

        Returns
        -------
        plan : NoisePlan

        Raises
        ------
        ValueError
            If no client may be left whose noise is unknown, or no noise keeps epsilon:
            at a delta of 0.
        """
        n_noisy = min_clients - self.n_corrupt
        if n_noisy < 1:
            raise ValueError(
                f"n_corrupt must be below min_clients={min_clients}; got "
                f"n_corrupt={self.n_corrupt}."
            )

        def spent(multiplier):
            rho = n_sums / (2 * multiplier**2)
            return PrivacyGuarantee.zcdp(rho).epsilon(self.delta)

        multiplier = least_noise(spent, self.epsilon, self.delta, 1.0)
        return NoisePlan(self, n_sums, n_noisy, fraction_bits, multiplier)


@dataclass(frozen=True)
class NoisePlan:
    """How much noise each client adds in each sum of a fit.

    Parameters
    ----------
    privacy : RecordPrivacy
        What is promised.

    n_sums : int
        Sums of the fit.

    n_noisy : int
        Fewest clients whose noise is in a sum, and unknown.

    fraction_bits : int
        How vectors are rounded.

    multiplier : float
        Standard deviation of the noise of `n_noisy` clients, in units of how far one
        record moves the sum.
    """

    privacy: RecordPrivacy
    n_sums: int
    n_noisy: int
    fraction_bits: int
    multiplier: float

    def deviation(self, norm, n_values) -> float:
        """Return that of one client's noise, in units of the vector.

        Parameters
        ----------
        norm : float
            Largest Euclidean norm of what one record adds to the vector.

        n_values : int
            Length of the vector.
        """
        factor = 2.0 if self.privacy.adjacency == "replace" else 1.0
        # Two vectors are rounded, each value by half a step.
        moved = factor * norm + sqrt(n_values) * 2.0**-self.fraction_bits
        return self.multiplier * moved / sqrt(self.n_noisy)

    def noisy(self, vector, norm):
        """Round a client's vector and add its part of the noise.

        Parameters
        ----------
        vector : ndarray of shape (n_values,)
            Sum over its records.

        norm : float
            Largest Euclidean norm of what one record adds.

        Returns
        -------
        noisy : ndarray of shape (n_values,)
            Whole steps, which the words of a secure sum hold exactly.

        Raises
        ------
        ValueError
            If words are too coarse, or too fine.
        """
        unit = 2.0**self.fraction_bits
        deviation = self.deviation(norm, len(vector)) * unit
        if deviation < LEAST_STEPS:
            raise ValueError(
                f"fraction_bits={self.fraction_bits} is too few: the noise would be "
                f"{deviation:.2g} steps wide, and must be {LEAST_STEPS:g} at least."
            )
        steps = np.rint(vector * unit) + discrete_gaussian(deviation, len(vector))
        if np.abs(steps).max() >= MOST_STEPS:
            raise ValueError(
                f"fraction_bits={self.fraction_bits} is too many: sums of so many "
                "records would not be exact."
            )
        return steps / unit

    def spread(self, norm, n_values, n_clients) -> float:
        """Return the standard deviation of each value of a sum."""
        return self.deviation(norm, n_values) * sqrt(n_clients)

    def guarantee(self) -> PrivacyGuarantee:
        """Promise of the whole fit."""
        changed = {"replace": "replaced", "add_remove": "left out"}
        assumptions = (
            f"one record of one client is {changed[self.privacy.adjacency]}",
            f"the noise of {self.n_noisy} clients is in each sum, and nobody tells it",
            "only the sums and the model are seen",
            "bounds and classes were not taken from the records",
        )
        return PrivacyGuarantee.zcdp(
            self.n_sums / (2 * self.multiplier**2),
            self.privacy.adjacency,
            assumptions,
            self.privacy.delta,
        )
