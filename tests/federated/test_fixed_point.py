import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skprivacy.federated import FixedPoint, SumPlan


def test_words_by_hand():
    fixed = FixedPoint(bound=4.0, fraction_bits=2)
    words, n_clipped = fixed.encode([0.0, 0.25, -0.25, 4.0, 1.1])
    assert words.tolist() == [0, 1, 2**32 - 1, 16, 4]
    assert words.dtype == np.dtype("<u4") and n_clipped == 0


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-3, 3), min_size=1, max_size=60),
    st.sampled_from([32, 64]),
)
def test_a_sum_is_as_exact_as_told(values, word):
    fixed = FixedPoint.for_clients(len(values), bound=3.0, word=word)
    total = np.zeros(1, dtype=fixed.dtype)
    for value in values:
        total += fixed.encode([value])[0]
    error = abs(fixed.decode(total)[0] - sum(values))
    assert error <= fixed.quantization_error(len(values)) + 1e-12


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("word", [32, 64])
def test_the_largest_sum_that_is_let_in_does_not_overflow(word, sign):
    fixed = FixedPoint.for_clients(1000, bound=7.3, word=word)
    term = fixed.encode([sign * 7.3])[0]
    total = (term.astype(object) * 1000 % 2**word).astype(fixed.dtype)
    assert fixed.decode(total)[0] == pytest.approx(sign * 7300, rel=1e-5)
    finer = FixedPoint(7.3, min(fixed.fraction_bits + 1, 52), word)
    if finer != fixed:
        with pytest.raises(ValueError, match="fewer fraction_bits"):
            finer.check_sum(1000)


def test_a_sum_that_could_overflow_is_refused_before_a_round_begins():
    """20 clients with sums of squares of 2,000 records, of values up to 99."""
    fixed = FixedPoint(bound=2000 * 99.0**2, fraction_bits=16)
    with pytest.raises(ValueError, match="words of 32 bits end at 2147483648"):
        SumPlan(n_values=1, n_clients=20, fixed_point=fixed)
    wide = FixedPoint(bound=2000 * 99.0**2, fraction_bits=16, word=64)
    assert SumPlan(n_values=1, n_clients=20, fixed_point=wide).fixed_point is wide


def test_a_value_that_no_word_holds_is_refused():
    with pytest.raises(ValueError, match="a sum of 1 values up to 1000000.0 with 16"):
        FixedPoint(bound=1e6).encode([1.0])


def test_long_vectors_are_rounded_as_short_ones():
    """In stretches, each with values out of bounds, and NaN in the last one."""
    values = np.random.default_rng(0).uniform(-1.5, 1.5, 40_000)
    for word in (32, 64):
        fixed = FixedPoint(bound=1.0, fraction_bits=20, word=word)
        words, n_clipped = fixed.encode(values)
        clipped = np.clip(values, -1, 1)
        assert n_clipped == (clipped != values).sum()
        assert np.abs(fixed.decode(words) - clipped).max() <= 2.0**-21
        steps, _ = fixed.round(values)
        assert (fixed.words(steps) == words).all()
    values[-1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        fixed.encode(values)


def test_values_out_of_bounds_are_clipped_and_counted():
    words, n_clipped = FixedPoint(bound=1.0).encode([-5.0, 0.5, 1.0, 2.0])
    assert FixedPoint().decode(words).tolist() == [-1.0, 0.5, 1.0, 1.0]
    assert n_clipped == 2


@pytest.mark.parametrize(
    "values, message",
    [
        ([2.0, 0.1], "1 of 2 values are beyond the bound of 1.0; the largest is 2.0"),
        ([np.nan], "NaN or infinity"),
        ([np.inf], "NaN or infinity"),
        ([[1.0]], "one row of real numbers"),
        (["a"], "one row of real numbers"),
        ([1j], "one row of real numbers"),
    ],
)
def test_values_that_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        FixedPoint(bound=1.0, clip="error").encode(values)


@pytest.mark.parametrize(
    "arguments, error",
    [
        ({"bound": 0.0}, ValueError),
        ({"bound": np.inf}, ValueError),
        ({"bound": "1"}, TypeError),
        ({"fraction_bits": 53}, ValueError),
        ({"fraction_bits": 1.5}, TypeError),
        ({"word": 16}, ValueError),
        ({"clip": "wrap"}, ValueError),
    ],
)
def test_bad_arguments(arguments, error):
    with pytest.raises(error, match=next(iter(arguments))):
        FixedPoint(**arguments)


def test_where_nothing_fits():
    with pytest.raises(ValueError, match="may reach"):
        FixedPoint.for_clients(100, bound=1e9)
