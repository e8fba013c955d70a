"""How far apart the two training values around a threshold can be.

Half the distance of the two values is called the half gap. A threshold t with half gap
d has its values at t - d and t + d. If a node s lies below a node t and compares the
same column, then one of the values of t bounds all values at s, so that the two half
gaps together are at most the distance of the two thresholds.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Splits", "largest_half_gaps", "pairs_on_grid", "pairs_of_candidates"]


class Splits(NamedTuple):
    """All inner nodes of all trees of a model.

    Parameters
    ----------
    column : ndarray of int of shape (n_splits,)
        Which column is compared.

    threshold : ndarray of float of shape (n_splits,)
        The threshold.

    parent : ndarray of int of shape (n_splits,)
        The split above; -1 at a root.

    tree : ndarray of int of shape (n_splits,)
        Number of the tree.
    """

    column: np.ndarray
    threshold: np.ndarray
    parent: np.ndarray
    tree: np.ndarray


def largest_half_gaps(splits: Splits, at, smallest, largest):
    """Bound the half gaps of all splits by those above and below them.

    Parameters
    ----------
    splits : Splits
        The splits.

    at : ndarray of float of shape (n_splits,)
        Where the thresholds are, in any unit that is the same within a column.

    smallest : ndarray of float of shape (n_splits,)
        What each half gap is at least.

    largest : ndarray of float of shape (n_splits,)
        What it is at most, as far as is known.

    Returns
    -------
    largest : ndarray of float of shape (n_splits,)

    first : ndarray of bool of shape (n_splits,)
        Whether no split above compares another column.

    Examples
    --------
    A root at 2.5 and below it one at 3.5, of whole numbers: the half gaps are at least
    one half each, and together at most 1.

    >>> column, tree = np.zeros(2, int), np.zeros(2, int)
    >>> splits = Splits(column, np.array([2.5, 3.5]), np.array([-1, 0]), tree)
    >>> half, endless = np.full(2, 0.5), np.full(2, np.inf)
    >>> largest_half_gaps(splits, splits.threshold, half, endless)
    (array([0.5, 0.5]), array([ True,  True]))
    """
    largest = largest.copy()
    first = np.ones(len(at), dtype=bool)
    below = np.arange(len(at))
    above = splits.parent
    while True:
        inside = above >= 0
        below, above = below[inside], above[inside]
        if not len(below):
            return largest, first
        same = splits.column[above] == splits.column[below]
        first[below[~same]] = False
        low, high = below[same], above[same]
        apart = np.abs(at[low] - at[high])
        np.minimum.at(largest, low, apart - smallest[high])
        np.minimum.at(largest, high, apart - smallest[low])
        above = splits.parent[above]


def pairs_on_grid(at):
    """Half gaps that whole numbers allow.

    Parameters
    ----------
    at : ndarray of float of shape (n_splits,)
        Sums of the two values, in steps of the grid: whole numbers.

    Returns
    -------
    first, second : ndarray of float of shape (n_splits,)
        The two smallest differences of two whole numbers with that sum.

    Examples
    --------
    5 = 2 + 3 = 1 + 4 and 6 = 2 + 4 = 1 + 5; two different numbers, so not 3 + 3.

    >>> pairs_on_grid(np.array([5.0, 6.0]))
    (array([1., 2.]), array([3., 4.]))
    """
    first = np.where(at % 2 == 0, 2.0, 1.0)
    return first, first + 2


def pairs_of_candidates(threshold, reach, values, most=None):
    """Find the pairs of candidates around each threshold that have it in the middle.

    Parameters
    ----------
    threshold : ndarray of float of shape (n_thresholds,)
        Different thresholds of a column.

    reach : ndarray of float of shape (n_thresholds,)
        Half gaps up to here are looked at.

    values : ndarray of float of shape (n_values,)
        Different candidates, ascending.

    most : int or None, default=None
        Candidates that are looked at below each threshold; None: all.

    Returns
    -------
    which : ndarray of int of shape (n_pairs,)
        Position of the threshold.

    low, high : ndarray of int of shape (n_pairs,)
        Positions of the candidates; of each threshold the innermost pair first.

    Examples
    --------
    >>> known = np.array([1.0, 2.0, 4.0, 9.0])
    >>> pairs_of_candidates(np.array([3.0, 5.0]), np.array([9.0, 9.0]), known)
    (array([0, 1]), array([1, 0]), array([2, 3]))
    """
    end = np.searchsorted(values, threshold, side="right")
    # A little further, for what rounding does to the reach.
    slack = 1e-6 * (1 + np.abs(threshold))
    start = np.searchsorted(values, threshold - reach - slack)
    if most is not None:
        start = np.maximum(start, end - most)
    count = np.maximum(end - start, 0)
    parts = [np.zeros((3, 0), dtype=int)]
    for piece in _pieces(count):
        which = np.repeat(piece, count[piece])
        nth = np.arange(len(which)) - np.repeat(
            np.cumsum(count[piece]) - count[piece], count[piece]
        )
        low = end[which] - 1 - nth
        t, a = threshold[which], values[low]
        place = np.searchsorted(values, 2 * t - a)
        for shift in (-1, 0):
            high = np.clip(place + shift, 0, len(values) - 1)
            b = values[high]
            fits = (b > t) & ((a / 2 + b / 2 == t) | ((a + b) / 2 == t))
            parts.append(np.stack([which[fits], low[fits], high[fits]]))
    which, low, high = np.concatenate(parts, axis=1)
    order = np.lexsort((-low, which))
    return which[order], low[order], high[order]


def _pieces(count, size=1_000_000):
    """Cut thresholds into parts with about as many pairs to look at."""
    if not len(count):
        return []
    part = np.cumsum(count) // size
    return np.split(np.arange(len(count)), np.flatnonzero(np.diff(part)) + 1)
