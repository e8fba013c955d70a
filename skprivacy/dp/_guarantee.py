"""What a model's training promises to everyone whose record was in it."""

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from skprivacy.dp._approximate import ApproximateDP
from skprivacy.dp._compose import compose_curves
from skprivacy.dp._gaussian import GaussianDP
from skprivacy.dp._renyi import RenyiDP
from skprivacy.dp._sampled_gaussian import SampledGaussian

__all__ = ["ADJACENCIES", "PrivacyGuarantee", "check_delta", "check_epsilon"]

#: Neighbors: one record replaced by another; or one added, or left out.
ADJACENCIES = ("replace", "add_remove")

#: Epsilons at which a curve without a formula is looked at.
EPSILONS = np.concatenate([np.linspace(0, 5, 2001), np.linspace(5, 60, 1101)[1:]])


@dataclass(frozen=True)
class PrivacyGuarantee:
    """A promise about every record, and what it means for attacks.

    Make one with :meth:`pure`, :meth:`approximate`, :meth:`gaussian`, :meth:`zcdp`,
    :meth:`renyi` or :meth:`sampled_gaussian`. Estimators have theirs as
    ``privacy_guarantee_`` once they are fitted.

    Parameters
    ----------
    curve : curve
        What it promises at each epsilon.

    adjacency : {"replace", "add_remove"}, default="replace"
        Which data sets are neighbors: those in which one record is another, their
        number public; or those of which one has a record more.

    assumptions : tuple of str, default=()
        What must be true for it to hold.

    stated_delta : float, default=0.0
        Delta at which it is named.

    Examples
    --------
    >>> from skprivacy.dp import PrivacyGuarantee
    >>> guarantee = PrivacyGuarantee.gaussian(1.0, stated_delta=1e-5)
    >>> round(guarantee.epsilon(1e-5), 2), round(guarantee.max_tpr(0.01), 3)
    (4.38, 0.092)
    >>> round(guarantee.advantage(), 3), round(guarantee.max_reconstruction(0.5), 3)
    (0.383, 0.841)
    >>> print(guarantee.compose(guarantee))
    epsilon=6.57 at delta=1e-05 (1.414-GDP, replace)
    """

    curve: Any
    adjacency: str = "replace"
    assumptions: tuple = ()
    stated_delta: float = 0.0

    def __post_init__(self):
        if self.adjacency not in ADJACENCIES:
            raise ValueError(
                f"adjacency must be one of {ADJACENCIES}; got {self.adjacency!r}."
            )

    @classmethod
    def pure(cls, epsilon, adjacency="replace", assumptions=()):
        """Make one of an epsilon alone, with a delta of 0.

        Parameters
        ----------
        epsilon : float
            At least 0.

        adjacency, assumptions
            As in the class.

        Returns
        -------
        guarantee : PrivacyGuarantee
        """
        curve = ApproximateDP(check_epsilon(epsilon, allow_zero=True))
        return cls(curve, adjacency, tuple(assumptions))

    @classmethod
    def approximate(cls, epsilon, delta, adjacency="replace", assumptions=()):
        """Make one of a pair of epsilon and delta.

        Parameters
        ----------
        epsilon, delta : float
            At least 0, delta below 1.

        adjacency, assumptions
            As in the class.

        Returns
        -------
        guarantee : PrivacyGuarantee
        """
        epsilon, delta = check_epsilon(epsilon, allow_zero=True), check_delta(delta)
        return cls(ApproximateDP(epsilon, delta), adjacency, tuple(assumptions), delta)

    @classmethod
    def gaussian(cls, mu, adjacency="replace", assumptions=(), stated_delta=1e-5):
        """Make one of a Gaussian release, of which the whole curve is known.

        Parameters
        ----------
        mu : float
            Sensitivity over the standard deviation of the noise.

        adjacency, assumptions, stated_delta
            As in the class.

        Returns
        -------
        guarantee : PrivacyGuarantee
        """
        curve = GaussianDP(check_epsilon(mu, "mu", allow_zero=True))
        return cls(curve, adjacency, tuple(assumptions), check_delta(stated_delta))

    @classmethod
    def zcdp(cls, rho, adjacency="replace", assumptions=(), stated_delta=1e-5):
        """Make one of zero-concentrated differential privacy.

        Parameters
        ----------
        rho : float
            Renyi divergences are ``rho`` times the order, at most.

        adjacency, assumptions, stated_delta
            As in the class.

        Returns
        -------
        guarantee : PrivacyGuarantee
        """
        rho = check_epsilon(rho, "rho", allow_zero=True)
        # Orders close to 1 are the best ones for a large rho.
        orders = tuple((1 + np.geomspace(1e-2, 1e3, 400)).tolist())
        divergences = tuple(rho * order for order in orders)
        return cls.renyi(orders, divergences, adjacency, assumptions, stated_delta)

    @classmethod
    def renyi(
        cls,
        orders,
        divergences,
        adjacency="replace",
        assumptions=(),
        stated_delta=1e-5,
    ):
        """Make one of Renyi divergences.

        Parameters
        ----------
        orders, divergences : sequence of float
            Orders above 1, and a divergence for each.

        adjacency, assumptions, stated_delta
            As in the class.

        Returns
        -------
        guarantee : PrivacyGuarantee
        """
        orders = tuple(float(order) for order in orders)
        divergences = tuple(float(one) for one in divergences)
        if len(orders) != len(divergences) or not orders or min(orders) <= 1:
            raise ValueError(
                "orders must be above 1, and there must be one divergence for each; "
                f"got {len(orders)} orders from {min(orders, default=None)} and "
                f"{len(divergences)} divergences."
            )
        curve = RenyiDP(orders, divergences)
        return cls(curve, adjacency, tuple(assumptions), check_delta(stated_delta))

    @classmethod
    def sampled_gaussian(
        cls,
        noise_multiplier,
        sampling_rate,
        n_releases=1,
        method="pld",
        assumptions=(),
        stated_delta=1e-5,
    ):
        """Make one of Gaussian releases from Poisson samples.

        Parameters
        ----------
        noise_multiplier : float
            Standard deviation of the noise over the sensitivity.

        sampling_rate : float
            Chance of each record to be in a sample.

        n_releases : int, default=1
            How many.

        method : {"pld", "rdp"}, default="pld"
            By the distribution of the privacy loss, or by Renyi divergences.

        assumptions, stated_delta
            As in the class.

        Returns
        -------
        guarantee : PrivacyGuarantee
            Of neighbors that add or remove a record.
        """
        noise = check_epsilon(noise_multiplier, "noise_multiplier")
        if not 0 < sampling_rate <= 1:
            raise ValueError(
                f"sampling_rate must be above 0, up to 1; got {sampling_rate}."
            )
        if method == "rdp":
            curve = RenyiDP.sampled_gaussian(noise, sampling_rate, n_releases)
        elif method == "pld":
            curve = SampledGaussian(noise, float(sampling_rate), int(n_releases))
        else:
            raise ValueError(f'method must be "pld" or "rdp"; got {method!r}.')
        return cls(curve, "add_remove", tuple(assumptions), check_delta(stated_delta))

    @property
    def mu(self):
        """Sensitivity over noise of a Gaussian release; None for other curves."""
        return getattr(self.curve, "mu", None)

    def epsilon(self, delta=None) -> float:
        """Return the least epsilon that it promises at a delta.

        Parameters
        ----------
        delta : float or None, default=None
            None: `stated_delta`.

        Returns
        -------
        epsilon : float
            Infinite where it promises nothing.
        """
        delta = self.stated_delta if delta is None else check_delta(delta)
        return float(self.curve.epsilon(delta))

    def delta(self, epsilon):
        """Return the least delta that it promises at an epsilon.

        Parameters
        ----------
        epsilon : float or ndarray
            At least 0.

        Returns
        -------
        delta : float or ndarray
        """
        found = self.curve.delta(epsilon)
        return float(found) if np.ndim(epsilon) == 0 else found

    def max_tpr(self, fpr):
        """Return the largest true positive rate of any membership attack.

        Parameters
        ----------
        fpr : float or ndarray
            Its false positive rate.

        Returns
        -------
        tpr : float or ndarray
        """
        rates = np.asarray(fpr, dtype=float)
        if not ((rates >= 0) & (rates <= 1)).all():
            raise ValueError(f"fpr must be from 0 to 1; got {fpr}.")
        tpr = np.clip(1 - self._trade_off(rates), 0.0, 1.0)
        return float(tpr) if np.ndim(fpr) == 0 else tpr

    def advantage(self) -> float:
        """Return the largest true less false positive rate of any membership attack."""
        return self.delta(0.0)

    def max_reconstruction(self, baseline):
        """Return the largest chance of any attack to guess something of a record.

        Parameters
        ----------
        baseline : float or ndarray
            Chance of who guesses it without the record in the data.

        Returns
        -------
        success : float or ndarray

        References
        ----------
        The bound is that of a test at a false positive rate of `baseline`: B. Kulynych
        et al., arXiv:2507.06969.
        """
        return self.max_tpr(baseline)

    def compose(self, other):
        """Return the guarantee of both releases together.

        Parameters
        ----------
        other : PrivacyGuarantee
            About the same records, by the same adjacency.

        Returns
        -------
        guarantee : PrivacyGuarantee
        """
        if not isinstance(other, PrivacyGuarantee):
            raise TypeError(f"other must be a PrivacyGuarantee; got {other!r}.")
        if other.adjacency != self.adjacency:
            raise ValueError(
                f"guarantees about different neighbors, {self.adjacency!r} and "
                f"{other.adjacency!r}, can't be added up."
            )
        more = [one for one in other.assumptions if one not in self.assumptions]
        return PrivacyGuarantee(
            compose_curves([self.curve, other.curve]),
            self.adjacency,
            (*self.assumptions, *more),
            max(self.stated_delta, other.stated_delta),
        )

    def _trade_off(self, fpr):
        if hasattr(self.curve, "trade_off"):
            return self.curve.trade_off(fpr)
        return _trade_off_of_profile(fpr, self.curve.delta(EPSILONS))

    def __str__(self):
        told = f"epsilon={self.epsilon():.3g} at delta={self.stated_delta:.3g}"
        if self.stated_delta == 0:
            told = f"epsilon={self.epsilon():.3g}"
        if isinstance(self.curve, ApproximateDP):
            return f"{told} ({self.adjacency})"
        return f"{told} ({self.curve}, {self.adjacency})"


