"""Bounds from scores, the choice of the threshold paid for."""

import numpy as np
import pytest

from skprivacy.auditing._thresholds import THRESHOLDS, bound_from_scores, distinct_ranks

# More than this share of 150 bounds above the truth has a chance of 1e-4, if it is 5%.
MOST = 0.05 + 3.9 * np.sqrt(0.05 * 0.95 / 150)


def test_ties_are_broken_by_chance():
    rng = np.random.RandomState(0)
    ranks_in, ranks_out = distinct_ranks(np.ones(500), np.ones(500), rng)
    assert sorted([*ranks_in, *ranks_out]) == list(range(1000))
    assert 0.4 < (ranks_in[:, None] > ranks_out).mean() < 0.6


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_worlds_that_are_alike_are_seldom_told_apart(threshold):
    rng = np.random.RandomState(0)
    found = [
        bound_from_scores(
            *rng.normal(size=(2, 100)), threshold=threshold, random_state=rng
        ).epsilon
        for _ in range(150 if threshold != "multisplit" else 30)
    ]
    assert np.mean(np.array(found) > 0) <= MOST


@pytest.mark.parametrize("threshold", ["split", "bonferroni"])
@pytest.mark.parametrize("law", ["laplace", "gaussian", "response"])
def test_bounds_hold_of_exact_mechanisms(threshold, law):
    rng = np.random.RandomState(1)
    keep = np.e / (1 + np.e)
    # Epsilon is 1 in all cases: of the Gaussian with delta .1269, and mu = 1.
    draws = {
        "laplace": lambda shift: rng.laplace(shift, size=200),
        "gaussian": lambda shift: rng.normal(shift, size=200),
        "response": lambda shift: rng.rand(200) < (keep if shift else 1 - keep),
    }
    delta = 0.12693 if law == "gaussian" else 0.0
    found = [
        bound_from_scores(
            draws[law](1.0),
            draws[law](0.0),
            threshold=threshold,
            delta=delta,
            random_state=rng,
        ).epsilon
        for _ in range(150)
    ]
    assert np.mean(np.array(found) > 1.0) <= MOST


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("bound", ["clopper_pearson", "gdp", "bayes"])
def test_worlds_that_differ_are_told_apart(threshold, bound):
    rng = np.random.RandomState(2)
    test = bound_from_scores(
        rng.normal(3.0, size=300),
        rng.normal(size=300),
        bound=bound,
        threshold=threshold,
        delta=1e-5,
        random_state=0,
    )
    assert test.epsilon > 1.5
    assert test.true_positives <= test.n_in <= 300


def test_thresholds_at_infinite_scores():
    test = bound_from_scores(
        np.full(200, np.inf), np.full(200, -np.inf), threshold="bonferroni"
    )
    assert (test.true_positives, test.false_positives) in {(200, 0), (200, 1)}
    assert test.epsilon > 2
