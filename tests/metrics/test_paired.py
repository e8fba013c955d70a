"""How much better one guess is than another, and how sure that is."""

from dataclasses import astuple

import numpy as np
import pytest
from scipy.stats import binomtest, norm
from sklearn.metrics import r2_score

from skprivacy.metrics import (
    Interval,
    combined_interval,
    paired_difference_interval,
    r2_gain_interval,
    r2_interval,
    share_interval,
)


def ends(interval):
    return interval.low, interval.high


def pair(both, one, other, none):
    """Hits of two guesses: both right, one of them alone, none."""
    counts = [both, one, other, none]
    first = np.repeat([True, True, False, False], counts)
    second = np.repeat([True, False, True, False], counts)
    return first, second


def by_newcombe(both, one, other, none, z):
    """Method 10 as Newcombe's paper writes it, from the four counts alone."""
    n = both + one + other + none
    p1, p2 = (both + one) / n, (both + other) / n

    def score_ends(p):
        root = z * np.sqrt(z**2 + 4 * n * p * (1 - p))
        return (np.array([-root, root]) + 2 * n * p + z**2) / (2 * (n + z**2))

    (l1, u1), (l2, u2) = score_ends(p1), score_ends(p2)
    cross = both * none - one * other
    if cross > 0:
        cross = max(cross - n / 2, 0)
    sides = (both + one) * (other + none) * (both + other) * (one + none)
    phi = cross / np.sqrt(sides) if sides else 0
    down, up = p1 - l1, u1 - p1
    down_2, up_2 = p2 - l2, u2 - p2
    low = p1 - p2 - np.sqrt(down**2 - 2 * phi * down * up_2 + up_2**2)
    high = p1 - p2 + np.sqrt(down_2**2 - 2 * phi * down_2 * up + up**2)
    return low, high


