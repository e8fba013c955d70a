"""Confidence intervals of how much better one guess is than another."""

from collections.abc import Sequence
from numbers import Integral, Real

import numpy as np
from scipy.special import ndtri
from sklearn.utils._param_validation import Interval as Range
from sklearn.utils._param_validation import validate_params
from sklearn.utils.validation import check_consistent_length

from skprivacy.metrics._intervals import Interval

__all__ = [
    "combined_interval",
    "paired_difference_interval",
    "r2_gain_interval",
    "r2_interval",
    "share_interval",
]

_JUDGED = {
    "confidence": [Range(Real, 0, 1, closed="neither")],
    "n_comparisons": [Range(Integral, 1, None, closed="left")],
}
#: Fewest records of which a spread is known well enough for a mean's interval.
_FEWEST = 10
#: Whose square, summed over many records, is still a number.
_LARGEST = 1e150


@validate_params(
    {"hits": ["array-like"], **_JUDGED}, prefer_skip_nested_validation=True
)
def share_interval(
    hits, *, confidence: float = 0.95, n_comparisons: int = 1
) -> Interval:
    """Share of records for which something holds, with its interval.

    Parameters
    ----------
    hits : array-like of bool of shape (n_records,)
        Whether it holds of each record, for example that its secret was guessed.

    confidence : float, default=0.95
        Probability with which the interval covers the share of the population.

    n_comparisons : int, default=1
        Number of intervals that are shown together; each is widened so that all of
        them hold with probability `confidence` (Bonferroni).

    Returns
    -------
    interval : Interval
        Wilson's score interval [1]_; `n_members` counts the records. NaN where there
        is none.

    Raises
    ------
    ValueError
        If `hits` are no truth values.

    References
    ----------
    .. [1] E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
       Inference", Journal of the American Statistical Association 22, 1927.

    Examples
    --------
    >>> from skprivacy.metrics import share_interval
    >>> print(share_interval([True] * 81 + [False] * 182))
    0.308 [0.255, 0.366]
    """
    hits = _as_hits(hits, "hits")
    share = hits.mean() if len(hits) else np.nan
    low, high = _wilson(share, len(hits), _z(confidence, n_comparisons))
    return Interval(float(share), low, high, float(confidence), len(hits), 0)


@validate_params(
    {"hits": ["array-like"], "baseline_hits": ["array-like"], **_JUDGED},
    prefer_skip_nested_validation=True,
)
def paired_difference_interval(
    hits, baseline_hits, *, confidence: float = 0.95, n_comparisons: int = 1
) -> Interval:
    r"""How much more often one guess is right than another, on the same records.

    Parameters
    ----------
    hits : array-like of bool of shape (n_records,)
        Whether the guess is right.

    baseline_hits : array-like of bool of shape (n_records,)
        Whether the other one is, for the same records in the same order.

    confidence : float, default=0.95
        Probability with which the interval covers the difference of the population.

    n_comparisons : int, default=1
        Number of intervals that are shown together; each is widened so that all of
        them hold with probability `confidence` (Bonferroni).

    Returns
    -------
    interval : Interval
        Share of `hits` minus that of `baseline_hits`; `n_members` counts the records.
        NaN where there is none.

    Raises
    ------
    ValueError
        If they are no truth values, or their lengths differ.

    Notes
    -----
    The hybrid score interval for paired proportions (method 10 of [1]_). With the
    score intervals :math:`(l_j, u_j)` of both shares :math:`p_j` and their correlation
    :math:`\varphi`, the lower end lies below the difference by

    .. math:: \sqrt{(p_1 - l_1)^2 - 2 \varphi (p_1 - l_1)(u_2 - p_2) + (u_2 - p_2)^2}

    and the upper end above it by the same of the other ends. It is never empty: of two
    guesses that are never right, or always agree, it has the width that so many records
    leave open.

    References
    ----------
    .. [1] R. G. Newcombe, "Improved confidence intervals for the difference between
       binomial proportions based on paired data", Statistics in Medicine 17, 1998.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.metrics import paired_difference_interval
    >>> both, one, other, none = 36, 12, 2, 0
    >>> first = np.repeat([1, 1, 0, 0], [both, one, other, none]).astype(bool)
    >>> second = np.repeat([1, 0, 1, 0], [both, one, other, none]).astype(bool)
    >>> print(paired_difference_interval(first, second))
    0.2 [0.0569, 0.34]
    """
    first, second = _as_hits(hits, "hits"), _as_hits(baseline_hits, "baseline_hits")
    check_consistent_length(first, second)
    n = len(first)
    if not n:
        return Interval(np.nan, np.nan, np.nan, float(confidence), 0, 0)
    z = _z(confidence, n_comparisons)
    one, two = first.mean(), second.mean()
    (low_1, high_1), (low_2, high_2) = _wilson(one, n, z), _wilson(two, n, z)
    phi = _correlation(first, second)
    below = _reach(one - low_1, high_2 - two, phi)
    above = _reach(high_1 - one, two - low_2, phi)
    difference = float(one - two)
    return Interval(
        difference, difference - below, difference + above, float(confidence), n, 0
    )


