"""Formulas of the likelihood ratio attack."""

import numpy as np
import pytest
from scipy.stats import norm

from skprivacy.membership._likelihood import (
    VariancePrior,
    estimated_variance,
    log_likelihood_ratio,
    one_sided_evidence,
    shrink_variances,
    variance_prior,
)


def test_ratio_of_a_hand_computed_case():
    # In: mean 2, variance 1; out: mean 0, variance 4; signal 1.
    # log N(1; 2, 1) - log N(1; 0, 4) = -1/2 - (-1/8 - log 2) = log 2 - 3/8.
    ratio = log_likelihood_ratio(*np.array([[1.0], [2.0], [1.0], [0.0], [4.0]]))
    assert ratio[0] == pytest.approx(np.log(2) - 3 / 8)


def test_evidence_is_the_ratio_of_two_gaussians_a_shift_apart():
    signal, mean, variance, shift = (
        np.array([1.7]),
        np.array([0.4]),
        np.array([2.0]),
        0.8,
    )
    ratio = log_likelihood_ratio(
        signal, mean + shift * np.sqrt(variance), variance, mean, variance
    )
    evidence = one_sided_evidence(signal, mean, variance, shift)
    np.testing.assert_allclose(evidence, ratio)


def test_evidence_has_the_order_of_the_one_sided_test():
    rng = np.random.default_rng(0)
    signal, mean, variance = rng.normal(size=(3, 50)) ** 2 + 0.1
    p_value = norm.sf(signal, mean, np.sqrt(variance))
    evidence = one_sided_evidence(signal, mean, variance, 0.3)
    np.testing.assert_array_equal(np.argsort(-evidence), np.argsort(p_value))


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
    prior = VariancePrior(1.0, 0.5)
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
    prior = VariancePrior(2.0, 0.0)
    arguments = np.array([2.0]), np.array([4]), prior, "record"
    assert estimated_variance(*arguments, fix_small=True)[0] == 2.5
    assert estimated_variance(*arguments, fix_small=False)[0] == 2.0
