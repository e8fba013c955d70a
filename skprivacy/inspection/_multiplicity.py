"""How often each row of a leaf was drawn, from how many rows it holds and their weight.

A bootstrap draws each row a Poisson(1) number of times. Given that a leaf holds n rows
that were drawn w times in all, the counts of the rows no longer depend on the rate: all
ways to deal w draws to n rows, each row getting one at least, are equally likely.
"""

from functools import lru_cache

import numpy as np
from scipy.special import gammaln

__all__ = ["LARGEST_COUNT", "expected_rows", "rows_of_class"]

#: Rows that were drawn more often are counted with those drawn so often.
LARGEST_COUNT = 5

#: Above this weight a leaf is taken to hold a Poisson mix.
LARGEST_WEIGHT = 80


def expected_rows(n_rows, weight):
    r"""Rows of a leaf that were drawn 1, 2, ... times, on average.

    .. math::
        E_k = \binom{w}{k} \frac{S(w - k, n - 1)}{S(w, n)}

    with Stirling numbers of the second kind: how many ways there are to deal the other
    w - k draws to the other n - 1 rows.

    Parameters
    ----------
    n_rows : int
        Different rows in the leaf.

    weight : int
        Draws of all of them.

    Returns
    -------
    rows : ndarray of shape (LARGEST_COUNT,)

    Examples
    --------
    One row of weight 2 was drawn twice. Two rows of weight 3: one once, one twice.

    >>> expected_rows(1, 2).round(6)
    array([0., 1., 0., 0., 0.])
    >>> expected_rows(2, 3).round(6)
    array([1., 1., 0., 0., 0.])
    """
    k = np.arange(1, LARGEST_COUNT + 1)
    if not 1 <= n_rows <= weight:
        return np.zeros(LARGEST_COUNT)
    if weight > LARGEST_WEIGHT:
        return n_rows * _poisson_shares(weight / n_rows)
    stirling = _log_stirling()
    left = np.maximum(weight - k, 0)
    log_ways = gammaln(weight + 1) - gammaln(k + 1) - gammaln(left + 1)
    log_rows = log_ways + stirling[left, n_rows - 1] - stirling[weight, n_rows]
    return np.where(k <= weight, np.exp(log_rows), 0.0)


@lru_cache(maxsize=100_000)
def rows_of_class(n_rows, own_weight, other_weight):
    """Rows of one class in a leaf that were drawn 1, 2, ... times, on average.

    Where a leaf holds several classes, how many of its rows are of this one is not
    known; all numbers that the weights allow are averaged over.

    Parameters
    ----------
    n_rows : int
        Different rows in the leaf.

    own_weight, other_weight : int
        Draws of the rows of the class, and of all others.

    Returns
    -------
    rows : ndarray of shape (LARGEST_COUNT,)

    Examples
    --------
    Two rows, the class has weight 2 and the others 1: one row each.

    >>> rows_of_class(2, 2, 1).round(6)
    array([0., 1., 0., 0., 0.])
    """
    weight = own_weight + other_weight
    if own_weight <= 0:
        return np.zeros(LARGEST_COUNT)
    if other_weight <= 0:
        return expected_rows(n_rows, own_weight)
    if weight > LARGEST_WEIGHT:
        n_own = n_rows * own_weight / weight
        return n_own * _poisson_shares(weight / n_rows)
    own = np.arange(max(1, n_rows - other_weight), min(n_rows - 1, own_weight) + 1)
    if not len(own):
        return np.zeros(LARGEST_COUNT)
    stirling = _log_stirling()
    log_ways = (
        stirling[own_weight, own]
        + stirling[other_weight, n_rows - own]
        + own * np.log(own_weight)
        + (n_rows - own) * np.log(other_weight)
    )
    chance = np.exp(log_ways - log_ways.max())
    chance /= chance.sum()
    rows = [expected_rows(int(n), own_weight) for n in own]
    return chance @ np.array(rows)


def _poisson_shares(mean):
    """Shares of the counts 1, 2, ... of a zero-truncated Poisson with a given mean."""
    k = np.arange(1, LARGEST_COUNT + 1)
    rate = max(mean - 0.9, 1e-6)
    for _ in range(30):
        rate = mean * -np.expm1(-rate)
        rate = max(rate, 1e-6)
    log_share = k * np.log(rate) - rate - gammaln(k + 1) - np.log(-np.expm1(-rate))
    return np.exp(log_share)


@lru_cache(maxsize=1)
def _log_stirling():
    size = LARGEST_WEIGHT + 1
    log_s = np.full((size, size), -np.inf)
    log_s[0, 0] = 0.0
    for w in range(1, size):
        n = np.arange(1, w + 1)
        log_s[w, n] = np.logaddexp(log_s[w - 1, n - 1], np.log(n) + log_s[w - 1, n])
    return log_s
