"""Training values from the bin edges of a column that has few of them."""

import numpy as np

__all__ = ["first_values", "values_from"]


def first_values(edges):
    """Bound the smallest value of a column whose edges are all its middles.

    Each edge is the middle of two neighboring values, so that one value gives all
    others: the next is twice the edge less the last. All must lie between their edges.

    Parameters
    ----------
    edges : ndarray of float of shape (n_edges,)
        Ascending.

    Returns
    -------
    low, high : float
        The smallest value lies strictly between; ``low >= high`` if these are no
        middles. `low` is -inf for a single edge.

    Examples
    --------
    The values 1, 2 and 4 have the edges 1.5 and 3. The first is between 0 and 1.5.

    >>> first_values(np.array([1.5, 3.0]))
    (0.0, 1.5)
    """
    # The value at place i is base[i] + sign[i] * first.
    sign, base = _signs_and_bases(edges)
    above = np.append(edges, np.inf)
    below = np.append(-np.inf, edges)
    ends = np.where(sign > 0, below - base, base - above)
    other = np.where(sign > 0, above - base, base - below)
    return float(ends.max()), float(other.min())


def values_from(edges, first):
    """All values of a column, from its edges and its smallest value.

    Parameters
    ----------
    edges : ndarray of float of shape (n_edges,)
        Ascending.

    first : float
        The smallest value.

    Returns
    -------
    values : ndarray of float of shape (n_edges + 1,)

    Examples
    --------
    >>> values_from(np.array([1.5, 3.0]), 1.0)
    array([1., 2., 4.])
    """
    sign, base = _signs_and_bases(edges)
    return base + sign * first


def _signs_and_bases(edges):
    sign = np.where(np.arange(len(edges) + 1) % 2 == 0, 1.0, -1.0)
    # base[i + 1] = 2 edge[i] - base[i], written as an alternating sum.
    sums = np.cumsum(sign[1:] * 2 * edges)
    return sign, np.append(0.0, sign[1:] * sums)
