"""Training sets whose share of a property is known."""

import numpy as np

__all__ = ["draw_world", "feasible_ratios", "largest_size", "strata_of", "world_sizes"]


def strata_of(mask, labels=None) -> np.ndarray:
    """Say which stratum each record is of; each is drawn from on its own.

    Parameters
    ----------
    mask : ndarray of bool of shape (n_records,)
        Which records have the property.

    labels : ndarray of int of shape (n_records,) or None, default=None
        Class of each record where the shares of the classes are held; None where they
        may move with the property.

    Returns
    -------
    strata : ndarray of int of shape (n_records,)
        ``2 * class + has_property``.

    Examples
    --------
    >>> import numpy as np
    >>> strata_of(np.array([False, True, True]), np.array([0, 0, 1]))
    array([0, 1, 3])
    """
    return np.asarray(mask).astype(int) + (0 if labels is None else 2 * labels)


def world_sizes(strata, ratio, size) -> np.ndarray:
    """Return how many records each stratum gives to a training set.

    Each class gives its share of the pool, and the same ratio within each class: then
    neither the label's rate nor a dependence of label and property tells anything.

    Parameters
    ----------
    strata : ndarray of int of shape (n_records,)
        As from :func:`strata_of`: odd ones have the property.

    ratio : float
        Share of the training set that has the property.

    size : int
        Records in the training set.

    Returns
    -------
    sizes : ndarray of int of shape (n_strata,)

    Examples
    --------
    >>> import numpy as np
    >>> world_sizes(np.array([0, 0, 0, 1, 2, 3]), ratio=0.25, size=12)
    array([6, 2, 3, 1])
    """
    of_class = _counts(strata).sum(axis=1)
    of_class = _round_to(size * of_class / of_class.sum(), size)
    with_it = _round_to(ratio * of_class, round(ratio * size))
    return np.column_stack([of_class - with_it, with_it]).ravel()


def draw_world(strata, ratio, size, order) -> np.ndarray:
    """Draw a training set with a given share of the property.

    Parameters
    ----------
    strata : ndarray of int of shape (n_records,)
        Stratum of each record, from :func:`strata_of`.

    ratio : float
        Share of the training set that has the property.

    size : int
        Records in the training set.

    order : ndarray of int
        Records of the pool, or of a part of it, in random order; the first of each
        stratum are taken. One order for several ratios gives training sets that share
        as many records as they can.

    Returns
    -------
    rows : ndarray of int of shape (size,)
        Records, in the order of `order`.

    Raises
    ------
    ValueError
        If the records can't provide the ratio; says which are feasible.

    Examples
    --------
    >>> import numpy as np
    >>> draw_world(np.array([0, 0, 1, 1]), 0.5, 2, order=np.array([3, 2, 1, 0]))
    array([3, 1])
    """
    ordered = strata[order]
    taken = np.zeros(len(order), dtype=bool)
    for stratum, wanted in enumerate(world_sizes(ordered, ratio, size)):
        places = np.flatnonzero(ordered == stratum)
        if len(places) < wanted:
            low, high = feasible_ratios(ordered, size)
            feasible = (
                f"feasible are ratios from {low:.3f} to {high:.3f}"
                if low <= high
                else "no ratio is feasible at that size"
            )
            raise ValueError(
                f"ratios holds {ratio:g}, which {len(order)} records can't provide at "
                f"size={size}: {feasible}. A smaller size widens the range."
            )
        taken[places[:wanted]] = True
    return order[taken]


def feasible_ratios(strata, size) -> tuple[float, float]:
    """Return the least and the largest ratio that records can provide.

    Parameters
    ----------
    strata : ndarray of int of shape (n_records,)
        Stratum of each record of the pool.

    size : int
        Records in a training set.

    Returns
    -------
    low, high : float
        ``low > high`` where no ratio is feasible.

    Examples
    --------
    >>> import numpy as np
    >>> feasible_ratios(np.array([0] * 70 + [1] * 30), size=50)
    (0.0, 0.6)
    """
    counts = _counts(strata)
    wanted = size * counts.sum(axis=1) / counts.sum()
    there = wanted > 0
    low = np.max(1 - counts[there, 0] / wanted[there], initial=0.0)
    high = np.min(counts[there, 1] / wanted[there], initial=1.0)
    return float(low), float(high)


def largest_size(strata, ratios) -> int:
    """Return the size of the largest training set that all ratios allow.

    Parameters
    ----------
    strata : ndarray of int of shape (n_records,)
        Stratum of each record of the pool.

    ratios : array-like of float
        Shares of the property.

    Returns
    -------
    size : int

    Examples
    --------
    >>> import numpy as np
    >>> largest_size(np.array([0] * 70 + [1] * 30), [0.3, 0.6])
    50
    """
    counts = _counts(strata)
    share = counts.sum(axis=1) / counts.sum()
    sizes = [float(counts.sum())]
    for ratio in ratios:
        needed = np.outer(share, [1 - ratio, ratio])
        sizes += (counts[needed > 0] / needed[needed > 0]).tolist()
    return int(min(sizes) + 1e-9)


def _counts(strata):
    """Count the records without and with the property, a row a class."""
    n_strata = 2 * (int(strata.max()) // 2 + 1)
    return np.bincount(strata, minlength=n_strata).reshape(-1, 2)


def _round_to(exact, total):
    """Round to whole numbers with a given sum, the largest remainders up."""
    rounded = np.floor(exact).astype(int)
    up = np.argsort(rounded - exact, kind="stable")[: total - rounded.sum()]
    rounded[up] += 1
    return rounded
