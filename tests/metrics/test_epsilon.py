import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skprivacy.metrics import epsilon_from_roc, epsilon_from_roc_interval

# 100 members, 60 accused; 100 non-members, 20 accused.
Y = np.repeat([1, 0], 100)
ACCUSED = np.repeat([1, 0, 1, 0], [60, 40, 20, 80])


def test_epsilon_by_hand():
    # .60 / .20 = 3 and .80 / .40 = 2
    assert epsilon_from_roc(Y, ACCUSED) == pytest.approx(np.log(3))


def test_epsilon_uses_both_kinds_of_error():
    # Turned about, .80 / .40 = 2 comes first and .60 / .20 = 3 second.
    assert epsilon_from_roc(1 - Y, -ACCUSED) == pytest.approx(np.log(3))


def test_delta_is_taken_off():
    # (.60 - .1) / .20 = 2.5 and (.80 - .1) / .40 = 1.75
    assert epsilon_from_roc(Y, ACCUSED, delta=0.1) == pytest.approx(np.log(2.5))
    assert epsilon_from_roc(Y, ACCUSED, delta=0.9) == 0.0


def test_few_errors_count_as_min_errors():
    # Separated: no false positive counts as 10 of 100, so the ratio is 1 / 0.1.
    assert epsilon_from_roc(Y, Y) == pytest.approx(np.log(10))
    assert epsilon_from_roc(Y, Y, min_errors=1) == pytest.approx(np.log(100))


def test_constant_score_has_no_epsilon():
    assert epsilon_from_roc(Y, np.zeros(200)) == 0.0
    assert epsilon_from_roc_interval(Y, np.zeros(200)).low == 0.0


def test_too_few_records_give_nan_and_a_warning():
    y = np.repeat([1, 0], [9, 50])
    for function in (epsilon_from_roc, epsilon_from_roc_interval):
        with pytest.warns(UserWarning, match="at least 10 members .* 9 and 50"):
            answer = function(y, y)
        assert np.isnan(getattr(answer, "estimate", answer))


def test_upper_end_is_unknown():
    interval = epsilon_from_roc_interval(Y, ACCUSED)
    assert interval.high == np.inf
    assert interval.estimate == pytest.approx(np.log(3))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 4), st.booleans())
def test_bound_is_below_the_estimate_and_grows_with_n(seed, shift, ties):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], 150)
    score = rng.normal(shift * y)
    score = score.round() if ties else score
    small = epsilon_from_roc_interval(y, score)
    # The error counts of the grid grow along, so that the rates stay the same.
    large = epsilon_from_roc_interval(np.tile(y, 4), np.tile(score, 4), min_errors=40)
    assert 0 <= small.low <= small.estimate
    assert small.low <= large.low <= large.estimate == pytest.approx(small.estimate)


def test_bound_finds_strong_leakage_and_turns_with_the_sides():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 2000)
    score = rng.laplace(3 * y)
    interval = epsilon_from_roc_interval(y, score)
    assert 1.5 < interval.low < 3.0
    assert epsilon_from_roc_interval(1 - y, -score).low == pytest.approx(interval.low)


@pytest.mark.parametrize("epsilon", [0.0, 1.0])
def test_bound_holds(epsilon):
    # Laplace noise of scale 1 on a difference of epsilon is epsilon-private, and tight.
    # 200 draws: at a true rate of 5% more than 22 misses happen with probability
    # 0.0003; Bonferroni leaves far fewer.
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 400)
    misses = sum(
        epsilon_from_roc_interval(y, rng.laplace(epsilon * y)).low > epsilon
        for _ in range(200)
    )
    assert misses <= 22


@pytest.mark.parametrize("wrong", [{"delta": 1.0}, {"delta": -0.1}, {"min_errors": 0}])
def test_bad_parameters_are_named(wrong):
    (name,) = wrong
    for function in (epsilon_from_roc, epsilon_from_roc_interval):
        with pytest.raises(ValueError, match=f"'{name}' parameter"):
            function(Y, ACCUSED, **wrong)
