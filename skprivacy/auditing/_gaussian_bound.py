"""A lower bound on epsilon for mechanisms whose trade-off is that of a Gaussian."""

import numpy as np
from scipy.special import ndtri

from skprivacy.auditing._clopper_pearson import upper_limit
from skprivacy.auditing._counts import check_counts
from skprivacy.auditing._joint_test import (
    SHARE_OF_LIMITS,
    GaussianTradeoff,
    exact_p_value,
    largest_refuted,
)
from skprivacy.dp._gaussian import gaussian_epsilon

__all__ = ["epsilon_gaussian", "gaussian_bound", "mu_bound"]


def mu_bound(true_positives, false_positives, n_in, n_out, confidence):
    r"""Lower bound on mu, below 0 as well.

    Parameters
    ----------
    true_positives, false_positives : int or ndarray of int
        As in :func:`epsilon_gaussian`.

    n_in, n_out : int
        Runs in either world.

    confidence : float
        Probability that the bound holds.

    Returns
    -------
    mu : ndarray
        :math:`\Phi^{-1}(1 - FPR) - \Phi^{-1}(FNR)` at the upper limits of both rates;
        minus infinity where nothing can be said.

    Examples
    --------
    >>> float(mu_bound(1000, 0, 1000, 1000, 0.95).round(2))
    5.36
    """
    alpha = (1 - confidence) / 2
    fpr = upper_limit(false_positives, n_out, alpha)
    fnr = upper_limit(n_in - np.asarray(true_positives), n_in, alpha)
    return -ndtri(fpr) - ndtri(fnr)


def epsilon_gaussian(
    true_positives, false_positives, n_in, n_out, *, delta, confidence=0.95
) -> float:
    """Lower bound on epsilon, if the mechanism is a Gaussian one (Nasr et al. 2023).

    One operating point tells the whole trade-off of a Gaussian release, and with it the
    epsilon at deltas that no number of runs could look at. The bound is far tighter
    than that of :func:`epsilon_joint`, and holds only under this model. As there, both
    errors are looked at at once, and not each at its upper limit.

    Parameters
    ----------
    true_positives, false_positives : int
        How many runs in the first world the test rightly said to be there, and how
        many in the second it wrongly did.

    n_in, n_out : int
        Runs in the first and the second world.

    delta : float
        Delta at which epsilon is asked for, above 0.

    confidence : float, default=0.95
        Probability that the bound holds, for a test that was chosen without these
        runs.

    Returns
    -------
    epsilon : float
        At least 0.

    Raises
    ------
    ValueError
        If `delta` is 0, at which the epsilon of a Gaussian release is infinite; or
        another number is out of its range.

    References
    ----------
    M. Nasr, J. Hayes, T. Steinke, B. Balle, F. Tramèr, M. Jagielski, N. Carlini and A.
    Terzis, "Tight Auditing of Differentially Private Machine Learning", USENIX Security
    Symposium, 2023.

    Examples
    --------
    >>> from skprivacy.auditing import epsilon_clopper_pearson, epsilon_gaussian
    >>> round(epsilon_gaussian(900, 100, 1000, 1000, delta=1e-5), 2)
    12.69
    >>> round(epsilon_clopper_pearson(900, 100, 1000, 1000, delta=1e-5), 2)
    1.99
    """
    check_counts(true_positives, false_positives, n_in, n_out, delta, confidence)
    if delta == 0:
        raise ValueError(
            "delta must be above 0 for the Gaussian bound: at 0 the epsilon of a "
            "Gaussian release is infinite."
        )
    counts = true_positives, false_positives, n_in, n_out
    return gaussian_bound(*counts, delta=delta, confidence=confidence)


def gaussian_bound(
    true_positives, false_positives, n_in, n_out, *, delta, confidence, ordered=False
) -> float:
    """Lower bound on epsilon, for a threshold that may be one of the scores.

    Parameters
    ----------
    true_positives, false_positives, n_in, n_out, delta, confidence
        As in :func:`epsilon_gaussian`.

    ordered : bool, default=False
        Whether the number of false positives was fixed, and the threshold follows.

    Returns
    -------
    epsilon : float
    """
    counts, alpha = (true_positives, false_positives, n_in, n_out), 1 - confidence

    def p_value(mu):
        curve = GaussianTradeoff(mu)
        return exact_p_value(*counts, curve, SHARE_OF_LIMITS * alpha, ordered)

    mu = largest_refuted(p_value, alpha, float(mu_bound(*counts, confidence)))
    return gaussian_epsilon(delta, mu) if mu > 0 else 0.0
