"""Distributions of the privacy loss, composed by Fourier transforms."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import logsumexp, ndtr

__all__ = ["LossDistribution", "PrivacyLoss", "connect_the_dots"]

#: Step of the grid of losses. The bound is off by the square of it a release.
STEP = 1e-4
#: Chance of losses that is taken for an infinite one to keep the grid short.
TAIL = 1e-15
#: Of the tilts by which tails are bounded.
TILTS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
#: Of exponents, so that nothing overflows.
LARGEST = 700.0
#: Steps of a grid at most: 500 MB in the transform.
MOST_STEPS = 20_000_000


@dataclass(frozen=True)
class LossDistribution:
    """How likely each privacy loss is, on a grid, never in the attacker's disfavor.

    Attributes
    ----------
    first : int
        The first loss, in steps.

    chances : ndarray of shape (n_losses,)
        Chance of each loss if the record is in.

    infinite : float
        Chance of what can't happen if it is not.

    step : float
        Step of the grid.

    cut : float
        How much of `infinite` is there only to keep the grid short.

    largest : int or None
        The largest loss but for infinite ones, in steps, where the grid was cut.
    """

    first: int
    chances: np.ndarray = field(repr=False)
    infinite: float
    step: float = STEP
    cut: float = 0.0
    largest: int | None = None

    @cached_property
    def losses(self):
        """Loss of each chance."""
        return (self.first + np.arange(len(self.chances))) * self.step

    def delta(self, epsilon):
        """Delta at an epsilon: the expectation of ``1 - exp(epsilon - loss)`` above."""
        epsilon = np.asarray(epsilon, dtype=float)
        with_it, without_it = self._above
        start = np.searchsorted(self.losses, epsilon, side="right")
        gone = np.exp(np.minimum(epsilon, LARGEST)) * without_it[start]
        found = self.infinite + np.maximum(with_it[start] - gone, 0.0)
        # Beyond all finite losses nothing was cut off.
        beyond = epsilon >= self.last_loss * (1 - 1e-12)
        return np.where(beyond, np.maximum(self.infinite - self.cut, 0.0), found)

    @property
    def last_loss(self):
        """The largest loss but for infinite ones."""
        last = self.first + len(self.chances) - 1
        return (last if self.largest is None else self.largest) * self.step

    @cached_property
    def _above(self):
        """Chance of each loss and all larger ones, for both neighbors."""
        without_it = self.chances * np.exp(np.minimum(-self.losses, LARGEST))
        sums = np.cumsum([self.chances[::-1], without_it[::-1]], axis=1)
        return np.pad(sums[:, ::-1], [(0, 0), (0, 1)])

    def compose(self, other):
        """Distribution of the sum of two independent losses."""
        self._check_step(other)
        return _convolve([(self, 1), (other, 1)])

    def repeat(self, times):
        """Distribution of the sum of so many independent losses of this kind."""
        return self if times == 1 else _convolve([(self, times)])

    def _check_step(self, other):
        if self.step != other.step:
            raise ValueError(
                f"step must be the same in all that is composed; got {self.step} and "
                f"{other.step}."
            )


@dataclass(frozen=True)
class PrivacyLoss:
    """Loss distributions of both neighbors: with the record, and without.

    Attributes
    ----------
    remove, add : LossDistribution
        Where the record was in the data, and where it was not.
    """

    remove: LossDistribution
    add: LossDistribution

    @classmethod
    def gaussian(cls, noise_multiplier, sampling_rate=1.0, step=STEP):
        """Gaussian release from a Poisson sample.

        Parameters
        ----------
        noise_multiplier : float
            Standard deviation of the noise over the sensitivity.

        sampling_rate : float, default=1.0
            Chance of each record to be in the sample.

        step : float, default=1e-4
            Step of the grid of losses.

        Returns
        -------
        loss : PrivacyLoss
            Of neighbors that add or remove a record. Without sampling it is that of
            any neighbors.

        References
        ----------
        Y. Zhu, J. Dong, Y.-X. Wang. "Optimal accounting of differential privacy via
        characteristic function". AISTATS 2022.

        Examples
        --------
        >>> loss = PrivacyLoss.gaussian(1.0, 0.01).repeat(1000)
        >>> round(loss.epsilon(1e-5), 2)
        1.83
        """
        remove = _discrete(*_sampled_gaussian(noise_multiplier, sampling_rate), step)
        if sampling_rate == 1:
            return cls(remove, remove)
        _, law, reach = _sampled_gaussian(noise_multiplier, sampling_rate)
        return cls(remove, _discrete(*_mirrored(law, reach), step))

    @classmethod
    def approximate(cls, epsilon, delta=0.0, step=STEP):
        """Randomized response, with a chance of telling all.

        Parameters
        ----------
        epsilon, delta : float
            Of the guarantee.

        step : float, default=1e-4
            Step of the grid of losses.

        Returns
        -------
        loss : PrivacyLoss
        """
        steps = int(np.ceil(epsilon / step - 1e-9))
        chances = np.zeros(2 * steps + 1)
        p = 1 / (1 + np.exp(-steps * step))
        chances[-1] += (1 - delta) * p
        chances[0] += (1 - delta) * (1 - p)
        one = LossDistribution(-steps, chances, delta, step)
        return cls(one, one)

    def delta(self, epsilon):
        """Delta at an epsilon: the larger of both neighbors'."""
        return np.maximum(self.remove.delta(epsilon), self.add.delta(epsilon))

    def epsilon(self, delta) -> float:
        """Return the least epsilon at which delta is no larger, on a fine grid."""
        if float(self.delta(0.0)) <= delta:
            return 0.0
        low, high = 0.0, max(self.remove.last_loss, self.add.last_loss)
        if float(self.delta(high)) > delta:
            return np.inf
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (
                (middle, high) if float(self.delta(middle)) > delta else (low, middle)
            )
        return float(high)

    def compose(self, other):
        """Loss of both releases."""
        return PrivacyLoss(
            self.remove.compose(other.remove), self.add.compose(other.add)
        )

    def repeat(self, times):
        """Loss of so many releases of this kind."""
        remove = self.remove.repeat(times)
        if self.add is self.remove:
            return PrivacyLoss(remove, remove)
        return PrivacyLoss(remove, self.add.repeat(times))

    def __str__(self):
        return "distribution of the privacy loss"


