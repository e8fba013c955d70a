"""Training sets whose share of a property is known."""

import numpy as np
import pytest

from skprivacy.property._sampling import (
    draw_world,
    feasible_ratios,
    largest_size,
    strata_of,
    world_sizes,
)


def test_strata_are_told_apart_by_class_where_it_is_held():
    mask, labels = np.array([False, True, False]), np.array([0, 0, 2])
    np.testing.assert_array_equal(strata_of(mask), [0, 1, 0])
    np.testing.assert_array_equal(strata_of(mask, labels), [0, 1, 4])


@pytest.mark.parametrize("ratio", [0.0, 0.1, 0.5, 0.77, 1.0])
@pytest.mark.parametrize("size", [2, 7, 30])
def test_sizes_add_up_to_the_size_and_the_ratio(ratio, size):
    strata = np.repeat([0, 1, 2, 3, 4, 5], [30, 10, 5, 25, 9, 21])
    sizes = world_sizes(strata, ratio, size)
    assert sizes.min() >= 0
    assert sizes.sum() == size
    assert sizes[1::2].sum() == round(ratio * size)


def test_classes_keep_their_share_of_the_pool():
    strata = np.repeat([0, 1, 2, 3], [60, 15, 5, 20])  # 75 of class 0, 25 of class 1
    sizes = world_sizes(strata, 0.5, 40).reshape(2, 2)
    np.testing.assert_array_equal(sizes, [[15, 15], [5, 5]])


def test_a_world_has_its_ratio_and_takes_the_first_of_the_order():
    rng = np.random.RandomState(0)
    strata = rng.randint(2, size=100)
    order = rng.permutation(100)
    rows = draw_world(strata, 0.3, 20, order)
    assert len(np.unique(rows)) == 20
    assert strata[rows].mean() == 0.3
    with_it = order[strata[order] == 1]
    assert set(rows[strata[rows] == 1]) == set(with_it[:6])


def test_one_order_gives_worlds_that_share_what_they_can():
    strata = np.arange(100) % 2
    order = np.random.RandomState(0).permutation(100)
    low, high = (set(draw_world(strata, r, 20, order)) for r in (0.3, 0.7))
    assert len(low & high) == 12  # 6 with the property and 6 without


def test_what_is_feasible():
    strata = np.repeat([0, 1], [70, 30])
    assert feasible_ratios(strata, 50) == (0.0, 0.6)
    assert feasible_ratios(strata, 100) == pytest.approx((0.3, 0.3))
    assert largest_size(strata, [0.3]) == 100
    assert largest_size(strata, [0.1, 0.6]) == 50
    for ratio in feasible_ratios(strata, 60):
        assert len(draw_world(strata, ratio, 60, np.arange(100))) == 60


def test_held_classes_narrow_what_is_feasible():
    strata = np.repeat([0, 1, 2, 3], [60, 15, 5, 20])
    low, high = feasible_ratios(strata, 40)
    assert (low, high) == pytest.approx((0.5, 0.5))
    assert largest_size(strata, [0.5]) == 40


def test_an_infeasible_ratio_says_what_is_feasible():
    strata = np.repeat([0, 1], [70, 30])
    with pytest.raises(ValueError, match=r"holds 0.8.*size=50.*from 0.000 to 0.600"):
        draw_world(strata, 0.8, 50, np.arange(100))
    with pytest.raises(ValueError, match="no ratio is feasible at that size"):
        draw_world(strata, 0.3, 200, np.arange(100))
