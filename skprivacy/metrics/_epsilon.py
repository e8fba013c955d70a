"""What the errors of an attack say about differential privacy."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval as Range
from sklearn.utils._param_validation import validate_params

from skprivacy.metrics._intervals import INTERVAL_CONSTRAINTS, Interval, tpr_bounds
from skprivacy.metrics._scores import operating_points, split_scores

__all__ = ["epsilon_from_rates", "epsilon_from_roc", "epsilon_from_roc_interval"]

EPSILON_CONSTRAINTS = {
    "delta": [Range(Real, 0, 1, closed="left")],
    "min_errors": [Range(Integral, 1, None, closed="left")],
}


def epsilon_from_rates(tpr, fpr, delta):
    """Smallest epsilon that allows these rates (Kairouz et al. 2015).

    Parameters
    ----------
    tpr, fpr : array-like
        True and false positive rates; the latter positive.

    delta : float
        Delta of the guarantee.

    Returns
    -------
    epsilon : ndarray
        ``log((tpr - delta) / fpr)``, and 0 where this is negative.

    Examples
    --------
    >>> epsilon_from_rates([0.5, 0.1], 0.1, 0.0).round(3).tolist()
    [1.609, 0.0]
    """
    ratio = (np.asarray(tpr, dtype=float) - delta) / fpr
    return np.log(np.maximum(ratio, 1.0))


@validate_params(
    {key: INTERVAL_CONSTRAINTS[key] for key in ("y", "score", "pos_label")}
    | EPSILON_CONSTRAINTS,
    prefer_skip_nested_validation=True,
)
def epsilon_from_roc(
    y, score, *, delta: float = 0.0, min_errors: int = 10, pos_label=None
) -> float:
    r"""Epsilon of the attack's best threshold: an estimate, not a bound.

    Under :math:`(\varepsilon, \delta)` differential privacy no attack has
    :math:`TPR > e^\varepsilon FPR + \delta` or
    :math:`TNR > e^\varepsilon FNR + \delta`. The epsilon here is the smallest that
    allows all operating points of this attack.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Two labels: whether each record is a member. Of the two, the larger (``True``,
        1) stands for members, unless `pos_label` says otherwise.

    score : array-like of shape (n_records,)
        Larger means more likely a member. May be infinite.

    delta : float, default=0.0
        Delta of the guarantee that is tested, in [0, 1).

    min_errors : int, default=10
        Fewer false positives, or false negatives, than this count as this many, so
        that no ratio stands on a handful of records (or on none, where it would be
        infinite).

    pos_label : int, float, bool or str, default=None
        The label of the members.

    Returns
    -------
    epsilon : float
        At least 0. The maximum over all thresholds of ``log((TPR - delta) / FPR)`` and
        ``log((TNR - delta) / FNR)``. NaN, with a warning, where members or non-members
        are fewer than `min_errors`.

    Raises
    ------
    ValueError
        If `y` has not two labels, `score` holds NaN, or their lengths differ.

    See Also
    --------
    epsilon_from_roc_interval : A lower bound that pays for the choice of threshold.

    Notes
    -----
    The maximum over thresholds errs upward: an attack that knows nothing has an
    epsilon of about 0.4 with `min_errors` at 10. It is at most
    ``log(n / min_errors)``, with n the larger of the two numbers of records.

    References
    ----------
    P. Kairouz, S. Oh and P. Viswanath, "The Composition Theorem for Differential
    Privacy", International Conference on Machine Learning, 2015.

    Examples
    --------
    100 members, of whom the attack names 60, and 100 non-members, of whom it accuses
    20: the ratios are 0.6 / 0.2 and 0.8 / 0.4, and the larger one is 3.

    >>> import numpy as np
    >>> from skprivacy.metrics import epsilon_from_roc
    >>> y = np.repeat([1, 0], 100)
    >>> accused = np.repeat([1, 0, 1, 0], [60, 40, 20, 80])
    >>> round(epsilon_from_roc(y, accused), 3)
    1.099
    """
    members, non_members = split_scores(y, score, pos_label)
    if _too_few(members, non_members, min_errors):
        return float("nan")
    return _estimate(members, non_members, delta, min_errors)


def _too_few(members, non_members, min_errors):
    if min(len(members), len(non_members)) >= min_errors:
        return False
    warnings.warn(
        f"Epsilon takes at least {min_errors} members and as many non-members; there "
        f"are {len(members)} and {len(non_members)}. The answer is NaN.",
        UserWarning,
        stacklevel=4,
    )
    return True


def _estimate(members, non_members, delta, min_errors):
    m, n = len(members), len(non_members)
    n_false, n_true = operating_points(members, non_members)
    accused = epsilon_from_rates(n_true / m, np.maximum(n_false, min_errors) / n, delta)
    spared = epsilon_from_rates(
        (n - n_false) / n, np.maximum(m - n_true, min_errors) / m, delta
    )
    return float(max(accused.max(), spared.max()))


@validate_params(
    INTERVAL_CONSTRAINTS | EPSILON_CONSTRAINTS, prefer_skip_nested_validation=True
)
def epsilon_from_roc_interval(
    y,
    score,
    *,
    delta: float = 0.0,
    min_errors: int = 10,
    confidence: float = 0.95,
    n_comparisons: int = 1,
    pos_label=None,
) -> Interval:
    """Epsilon of the attack's best threshold, with a lower bound that holds.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Two labels: whether each record is a member. Of the two, the larger (``True``,
        1) stands for members, unless `pos_label` says otherwise.

    score : array-like of shape (n_records,)
        Larger means more likely a member. May be infinite.

    delta : float, default=0.0
        Delta of the guarantee that is tested, in [0, 1).

    min_errors : int, default=10
        As in :func:`epsilon_from_roc`; the false positive rates that are looked at
        begin at this many errors.

    confidence : float, default=0.95
        Probability with which the lower bound holds.

    n_comparisons : int, default=1
        Number of intervals that are shown together. Each is widened so that all of
        them hold with probability `confidence` (Bonferroni).

    pos_label : int, float, bool or str, default=None
        The label of the members.

    Returns
    -------
    interval : Interval
        Its estimate is :func:`epsilon_from_roc`; ``low`` is the bound, 0 where nothing
        can be said. ``high`` is always infinite: an attack shows how much leaks at
        least, and no attack shows that another could not do better.

    Raises
    ------
    ValueError
        If `y` has not two labels, `score` holds NaN, or their lengths differ.

    Notes
    -----
    The rates looked at are fixed before the scores are seen: `min_errors`, twice that,
    four times and so on up to half of the records, for false positives and for false
    negatives. At each the true positive (negative) rate is bounded from below as in
    :func:`tpr_at_fpr_interval`, for the population's rate, and all bounds hold together
    (Bonferroni), so the largest resulting epsilon holds as well.

    Records are taken as independent draws. For the records of one training run, which
    share a model, this holds only approximately: the bound then speaks of the attack's
    rates on average over records, and a formal audit takes randomly inserted canaries.

    References
    ----------
    M. Jagielski, J. Ullman and A. Oprea, "Auditing Differentially Private Machine
    Learning: How Private is Private SGD?", Advances in Neural Information Processing
    Systems, 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.metrics import epsilon_from_roc_interval
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 2000)
    >>> print(epsilon_from_roc_interval(y, rng.laplace(y)))
    1.73 [0.797, inf]
    """
    members, non_members = split_scores(y, score, pos_label)
    estimate = low = high = float("nan")
    if not _too_few(members, non_members, min_errors):
        estimate = _estimate(members, non_members, delta, min_errors)
        alpha = (1 - confidence) / n_comparisons
        low = min(
            _lower_bound(members, non_members, delta, min_errors, alpha), estimate
        )
        high = float("inf")
    return Interval(
        estimate=estimate,
        low=low,
        high=high,
        confidence=float(confidence),
        n_members=len(members),
        n_non_members=len(non_members),
    )


def _lower_bound(members, non_members, delta, min_errors, alpha):
    # Sparing non-members is accusing them with the sign of all scores turned.
    directions = [(members, non_members), (-non_members[::-1], -members[::-1])]
    tests = [
        (named, others, rate)
        for named, others in directions
        for rate in _rates(len(others), min_errors)
    ]
    bounds = [0.0]
    for named, others, rate in tests:
        tpr, _ = tpr_bounds(named, others, rate, alpha / len(tests), alpha / len(tests))
        bounds.append(float(epsilon_from_rates(tpr, rate, delta)))
    return max(bounds)


def _rates(n, min_errors):
    """Return the error rates of the grid: min_errors / n, doubling up to one half."""
    n_rates = max(int(np.log2(n / 2 / min_errors)) + 1, 0) if n >= 2 * min_errors else 0
    return min_errors * 2.0 ** np.arange(n_rates) / n
