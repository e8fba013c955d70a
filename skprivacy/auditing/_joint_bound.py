"""A lower bound on epsilon from both errors of a test at once."""

from skprivacy.auditing._clopper_pearson import log_ratio_bound
from skprivacy.auditing._counts import check_counts
from skprivacy.auditing._joint_test import (
    SHARE_OF_LIMITS,
    ApproximateTradeoff,
    exact_p_value,
    largest_refuted,
)

__all__ = ["epsilon_joint", "joint_bound"]


def epsilon_joint(
    true_positives, false_positives, n_in, n_out, *, delta=0.0, confidence=0.95
) -> float:
    r"""Lower bound on epsilon from both errors of one test at once.

    As :func:`epsilon_clopper_pearson` it assumes nothing of the mechanism, and holds of
    any number of runs. But it does not take both rates at their upper limits, each of
    which is seldom reached, and hardly ever with the other. Under
    :math:`(\varepsilon, \delta)` differential privacy

    .. math:: e^\varepsilon FPR + FNR \ge 1 - \delta, \quad
              FPR + e^\varepsilon FNR \ge 1 - \delta,

    and an epsilon is refuted where sums of errors with these weights are so small that,
    of all rates that it allows, none makes them likely.

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
        Probability that the bound holds, for a test that was chosen without these
        runs.

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
    The chance of a weighted sum of two binomial numbers of errors is summed up exactly,
    as in unconditional tests of 2 x 2 tables. Its largest value is looked for among the
    rates between two-sided limits that have a twentieth of the error (Berger and Boos):
    all others are far from what was seen.

    References
    ----------
    R. L. Berger and D. D. Boos, "P Values Maximized Over a Confidence Set for the
    Nuisance Parameter", Journal of the American Statistical Association 89, 1994.

    P. Kairouz, S. Oh and P. Viswanath, "The Composition Theorem for Differential
    Privacy", International Conference on Machine Learning, 2015.

    Examples
    --------
    >>> from skprivacy.auditing import epsilon_clopper_pearson, epsilon_joint
    >>> round(epsilon_joint(300, 10, 1000, 1000), 2)
    2.84
    >>> round(epsilon_clopper_pearson(300, 10, 1000, 1000), 2)
    2.7
    """
    counts = true_positives, false_positives, n_in, n_out
    check_counts(*counts, delta, confidence)
    return joint_bound(*counts, delta=delta, confidence=confidence)


def joint_bound(
    true_positives, false_positives, n_in, n_out, *, delta, confidence, ordered=False
) -> float:
    """Lower bound on epsilon, for a threshold that may be one of the scores.

    Parameters
    ----------
    true_positives, false_positives, n_in, n_out, delta, confidence
        As in :func:`epsilon_joint`.

    ordered : bool, default=False
        Whether the number of false positives was fixed, and the threshold follows.

    Returns
    -------
    epsilon : float

    Examples
    --------
    >>> test = {"delta": 0.0, "confidence": 0.95}
    >>> round(joint_bound(1000, 0, 1000, 1000, **test), 1)
    6.5
    >>> round(joint_bound(1000, 0, 1000, 1000, **test, ordered=True), 1)
    5.9
    """
    counts, alpha = (true_positives, false_positives, n_in, n_out), 1 - confidence

    def p_value(epsilon):
        curve = ApproximateTradeoff(epsilon, delta)
        return exact_p_value(*counts, curve, SHARE_OF_LIMITS * alpha, ordered)

    start = float(log_ratio_bound(*counts, delta, confidence))
    return largest_refuted(p_value, alpha, start)
