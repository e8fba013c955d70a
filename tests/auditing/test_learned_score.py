"""Scores that are learned from runs."""

import numpy as np
from sklearn.metrics import roc_auc_score

from skprivacy.auditing._learned_score import LearnedScore


def auc(draw, n=300):
    rng = np.random.RandomState(0)
    learned = LearnedScore().fit(draw(rng, 1, n), draw(rng, 0, n))
    scores = np.concatenate([learned(draw(rng, 1, n)), learned(draw(rng, 0, n))])
    return roc_auc_score(np.repeat([1, 0], n), scores)


def test_noise_that_two_numbers_have_in_common_cancels():
    def draw(rng, world, n):
        noise = rng.laplace(scale=100.0, size=n)
        return np.column_stack([noise + 0.01 * world, noise + rng.normal(0, 1e-3, n)])

    assert auc(draw) > 0.99


def test_a_narrow_peak_is_seen():
    def draw(rng, world, n):
        at_peak = rng.uniform(size=n) < 0.5 * world
        return np.where(at_peak, 0.01, 1.0)[:, None] * rng.normal(size=(n, 1))

    assert auc(draw) > 0.7


def test_worlds_that_are_equal_are_not_told_apart():
    assert 0.4 < auc(lambda rng, world, n: rng.normal(size=(n, 3))) < 0.6


def test_outputs_without_any_difference_score_the_same():
    learned = LearnedScore().fit(np.ones((20, 2)), np.ones((20, 2)))
    assert learned(np.ones((3, 2))).tolist() == [0, 0, 0]
