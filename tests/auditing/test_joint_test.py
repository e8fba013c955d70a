"""An exact test of a trade-off by both errors of a test at once."""

import numpy as np
import pytest
from scipy.stats import beta, binom

from skprivacy.auditing import epsilon_clopper_pearson, epsilon_joint
from skprivacy.auditing._joint_test import (
    ApproximateTradeoff,
    GaussianTradeoff,
    exact_p_value,
    largest_refuted,
)

CURVES = [
    ApproximateTradeoff(1.0, 0.0),
    ApproximateTradeoff(0.3, 0.1),
    GaussianTradeoff(0.5),
    GaussianTradeoff(1.5),
]
IDS = ["pure", "approximate", "gaussian", "far gaussian"]
RATES = np.linspace(1e-6, 1 - 1e-6, 101)


def refuted(curve, n, alpha, ordered=False):
    """Whether each number of errors refutes the curve: (false positives, negatives)."""
    return np.array(
        [
            [
                exact_p_value(n - fn, fp, n, n, curve, 0.05 * alpha, ordered) < alpha
                for fn in range(n + 1)
            ]
            for fp in range(n + (not ordered))
        ]
    )


def test_p_value_by_hand():
    # One run of each, no error. At epsilon log(3) the rates on the curve are (a, 1 -
    # 3 a) up to (1/4, 1/4), and the other way round. No error has a chance of (1 - a)
    # 3 a there, 9/16 at the kink: the largest. The line has nine tenths of the error.
    curve = ApproximateTradeoff(np.log(3.0), 0.0)
    found = exact_p_value(1, 0, 1, 1, curve, 0.0)
    assert found == pytest.approx(9 / 16 / 0.9, abs=1e-6)


def test_p_value_is_that_of_the_weighted_sum():
    # At mu = 0 rates are a and 1 - a, and the slope is 1: the chance of a sum of two
    # binomial numbers, the largest between the limits.
    n, fp, fn, gamma = 30, 8, 12, 0.01
    low = max(
        beta.ppf(gamma / 4, fp, n - fp + 1),
        1 - beta.ppf(1 - gamma / 4, fn + 1, n - fn),
    )
    high = min(
        beta.ppf(1 - gamma / 4, fp + 1, n - fp),
        1 - beta.ppf(gamma / 4, fn, n - fn + 1),
    )
    k = np.arange(n + 1)
    chances = [
        np.sum(binom.pmf(k, n, a) * binom.cdf(fp + fn - k, n, 1 - a))
        for a in np.linspace(low, high, 201)
    ]
    found = exact_p_value(n - fn, fp, n, n, GaussianTradeoff(0.0), gamma)
    assert found == pytest.approx(max(chances) + gamma, rel=2e-3)


@pytest.mark.parametrize("curve", CURVES, ids=IDS)
@pytest.mark.parametrize("alpha", [0.05, 0.002])
def test_no_rates_on_the_curve_are_refuted_too_often(curve, alpha):
    n, k = 12, np.arange(13)
    found = refuted(curve, n, alpha)
    # The exact chance, of all outcomes of 12 runs in each world.
    errors = [
        binom.pmf(k, n, a) @ found @ binom.pmf(k, n, float(curve(a))) for a in RATES
    ]
    assert max(errors) <= alpha


@pytest.mark.parametrize("curve", CURVES, ids=IDS)
@pytest.mark.parametrize("fixed", [0, 1, 4])
def test_no_order_of_scores_refutes_too_often(curve, fixed):
    n, k, alpha = 12, np.arange(13), 0.05
    found = refuted(curve, n, alpha, ordered=True)[fixed]
    # The rate above the score with so many above it has a beta law.
    rates = beta.ppf((np.arange(4000) + 0.5) / 4000, fixed + 1, n - fixed)
    chances = binom.pmf(k, n, curve(rates)[:, None]) @ found
    assert chances.mean() <= alpha


def test_a_threshold_that_follows_scores_is_not_taken_for_a_fixed_one():
    # No score of the second world above the threshold: its rate is exponential, and
    # false negatives tell of it as well.
    curve, n = ApproximateTradeoff(4.0, 0.0), 400
    rates = beta.ppf((np.arange(500) + 0.5) / 500, 1, n)
    errors = {}
    for ordered in (False, True):
        found = [
            exact_p_value(n - fn, 0, n, n, curve, 0.0025, ordered) < 0.05
            for fn in range(n + 1)
        ]
        chances = binom.pmf(np.arange(n + 1), n, curve(rates)[:, None])
        errors[ordered] = np.mean(chances @ np.array(found))
    assert errors[True] < 0.05 < errors[False]


def test_bound_is_above_that_of_two_limits():
    for tp, fp in [(999, 1), (900, 100), (700, 500), (300, 10), (60, 5), (1000, 700)]:
        both = epsilon_joint(tp, fp, 1000, 1000, delta=1e-5)
        assert both > epsilon_clopper_pearson(tp, fp, 1000, 1000, delta=1e-5)


def test_bound_is_exact_in_the_limit_and_the_same_from_the_other_world():
    n = 10**6
    found = epsilon_joint(3 * n // 4, n // 4, n, n)
    assert found == pytest.approx(np.log(3), abs=0.02)
    one = epsilon_joint(80, 10, 100, 200)
    assert one == pytest.approx(epsilon_joint(190, 20, 200, 100), abs=2e-3)


@pytest.mark.parametrize("epsilon", [0.3, 1.0])
def test_the_bound_itself_is_above_the_truth_as_seldom_as_it_says(epsilon):
    # The exact chance, of all outcomes of 8 runs in each world; jumps of the p-value
    # between epsilons are no way around it.
    n, k = 8, np.arange(9)
    bounds = np.array([[epsilon_joint(n - fn, fp, n, n) for fn in k] for fp in k])
    curve, above = ApproximateTradeoff(epsilon, 0.0), bounds > epsilon
    errors = [
        binom.pmf(k, n, a) @ above @ binom.pmf(k, n, float(curve(a))) for a in RATES
    ]
    assert max(errors) <= 0.05
    assert above.any()


def test_the_lowest_crossing_counts():
    def jumps(x):
        return 0.2 if 2.0 < x < 2.2 or x > 2.5 else 0.01

    assert largest_refuted(jumps, 0.05, start=2.4) == pytest.approx(2.0, abs=2e-3)


@pytest.mark.parametrize("start", [0.0, 2.4, 9.0])
def test_search_from_anywhere(start):
    found = largest_refuted(lambda x: 1e-3 * np.exp(x), 0.01, start)
    assert found == pytest.approx(np.log(10), abs=2e-3)
    assert found <= np.log(10)
    assert largest_refuted(lambda x: 1.0, 0.01, start) == 0.0
    assert largest_refuted(lambda x: 0.0, 0.01, start) == 60.0
