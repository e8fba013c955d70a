"""From a statistic of a model to what is known of the share: a posterior."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

__all__ = [
    "StatisticLaw",
    "learn_law",
    "posterior_of",
    "shortest_interval",
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
        `center` over `reach`.

    uncertainty : ndarray of shape (n_terms, n_terms)
        Covariance of `curve`.

    spread : ndarray of shape (2,)
        Coefficients of the logarithm of the variance: of 1 and x.

    freedom : int
        Degrees of freedom.
    """

    center: float
    reach: float
    curve: np.ndarray
    uncertainty: np.ndarray
    spread: np.ndarray
    freedom: int

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
        own = factor * np.exp(terms[:, :2] @ self.spread)
        return np.sqrt(own + np.einsum("ij,jk,ik->i", terms, self.uncertainty, terms))

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

    def _terms(self, ratios):
        x = (np.asarray(ratios, dtype=float) - self.center) / self.reach
        return np.stack([x**power for power in range(len(self.curve))], axis=1)


def learn_law(ratios, statistics) -> StatisticLaw:
    """Learn how a statistic depends on the share.

    Parameters
    ----------
    ratios : ndarray of shape (n_models,)
        Share of the property in the training set of each shadow model.

    statistics : ndarray of shape (n_models,)
        What was read off each by a reader that had not seen it.

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
    n_terms = 3 if len(np.unique(ratios)) > 2 else 2
    terms = np.stack([x**power for power in range(n_terms)], axis=1)
    freedom = max(len(ratios) - n_terms, 1)
    spread = np.zeros(2)
    # The least that the spread can be: rounding.
    least = 1e-12 + (1e-6 * np.ptp(statistics)) ** 2
    for _ in range(N_ROUNDS):
        weights = np.exp(-spread[1] * x)
        inverse = np.linalg.inv(terms.T @ (weights[:, None] * terms))
        curve = inverse @ (terms.T @ (weights * statistics))
        squares = (statistics - terms @ curve) ** 2 + least
        spread = _spread(x, squares, spread[1], freedom)
    uncertainty = np.exp(spread[0]) * inverse
    return StatisticLaw(
        float(center), float(reach), curve, uncertainty, spread, int(freedom)
    )


def _spread(x, squares, slope, freedom):
    """Fit the log of a variance as a line; one Newton step for its slope.

    The slope is drawn to 0, as by a normal prior of deviation 1: few models tell
    little about it.
    """
    relative = squares * np.exp(-slope * x)
    level = relative.sum() / freedom
    ratio = relative / relative.mean()
    centered = x - x.mean()
    gradient = 0.5 * (centered * (ratio - 1)).sum() - slope
    curvature = 0.5 * (centered**2).sum() + 1
    slope = np.clip(slope + gradient / curvature, -3, 3)
    level = (squares * np.exp(-slope * x)).sum() / freedom
    return np.array([np.log(level), slope])


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
