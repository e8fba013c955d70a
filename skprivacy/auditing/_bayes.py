"""A lower bound on epsilon from the posterior of the error rates of a test."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc, betaincinv

from skprivacy.auditing._counts import check_counts

__all__ = ["epsilon_bayes", "posterior_mass"]

#: Nodes and weights of the integral over the false positive rate's quantiles.
NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)
LEVELS, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2
#: No number of runs that anybody makes shows more.
LARGEST_EPSILON = 60.0


def posterior_mass(
    epsilon, true_positives, false_positives, n_in, n_out, delta=0.0
) -> float:
    """Posterior probability that a guarantee allows the errors of a test.

    Parameters
    ----------
    epsilon : float
        Epsilon of the guarantee.

    true_positives, false_positives, n_in, n_out, delta
        As in :func:`epsilon_bayes`.

    Returns
    -------
    mass : float
        Of the pairs of rates that a test and its opposite may have.

    Examples
    --------
    With no runs in view, the mass of the prior: little is allowed by a small epsilon.

    >>> round(posterior_mass(0.0, 0, 0, 0, 0, delta=1.0), 3)
    1.0
    """
    fpr = _quantiles_of_fpr(false_positives, n_out)
    return _mass(epsilon, true_positives, fpr, n_in, delta)


def _quantiles_of_fpr(false_positives, n_out):
    return betaincinv(false_positives + 0.5, n_out - false_positives + 0.5, LEVELS)


def _mass(epsilon, true_positives, fpr, n_in, delta):
    fn_law = (n_in - true_positives + 0.5, true_positives + 0.5)
    power = np.exp(epsilon)
    least = np.maximum(1 - delta - power * fpr, (1 - delta - fpr) / power)
    most = np.minimum(delta + power * (1 - fpr), 1 - (fpr - delta) / power)
    least, most = np.clip(least, 0, 1), np.clip(most, 0, 1)
    inside = betainc(*fn_law, most) - betainc(*fn_law, least)
    return float(WEIGHTS @ np.maximum(inside, 0.0))


def epsilon_bayes(
    true_positives, false_positives, n_in, n_out, *, delta=0.0, confidence=0.95
) -> float:
    """Lower bound on epsilon from a posterior (Zanella-Béguelin et al. 2023).

    The error rates of the test have Jeffreys' prior; epsilon is the least whose
    guarantee allows them. Its bound is the quantile of what then follows.

    Parameters
    ----------
    true_positives, false_positives : int
        How many runs in the first world the test rightly said to be there, and how
        many in the second it wrongly did.

    n_in, n_out : int
        Runs in the first and the second world.

    delta : float, default=0.0
        Delta of the guarantee.

    confidence : float, default=0.95
        Posterior probability that epsilon is above the bound.

    Returns
    -------
    epsilon : float
        At least 0.

    Raises
    ------
    ValueError
        If there are more positives than runs, or a number is out of its range.

    Notes
    -----
    It is a credible bound: `confidence` is a belief, and no promise about how often
    audits go wrong. It is above 0, if by little, even where both worlds are alike. For
    rates that the runs show well, it comes to the same as the exact one; it is tighter,
    as the two rates are not each at their worst.

    References
    ----------
    S. Zanella-Béguelin, L. Wutschitz, S. Tople, A. Salem, V. Rühle, A. Paverd, M.
    Naseri, B. Köpf and D. Jones, "Bayesian Estimation of Differential Privacy",
    International Conference on Machine Learning, 2023.

    Examples
    --------
    >>> from skprivacy.auditing import epsilon_bayes, epsilon_clopper_pearson
    >>> round(epsilon_bayes(900, 100, 1000, 1000), 2)
    2.11
    >>> round(epsilon_clopper_pearson(900, 100, 1000, 1000), 2)
    1.99
    """
    check_counts(true_positives, false_positives, n_in, n_out, delta, confidence)
    alpha = 1 - confidence

    fpr = _quantiles_of_fpr(false_positives, n_out)

    def excess(epsilon):
        return _mass(epsilon, true_positives, fpr, n_in, delta) - alpha

    if excess(0.0) >= 0:
        return 0.0
    if excess(LARGEST_EPSILON) <= 0:
        return LARGEST_EPSILON
    return float(brentq(excess, 0.0, LARGEST_EPSILON, xtol=1e-5))