def connect_the_dots(with_it, without_it, losses) -> np.ndarray:
    r"""Put the chances of losses between the points of a grid onto its points.

    What lies between two points is divided so that both chances, with the record and
    without, stay what they are. The delta of the result is right on the grid, and above
    it lies on the chord of a convex function: it is never too small.

    Parameters
    ----------
    with_it, without_it : ndarray of shape (n_losses - 1,)
        Chance of a loss in each interval if the record is in, and if it is not.

    losses : ndarray of shape (n_losses,)
        The grid.

    Returns
    -------
    chances : ndarray of shape (n_losses,)

    References
    ----------
    V. Doroshenko, B. Ghazi, P. Kamath, R. Kumar, P. Manurangsi. "Connect the dots:
    tighter discrete approximations of privacy loss distributions". PoPETs 2022.

    Examples
    --------
    >>> losses = np.log([1.0, 2.0, 4.0])
    >>> connect_the_dots(np.array([0.3, 0.4]), np.array([0.2, 0.15]), losses).round(2)
    array([0.1, 0.4, 0.2])
    """
    gap = -np.expm1(-np.diff(losses))
    upper = (with_it - np.exp(losses[:-1]) * without_it) / gap
    upper = np.clip(upper, 0.0, with_it)
    chances = np.zeros(len(losses))
    chances[1:] += upper
    chances[:-1] += with_it - upper
    return chances


def _sampled_gaussian(noise, rate):
    """Laws of the loss of a sampled Gaussian release whose record is in.

    Returns
    -------
    ends : pair of float
        Losses beyond have a chance of `TAIL` at most.

    law : callable
        Chances (with it, without it) of losses up to each, and above each.

    reach : float
        Largest output that counts.
    """
    reach = noise * 9.0 + 1.0

    def loss_at(x):
        exponent = (2 * x - 1) / (2 * noise**2)
        if rate == 1:
            return exponent
        return np.logaddexp(np.log1p(-rate), np.log(rate) + exponent)

    def output_at(loss):
        # The inverse; below the least loss there is no output.
        if rate == 1:
            return loss * noise**2 + 0.5
        with np.errstate(divide="ignore", invalid="ignore"):
            inner = np.log(np.expm1(loss) / rate + 1)
        return np.where(loss <= np.log1p(-rate), -np.inf, inner * noise**2 + 0.5)

    def law(losses):
        x = output_at(np.asarray(losses, dtype=float))
        below = rate * ndtr((x - 1) / noise) + (1 - rate) * ndtr(x / noise)
        above = rate * ndtr((1 - x) / noise) + (1 - rate) * ndtr(-x / noise)
        return (below, above), (ndtr(x / noise), ndtr(-x / noise))

    return (loss_at(-reach), loss_at(reach)), law, (loss_at, reach)


