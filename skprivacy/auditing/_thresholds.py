"""Bounds on epsilon from scores, the choice of the threshold paid for."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from skprivacy.auditing._bounds import BOUNDS

__all__ = ["THRESHOLDS", "ThresholdTest", "bound_from_scores", "distinct_ranks"]

#: Ways to pay for the choice of a threshold.
THRESHOLDS = ("split", "bonferroni", "multisplit")
#: Random splits of which the median counts: an odd number.
N_SPLITS = 31
#: Thresholds that a half of the runs chooses among, from either end.
N_CANDIDATES = 100


class ThresholdTest(NamedTuple):
    """A bound on epsilon, and the test that it is from.

    Parameters
    ----------
    epsilon : float
        The bound.

    true_positives, false_positives, n_in, n_out : int
        Of the test: how often it named the first world, and of how many runs. The
        largest of several tests, or the median split.
    """

    epsilon: float
    true_positives: int
    false_positives: int
    n_in: int
    n_out: int


def distinct_ranks(scores_in, scores_out, rng):
    """Ranks of all scores together, equal scores in a random order.

    A test that tosses a coin at its threshold is a test as well, and one that can have
    any false positive rate.

    Parameters
    ----------
    scores_in, scores_out : ndarray
        Scores of the runs in either world.

    rng : RandomState
        Breaks ties.

    Returns
    -------
    ranks_in, ranks_out : ndarray of int
        No two are equal.

    Examples
    --------
    >>> ranks_in, ranks_out = distinct_ranks(
    ...     np.array([3.0, 5.0]), np.array([1.0]), np.random.RandomState(0)
    ... )
    >>> ranks_in.tolist(), ranks_out.tolist()
    ([1, 2], [0])
    """
    scores = np.concatenate([scores_in, scores_out])
    order = np.lexsort((rng.uniform(size=len(scores)), scores))
    ranks = np.empty(len(scores), dtype=int)
    ranks[order] = np.arange(len(scores))
    return ranks[: len(scores_in)], ranks[len(scores_in) :]


def bound_from_scores(
    scores_in,
    scores_out,
    *,
    bound="clopper_pearson",
    threshold="bonferroni",
    delta=0.0,
    confidence=0.95,
    random_state=None,
) -> ThresholdTest:
    """Lower bound on epsilon from the scores of runs in two neighboring worlds.

    The largest bound over all thresholds would be too large: it is a maximum of many.

    Parameters
    ----------
    scores_in, scores_out : ndarray of shape (n_runs,)
        Scores of independent runs in the first and the second world; larger means "more
        like the first". May be infinite, not NaN.

    bound : {"clopper_pearson", "gdp", "bayes"}, default="clopper_pearson"
        How epsilon follows from the errors of one test.

    threshold : {"bonferroni", "split", "multisplit"}, default="bonferroni"
        How the choice of a threshold is paid for.

        - "bonferroni": thresholds at error counts of 0, 1, 2, 4 and so on in either
          world, fixed beforehand; each has its share of the error.
        - "split": it is chosen on one half of the runs, the bound is from the other.
        - "multisplit": the median of the bounds from many such splits, each at half of
          the error (Meinshausen et al. 2009).

    delta : float, default=0.0
        Delta of the guarantee.

    confidence : float, default=0.95
        Probability that the bound holds.

    random_state : int, RandomState instance or None, default=None
        Splits, and the order of equal scores.

    Returns
    -------
    test : ThresholdTest

    References
    ----------
    N. Meinshausen, L. Meier and P. Bühlmann, "p-Values for High-Dimensional
    Regression", Journal of the American Statistical Association 104, 2009.

    Examples
    --------
    >>> rng = np.random.RandomState(0)
    >>> far, near = rng.laplace(1.0, size=4000), rng.laplace(0.0, size=4000)
    >>> test = bound_from_scores(far, near, random_state=0)
    >>> 0.5 < test.epsilon < 1.0
    True
    """
    rng = check_random_state(random_state)
    ranks_in, ranks_out = distinct_ranks(
        np.asarray(scores_in, dtype=float), np.asarray(scores_out, dtype=float), rng
    )
    rule = BOUNDS[bound]
    if threshold == "bonferroni":
        return _over_fixed_counts(ranks_in, ranks_out, rule, delta, confidence)
    if threshold == "split":
        return _one_split(ranks_in, ranks_out, rule, delta, confidence, rng)
    # Of p-values from many splits, twice the median is one again.
    halved = (1 + confidence) / 2
    tests = [
        _one_split(ranks_in, ranks_out, rule, delta, halved, rng)
        for _ in range(N_SPLITS)
    ]
    return sorted(tests)[N_SPLITS // 2]


def _one_split(ranks_in, ranks_out, rule, delta, confidence, rng):
    ranks_in, ranks_out = rng.permutation(ranks_in), rng.permutation(ranks_out)
    half_in, half_out = len(ranks_in) // 2, len(ranks_out) // 2
    chosen = _best_threshold(
        ranks_in[:half_in], ranks_out[:half_out], rule, delta, confidence
    )
    counts = (
        int((ranks_in[half_in:] >= chosen).sum()),
        int((ranks_out[half_out:] >= chosen).sum()),
        len(ranks_in) - half_in,
        len(ranks_out) - half_out,
    )
    epsilon = rule.epsilon(*counts, delta=delta, confidence=confidence)
    return ThresholdTest(epsilon, *counts)


def _best_threshold(ranks_in, ranks_out, rule, delta, confidence):
    n_in, n_out = len(ranks_in), len(ranks_out)
    thresholds = np.sort(np.concatenate([ranks_in, ranks_out]))
    thresholds = thresholds[_positions(len(thresholds))]
    true_positives = n_in - np.searchsorted(np.sort(ranks_in), thresholds)
    false_positives = n_out - np.searchsorted(np.sort(ranks_out), thresholds)
    found = rule.criterion(
        true_positives, false_positives, n_in, n_out, delta, confidence
    )
    return thresholds[np.argmax(found)]


def _positions(n):
    """Return positions to look at, the closer to an end the finer."""
    steps = np.geomspace(1, n, N_CANDIDATES).astype(int) - 1
    return np.unique(np.concatenate([steps, n - 1 - steps]))


def _over_fixed_counts(ranks_in, ranks_out, rule, delta, confidence):
    """Take the best of tests whose number of errors in one world is fixed.

    Where the threshold is the (k + 1)-th largest of n independent scores, the chance of
    another one to be above has the law that the upper limit of k errors in n stands on;
    scores of the other world have nothing to do with it.
    """
    ranks_in, ranks_out = np.sort(ranks_in), np.sort(ranks_out)
    n_in, n_out = len(ranks_in), len(ranks_out)
    counts = []
    for k in _doubling(n_out):
        above = n_in - np.searchsorted(ranks_in, ranks_out[n_out - 1 - k])
        counts.append((int(above), k))
    for k in _doubling(n_in):
        above = n_out - np.searchsorted(ranks_out, ranks_in[k])
        counts.append((n_in - k, int(above)))
    each = 1 - (1 - confidence) / len(counts)
    return max(
        ThresholdTest(
            rule.epsilon(tp, fp, n_in, n_out, delta=delta, confidence=each),
            *(tp, fp, n_in, n_out),
        )
        for tp, fp in counts
    )


def _doubling(n):
    """0, 1, 2, 4 and so on, below n."""
    counts, k = [0], 1
    while k < n:
        counts.append(k)
        k *= 2
    return counts
