"""Bounds from scores, the choice of the threshold paid for."""

from functools import partial

import numpy as np
import pytest
from scipy.stats import binom

from skprivacy.auditing import epsilon_clopper_pearson
from skprivacy.auditing._bounds import BOUNDS, Bound
from skprivacy.auditing._joint_test import (
    SHARE_OF_LIMITS,
    ApproximateTradeoff,
    GaussianTradeoff,
    exact_p_value,
)
from skprivacy.auditing._thresholds import THRESHOLDS, bound_from_scores, distinct_ranks
from skprivacy.dp._gaussian import gaussian_mu

N_AUDITS = 100
# More than this share of bounds above the truth has a chance of 1e-4, if it is 5%.
MOST = binom.isf(1e-4, N_AUDITS, 0.05) / N_AUDITS


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
        for _ in range(N_AUDITS if threshold != "multisplit" else 30)
    ]
    assert np.mean(np.array(found) > 0) <= MOST


# The Gaussian bound promises nothing of other mechanisms.
HOLD = [
    ("clopper_pearson", "laplace"),
    ("clopper_pearson", "gaussian"),
    ("clopper_pearson", "response"),
    ("joint", "laplace"),
    ("joint", "gaussian"),
    ("joint", "response"),
    ("gdp", "gaussian"),
]


def verdict(bound, curve):
    """Whether the bound is above the truth, 1 or 0, without working it out."""

    def is_refuted(*counts, delta, confidence, ordered=False):
        if bound == "clopper_pearson":
            found = epsilon_clopper_pearson(*counts, delta=delta, confidence=confidence)
            return float(found > 1.0)
        alpha = 1 - confidence
        p = exact_p_value(*counts, curve, SHARE_OF_LIMITS * alpha, ordered)
        return float(p < alpha)

    of_order = partial(is_refuted, ordered=True)
    return Bound(is_refuted, BOUNDS[bound].criterion, "", of_order=of_order)


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize(("bound", "law"), HOLD)
def test_bounds_hold_of_exact_mechanisms(threshold, bound, law, monkeypatch):
    rng = np.random.RandomState(1)
    n, keep = 100, np.e / (1 + np.e)
    # Epsilon is 1 in all cases: of the Gaussian with delta .1269, and mu = 1.
    draws = {
        "laplace": lambda shift: rng.laplace(shift, size=n),
        "gaussian": lambda shift: rng.normal(shift, size=n),
        "response": lambda shift: rng.rand(n) < (keep if shift else 1 - keep),
    }
    delta = 0.12693 if law == "gaussian" else 0.0
    curve = GaussianTradeoff(1.0) if bound == "gdp" else ApproximateTradeoff(1.0, delta)
    # A maximum or a median of bounds is above the truth where that of verdicts is 1.
    monkeypatch.setitem(BOUNDS, "verdict", verdict(bound, curve))
    found = [
        bound_from_scores(
            draws[law](1.0),
            draws[law](0.0),
            bound="verdict",
            threshold=threshold,
            delta=delta,
            random_state=rng,
        ).epsilon
        for _ in range(N_AUDITS if threshold != "multisplit" else N_AUDITS // 10)
    ]
    assert np.mean(found) <= MOST


@pytest.mark.parametrize("bound", ["joint", "gdp"])
@pytest.mark.parametrize("ordered", [False, True])
def test_verdicts_are_those_of_bounds(bound, ordered):
    curve = ApproximateTradeoff(1.0, 1e-3)
    if bound == "gdp":
        curve = GaussianTradeoff(gaussian_mu(1.0, 1e-3))
    pair = verdict(bound, curve), BOUNDS[bound]
    for tp in range(50, 101, 5):
        found = [
            (rule.of_order if ordered else rule.epsilon)(
                tp, 30, 100, 100, delta=1e-3, confidence=0.95
            )
            for rule in pair
        ]
        # Bounds are a bit too small, and looked for to within as much.
        assert found[0] == (found[1] > 1.0) or abs(found[1] - 1.0) < 0.05


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("bound", ["clopper_pearson", "joint", "gdp", "bayes"])
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


def test_more_is_found_than_by_two_limits_on_half_of_the_runs():
    # A Gaussian release of epsilon 4 at 1e-5, 1,000 runs on each data set. With the
    # threshold from 1,000 further runs, Clopper-Pearson limits find 1.25 on average.
    rng = np.random.RandomState(3)
    mu = gaussian_mu(4.0, 1e-5)
    found = {
        bound: np.mean(
            [
                bound_from_scores(
                    rng.normal(mu, size=1000),
                    rng.normal(size=1000),
                    bound=bound,
                    threshold="bonferroni",
                    delta=1e-5,
                    random_state=rng,
                ).epsilon
                for _ in range(4)
            ]
        )
        for bound in ("joint", "gdp")
    }
    assert 1.25 < found["joint"] < 4.0
    assert 3.17 < found["gdp"] < 4.0