def _mirrored(law, reach):
    """Laws of the loss where the record is not in: signs and chances change places."""
    loss_at, far = reach

    def mirrored(losses):
        (below, above), (other_below, other_above) = law(-np.asarray(losses))
        return (other_above, other_below), (above, below)

    return (-loss_at(far), -loss_at(-far)), mirrored, reach


def _discrete(ends, law, reach, step):
    first, last = int(np.floor(ends[0] / step)), int(np.ceil(ends[1] / step))
    if last - first > MOST_STEPS:
        raise ValueError(
            f"step must leave at most {MOST_STEPS} losses between {ends[0]:.4g} and "
            f"{ends[1]:.4g}; got step={step}."
        )
    losses = np.arange(first, last + 1) * step
    (below, above), (other_below, other_above) = law(losses)
    chances = connect_the_dots(
        _between(below, above), _between(other_below, other_above), losses
    )
    # Smaller losses count for the first; larger ones for infinite, but for what the
    # other neighbor can do as well.
    chances[0] += below[0]
    shared = min(np.exp(losses[-1]) * other_above[-1], above[-1])
    chances[-1] += shared
    return LossDistribution(first, chances, float(above[-1] - shared), step)


def _between(below, above):
    """Chance of each interval, by whichever tail is the smaller."""
    rising, falling = np.diff(below), -np.diff(above)
    return np.maximum(np.where(below[1:] < 0.5, rising, falling), 0.0)


def _convolve(parts):
    """Distribution of a sum of losses; parts: pairs of (distribution, times)."""
    step = parts[0][0].step
    low, high, cut = _support(parts)
    largest = sum(round(part.last_loss / step) * times for part, times in parts)
    n_steps = high - low + 1
    if n_steps > MOST_STEPS:
        raise ValueError(
            f"step must leave at most {MOST_STEPS} losses; got {n_steps} with "
            f"step={step}."
        )
    size = next_fast_len(int(n_steps), real=True)
    product, start, finite = 1.0, 0, 0.0
    for part, times in parts:
        # Longer than the window: what is beyond wraps around, as do the tails.
        folded = np.bincount(
            np.arange(len(part.chances)) % size, part.chances, minlength=size
        )
        product = product * rfft(folded) ** times
        start += part.first * times
        finite += times * np.log1p(-part.infinite)
        cut += times * part.cut
    chances = np.maximum(irfft(product, size), 0.0)
    chances = np.roll(chances, (start - low) % size)[:n_steps]
    infinite = float(min(-np.expm1(finite) + cut, 1.0))
    return LossDistribution(int(low), chances, infinite, step, cut, int(largest))


def _support(parts):
    """Find the steps between which the sum lies but for a chance of two tails."""
    step = parts[0][0].step
    low = sum(part.first * times for part, times in parts)
    high = sum((part.first + len(part.chances) - 1) * times for part, times in parts)
    lows, highs = [low], [high]
    for tilt in TILTS:
        up = sum(times * _log_moment(part, tilt) for part, times in parts)
        down = sum(times * _log_moment(part, -tilt) for part, times in parts)
        # Chernoff: P(sum >= t) <= exp(log moment - tilt * t).
        highs.append(int(np.ceil((up - np.log(TAIL)) / tilt / step)))
        lows.append(int(np.floor(-(down - np.log(TAIL)) / tilt / step)))
    cut = TAIL * ((max(lows) > low) + (min(highs) < high))
    return max(lows), min(highs), cut


def _log_moment(part, tilt):
    there = part.chances > 0
    return logsumexp(tilt * part.losses[there], b=part.chances[there])
