"""Confidence intervals of what an attack achieves."""

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
from scipy.special import betaincinv, ndtri
from sklearn.utils._param_validation import Interval as Range
from sklearn.utils._param_validation import validate_params

from skprivacy.metrics._count_budget import count_budget
from skprivacy.metrics._roc import count_above
from skprivacy.metrics._scores import (
    allowed_false_positives,
    enough_non_members,
    split_scores,
)

__all__ = [
    "INTERVAL_CONSTRAINTS",
    "Interval",
    "delong_variance",
    "roc_auc_interval",
    "tpr_at_fpr_interval",
    "tpr_bounds",
]

INTERVAL_CONSTRAINTS = {
    "y": ["array-like"],
    "score": ["array-like"],
    "confidence": [Range(Real, 0, 1, closed="neither")],
    "n_comparisons": [Range(Integral, 1, None, closed="left")],
    "pos_label": [Real, str, "boolean", None],
}


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval.

    Parameters
    ----------
    estimate : float
        The figure itself. NaN where there are too few records for it.

    low, high : float
        Ends of the interval; they include the estimate.

    confidence : float
        Probability with which the interval covers the truth. Where several intervals
        were asked for together, the probability that all of them do.

    n_members, n_non_members : int
        Number of records behind the figure.

    Examples
    --------
    >>> from skprivacy.metrics import Interval
    >>> interval = Interval(0.81, 0.78, 0.84, 0.95, 500, 500)
    >>> print(interval)
    0.81 [0.78, 0.84]
    >>> interval.low
    0.78
    """

    estimate: float
    low: float
    high: float
    confidence: float
    n_members: int
    n_non_members: int

    def __str__(self):
        return f"{self.estimate:.3g} [{self.low:.3g}, {self.high:.3g}]"


def placements(members, non_members):
    """Share of the other side that each record beats, ties counted as half.

    Parameters
    ----------
    members, non_members : ndarray
        Scores in ascending order.

    Returns
    -------
    of_members : ndarray of shape (n_members,)
        Share of non-members that score lower than this member.

    of_non_members : ndarray of shape (n_non_members,)
        Share of members that score higher than this non-member.
    """
    below = np.searchsorted(non_members, members, side="left")
    up_to = np.searchsorted(non_members, members, side="right")
    of_members = (below + up_to) / (2 * len(non_members))
    below = np.searchsorted(members, non_members, side="left")
    up_to = np.searchsorted(members, non_members, side="right")
    of_non_members = 1 - (below + up_to) / (2 * len(members))
    return of_members, of_non_members


def delong_variance(of_members, of_non_members):
    """Variance of the ROC AUC from placements (DeLong et al. 1988).

    Parameters
    ----------
    of_members, of_non_members : ndarray
        Placements of either side.

    Returns
    -------
    variance : float

    Examples
    --------
    >>> float(delong_variance(np.array([1.0, 0.5]), np.array([0.5, 1.0])))
    0.125
    """
    return of_members.var(ddof=1) / len(of_members) + of_non_members.var(ddof=1) / len(
        of_non_members
    )


def _skewness_shift(of_members, of_non_members, z):
    """How far an interval moves, as its statistic is skewed (Johnson 1978)."""
    third_moment = sum(
        np.mean((side - side.mean()) ** 3) / len(side) ** 2
        for side in (of_members, of_non_members)
    )
    variance = delong_variance(of_members, of_non_members)
    return third_moment / (6 * variance) * (2 * z**2 + 1) if variance > 0 else 0.0


@validate_params(INTERVAL_CONSTRAINTS, prefer_skip_nested_validation=True)
def roc_auc_interval(
    y, score, *, confidence: float = 0.95, n_comparisons: int = 1, pos_label=None
) -> Interval:
    """ROC AUC with its confidence interval.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Two labels: whether each record is a member. Of the two, the larger (``True``,
        1) stands for members, unless `pos_label` says otherwise.

    score : array-like of shape (n_records,)
        Larger means more likely a member. May be infinite.

    confidence : float, default=0.95
        Probability with which the interval covers the AUC of the population.

    n_comparisons : int, default=1
        Number of intervals that are shown together. Each is widened so that all of
        them hold with probability `confidence` (Bonferroni).

    pos_label : int, float, bool or str, default=None
        The label of the members.

    Returns
    -------
    interval : Interval
        Equal scores count as half in the AUC.

    Raises
    ------
    ValueError
        If `y` has not two labels, `score` holds NaN, or their lengths differ.

    Notes
    -----
    The AUC is a mean of placements (the share of non-members that a member beats, and
    the other way round); their variances give its own [1]_, in O(n log n) by sorting
    [2]_. Two corrections keep the coverage where the normal approximation alone loses
    it, near 0 and 1 and among many ties, and fade as n grows:

    - the variance is that of the placements with one more on each side, of value 0 for
      the lower end or 1 for the upper, whichever is larger. It is never zero, so that
      perfect separation and a constant score have an interval of positive width, about
      that of the rule of three;
    - the interval is shifted for the skewness of the placements, by
      ``third moment / (6 * variance) * (2 * z**2 + 1)`` [3]_.

    The records are taken as independent draws.

    References
    ----------
    .. [1] E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, "Comparing the Areas
       under Two or More Correlated Receiver Operating Characteristic Curves: A
       Nonparametric Approach", Biometrics 44, 1988.
    .. [2] X. Sun and W. Xu, "Fast Implementation of DeLong's Algorithm for Comparing
       the Areas Under Correlated Receiver Operating Characteristic Curves", IEEE
       Signal Processing Letters 21, 2014.
    .. [3] N. J. Johnson, "Modified t Tests and Confidence Intervals for Asymmetrical
       Populations", Journal of the American Statistical Association 73, 1978.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.metrics import roc_auc_interval
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 500)
    >>> print(roc_auc_interval(y, rng.normal(y)))
    0.756 [0.725, 0.785]
    """
    members, non_members = split_scores(y, score, pos_label)
    sides = placements(members, non_members)
    auc = float(sides[0].mean())
    z = float(-ndtri((1 - confidence) / n_comparisons / 2))
    with_low, with_high = (
        (np.append(sides[0], extreme), np.append(sides[1], extreme))
        for extreme in (0.0, 1.0)
    )
    reach = z * np.sqrt(max(delong_variance(*with_low), delong_variance(*with_high)))
    low = auc + _skewness_shift(*with_low, z) - reach
    high = auc + _skewness_shift(*with_high, z) + reach
    return Interval(
        estimate=auc,
        low=float(np.clip(low, 0.0, auc)),
        high=float(np.clip(high, auc, 1.0)),
        confidence=float(confidence),
        n_members=len(members),
        n_non_members=len(non_members),
    )


def tpr_bounds(members, non_members, fpr, alpha_low, alpha_high):
    """Bounds of the true positive rate at a false positive rate of the population.

    Parameters
    ----------
    members, non_members : ndarray
        Scores in ascending order.

    fpr : float
        False positive rate, in (0, 1).

    alpha_low, alpha_high : float
        Probability with which each bound may miss.

    Returns
    -------
    low, high : float
    """
    n = len(non_members)
    low = high = None
    start, levels = count_budget(n, fpr, alpha_low)
    if levels is not None:
        counts = np.arange(start, start + len(levels))
        low = _at_least(_n_above(members, non_members, counts), len(members), levels)
    # Non-members below the threshold are binomial too, and a small number of them is
    # what the upper bound has to fear.
    start, levels = count_budget(n, 1 - fpr, alpha_high)
    if levels is not None:
        counts = n - np.arange(start, start + len(levels))
        n_above = _n_above(members, non_members, counts + 1)
        high = 1 - _at_least(len(members) - n_above, len(members), levels)
    return 0.0 if low is None else low, 1.0 if high is None else high


def _n_above(members, non_members, ranks):
    """Members that score higher than the non-member of each rank (1: the highest)."""
    n = len(non_members)
    value = non_members[np.clip(n - ranks, 0, n - 1)]
    n_above = len(members) - np.searchsorted(members, value, side="right")
    return np.where(ranks > n, len(members), n_above)


def _at_least(n_hits, n, levels):
    """Smallest of the Clopper-Pearson lower bounds, each at its own level."""
    bounds = betaincinv(np.maximum(n_hits, 1), n - n_hits + 1, levels)
    return float(np.where(n_hits > 0, bounds, 0.0).min())


@validate_params(
    INTERVAL_CONSTRAINTS | {"fpr": [Range(Real, 0, 1, closed="right")]},
    prefer_skip_nested_validation=True,
)
def tpr_at_fpr_interval(
    y,
    score,
    fpr: float,
    *,
    confidence: float = 0.95,
    n_comparisons: int = 1,
    pos_label=None,
) -> Interval:
    r"""Return the true positive rate at a false positive rate, with its interval.

    The interval covers the rate at which members are accused by the threshold that
    accuses a share `fpr` of all non-members there are, not only of those at hand. It
    so pays for the threshold being found on the same non-members.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Two labels: whether each record is a member. Of the two, the larger (``True``,
        1) stands for members, unless `pos_label` says otherwise.

    score : array-like of shape (n_records,)
        Larger means more likely a member. May be infinite.

    fpr : float
        False positive rate, in (0, 1].

    confidence : float, default=0.95
        Probability with which the interval covers the rate of the population.

    n_comparisons : int, default=1
        Number of intervals that are shown together. Each is widened so that all of
        them hold with probability `confidence` (Bonferroni).

    pos_label : int, float, bool or str, default=None
        The label of the members.

    Returns
    -------
    interval : Interval
        Its estimate is :func:`tpr_at_fpr`. Estimate and ends are NaN, with a warning,
        where there are fewer than ``1 / fpr`` non-members.

    Raises
    ------
    ValueError
        If `y` has not two labels, `score` holds NaN, or their lengths differ.

    Notes
    -----
    The interval is valid for every law of the scores, with ties, and for every number
    of records; no normal approximation stands behind it. Let :math:`t` be the
    population's threshold and :math:`N` the number of non-members above it, which
    nobody sees, but which is binomial with probability `fpr`. For every value of
    :math:`N`, :math:`t` lies between two neighboring non-members, so that the members
    above it can be counted and bounded (Clopper-Pearson). The end of the interval is
    the worst of these bounds over all :math:`N`, each at a level :math:`\beta(N)` of
    its own with :math:`E\,\beta(N) = (1 - \text{confidence}) / 2`: unlikely values
    of :math:`N` are given up at no cost, likely ones are held to a strict level.

    No method of this kind bounds the rate away from 0 unless it is unlikely that no
    non-member at all exceeds the threshold: the lower end is 0 unless
    ``n_non_members * fpr > log(2 * n_comparisons / (1 - confidence))``, which is 3.7
    for one interval of 95%.

    The records are taken as independent draws.

    References
    ----------
    C. J. Clopper and E. S. Pearson, "The Use of Confidence or Fiducial Limits
    Illustrated in the Case of the Binomial", Biometrika 26, 1934.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.metrics import tpr_at_fpr_interval
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 4000)
    >>> print(tpr_at_fpr_interval(y, rng.normal(2 * y), 0.01))
    0.382 [0.316, 0.435]
    """
    members, non_members = split_scores(y, score, pos_label)
    estimate = low = high = float("nan")
    if enough_non_members(len(non_members), fpr):
        n_false = allowed_false_positives(len(non_members), fpr)
        estimate = count_above(members, non_members, n_false) / len(members)
        alpha = (1 - confidence) / n_comparisons / 2
        low, high = (
            tpr_bounds(members, non_members, fpr, alpha, alpha)
            if fpr < 1
            else (1.0, 1.0)
        )
        low, high = min(low, estimate), max(high, estimate)
    return Interval(
        estimate=estimate,
        low=low,
        high=high,
        confidence=float(confidence),
        n_members=len(members),
        n_non_members=len(non_members),
    )
