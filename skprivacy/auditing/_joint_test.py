"""An exact test of a trade-off by both errors of a test at once."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaincinv, gammaln, ndtr, ndtri, xlog1py, xlogy

__all__ = [
    "ApproximateTradeoff",
    "GaussianTradeoff",
    "SHARE_OF_LIMITS",
    "exact_p_value",
    "largest_refuted",
]

#: Part of the error that is spent on which rates are looked at.
SHARE_OF_LIMITS = 0.05
#: Part of the rest that goes to the other one of two lines that meet in a kink.
SHARE_OF_OTHER_SIDE = 0.1
#: Points of the curve, between these limits, at which the p-value is looked at.
N_POINTS = 24
#: Chance of counts that are not summed up, which is added in full.
LEFT_OUT = 1e-9
#: Below a parameter that is not refuted, others are looked at in so many steps.
JUMP, N_JUMPS = 0.1, 8
#: By which the largest parameter that is refuted is told too small.
PRECISION = 1e-3


class ApproximateTradeoff:
    r"""Least false negative rate at each false positive rate, by epsilon and delta.

    Parameters
    ----------
    epsilon, delta : float
        Of the guarantee.

    Examples
    --------
    >>> curve = ApproximateTradeoff(np.log(3.0), 0.0)
    >>> curve(np.array([0.0, 0.25, 1.0]))
    array([1.  , 0.25, 0.  ])
    """

    def __init__(self, epsilon, delta):
        self.power, self.delta = float(np.exp(epsilon)), delta
        self.kink = (1 - delta) / (1 + self.power)

    def __call__(self, fpr):
        rest = 1 - self.delta
        steep, flat = rest - self.power * fpr, (rest - fpr) / self.power
        return np.maximum(np.maximum(steep, flat), 0.0)

    def slopes(self, fpr):
        """Tell how fast it falls, and on the other side of the kink, by shares."""
        own = np.where(fpr <= self.kink, self.power, 1 / self.power)
        return [(1 - SHARE_OF_OTHER_SIDE, own), (SHARE_OF_OTHER_SIDE, 1 / own)]

    def points(self, low, high):
        """Place rates between two ends, on both sides of the kink as well."""
        inner = [self.kink, self.kink * (1 + 1e-9)]
        inner = [one for one in inner if low < one < high]
        return np.concatenate([np.linspace(low, high, N_POINTS), inner])


class GaussianTradeoff:
    r"""The same of a Gaussian release: :math:`\Phi(\Phi^{-1}(1 - FPR) - \mu)`.

    Parameters
    ----------
    mu : float
        Of the release.

    Examples
    --------
    >>> float(GaussianTradeoff(1.0)(np.array(0.5)).round(4))
    0.1587
    """

    def __init__(self, mu):
        self.mu = mu

    def __call__(self, fpr):
        return ndtr(-ndtri(fpr) - self.mu)

    def slopes(self, fpr):
        """Tell how fast it falls, which has all of the error."""
        if not self.mu:
            # A straight line, where the formula has 0 times infinity at its ends.
            return [(1.0, np.ones_like(fpr))]
        logs = -self.mu * ndtri(fpr) - self.mu**2 / 2
        return [(1.0, np.exp(np.clip(logs, -300, 300)))]

    def points(self, low, high):
        """Place rates between two ends."""
        return np.linspace(low, high, N_POINTS)


def exact_p_value(
    true_positives, false_positives, n_in, n_out, curve, gamma, ordered=False
) -> float:
    r"""Chance of so few errors, at most, of a mechanism whose trade-off is the curve.

    At a point of the curve, where it falls with slope s, errors are few as far as
    :math:`s \, FP / n_{out} + FN / n_{in}` is small: the weights are those of the line
    that touches the curve there. Where a curve has a kink, those of the line on its
    other side are tried as well, and both share the error. The chance is the largest of
    all points between exact limits of both rates, which are left with a chance of
    `gamma`.

    Parameters
    ----------
    true_positives, false_positives, n_in, n_out : int
        Of the test.

    curve : callable
        Least false negative rate at each false positive rate: convex, and its own
        inverse. Has ``slopes`` and ``points``.

    gamma : float
        Added to the chance.

    ordered : bool, default=False
        Whether the threshold is one of the second world's scores: that with so many
        above it. Not their number is random then, but the false positive rate. Its law
        is that of a number of errors less a uniform one below 1.

    Returns
    -------
    p : float
        1 where it is not below; `gamma` where no rates between the limits are allowed.

    Examples
    --------
    No errors in ten runs of each, where an epsilon of 1 allows no rates below .27 both:

    >>> round(exact_p_value(10, 0, 10, 10, ApproximateTradeoff(1.0, 0.0), 0.001), 4)
    0.0031
    """
    fp, fn = int(false_positives), n_in - int(true_positives)
    fpr_low, fpr_high = _limits(fp, n_out, gamma / 4)
    fnr_low, fnr_high = _limits(fn, n_in, gamma / 4)
    if curve(fpr_low) <= fnr_low:
        return 1.0
    low, high = max(fpr_low, curve(fnr_high)), min(fpr_high, curve(fnr_low))
    if low > high:
        return gamma
    fpr = curve.points(low, high)
    counts, rates = (fp, fn, n_in, n_out), (fpr, curve(fpr))
    chances = [
        (_chance_of_fewer(*counts, *rates, slope, ordered) + LEFT_OUT) / share
        for share, slope in curve.slopes(fpr)
    ]
    return float(min(np.min(chances, axis=0).max() + gamma, 1.0))


def _limits(count, n, alpha):
    low = betaincinv(count, n - count + 1.0, alpha) if count > 0 else 0.0
    high = betaincinv(count + 1.0, n - count, 1 - alpha) if count < n else 1.0
    return float(low), float(high)


def _chance_of_fewer(fp, fn, n_in, n_out, fpr, fnr, slope, ordered):
    # The weighted sum of errors, in false negatives.
    weight = slope * n_in / n_out
    most = weight * fp + fn
    fp_counts, fp_chances = _binomial(n_out, fpr)
    fn_counts, fn_chances = _binomial(n_in, fnr)
    # A bit more than there are, lest a rounding error leave one out.
    left = (most - weight * fp_counts[:, None]) * (1 + 1e-12) + 1e-9 - fn_counts[0]
    cumulated = fn_chances.cumsum(axis=0)
    if ordered:
        upper = _area(cumulated, left + weight)
        below = (upper - _area(cumulated, left)) / weight
    else:
        below = np.concatenate([np.zeros((1, len(fnr))), cumulated])
        place = np.clip(np.floor(left) + 1, 0, len(fn_counts)).astype(int)
        below = np.take_along_axis(below, place, axis=0)
    return (fp_chances * below).sum(axis=0)


def _area(cumulated, ends):
    """Area below the steps of cumulated chances, up to the given ends."""
    areas = np.concatenate([np.zeros((1, cumulated.shape[1])), cumulated]).cumsum(0)
    steps = np.arange(len(areas), dtype=float)
    found = [
        np.interp(end, steps, area) for end, area in zip(ends.T, areas.T, strict=True)
    ]
    return np.array(found).T + np.maximum(ends - steps[-1], 0.0)


def _binomial(n, p):
    """Return counts that are likely at some of the rates, and their chances at each."""
    far = -np.log(LEFT_OUT / 4)
    low, high = float(p.min()), float(p.max())
    # Outside there is next to nothing (Bernstein's inequality).
    down, up = (
        far / 3 + np.sqrt(far**2 / 9 + 2 * n * rate * (1 - rate) * far)
        for rate in (low, high)
    )
    count = np.arange(max(int(n * low - down), 0), min(int(n * high + up) + 1, n) + 1)
    logs = gammaln(n + 1) - gammaln(count + 1) - gammaln(n - count + 1)
    count = count[:, None]
    chances = np.exp(logs[:, None] + xlogy(count, p) + xlog1py(n - count, -p))
    return count[:, 0], chances


def largest_refuted(p_value, alpha, start, step=0.25, most=60.0) -> float:
    """Largest parameter up to which all are refuted, looked for around a guess.

    Parameters
    ----------
    p_value : callable
        Of the parameter, with which it grows, but for small jumps of what is discrete.

    alpha : float
        Refuted is what has a smaller p-value.

    start : float
        Guess.

    step : float, default=0.25
        How far off it may be; doubled until it is enough.

    most : float, default=60.0
        No larger one is looked at.

    Returns
    -------
    parameter : float
        Too small by 2e-3 at most; 0 where none is refuted.

    Examples
    --------
    >>> round(largest_refuted(lambda x: 0.01 * 2**x, 0.05, start=0.7), 2)
    2.32
    """

    def excess(parameter):
        return float(np.log(max(p_value(parameter), 1e-300) / alpha))

    low = high = min(max(start, 0.0), most)
    if excess(low) < 0:
        while excess(high := min(high + step, most)) < 0:
            low, step = high, 2 * step
            if high >= most:
                return most
    else:
        while excess(low := max(low - step, 0.0)) >= 0:
            high, step = low, 2 * step
            if low <= 0.0:
                return 0.0
    # The lowest crossing counts: a jump may have made another one above it.
    looked_at = low
    for _ in range(N_JUMPS):
        looked_at = max(looked_at - JUMP, 0.0)
        if excess(looked_at) >= 0:
            high = looked_at
        elif low > high:
            low = looked_at
    if low > high:
        return 0.0
    found = brentq(excess, low, high, xtol=PRECISION / 2, rtol=1e-12)
    return max(found - PRECISION, low)