@validate_params(
    {
        "y": ["array-like"],
        "predicted": ["array-like"],
        "baseline": ["array-like"],
        **_JUDGED,
    },
    prefer_skip_nested_validation=True,
)
def r2_gain_interval(
    y, predicted, baseline, *, confidence: float = 0.95, n_comparisons: int = 1
) -> Interval:
    """How much more of a number's variance one guess explains than another.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Truth.

    predicted, baseline : array-like of shape (n_records,)
        Both guesses.

    confidence : float, default=0.95
        Probability with which the interval covers the gain of the population.

    n_comparisons : int, default=1
        Number of intervals that are shown together; each is widened so that all of
        them hold with probability `confidence` (Bonferroni).

    Returns
    -------
    interval : Interval
        R2 of `predicted` minus that of `baseline`; `n_members` counts the records. The
        ends are NaN where there are fewer than 10, or the truth does not vary.

    Raises
    ------
    ValueError
        If the lengths differ, or a number is missing or infinite.

    Notes
    -----
    The gain is a ratio of two means over the same records, the difference of squared
    errors and the square of what `y` lies from its mean. Its standard error is that of
    the ratio (delta method), and the interval is normal. It needs a few hundred records
    where errors have a heavy tail.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.metrics import r2_gain_interval
    >>> rng = np.random.default_rng(0)
    >>> y = rng.normal(size=500)
    >>> noisy = y + rng.normal(size=500) / 2
    >>> print(r2_gain_interval(y, noisy, np.zeros(500)))
    0.785 [0.745, 0.826]
    """
    y = _as_numbers(y, "y")
    predicted = _as_numbers(predicted, "predicted")
    baseline = _as_numbers(baseline, "baseline")
    check_consistent_length(y, predicted, baseline)
    saved = (y - baseline) ** 2 - (y - predicted) ** 2
    return _ratio_interval(saved, y, _z(confidence, n_comparisons), confidence, 0.0)


@validate_params(
    {"y": ["array-like"], "predicted": ["array-like"], **_JUDGED},
    prefer_skip_nested_validation=True,
)
def r2_interval(
    y, predicted, *, confidence: float = 0.95, n_comparisons: int = 1
) -> Interval:
    """R2 of a guess, with its interval.

    Parameters
    ----------
    y, predicted : array-like of shape (n_records,)
        Truth and guess.

    confidence : float, default=0.95
        Probability with which the interval covers the R2 of the population.

    n_comparisons : int, default=1
        Number of intervals that are shown together.

    Returns
    -------
    interval : Interval
        As :func:`r2_gain_interval` over guessing the mean.

    Raises
    ------
    ValueError
        If the lengths differ, or a number is missing or infinite.

    Examples
    --------
    >>> from skprivacy.metrics import r2_interval
    >>> print(r2_interval(range(100), range(100)))
    1 [1, 1]
    """
    y, predicted = _as_numbers(y, "y"), _as_numbers(predicted, "predicted")
    check_consistent_length(y, predicted)
    lost = -((y - predicted) ** 2)
    return _ratio_interval(lost, y, _z(confidence, n_comparisons), confidence, 1.0)


