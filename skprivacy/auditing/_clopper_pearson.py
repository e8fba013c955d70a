"""A lower bound on epsilon from the errors of a test, with no other assumption."""

import numpy as np
from scipy.special import betaincinv

from skprivacy.auditing._counts import check_counts

__all__ = ["epsilon_clopper_pearson", "log_ratio_bound", "upper_limit"]


def upper_limit(count, n, alpha):
    """Exact upper confidence limit of a rate (Clopper and Pearson 1934).

    Parameters
    ----------
    count : int or ndarray of int
        How often it happened.

    n : int
        Of how many times.

    alpha : float
        Chance that the true rate is larger than the limit, at most.

    Returns
    -------
    limit : ndarray
        1 where it happened each time.

    Examples
    --------
    Nothing in a hundred times: ``1 - alpha ** (1 / n)``.

    >>> float(upper_limit(0, 100, 0.05).round(4)), float(upper_limit(3, 3, 0.05))
    (0.0295, 1.0)
    """
    count = np.asarray(count)
    below = np.minimum(count, n - 1)
    limit = betaincinv(below + 1.0, n - below, 1 - alpha)
    return np.where(count >= n, 1.0, limit)


def log_ratio_bound(true_positives, false_positives, n_in, n_out, delta, confidence):
    """Larger of the two logarithms that bound epsilon, below 0 as well.

    Parameters
    ----------
    true_positives, false_positives : int or ndarray of int
        As in :func:`epsilon_clopper_pearson`.

    n_in, n_out : int
        Runs in either world.

    delta, confidence : float
        Delta of the guarantee, and the probability that the bound holds.

    Returns
    -------
    bound : ndarray
        Minus infinity where nothing can be said.
    """
    alpha = (1 - confidence) / 2
    fpr = upper_limit(false_positives, n_out, alpha)
    fnr = upper_limit(n_in - np.asarray(true_positives), n_in, alpha)
    with np.errstate(divide="ignore"):
        named = np.log(np.maximum(1 - delta - fnr, 0)) - np.log(fpr)
        spared = np.log(np.maximum(1 - delta - fpr, 0)) - np.log(fnr)
    return np.maximum(named, spared)


def epsilon_clopper_pearson(
    true_positives, false_positives, n_in, n_out, *, delta=0.0, confidence=0.95
):
    r"""Lower bound on epsilon from the errors of one test (Jagielski et al. 2020).

    A test says of each run in which of two neighboring worlds it was. Under
    :math:`(\varepsilon, \delta)` differential privacy, whatever the test,

    .. math:: \varepsilon \ge \log \frac{1 - \delta - FNR}{FPR}, \quad
              \varepsilon \ge \log \frac{1 - \delta - FPR}{FNR}.

    Both rates are replaced by exact upper limits, each at half of the error.

    Parameters
    ----------
    true_positives, false_positives : int or ndarray of int
        How many runs in the first world the test rightly said to be there, and how
        many in the second it wrongly did.

    n_in, n_out : int
        Runs in the first and the second world.

    delta : float, default=0.0
        Delta of the guarantee.

    confidence : float, default=0.95
        Probability that the bound holds, for a test that was chosen without these
        runs.

    Returns
    -------
    epsilon : float or ndarray
        At least 0.

    Raises
    ------
    ValueError
        If there are more positives than runs, or a number is out of its range.

    Notes
    -----
    A test without errors shows about ``log(n / 3.7)`` and no more: 5.6 with 1,000 runs
    in each world.

    References
    ----------
    P. Kairouz, S. Oh and P. Viswanath, "The Composition Theorem for Differential
    Privacy", International Conference on Machine Learning, 2015.

    M. Jagielski, J. Ullman and A. Oprea, "Auditing Differentially Private Machine
    Learning: How Private is Private SGD?", Advances in Neural Information Processing
    Systems, 2020.

    Examples
    --------
    >>> from skprivacy.auditing import epsilon_clopper_pearson
    >>> round(epsilon_clopper_pearson(1000, 0, 1000, 1000), 2)
    5.6
    >>> epsilon_clopper_pearson(500, 500, 1000, 1000)
    0.0
    """
    given = true_positives, false_positives, n_in, n_out, delta, confidence
    check_counts(*given, may_be_arrays=True)
    bound = log_ratio_bound(*given)
    bound = np.maximum(bound, 0.0)
    return float(bound) if bound.ndim == 0 else bound
