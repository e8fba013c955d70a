"""The curve of Gaussian releases from random samples of the records."""

from dataclasses import dataclass
from functools import cached_property

from skprivacy.dp._privacy_loss import PrivacyLoss

__all__ = ["SampledGaussian"]


@dataclass(frozen=True)
class SampledGaussian:
    """Gaussian releases, each from a Poisson sample of its own.

    Attributes
    ----------
    noise_multiplier : float
        Standard deviation of the noise over the sensitivity.

    sampling_rate : float
        Chance of each record to be in a sample.

    n_releases : int
        How many.
    """

    noise_multiplier: float
    sampling_rate: float
    n_releases: int = 1

    @cached_property
    def loss(self) -> PrivacyLoss:
        """Distribution of the privacy loss."""
        one = PrivacyLoss.gaussian(self.noise_multiplier, self.sampling_rate)
        return one.repeat(self.n_releases)

    def delta(self, epsilon):
        """Delta at an epsilon."""
        return self.loss.delta(epsilon)

    def epsilon(self, delta) -> float:
        """Epsilon at a delta."""
        return self.loss.epsilon(delta)

    def __str__(self):
        return (
            f"{self.n_releases} x noise {self.noise_multiplier:.4g} on samples of "
            f"{self.sampling_rate:.3g}"
        )
