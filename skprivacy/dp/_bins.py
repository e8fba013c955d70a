"""Edges between which values lie: public ones, or where the records are."""

import numpy as np

from skprivacy.dp._release import release_gaussian

__all__ = ["even_edges", "merge_cells", "private_bins", "n_cells_worth_counting"]

#: Most cells into which a column is cut before they are merged.
MOST_CELLS = 256
#: Records in a cell, by an even spread, over the noise of its count.
LEAST_SIGNAL = 4.0
#: With fewer cells an even spread is as good a guess.
FEWEST_CELLS = 8


def private_bins(X, lower, upper, n_bins, mu, share, noise):
    """Choose edges of bins that hold about as many records each.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Records, within bounds.

    lower, upper : ndarray of shape (n_features,)
        Bounds.

    n_bins : int
        Bins of a column, at most.

    mu : float
        Budget of everything.

    share : float
        Part of the budget, as of the square of ``mu``, that edges may take.

    noise : NoiseSource
        Where noise comes from.

    Returns
    -------
    edges : list of ndarray
        Of each column, inner edges in order, at least one.

    mu_left : float
        What is left of the budget: all of it, where records are too few for anything
        better than bins of equal width.
    """
    n, d = X.shape
    cells = n_cells_worth_counting(n, d, mu, share)
    if cells is None:
        return even_edges(lower, upper, n_bins), mu
    width = np.where(upper > lower, upper - lower, 1.0)
    places = np.minimum(((X - lower) / width * cells).astype(int), cells - 1)
    flat = (places + cells * np.arange(d)).ravel()
    counts = np.bincount(flat, minlength=cells * d).reshape(d, cells)
    released = release_gaussian(counts, np.sqrt(2 * d), np.sqrt(share) * mu, noise)
    edges = [
        low + merge_cells(one, n / n_bins) * (up - low) / cells
        for one, low, up in zip(released, lower, upper, strict=True)
    ]
    return edges, mu * np.sqrt(1 - share)


def even_edges(lower, upper, n_bins) -> list:
    """Inner edges of bins of equal width.

    Parameters
    ----------
    lower, upper : ndarray of shape (n_features,)
        Bounds.

    n_bins : int
        Bins of a column.

    Returns
    -------
    edges : list of ndarray of shape (n_bins - 1,)

    Examples
    --------
    >>> even_edges([0.0], [8.0], 4)
    [array([2., 4., 6.])]
    """
    steps = np.arange(1, n_bins) / n_bins
    return [low + steps * (up - low) for low, up in zip(lower, upper, strict=True)]


def n_cells_worth_counting(n_records, n_features, mu, share):
    """Say into how many cells columns are cut, by what is public alone.

    Parameters
    ----------
    n_records, n_features : int
        Size of the table.

    mu : float
        Budget of everything.

    share : float
        Part of it for counts.

    Returns
    -------
    n_cells : int or None
        None, if noise would be about as large as counts.

    Examples
    --------
    >>> n_cells_worth_counting(30_000, 10, 0.3, 0.1)
    159
    >>> n_cells_worth_counting(9, 2, 1.0, 0.1) is None
    True
    """
    if share == 0:
        return None
    deviation = np.sqrt(2 * n_features) / (np.sqrt(share) * mu)
    cells = int(min(MOST_CELLS, n_records / (LEAST_SIGNAL * deviation)))
    return cells if cells >= FEWEST_CELLS else None


def merge_cells(counts, target) -> np.ndarray:
    """Merge neighboring cells, until each holds a number of records.

    Parameters
    ----------
    counts : ndarray of shape (n_cells,)
        Counts, with noise.

    target : float
        Records that a bin should hold.

    Returns
    -------
    edges : ndarray of int
        Cells before which a new bin begins, at least one.

    Examples
    --------
    >>> merge_cells(np.array([5, 1, 1, 1, 0, 3]), 3)
    array([1, 4])
    """
    edges, held = [], 0.0
    for place, count in enumerate(counts[:-1], start=1):
        held += count
        if held >= target:
            edges.append(place)
            held = 0.0
    if len(edges) > 1 and held + counts[-1] < target / 2:
        edges.pop()
    return np.array(edges if edges else [len(counts) // 2])
