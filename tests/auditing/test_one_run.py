"""Lower bounds on epsilon from guesses about one run."""

import numpy as np
import pytest
from scipy.stats import binom

from skprivacy.auditing import (
    epsilon_one_run,
    epsilon_one_run_gaussian,
    one_run_p_value,
)
from skprivacy.auditing._one_run_gaussian import rejects_curve


def test_p_value_is_that_of_biased_coins():
    q = np.e / (1 + np.e)
    expected = binom.sf(79, 100, q)
    assert one_run_p_value(80, 100, 1000, 1.0) == pytest.approx(expected)
    assert one_run_p_value(0, 100, 1000, 1.0) == 1.0


def test_p_value_pays_for_delta():
    # Of two guesses, both right, at epsilon 0: P[2] = 1/4, and the larger of
    # P[1] / 1 = 1/2 and (P[1] + P[0]) / 2 = 3/8 counts.
    assert one_run_p_value(2, 2, 10, 0.0, delta=0.01) == pytest.approx(0.25 + 0.2 * 0.5)
    assert one_run_p_value(2, 2, 10, 0.0, delta=0.9) == 1.0


def test_the_value_that_was_published():
    # Appendix D of Steinke, Nasr and Jagielski.
    assert epsilon_one_run(75, 100, 1000, delta=1e-4) == pytest.approx(0.673, abs=5e-4)


def test_bound_is_where_the_p_value_crosses():
    epsilon = epsilon_one_run(90, 100, 500, delta=1e-5, confidence=0.9)
    p = one_run_p_value(90, 100, 500, epsilon, delta=1e-5)
    assert p == pytest.approx(0.1, abs=1e-6)
    assert epsilon_one_run(50, 100, 500) == 0


def test_curve_of_pure_privacy_by_hand():
    # Both of two guesses right: right = alpha, wrong = 0; then wrong = alpha / e^eps
    # and right grows by 1 / (2 - 1) of it; then wrong = right / e^eps.
    alpha, shrink = 0.4, 0.5
    right = alpha + 1 * alpha * shrink
    wrong = right * shrink
    assert right + wrong == pytest.approx(0.9)
    assert not rejects_curve(2, 2, 2, lambda x: x * shrink, alpha)
    assert rejects_curve(2, 2, 2, lambda x: x * shrink, alpha * 1.0 / 0.89)


def test_gaussian_curve_shows_more_of_a_gaussian():
    both = [
        bound(97, 100, 1000, delta=1e-5)
        for bound in (epsilon_one_run, epsilon_one_run_gaussian)
    ]
    assert both[0] < both[1]
    assert epsilon_one_run_gaussian(50, 100, 1000, delta=1e-5) == 0


def test_guesses_about_a_gaussian_release_stay_below_the_truth():
    # Independent canaries, each released by itself at mu = 1: epsilon 4.38 at 1e-5.
    rng = np.random.default_rng(0)
    above = {epsilon_one_run: 0, epsilon_one_run_gaussian: 0}
    for _ in range(100):
        included = rng.random(400) < 0.5
        order = np.argsort(rng.normal(included))
        guessed = [*order[:20], *order[-20:]]
        n_correct = int((included[guessed] == np.repeat([False, True], 20)).sum())
        for bound in above:
            above[bound] += bound(n_correct, 40, 400, delta=1e-5) > 4.38
    # 5% at most: more than 14 of 100 have a chance of 1e-4.
    assert max(above.values()) <= 14


@pytest.mark.parametrize("bound", [epsilon_one_run, epsilon_one_run_gaussian])
@pytest.mark.parametrize(
    ("counts", "levels", "message"),
    [
        ((5, 4, 10), {"delta": 1e-5}, "more right guesses than guesses"),
        ((5, 11, 10), {"delta": 1e-5}, "n_canaries=10"),
        ((5, 5, 10), {"delta": 1.0}, "delta must be"),
        ((5, 5, 10), {"delta": 1e-5, "confidence": 0.0}, "confidence must be"),
    ],
)
def test_what_can_not_be_is_refused(bound, counts, levels, message):
    with pytest.raises(ValueError, match=message):
        bound(*counts, **levels)


def test_what_can_not_be_of_a_curve_is_refused():
    with pytest.raises(ValueError, match="delta must be above 0"):
        epsilon_one_run_gaussian(5, 5, 10, delta=0.0)
    with pytest.raises(ValueError, match="epsilon must be at least 0"):
        one_run_p_value(5, 5, 10, -1.0)


@pytest.mark.parametrize("bound", [epsilon_one_run, epsilon_one_run_gaussian])
@pytest.mark.parametrize(
    ("counts", "error", "message"),
    [
        ((5.5, 10, 20), ValueError, "n_correct must be a whole number; got 5.5"),
        ((5, 10, np.inf), ValueError, "n_canaries must be a whole number; got inf"),
        ((5, "10", 20), TypeError, "n_guesses must be an int; got '10'"),
        (([5], 10, 20), TypeError, "n_correct must be an int"),
    ],
)
def test_what_is_no_count_is_refused(bound, counts, error, message):
    with pytest.raises(error, match=message):
        bound(*counts, delta=1e-5)


def test_an_epsilon_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="epsilon must be a float; got None"):
        one_run_p_value(5, 10, 20, None)
