import numpy as np
import pytest

from skprivacy.dp._symmetric import from_triangle, noise_reach, triangle


def test_norms_agree_and_nothing_is_lost():
    rng = np.random.RandomState(0)
    matrix = rng.normal(size=(5, 5))
    matrix = matrix + matrix.T
    numbers = triangle(matrix)
    assert np.linalg.norm(numbers) == pytest.approx(np.linalg.norm(matrix))
    np.testing.assert_allclose(from_triangle(numbers, 5), matrix)


def test_eigenvalues_of_noise_reach_this_far():
    noise = np.random.RandomState(0).normal(size=100 * 101 // 2)
    values = np.linalg.eigvalsh(from_triangle(noise, 100))
    assert np.abs(values).max() == pytest.approx(noise_reach(100, 1.0), rel=0.1)