def _trade_off_of_profile(fpr, deltas):
    """Largest of the lower bounds that each pair of epsilon and delta gives."""
    fpr = np.asarray(fpr, dtype=float)[..., None]
    powers = np.exp(EPSILONS)
    steep = 1 - deltas - powers * fpr
    level = (1 - deltas - fpr) / powers
    return np.maximum(np.maximum(steep, level).max(axis=-1), 0.0)


def check_epsilon(value, name="epsilon", *, allow_zero=False) -> float:
    """Refuse what is no finite number above 0.

    Parameters
    ----------
    value : object
        What was given.

    name : str, default="epsilon"
        The argument's name.

    allow_zero : bool, default=False
        Whether 0 is allowed, too.

    Returns
    -------
    value : float

    Raises
    ------
    ValueError, TypeError
        If it is negative, NaN or infinite; or no number.
    """
    least = "at least 0" if allow_zero else "above 0"
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number {least}; got {value!r}.")
    number = float(value)
    if not np.isfinite(number) or number < 0 or (number == 0 and not allow_zero):
        raise ValueError(f"{name} must be finite and {least}; got {value}.")
    return number


def check_delta(value, name="delta") -> float:
    """Refuse what is no number from 0 to below 1.

    Parameters
    ----------
    value : object
        What was given.

    name : str, default="delta"
        The argument's name.

    Returns
    -------
    value : float

    Raises
    ------
    ValueError, TypeError
        If it is outside, or NaN; or no number.
    """
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number from 0 to below 1; got {value!r}.")
    number = float(value)
    if not 0 <= number < 1:
        raise ValueError(f"{name} must be from 0 to below 1; got {value}.")
    return number