@pytest.mark.parametrize("n", [1, 7, 400])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_share_has_the_interval_of_wilson(n, confidence):
    for k in {0, 1, n // 3, n}:
        found = share_interval(np.arange(n) < k, confidence=confidence)
        expected = binomtest(k, n).proportion_ci(confidence, method="wilson")
        np.testing.assert_allclose(ends(found), expected, atol=1e-12)
        assert found.estimate == k / n
        assert (found.n_members, found.n_non_members) == (n, 0)
        assert found.low <= found.estimate <= found.high


def test_share_of_nobody_is_not_known():
    found = share_interval([])
    assert np.isnan([found.estimate, found.low, found.high]).all()
    assert found.n_members == 0


def test_difference_of_the_published_example():
    # Newcombe 1998, method 10.
    found = paired_difference_interval(*pair(36, 12, 2, 0))
    assert found.estimate == pytest.approx(0.2)
    np.testing.assert_allclose(ends(found), [0.0569, 0.3404], atol=5e-5)


@pytest.mark.parametrize(
    "counts",
    [(36, 12, 2, 14), (10, 0, 0, 10), (5, 3, 9, 2), (0, 30, 20, 0), (1, 0, 0, 0)],
)
def test_difference_by_the_formula_of_the_four_counts(counts):
    found = paired_difference_interval(*pair(*counts), confidence=0.9)
    np.testing.assert_allclose(ends(found), by_newcombe(*counts, norm.ppf(0.95)))
    assert found.n_members == sum(counts)


@pytest.mark.parametrize("counts", [(36, 12, 2, 0), (4, 0, 9, 80), (0, 5, 5, 0)])
def test_difference_is_turned_round_with_the_guesses(counts):
    first, second = pair(*counts)
    one, other = (
        paired_difference_interval(*hits) for hits in ((first, second), (second, first))
    )
    assert one.estimate == pytest.approx(-other.estimate)
    np.testing.assert_allclose(ends(one), [-other.high, -other.low])


def test_difference_does_not_depend_on_the_order_of_records():
    first, second = pair(9, 4, 2, 7)
    order = np.random.default_rng(0).permutation(22)
    shuffled = paired_difference_interval(first[order], second[order])
    assert shuffled == paired_difference_interval(first, second)


@pytest.mark.parametrize("counts", [(60, 0, 0, 40), (100, 0, 0, 0), (0, 0, 0, 100)])
def test_guesses_that_always_agree_leave_open_what_so_few_records_leave_open(counts):
    found = paired_difference_interval(*pair(*counts))
    assert found.estimate == 0
    assert found.high == pytest.approx(-found.low)
    assert 0.01 < found.high < 0.06
    more = paired_difference_interval(*pair(*(10 * c for c in counts)))
    assert 0 < more.high < found.high


def test_guesses_that_agree_are_told_apart_better_than_unrelated_ones():
    related = paired_difference_interval(*pair(45, 10, 0, 45))
    unrelated = paired_difference_interval(*pair(25, 30, 20, 25))
    assert related.estimate == pytest.approx(unrelated.estimate)
    assert related.low > 0 > unrelated.low


def test_difference_of_nobody_is_not_known():
    found = paired_difference_interval([], [])
    assert np.isnan([found.estimate, found.low, found.high]).all()


def share_covered(draw, truth, n_times=600):
    """How many of so many samples have an interval with the truth inside."""
    rng = np.random.default_rng(0)
    found = [draw(rng) for _ in range(n_times)]
    return np.mean([i.low <= truth <= i.high for i in found])


# 600 intervals of 95% cover 570 on average, with a standard deviation of 5.3: fewer
# than 549 (91.5%) or more than 591 (98.5%) are a false alarm once in 8,000 seeds.
COVERED = (0.915, 0.985)


@pytest.mark.parametrize("chances", [[0.5, 0.2, 0.1, 0.2], [0.9, 0.05, 0.01, 0.04]])
def test_difference_covers_the_truth_as_often_as_it_says(chances):
    def draw(rng):
        return paired_difference_interval(*pair(*rng.multinomial(300, chances)))

    low, high = COVERED
    assert low <= share_covered(draw, chances[1] - chances[2]) <= high


def number(rng, n=300):
    """Draw a number, a guess that explains 2/3 of its variance, and one that does 1/3.

    The guess leaves a variance of 1 of 3, the other one of 2.
    """
    parts = rng.normal(size=(3, n))
    return parts.sum(axis=0), parts[0] + parts[1], parts[0]


def test_r2_covers_the_truth_as_often_as_it_says():
    low, high = COVERED

    def draw(rng):
        y, guess, _ = number(rng)
        return r2_interval(y, guess)

    assert low <= share_covered(draw, 2 / 3) <= high


def test_r2_gain_covers_the_truth_as_often_as_it_says():
    low, high = COVERED
    assert low <= share_covered(lambda r: r2_gain_interval(*number(r)), 1 / 3) <= high


def test_r2_is_that_of_scikit_learn():
    y, guess, other = number(np.random.default_rng(0))
    found, gain = r2_interval(y, guess), r2_gain_interval(y, guess, other)
    assert found.estimate == pytest.approx(r2_score(y, guess))
    assert gain.estimate == pytest.approx(r2_score(y, guess) - r2_score(y, other))
    # One column of a table is as good as an array.
    assert r2_interval(y, guess[:, None]) == found


def test_r2_is_the_gain_over_the_mean():
    y, guess, _ = number(np.random.default_rng(1))
    over_mean = r2_gain_interval(y, guess, np.full(300, y.mean()))
    np.testing.assert_allclose(astuple(r2_interval(y, guess)), astuple(over_mean))


def test_r2_gain_by_hand():
    # Squared errors 1, 0, ..., 0 against 1 everywhere; y lies 1 from its mean.
    y = np.array([1.0, -1.0] * 5)
    guess = y.copy()
    guess[0] = 0
    found = r2_gain_interval(y, guess, np.zeros(10))
    assert found.estimate == pytest.approx(0.9)
    # The influences are -0.9 once and 0.1 nine times: a deviation of sqrt(0.9 / 9).
    reach = norm.ppf(0.975) * np.sqrt(0.1 / 10)
    np.testing.assert_allclose(ends(found), [0.9 - reach, 0.9 + reach])


def test_r2_of_few_records_has_no_interval():
    found = r2_interval(range(9), range(9))
    assert found.estimate == 1
    assert np.isnan(ends(found)).all()


@pytest.mark.parametrize("y", [[], [1.0], [2.0] * 30])
def test_r2_of_what_does_not_vary_is_not_known(y):
    found = r2_gain_interval(y, y, np.zeros(len(y)))
    assert np.isnan([found.estimate, *ends(found)]).all()
    assert found.n_members == len(y)


ONE = Interval(0.5, 0.2, 0.9, 0.95, 10, 0)
TWO = Interval(0.3, 0.26, 0.33, 0.95, 0, 7)


def test_combined_by_hand():
    # Down by 0.3 and 0.04, up by 0.4 and 0.03; a difference takes the other end of two.
    difference = combined_interval([ONE, TWO], [1, -1])
    np.testing.assert_allclose(
        astuple(difference),
        [0.2, 0.2 - np.hypot(0.3, 0.03), 0.2 + np.hypot(0.4, 0.04), 0.95, 10, 7],
    )
    mean = combined_interval([ONE, TWO])
    np.testing.assert_allclose(
        [mean.estimate, *ends(mean)],
        [0.4, 0.4 - np.hypot(0.3, 0.04) / 2, 0.4 + np.hypot(0.4, 0.03) / 2],
    )


def test_one_interval_combined_is_itself():
    np.testing.assert_allclose(astuple(combined_interval([ONE])), astuple(ONE))


def test_what_is_not_known_stays_so():
    assert np.isnan(combined_interval([ONE, share_interval([])]).estimate)


def interval_of_each(**judged):
    y, guess, other = number(np.random.default_rng(0))
    return {
        "share": share_interval(guess > 0, **judged),
        "difference": paired_difference_interval(guess > y, other > y, **judged),
        "r2": r2_interval(y, guess, **judged),
        "gain": r2_gain_interval(y, guess, other, **judged),
    }


@pytest.mark.parametrize("kind", interval_of_each())
def test_intervals_that_are_shown_together_are_wider(kind):
    alone, together, surer = (
        interval_of_each(**judged)[kind]
        for judged in ({}, {"n_comparisons": 5}, {"confidence": 0.99})
    )
    assert together.low < alone.low < alone.high < together.high
    # Bonferroni: one of five at 95% is one at 99%, and is still called 95%.
    np.testing.assert_allclose(ends(together), ends(surer))
    assert (together.confidence, surer.confidence) == (0.95, 0.99)


@pytest.mark.parametrize("hits", [[0, 1], [[True]], ["yes"], [0.5]])
def test_hits_are_truth_values(hits):
    with pytest.raises(ValueError, match="hits must hold a truth value for each"):
        share_interval(hits)
    with pytest.raises(ValueError, match="baseline_hits must hold a truth value"):
        paired_difference_interval([True] * len(hits), hits)


@pytest.mark.parametrize(
    "call",
    [
        lambda: paired_difference_interval([True], [True, False]),
        lambda: r2_interval([1, 2, 3], [1, 2]),
        lambda: r2_gain_interval([1, 2], [1, 2], [1]),
    ],
)
def test_guesses_are_of_the_same_records(call):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        call()


@pytest.mark.parametrize("name", ["y", "predicted", "baseline"])
def test_numbers_are_finite_and_one_for_each_record(name):
    given = {n: np.arange(20.0) for n in ("y", "predicted", "baseline")}
    table = given | {name: np.zeros((20, 2))}
    with pytest.raises(ValueError, match=rf"{name} must hold .*shape \(20, 2\)"):
        r2_gain_interval(**table)
    holes = given | {name: np.append(given[name][:-1], np.nan)}
    with pytest.raises(ValueError, match=f"{name} must be finite.*1 of 20"):
        r2_gain_interval(**holes)


@pytest.mark.parametrize("judged", [{"confidence": 1}, {"n_comparisons": 0}])
def test_confidence_is_less_than_certain(judged):
    with pytest.raises(ValueError, match=next(iter(judged))):
        interval_of_each(**judged)


def test_combined_needs_intervals_of_one_confidence_and_a_weight_for_each():
    with pytest.raises(ValueError, match="at least one Interval"):
        combined_interval([])
    with pytest.raises(ValueError, match=r"weights must hold.*2 intervals.*\(3,\)"):
        combined_interval([ONE, TWO], [1, 2, 3])
    other = Interval(0.5, 0.4, 0.6, 0.9, 5, 0)
    with pytest.raises(ValueError, match=r"one confidence; got \[0\.9, 0\.95\]"):
        combined_interval([ONE, other])


def test_what_is_no_interval_is_refused():
    with pytest.raises(
        TypeError, match="intervals must hold objects of class Interval"
    ):
        combined_interval([0.5])


@pytest.mark.parametrize("largest", [1e200, -1e200])
def test_numbers_whose_squares_overflow_are_refused(largest):
    y = np.full(12, 1.0)
    with pytest.raises(ValueError, match=r"predicted must not go beyond 1e\+150"):
        r2_interval(y, y * largest)
