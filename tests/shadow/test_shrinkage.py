"""Estimates from few shadow models."""

import numpy as np
import pytest

from skprivacy.shadow._shrinkage import (
    Prior,
    estimated_variance,
    normal_prior,
    shrink,
    shrink_variances,
    variance_prior,
)


def test_prior_finds_no_spread_where_there_is_none():
    # 20,000 variances of 9 values of unit variance: all that they vary is noise.
    values = np.random.default_rng(0).normal(size=(9, 20_000))
    prior = variance_prior(values.var(axis=0, ddof=1), np.full(20_000, 9))
    assert prior.mean == pytest.approx(1, abs=0.02)
    assert prior.spread < 0.02


def test_prior_finds_the_spread_that_there_is():
    # True variances 1 and 3: mean 2, spread 1.
    true = np.tile([1.0, 3.0], 20_000)
    values = np.random.default_rng(0).normal(size=(9, 40_000)) * np.sqrt(true)
    prior = variance_prior(values.var(axis=0, ddof=1), np.full(40_000, 9))
    assert prior.mean == pytest.approx(2, abs=0.03)
    assert prior.spread == pytest.approx(1, abs=0.1)


def test_shrunk_variances_are_nearer_to_the_truth():
    rng = np.random.default_rng(0)
    true = rng.gamma(2, size=5000)
    estimate = (rng.normal(size=(6, 5000)) * np.sqrt(true)).var(axis=0, ddof=1)
    n = np.full(5000, 6)
    shrunk = shrink_variances(estimate, n, variance_prior(estimate, n))
    assert ((shrunk - true) ** 2).mean() < 0.7 * ((estimate - true) ** 2).mean()


def test_more_values_shrink_less():
    prior = Prior(1.0, 0.5)
    shrunk = shrink_variances(np.full(3, 3.0), np.array([3, 30, 3000]), prior)
    assert shrunk[0] < shrunk[1] < shrunk[2] < 3.0
    assert shrunk[2] == pytest.approx(3.0, abs=0.01)


@pytest.mark.parametrize("kind", ["global", "record", "shrunk"])
@pytest.mark.parametrize("fix_small", [True, False])
def test_variances_are_positive_whatever_there_is(kind, fix_small):
    variance, n = np.array([np.nan, np.nan, 0.0, 2.0]), np.array([0, 1, 4, 4])
    prior = variance_prior(variance, n)
    estimated = estimated_variance(variance, n, prior, kind, fix_small)
    assert (estimated > 0).all()


def test_fix_small_widens_by_what_the_mean_costs():
    # Variance 2 of 4 values: a new value varies by 2 * (1 + 1/4) around their mean.
    prior = Prior(2.0, 0.0)
    arguments = np.array([2.0]), np.array([4]), prior, "record"
    assert estimated_variance(*arguments, fix_small=True)[0] == 2.5
    assert estimated_variance(*arguments, fix_small=False)[0] == 2.0


def test_shrunk_numbers_are_nearer_to_the_truth():
    rng = np.random.default_rng(0)
    true, error = rng.normal(1.0, 0.5, 5000), rng.uniform(0.2, 1.0, 5000)
    noisy = true + rng.normal(size=5000) * np.sqrt(error)
    prior = normal_prior(noisy, error)
    assert prior.mean == pytest.approx(1.0, abs=0.05)
    assert prior.spread == pytest.approx(0.25, abs=0.05)
    shrunk = shrink(noisy, error, prior)
    assert ((shrunk - true) ** 2).mean() < 0.4 * ((noisy - true) ** 2).mean()


def test_a_number_that_is_missing_says_nothing_of_the_others():
    prior = normal_prior(np.array([1.0, np.nan, 3.0]), np.array([0.5, 0.5, 0.5]))
    assert prior == Prior(2.0, 0.5)
    assert normal_prior(np.array([np.nan]), np.array([1.0])) == Prior(0.0, 0.0)
