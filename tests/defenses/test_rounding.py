"""Answers with fewer digits."""

import numpy as np

from skprivacy.defenses._rounding import round_to_step, round_to_sum


def test_rounded_probabilities_sum_to_one():
    proba = np.array([[0.26, 0.25, 0.49], [0.05, 0.95, 0.0], [1 / 3, 1 / 3, 1 / 3]])
    expected = [[0.3, 0.2, 0.5], [0.1, 0.9, 0.0], [0.4, 0.3, 0.3]]
    np.testing.assert_allclose(round_to_sum(proba, 1), expected)


def test_what_is_rounded_already_stays():
    proba = np.array([[0.29, 0.71], [0.07, 0.93], [0.58, 0.42]])
    np.testing.assert_allclose(round_to_sum(proba, 2), proba)


def test_random_ones_are_off_by_less_than_a_step():
    proba = np.random.default_rng(0).dirichlet(np.ones(5), size=500)
    rounded = round_to_sum(proba, 2)
    np.testing.assert_allclose(rounded.sum(axis=1), 1)
    assert np.abs(rounded - proba).max() < 0.01
    np.testing.assert_allclose(rounded * 100, np.round(rounded * 100), atol=1e-9)


def test_numbers_are_rounded_to_the_nearest_multiple():
    found = round_to_step(np.array([[0.24, 0.26], [-0.9, 7.0]]), 0.5)
    np.testing.assert_allclose(found, [[0.0, 0.5], [-1.0, 7.0]])
