"""How an error probability is spread over an unseen count."""

from functools import lru_cache

import numpy as np
from scipy import stats
from scipy.special import ndtr, ndtri

__all__ = ["count_budget"]

# Counts beyond these tails, as a share of the error probability, are lumped together.
LUMPED_TAIL = 1e-4


@lru_cache(maxsize=1024)
def count_budget(n, p, alpha):
    r"""Levels for tests that are run at every value of a binomial count.

    Let :math:`N \sim \mathrm{Bin}(n, p)` be a count that is not seen, and let an
    independent test be run at level :math:`\beta(N)`. Any decreasing :math:`\beta`
    with :math:`E\,\beta(N) \le \alpha` keeps the error of the whole at
    :math:`\alpha`, also where the count is stochastically larger than the binomial.

    The levels are those of a quarter circle: a normal deviate of the test and one of
    the count (downward) may not both be so far out that their positive parts are
    longer than a radius, which is found so that the levels spend ``alpha``. For
    errors that add up this is shorter than to split ``alpha`` in two, whichever of
    the two errors is the larger one.

    Parameters
    ----------
    n : int
        Number of trials.

    p : float
        Probability of a success.

    alpha : float
        Error probability.

    Returns
    -------
    start : int
        Counts below it have level 1: they are given up.

    levels : ndarray of float, or None
        Levels at the counts from ``start`` on; the last one holds for all larger
        counts. None where not even a count of 0 can be given up, since it is more
        likely than ``alpha``.
    """
    law = stats.binom(n, p)
    if law.pmf(0) >= alpha:
        return 0, None
    tail = LUMPED_TAIL * alpha
    start = max(int(law.ppf(tail)), 1)
    counts = np.arange(start, min(max(int(law.isf(tail)), start), n) + 1)
    weights = law.pmf(counts)
    weights[-1] += law.sf(counts[-1])
    deviate = -ndtri(law.cdf(counts - 1) + law.pmf(counts) / 2)
    deviate = np.maximum(deviate, 0.0)
    spent_below = law.cdf(start - 1)

    def levels_at(radius):
        room = radius**2 - deviate**2
        return np.where(room > 0, ndtr(-np.sqrt(np.maximum(room, 0.0))), 1.0)

    too_short, long_enough = 0.0, 40.0
    while long_enough - too_short > 1e-9:
        radius = (too_short + long_enough) / 2
        if spent_below + weights @ levels_at(radius) <= alpha:
            long_enough = radius
        else:
            too_short = radius
    levels = levels_at(long_enough)
    kept = levels < 1.0
    levels.setflags(write=False)
    return int(counts[kept][0]), levels[kept]
