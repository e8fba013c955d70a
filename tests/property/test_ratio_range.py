"""Which shares are studied, and how other models vary about them."""

import numpy as np
import pytest

from skprivacy.property._ratio_range import (
    SpreadShares,
    check_range,
    default_range,
    pool_factor,
)


def test_the_default_range_is_even_in_odds():
    low, high = default_range(0.2)  # odds 1:4
    assert low == pytest.approx(1 / 17, abs=1e-4)
    assert high == pytest.approx(0.5, abs=1e-4)


def test_a_range_may_be_given_in_any_order():
    assert check_range((0.7, 0.3), 0.5) == (0.3, 0.7)
    assert check_range(None, 0.5) == (0.2, 0.8)


@pytest.mark.parametrize(
    "ratios", [0.3, (0.3,), (0.3, 0.3), (0.1, 1.1), "ab", (0, 0.5, 1)]
)
def test_what_is_no_range_is_refused(ratios):
    with pytest.raises(ValueError, match="ratios must be two different shares"):
        check_range(ratios, 0.5)


@pytest.mark.parametrize("size", [16, 17, 40])
def test_half_of_the_shares_are_at_the_ends(size):
    ratios = SpreadShares(0.2, 0.8).rvs(size, np.random.RandomState(0))
    assert ratios.shape == (size,)
    assert ratios.min() >= 0.2 and ratios.max() <= 0.8
    at_ends = np.isclose(ratios, 0.2) | np.isclose(ratios, 0.8)
    assert 0.4 <= at_ends.mean() <= 0.65
    # Pairs lie on both sides of the middle, at the same distance.
    pairs = ratios[: size // 2 * 2].reshape(-1, 2)
    np.testing.assert_allclose(pairs.sum(axis=1), 1.0)


def test_no_two_models_have_the_same_share():
    ratios = SpreadShares(0.2, 0.8).rvs(64, np.random.RandomState(0))
    assert len(np.unique(ratios)) == 64


def test_a_range_is_covered_evenly():
    ratios = SpreadShares(0.0, 1.0).rvs(400, np.random.RandomState(0))
    between = ratios[(ratios > 1e-6) & (ratios < 1 - 1e-6)]
    assert np.histogram(between, 10, (0, 1))[0].tolist() == [20] * 10


def test_the_factor_by_hand():
    # 30 of 100 and 10 of 20: (30 * 1.3 + 10 * 1.5) / (30 * 0.7 + 10 * 0.5)
    strata = np.repeat([0, 1], [100, 20])
    assert pool_factor(strata, [0.25], 40)[0] == pytest.approx(54 / 26)


def test_a_pool_that_is_used_up_gives_a_finite_factor():
    assert np.isfinite(pool_factor(np.repeat([0, 1], 10), [0.5], 20)).all()


def test_the_factor_is_that_of_means():
    # Means of 60 of 100 and 20 of 100 numbers about the mean that the pool leads to
    # expect: of its own records, and of others. 4,000 pools: variances are known to 2%.
    rng = np.random.default_rng(0)
    pools = rng.normal(size=(4000, 200))
    weights = np.repeat([60, 20], 100) / 80 / 100
    own = np.concatenate([pools[:, :60], pools[:, 100:120]], axis=1).mean(axis=1)
    others = rng.normal(size=(4000, 80)).mean(axis=1)
    expected = pools @ weights
    ratio = np.var(others - expected) / np.var(own - expected)
    factor = pool_factor(np.repeat([0, 1], 100), [0.25], 80)[0]
    assert factor == pytest.approx(ratio, rel=0.1)
