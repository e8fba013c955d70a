"""True positive rates of canaries, and their intervals."""

import numpy as np
import pytest
from scipy.stats import norm

from skprivacy.defenses._canary_rates import accuracy_interval, canary_tpr_intervals
from skprivacy.metrics import tpr_at_fpr


def memberships(n_models, n_canaries, rng):
    halves = rng.random((n_models // 2, n_canaries)) < 0.5
    return np.stack([halves, ~halves], axis=1).reshape(n_models, n_canaries)


def intervals(scores, inside, fprs, **options):
    draws = np.random.RandomState(0)
    return canary_tpr_intervals(scores, inside, fprs, random_state=draws, **options)


def test_estimates_are_those_of_all_pairs():
    rng = np.random.default_rng(0)
    inside = memberships(8, 30, rng)
    scores = np.round(inside + rng.normal(size=inside.shape), 1)
    found = intervals(scores, inside, [0.05, 0.2])
    for fpr, interval in found.items():
        assert interval.estimate == tpr_at_fpr(inside.ravel(), scores.ravel(), fpr)
        assert interval.low < interval.estimate < interval.high
        assert interval.n_members == interval.n_non_members == inside.size // 2


def test_none_and_all_have_a_width():
    inside = memberships(8, 50, np.random.default_rng(0))
    (nobody,) = intervals(np.zeros(inside.shape), inside, [0.01]).values()
    assert nobody.estimate == nobody.low == 0
    # The rule of three: 3.7 of 50 at 97.5%; a whole number of canaries here.
    assert nobody.high == pytest.approx(3.7 / 50, abs=1.3 / 50)
    (everybody,) = intervals(inside.astype(float), inside, [0.01]).values()
    assert everybody.estimate == everybody.high == 1
    assert everybody.low == pytest.approx(1 - 3.7 / 50, abs=1.3 / 50)


def test_more_comparisons_make_wider_intervals():
    rng = np.random.default_rng(1)
    inside = memberships(8, 30, rng)
    scores = inside + rng.normal(size=inside.shape)
    one, four = (intervals(scores, inside, [0.1], n_comparisons=n)[0.1] for n in (1, 4))
    assert four.low < one.low and four.high > one.high


def test_intervals_cover_the_rate_of_other_canaries():
    # Half of the canaries are seen by all models that have them, half by none.
    truth = 0.5 * 0.1 + 0.5 * norm.sf(norm.isf(0.1) - 4)
    rng = np.random.default_rng(2)
    missed = 0
    for _ in range(40):
        inside = memberships(8, 24, rng)
        seen = rng.random(24) < 0.5
        scores = rng.normal(size=inside.shape) + 4 * inside * seen
        interval = intervals(scores, inside, [0.1])[0.1]
        missed += not interval.low <= truth <= interval.high
    # 2 are expected; more than 7 with a chance of 1 in 1,000.
    assert missed <= 7


def test_accuracy_of_models_that_agree_is_that_of_one():
    right = np.repeat([1.0, 0.0], [90, 10])
    of_one = accuracy_interval(right)
    assert (of_one.estimate, of_one.n_members) == (0.9, 100)
    assert of_one.low == pytest.approx(0.9 - 1.96 * 0.03, abs=0.003)
    # Records about which models differ vary less.
    of_many = accuracy_interval(np.full(100, 0.9))
    assert of_many.high - of_many.low < (of_one.high - of_one.low) / 2
    assert accuracy_interval(np.ones(100)).low < 1
