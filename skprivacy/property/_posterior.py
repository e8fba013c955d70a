"""From a statistic of a model to what is known of the share: a posterior."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

__all__ = [
    "StatisticLaw",
    "learn_law",
    "posterior_of",
    "shortest_interval",
    "size_offset",
]

#: Rounds in which the mean is fitted with the spread's weights, and the spread to what
#: the mean leaves over.
N_ROUNDS = 8


@dataclass(frozen=True, eq=False)
class StatisticLaw:
    """How a statistic of models is distributed when the share is known.

    Student's t about a parabola in the share, with a spread that is log-linear in it.

    Parameters
    ----------
    center, reach : float
        Middle, and half the width, of the shares that it was learned from.

    curve : ndarray of shape (n_terms,)
        Coefficients of the mean: of 1, x and x**2, where x is the share less
        `center` over `reach`; then of u and u * x, where u is how far off the size is.

    n_powers : int
        How many of them are of powers of x.

    uncertainty : ndarray of shape (n_terms, n_terms)
        Covariance of `curve`.

    spread : ndarray of shape (2,) or (3,)
        Coefficients of the logarithm of the variance: of 1, x, and u.

    offset : float
        The u of the size that it is read at; see :func:`size_offset`.

    freedom : int
        Degrees of freedom.

    beyond : float, default=0.0
        How far the mean may be off, as the model is of another size than all that it
        was learned from: a standard deviation.
    """

    center: float
    reach: float
    curve: np.ndarray
    n_powers: int
    uncertainty: np.ndarray
    spread: np.ndarray
    offset: float
    freedom: int
    beyond: float = 0.0

    def mean(self, ratios) -> np.ndarray:
        """Return the mean of the statistic at given shares."""
        return self._terms(ratios) @ self.curve

    def scale(self, ratios, factor=1.0) -> np.ndarray:
        """Return the scale of the statistic of a new model at given shares.

        Parameters
        ----------
        ratios : ndarray of shape (n_ratios,)
            Shares.

        factor : float or ndarray of shape (n_ratios,), default=1.0
            How much larger the variance of new models is; see :func:`pool_factor`.

        Returns
        -------
        scale : ndarray of shape (n_ratios,)
        """
        terms = self._terms(ratios)
        own = factor * np.exp(terms[:, :2] @ self.spread[:2])
        learned = np.einsum("ij,jk,ik->i", terms, self.uncertainty, terms)
        # How far the trend over sizes carries on is a guess: it may stop at once, or
        # go twice as far.
        carried = terms[:, self.n_powers :] @ self.curve[self.n_powers :]
        # What of the statistic moves with the share may fade as models grow.
        middle = np.linspace(self.center - self.reach, self.center + self.reach, 21)
        moved = terms @ self.curve - self.mean(middle).mean()
        fading = min(self.offset, 0.0) * moved
        return np.sqrt(own + learned + carried**2 + self.beyond**2 + fading**2)

    def log_likelihood(self, statistic, ratios, factor=1.0) -> np.ndarray:
        """Return the log-density of a statistic at given shares.

        Parameters
        ----------
        statistic : float
            What was read off a model.

        ratios : ndarray of shape (n_ratios,)
            Shares.

        factor : float or ndarray of shape (n_ratios,), default=1.0
            As in :meth:`scale`.

        Returns
        -------
        log_likelihood : ndarray of shape (n_ratios,)
        """
        scale = self.scale(ratios, factor)
        z = (statistic - self.mean(ratios)) / scale
        nu = self.freedom
        constant = gammaln((nu + 1) / 2) - gammaln(nu / 2) - np.log(nu * np.pi) / 2
        return constant - np.log(scale) - (nu + 1) / 2 * np.log1p(z**2 / nu)

    def at_size(self, ratios, statistics, offsets) -> np.ndarray:
        """Return what statistics would be at the size that the law is read at.

        Parameters
        ----------
        ratios, statistics, offsets : ndarray of shape (n_models,)
            As :func:`learn_law` takes them.

        Returns
        -------
        statistics : ndarray of shape (n_models,)
        """
        there = self._terms(ratios) - self._terms(ratios, offsets)
        return statistics + there @ self.curve

    def _terms(self, ratios, offsets=None):
        x = (np.asarray(ratios, dtype=float) - self.center) / self.reach
        offsets = np.full(len(x), self.offset) if offsets is None else offsets
        return _terms(x, self.n_powers, offsets)[:, : len(self.curve)]


def size_offset(sizes, largest) -> np.ndarray:
    """Say how far off a size is, so that what it does to a statistic is about a line.

    What is learned from n records is off by about one over the root of n.

    Parameters
    ----------
    sizes : array-like of int
        Records in training sets.

    largest : int
        The size that is not off.

    Returns
    -------
    offsets : ndarray of float

    Examples
    --------
    >>> size_offset([25, 100, 400], 100)
    array([ 1. ,  0. , -0.5])
    """
    return np.sqrt(largest / np.asarray(sizes, dtype=float)) - 1


def learn_law(ratios, statistics, offsets=None, offset=0.0) -> StatisticLaw:
    """Learn how a statistic depends on the share.

    Parameters
    ----------
    ratios : ndarray of shape (n_models,)
        Share of the property in the training set of each shadow model.

    statistics : ndarray of shape (n_models,)
        What was read off each by a reader that had not seen it.

    offsets : ndarray of shape (n_models,) or None, default=None
        How far off the size of each training set is; see :func:`size_offset`. None:
        all are of one size.

    offset : float, default=0.0
        How far off the size is that the law is to be read at.

    Returns
    -------
    law : StatisticLaw

    Examples
    --------
    >>> import numpy as np
    >>> ratios = np.linspace(0.2, 0.8, 61)
    >>> noise = 0.1 * np.tile([1.0, -1.0, 0.0], 21)[:61]
    >>> law = learn_law(ratios, 0.5 + 0.5 * (ratios - 0.5) + noise)
    >>> law.mean([0.2, 0.8]).round(1), law.scale([0.5]).round(1)
    (array([0.4, 0.7]), array([0.1]))
    """
    ratios = np.asarray(ratios, dtype=float)
    statistics = np.asarray(statistics, dtype=float)
    low, high = ratios.min(), ratios.max()
    center, reach = (low + high) / 2, (high - low) / 2
    x = (ratios - center) / reach
    # A parabola needs a share between the two.
    n_powers = 3 if len(np.unique(ratios)) > 2 else 2
    one_size = offsets is None or np.ptp(offsets) == 0
    u = np.zeros(len(x)) if one_size else np.asarray(offsets, dtype=float)
    terms = _terms(x, n_powers, u)[:, : n_powers if one_size else None]
    spreads = np.stack([x] if one_size else [x, u], axis=1)
    freedom = max(len(ratios) - terms.shape[1], 1)
    # The least that the spread can be: rounding.
    least = 1e-12 + (1e-6 * np.ptp(statistics)) ** 2
    level, slopes = 0.0, np.zeros(spreads.shape[1])
    for _ in range(N_ROUNDS):
        weights = np.exp(-spreads @ slopes)
        inverse = np.linalg.inv(terms.T @ (weights[:, None] * terms))
        curve = inverse @ (terms.T @ (weights * statistics))
        squares = (statistics - terms @ curve) ** 2 + least
        level, slopes = _spread(spreads, squares, slopes, freedom)
    return StatisticLaw(
        center=float(center),
        reach=float(reach),
        curve=curve,
        n_powers=n_powers,
        uncertainty=np.exp(level) * inverse,
        spread=np.array([level, *slopes]),
        offset=float(offset),
        freedom=int(freedom),
    )


def _terms(x, n_powers, u):
    powers = [x**power for power in range(n_powers)]
    return np.stack([*powers, u, u * x], axis=1)


def _spread(columns, squares, slopes, freedom):
    """Fit the logarithm of a variance as a line; one Newton step for its slopes.

    Slopes are drawn to 0, as by a normal prior of deviation 1: few models tell little
    about them.
    """
    relative = squares * np.exp(-columns @ slopes)
    centered = columns - columns.mean(axis=0)
    gradient = 0.5 * centered.T @ (relative / relative.mean() - 1) - slopes
    curvature = 0.5 * centered.T @ centered + np.eye(len(slopes))
    slopes = np.clip(slopes + np.linalg.solve(curvature, gradient), -3, 3)
    level = np.log((squares * np.exp(-columns @ slopes)).sum() / freedom)
    return level, slopes


def posterior_of(law, statistic, grid, prior, factor=1.0) -> np.ndarray:
    """Return how likely each share is, given the statistic of a model.

    Parameters
    ----------
    law : StatisticLaw
        How the statistic depends on the share.

    statistic : float
        What was read off the model.

    grid : ndarray of shape (n_ratios,)
        Shares, in even steps.

    prior : ndarray of shape (n_ratios,)
        How likely each is without the model.

    factor : float or ndarray of shape (n_ratios,), default=1.0
        As in :meth:`StatisticLaw.scale`.

    Returns
    -------
    posterior : ndarray of shape (n_ratios,)
        With sum 1.
    """
    logs = law.log_likelihood(statistic, grid, factor)
    weights = prior * np.exp(logs - logs[prior > 0].max())
    return weights / weights.sum()


def shortest_interval(grid, posterior, confidence) -> tuple[float, float]:
    """Return the shortest interval that holds so much of a posterior.

    Unlike one that leaves equal parts on both sides, it can reach an end of the grid.

    Parameters
    ----------
    grid : ndarray of shape (n_ratios,)
        Shares, ascending.

    posterior : ndarray of shape (n_ratios,)
        Probability of each; with sum 1.

    confidence : float
        How much it is to hold.

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> import numpy as np
    >>> grid = np.array([0.1, 0.2, 0.3, 0.4])
    >>> shortest_interval(grid, np.array([0.5, 0.3, 0.15, 0.05]), 0.8)
    (0.1, 0.2)
    """
    total = np.concatenate([[0.0], np.cumsum(posterior)])
    # The first point up to which so much is held, counted from each start.
    stops = np.searchsorted(total, total[:-1] + confidence - 1e-12)
    starts = np.flatnonzero(stops < len(total))
    widths = stops[starts] - starts
    shortest = starts[widths == widths.min()]
    held = total[stops[shortest]] - total[shortest]
    # Of a flat posterior, the one in the middle.
    best = shortest[held >= held.max() - 1e-9]
    start = best[len(best) // 2]
    return float(grid[start]), float(grid[stops[start] - 1])
