"""Answers with fewer digits."""

import numpy as np

__all__ = ["round_to_step", "round_to_sum"]


def round_to_sum(proba, decimals):
    """Round probabilities so that they still sum to 1.

    Parameters
    ----------
    proba : ndarray of shape (n_records, n_classes)
        Probabilities.

    decimals : int
        Decimals that are left.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)
        All are rounded down; the steps that are missing from 1 then go to those that
        lost the most, one each.

    Examples
    --------
    >>> round_to_sum(np.array([[0.333, 0.333, 0.334]]), 1)
    array([[0.3, 0.3, 0.4]])
    """
    steps = 10**decimals
    # Whole numbers that are a rounding error off are meant.
    down = np.floor(proba * steps + 1e-9)
    lost = proba * steps - down
    missing = np.round(steps - down.sum(axis=1)).astype(int)
    rank = np.argsort(np.argsort(-lost, axis=1, kind="stable"), axis=1)
    return (down + (rank < missing[:, None])) / steps


def round_to_step(values, step):
    """Round numbers to the nearest multiple of a step.

    Parameters
    ----------
    values : ndarray
        Numbers.

    step : float
        Above 0.

    Returns
    -------
    values : ndarray

    Examples
    --------
    >>> round_to_step(np.array([12_340.0, -7_600.0]), 5_000)
    array([ 10000., -10000.])
    """
    return np.round(values / step) * step
