"""How many canaries an attack names at a low false positive rate, with intervals."""

import numpy as np
from scipy.special import ndtri

from skprivacy.metrics import Interval, tpr_at_fpr

__all__ = ["accuracy_interval", "canary_tpr_intervals"]

#: Draws of the bootstrap.
_N_DRAWS = 1000
#: Numbers that are held at the same time.
_MOST_NUMBERS = 2_000_000
# Products such as 0.29 * 100 fall just below the whole number that is meant.
_SLACK = 1e-9


def canary_tpr_intervals(
    scores, membership, fprs, *, confidence=0.95, n_comparisons=1, random_state
) -> dict:
    """Find true positive rates over all models and canaries, with their intervals.

    Scores of one canary in many models, and of many canaries in one model, are no
    independent draws. Canaries and pairs of models are drawn again, each with all of
    their scores, and the threshold is found anew in each draw.

    Parameters
    ----------
    scores : ndarray of shape (n_models, n_canaries)
        Larger means more likely a member.

    membership : ndarray of bool of shape (n_models, n_canaries)
        Which model has which canary; models 2i and 2i + 1 are a pair.

    fprs : sequence of float
        False positive rates.

    confidence : float, default=0.95
        Probability with which each interval covers the rate.

    n_comparisons : int, default=1
        Intervals that are shown together (Bonferroni).

    random_state : RandomState
        Source of the draws.

    Returns
    -------
    intervals : dict of float to Interval
        For each false positive rate.

    Notes
    -----
    Percentiles of 1,000 draws. In each there is a canary more, of which no member is
    named at the lower end, and every one at the upper: so that the interval of "none"
    and "all" has a width, about that of the rule of three.

    References
    ----------
    A. B. Owen. "The pigeonhole bootstrap". Annals of Applied Statistics 1, 2007.
    """
    n_outside = int((~membership).sum())
    draws, extra = _draw_rates(scores, membership, fprs, random_state)
    tail = 100 * (1 - confidence) / n_comparisons / 2
    intervals = {}
    for fpr in fprs:
        estimate = tpr_at_fpr(membership.ravel(), scores.ravel(), fpr)
        shrunk = draws[fpr] * (1 - extra)
        low = float(np.percentile(shrunk, tail))
        high = float(np.percentile(shrunk + extra, 100 - tail))
        intervals[fpr] = Interval(
            estimate,
            min(low, estimate),
            max(high, estimate),
            confidence,
            membership.size - n_outside,
            n_outside,
        )
    return intervals


def _draw_rates(scores, membership, fprs, rng):
    """Rates of all draws, and the share of the canary more in each."""
    n_models, n_canaries = scores.shape
    order = np.argsort(-scores, axis=None, kind="stable")
    model, canary = np.divmod(order, n_canaries)
    is_member = membership.ravel()[order]
    # Equal scores are accused together: a threshold is the end of a run of them.
    ranked = scores.ravel()[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    rates = {fpr: [] for fpr in fprs}
    extra = []
    step = max(1, _MOST_NUMBERS // scores.size)
    for start in range(0, _N_DRAWS, step):
        n = min(step, _N_DRAWS - start)
        of_pairs = _multiplicities(-(-n_models // 2), n, rng)
        of_canaries = _multiplicities(n_canaries + 1, n, rng)
        extra.append(of_canaries[:, -1] / (n_canaries + 1))
        weights = of_pairs[:, model // 2] * of_canaries[:, canary]
        true = np.cumsum(weights * is_member, axis=1)[:, ends]
        false = np.cumsum(weights * ~is_member, axis=1)[:, ends]
        for fpr in fprs:
            allowed = fpr * false[:, -1:] + _SLACK
            at = (false <= allowed).sum(axis=1) - 1
            named = np.where(at < 0, 0, true[np.arange(n), at])
            rates[fpr].append(named / np.maximum(true[:, -1], 1))
    rates = {fpr: np.concatenate(of_fpr) for fpr, of_fpr in rates.items()}
    return rates, np.concatenate(extra)


def _multiplicities(n, n_draws, rng):
    """How often each of ``n`` is drawn, for each draw of ``n`` with replacement."""
    return rng.multinomial(n, np.full(n, 1 / n), size=n_draws)


def accuracy_interval(share_right, *, confidence=0.95) -> Interval:
    """Mean accuracy of several models on the same records.

    Parameters
    ----------
    share_right : ndarray of shape (n_records,)
        Share of the models that are right about each record.

    confidence : float, default=0.95
        Probability with which the interval covers the accuracy of such models.

    Returns
    -------
    interval : Interval
        By the normal distribution, with a record more that is always right and one
        that never is for the variance; `n_members` counts the records.

    Examples
    --------
    >>> print(accuracy_interval(np.array([1.0] * 80 + [0.0] * 20)))
    0.8 [0.721, 0.879]
    """
    n = len(share_right)
    mean = float(np.mean(share_right))
    variance = np.var(np.append(share_right, [0.0, 1.0]))
    reach = float(-ndtri((1 - confidence) / 2) * np.sqrt(variance / n))
    low, high = max(mean - reach, 0.0), min(mean + reach, 1.0)
    return Interval(mean, low, high, confidence, n, 0)
