"""Where a value stands among reference values."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skprivacy.membership._empirical import (
    break_ties,
    exceedance_p_value,
    pairwise_rate,
)

NUMBERS = st.lists(st.integers(1, 20), min_size=1, max_size=30)


@given(NUMBERS, NUMBERS, st.sampled_from([1.0, 1.5, 2.0]))
def test_rate_by_sorting_equals_the_rate_of_all_pairs(ratio, reference, gamma):
    ratio, reference = np.array(ratio, float), np.array(reference, float)
    slow = (ratio[:, None] >= gamma * reference[None, :]).mean(axis=1)
    np.testing.assert_allclose(pairwise_rate(ratio, reference, gamma), slow)


@given(NUMBERS, NUMBERS)
def test_p_value_counts_what_is_at_least_as_large(signal, reference):
    signal, reference = np.array(signal, float), np.array(reference, float)
    at_least = (reference[None, :] >= signal[:, None]).sum(axis=1)
    expected = (1 + at_least) / (1 + len(reference))
    np.testing.assert_allclose(exceedance_p_value(signal, reference), expected)


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(-50, 50)), min_size=2))
def test_ties_are_broken_within_their_step(pairs):
    score, signal = (np.array(part, float) for part in zip(*pairs, strict=True))
    broken = break_ties(score, signal, 1.0)
    np.testing.assert_array_equal(np.ceil(broken), score)
    order = np.lexsort((signal, score))
    assert (np.diff(broken[order]) >= 0).all()
