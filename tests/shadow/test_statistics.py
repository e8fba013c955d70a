"""Moments over shadow models with, or without, a record."""

import numpy as np

from skprivacy.shadow import moments


def test_moments_equal_numpy_on_each_record():
    rng = np.random.default_rng(0)
    values, mask = rng.normal(size=(9, 30)), rng.random((9, 30)) < 0.5
    result = moments(values, mask)
    for j in range(30):
        own = values[mask[:, j], j]
        assert result.n[j] == len(own)
        if len(own) > 0:
            np.testing.assert_allclose(result.mean[j], own.mean(), rtol=1e-12)
        if len(own) > 1:
            np.testing.assert_allclose(result.variance[j], own.var(ddof=1), rtol=1e-12)


def test_no_value_is_nan_not_zero():
    result = moments(np.ones((2, 1)), np.zeros((2, 1), bool))
    assert result.n[0] == 0
    assert np.isnan(result.mean[0]) and np.isnan(result.variance[0])
