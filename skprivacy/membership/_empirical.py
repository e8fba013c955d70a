"""Where a value stands among reference values."""

import numpy as np

__all__ = ["exceedance_p_value", "pairwise_rate"]


def pairwise_rate(
    ratio: np.ndarray, reference: np.ndarray, gamma: float = 1.0
) -> np.ndarray:
    """Share of reference ratios that each ratio reaches ``gamma`` times.

    The rate over all pairs, by sorting: O((n + m) log m) in place of O(n m).

    Parameters
    ----------
    ratio : ndarray of shape (n_records,)
        Ratios under test.

    reference : ndarray of shape (n_reference,)
        Ratios of the population.

    gamma : float, default=1.0
        How many times as large a ratio must be.

    Returns
    -------
    rate : ndarray of shape (n_records,)
        Between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> pairwise_rate(np.array([1.0, 3.0]), np.array([1.0, 2.0, 4.0, 8.0]))
    array([0.25, 0.5 ])
    """
    reached = np.searchsorted(np.sort(reference) * gamma, ratio, side="right")
    return reached / len(reference)


def exceedance_p_value(signal: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Chance that a non-member's signal is at least as large.

    ``(1 + number of reference values at least as large) / (1 + n_reference)``: a valid
    p-value for any number of reference values.

    Parameters
    ----------
    signal : ndarray of shape (n_records,)
        Signals under test.

    reference : ndarray of shape (n_reference,)
        Signals of non-members.

    Returns
    -------
    p_value : ndarray of shape (n_records,)

    Examples
    --------
    >>> import numpy as np
    >>> exceedance_p_value(np.array([0.0, 9.0]), np.array([1.0, 2.0, 3.0]))
    array([1.  , 0.25])
    """
    below = np.searchsorted(np.sort(reference), signal, side="left")
    return (1 + len(reference) - below) / (1 + len(reference))


def break_ties(score, signal, step):
    """Order records of equal score by their signal, without passing other scores.

    Parameters
    ----------
    score : ndarray of shape (n_records,)
        Scores on a grid of width ``step``.

    signal : ndarray of shape (n_records,)
        Finite signals; larger is more like a member.

    step : float
        Smallest difference of two scores.

    Returns
    -------
    score : ndarray of shape (n_records,)
        Each lowered by less than a thousandth of ``step``.

    Examples
    --------
    >>> import numpy as np
    >>> broken = break_ties(np.array([0.5, 0.5]), np.array([1.0, 2.0]), 0.1)
    >>> bool(0.4999 < broken[0] < broken[1] <= 0.5)
    True
    """
    # A fixed monotone map into (0, 1): a record's score must not depend on the others.
    rank = 0.5 + np.arctan(signal) / np.pi
    # Downwards and by little, so that no score passes a threshold through it.
    return score - 1e-3 * step * (1 - rank)
