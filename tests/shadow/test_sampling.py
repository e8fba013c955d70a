"""Which records each shadow model is trained on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skprivacy.shadow._sampling import draw_memberships


def draw(groups, labels=None, n_models=8, subsample=0.5, paired=True, seed=0):
    rng = np.random.RandomState(seed)
    return draw_memberships(
        np.asarray(groups), labels, n_models, subsample, paired, rng
    )


@given(n=st.integers(4, 60), n_pairs=st.integers(1, 6), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_pairs_share_out_every_record(n, n_pairs, seed):
    membership = draw(np.arange(n), n_models=2 * n_pairs, seed=seed)
    assert membership.shape == (2 * n_pairs, n)
    np.testing.assert_array_equal(membership[::2], ~membership[1::2])
    np.testing.assert_array_equal(membership.sum(axis=0), n_pairs)
    assert abs(membership.sum(axis=1) - n / 2).max() <= 0.5


@given(st.lists(st.integers(0, 5), min_size=8, max_size=40), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_equal_records_go_together(groups, seed):
    groups = np.asarray([*groups, 6, 7, 8, 9])
    membership = draw(groups, seed=seed)
    for group in np.unique(groups):
        same = membership[:, groups == group]
        assert (same == same[:, :1]).all()


def test_share_other_than_half():
    membership = draw(np.arange(100), n_models=50, subsample=0.3, paired=False)
    np.testing.assert_array_equal(membership.sum(axis=1), 30)


def test_a_rare_class_is_on_both_sides():
    # Of 100 records 2 have class 1: a plain half misses it with probability 1/2.
    labels = np.r_[np.zeros(98, int), 1, 1]
    membership = draw(np.arange(100), labels, n_models=40)
    assert (membership[:, labels == 1].sum(axis=1) == 1).all()


def test_a_class_of_one_record_can_only_be_on_one_side():
    labels = np.r_[np.zeros(20, int), 1]
    membership = draw(np.arange(21), labels, n_models=10)
    assert membership[:, -1].sum() == 5


def test_the_draw_does_not_depend_on_the_values_that_stand_for_groups():
    a = draw([10, 20, 30, 40, 20])
    b = draw([7, 3, 9, 1, 3])
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("n", [4, 5, 7])
def test_no_side_is_empty(n):
    membership = draw(np.arange(n), n_models=20)
    sizes = membership.sum(axis=1)
    assert sizes.min() >= 1 and sizes.max() <= n - 1
