"""Signals from predictions."""

import numpy as np
import pytest
from scipy.stats import norm

from skprivacy.signals import (
    gaussian_log_likelihood,
    negative_absolute_residual,
    negative_squared_residual,
    residual_scale,
)


def test_hand_computed_cases():
    value, y = np.array([3.0, -1.0]), np.array([1.0, -1.0])
    np.testing.assert_array_equal(negative_absolute_residual(value, y), [-2, 0])
    np.testing.assert_array_equal(negative_squared_residual(value, y), [-4, 0])
    np.testing.assert_allclose(
        gaussian_log_likelihood(value, y, 2.0), norm.logpdf(y, value, 2.0)
    )


def test_scale_is_the_standard_deviation_of_a_gaussian_whatever_few_do():
    residual = np.random.default_rng(0).normal(scale=3.0, size=20_001)
    residual[:100] = 1e6
    # The median of 20,001 absolute values has an error of about 1%.
    assert residual_scale(residual) == pytest.approx(3.0, rel=0.05)


def test_scale_where_most_residuals_are_zero():
    assert residual_scale(np.array([0.0, 0.0, 0.0, 4.0])) == 2.0
    assert residual_scale(np.zeros(3)) == 1.0


@pytest.mark.filterwarnings("error")
def test_no_residuals_have_scale_one():
    assert residual_scale(np.zeros(0)) == 1
