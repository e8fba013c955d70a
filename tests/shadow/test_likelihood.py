"""Formulas of the likelihood ratio attack."""

import numpy as np
import pytest
from scipy.stats import norm

from skprivacy.shadow import Moments
from skprivacy.shadow._likelihood import (
    Contrast,
    contrast,
    log_likelihood_ratio,
    one_sided_evidence,
    pull_together,
)
from skprivacy.shadow._shrinkage import Prior


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


def test_contrast_of_a_hand_computed_case():
    # Means 5 and 1, variances 6 and 2 of 3 and 2 models: (5 - 1) / sqrt(4) = 2 apart,
    # error (6 / 3 + 2 / 2) / 4 = 0.75; log 3 with error 2 / 2 + 2 / 1 = 3.
    six, two = np.array([6.0]), np.array([2.0])
    apart = contrast(
        Moments(np.array([3]), np.array([5.0]), six),
        Moments(np.array([2]), np.array([1.0]), two),
        six,
        two,
    )
    np.testing.assert_allclose(np.concatenate(apart), [2.0, 0.75, np.log(3), 3.0])


def test_what_is_certain_stays_where_it_is():
    one = np.ones(1)
    apart = Contrast(2 * one, 0 * one, np.log(3) * one, 0 * one)
    pulled = pull_together(apart, Prior(0, 1), Prior(0, 1), 3 * one, (6 * one, 2 * one))
    np.testing.assert_allclose(np.concatenate(pulled), [5, 6, 1, 2])


def test_what_is_noise_becomes_what_is_usual():
    # Distance 1 of a standard deviation of 2, around 3; variances sqrt(6 * 2) both.
    one = np.ones(1)
    apart = Contrast(9 * one, one, np.log(3) * one, one)
    pulled = pull_together(apart, Prior(1, 0), Prior(0, 0), 3 * one, (6 * one, 2 * one))
    np.testing.assert_allclose(np.concatenate(pulled), [4, 12**0.5, 2, 12**0.5])