@validate_params(
    {"intervals": ["array-like"], "weights": ["array-like", None]},
    prefer_skip_nested_validation=True,
)
def combined_interval(intervals: Sequence[Interval], weights=None) -> Interval:
    r"""Interval of a weighted sum of figures of different records.

    Parameters
    ----------
    intervals : sequence of Interval
        Figures that are independent of each other.

    weights : array-like of shape (n_intervals,) or None, default=None
        One number each, which may be negative; None gives their mean. ``(1, -1)`` is a
        difference.

    Returns
    -------
    interval : Interval
        NaN if one of them is.

    Raises
    ------
    ValueError
        If there is no interval, not one weight for each, or their confidence differs.

    Notes
    -----
    The method of variance estimates recovery [1]_: with weights :math:`w_j`, the lower
    end lies below the sum by :math:`\sqrt{\sum_j w_j^2 d_j^2}`, where :math:`d_j` is
    how far the lower end of figure :math:`j` lies below it, or the upper end above it
    where :math:`w_j` is negative.

    References
    ----------
    .. [1] G. Y. Zou and A. Donner, "Construction of confidence limits about effect
       measures: A general approach", Statistics in Medicine 27, 2008.

    Examples
    --------
    >>> from skprivacy.metrics import Interval, combined_interval
    >>> inside = Interval(0.30, 0.27, 0.34, 0.95, 500, 0)
    >>> outside = Interval(0.10, 0.06, 0.13, 0.95, 0, 500)
    >>> print(combined_interval([inside, outside], [1, -1]))
    0.2 [0.158, 0.257]
    """
    wrong = [i for i in intervals if not isinstance(i, Interval)]
    if wrong:
        raise TypeError(
            f"intervals must hold objects of class Interval; got {wrong[0]!r}."
        )
    if not len(intervals):
        raise ValueError("intervals must hold at least one Interval; got none.")
    if weights is None:
        weights = np.full(len(intervals), 1 / len(intervals))
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (len(intervals),):
        raise ValueError(
            f"weights must hold a number for each of the {len(intervals)} intervals; "
            f"got an array of shape {weights.shape}."
        )
    confidences = sorted({i.confidence for i in intervals})
    if len(confidences) > 1:
        raise ValueError(f"intervals must have one confidence; got {confidences}.")
    estimate, low, high = (
        np.array([getattr(i, name) for i in intervals])
        for name in ("estimate", "low", "high")
    )
    down, up = estimate - low, high - estimate
    negative = weights < 0
    total = float(weights @ estimate)
    below = np.sqrt(np.sum((weights * np.where(negative, up, down)) ** 2))
    above = np.sqrt(np.sum((weights * np.where(negative, down, up)) ** 2))
    return Interval(
        total,
        total - float(below),
        total + float(above),
        confidences[0],
        sum(i.n_members for i in intervals),
        sum(i.n_non_members for i in intervals),
    )


def _as_hits(hits, name):
    hits = np.asarray(hits)
    if hits.ndim != 1 or (len(hits) and hits.dtype.kind != "b"):
        raise ValueError(
            f"{name} must hold a truth value for each record; got an array of shape "
            f"{hits.shape} and type {hits.dtype}."
        )
    return hits.astype(bool)


def _as_numbers(values, name):
    """One number for each record; a column would be laid against all the others."""
    values = np.asarray(values, dtype=float)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise ValueError(
            f"{name} must hold a number for each record; got an array of shape "
            f"{values.shape}."
        )
    bad = int(np.sum(~np.isfinite(values)))
    if bad:
        raise ValueError(
            f"{name} must be finite; {bad} of {len(values)} numbers are missing or "
            "infinite."
        )
    if np.any(np.abs(values) > _LARGEST):
        raise ValueError(
            f"{name} must not go beyond {_LARGEST:g}: squares of such numbers can't be "
            "summed. Scale all of them down."
        )
    return values


def _z(confidence, n_comparisons):
    return float(-ndtri((1 - confidence) / n_comparisons / 2))


def _wilson(share, n, z):
    if not n:
        return np.nan, np.nan
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    # Rounding must not put an end on the wrong side of the estimate.
    return float(min(max(middle - reach, 0), share)), float(
        max(min(middle + reach, 1), share)
    )


def _correlation(first, second):
    """Correlation of two kinds of hits, with Newcombe's correction for continuity."""
    n = len(first)
    both, only_1 = np.sum(first & second), np.sum(first & ~second)
    only_2, none = np.sum(~first & second), np.sum(~first & ~second)
    margins = [both + only_1, only_2 + none, both + only_2, only_1 + none]
    if 0 in margins:
        return 0.0
    product = float(both) * none - float(only_1) * only_2
    if product > 0:
        product = max(product - n / 2, 0.0)
    return product / np.sqrt(np.prod(np.array(margins, dtype=float)))


def _reach(one, two, phi):
    return float(np.sqrt(max(one**2 - 2 * phi * one * two + two**2, 0.0)))


def _ratio_interval(numerator, y, z, confidence, offset):
    """Interval of ``offset + mean(numerator) / var(y)``."""
    n = len(y)
    square = (y - y.mean()) ** 2 if n else y
    if n < 2 or not square.sum() > 0:
        return Interval(np.nan, np.nan, np.nan, float(confidence), n, 0)
    ratio = numerator.sum() / square.sum()
    estimate, reach = float(offset + ratio), np.nan
    if n >= _FEWEST:
        influence = (numerator - ratio * square) / square.mean()
        reach = z * influence.std(ddof=1) / np.sqrt(n)
    return Interval(
        estimate,
        float(estimate - reach),
        float(estimate + reach),
        float(confidence),
        n,
        0,
    )
