"""Where functions of several numbers are largest."""

import numpy as np
import pytest

from skprivacy.attribute._search import (
    best_beyond_noise,
    coordinate_search,
    gradient_ascent,
)

WIDE = np.array([-9.0, -9.0]), np.array([9.0, 9.0])
#: A hill with a ridge across the axes; its top for each of three records.
TOPS = np.array([[1.0, 2.0], [-3.0, 0.5], [4.0, 4.0]])
PRECISION = np.array([[2.0, 1.5], [1.5, 2.0]])


def hill(points, rows):
    left = points - TOPS[rows]
    return -0.5 * ((left @ PRECISION) * left).sum(axis=-1), -left @ PRECISION


def height(points, rows):
    return hill(points, rows)[0]


@pytest.mark.parametrize("steepness", [1e-6, 1.0, 1e8])
def test_gradient_ascent_finds_the_top_however_steep_the_hill(steepness):
    def steep(points, rows):
        value, gradient = hill(points, rows)
        return steepness * value, steepness * gradient

    metric = np.linalg.inv(PRECISION) / min(steepness, 1)
    found = gradient_ascent(steep, np.zeros((3, 2)), metric, *WIDE)
    np.testing.assert_allclose(found, TOPS, atol=1e-2)


def test_gradient_ascent_never_ends_lower_than_it_began():
    def wave(points, rows):
        x = points[:, 0] + TOPS[rows, 0]
        return np.sin(5 * x), 5 * np.cos(5 * x)[:, None]

    start = np.zeros((3, 1))
    bounds = np.array([-1.0]), np.array([1.0])
    rows = np.arange(3)
    found = gradient_ascent(wave, start, np.eye(1), *bounds, n_steps=5)
    assert (wave(found, rows)[0] >= wave(start, rows)[0]).all()


def test_a_coordinate_at_its_bound_does_not_hold_up_the_other():
    # With x held at 0 the ridge is highest at y = 2 + 1.5/2 * 1.
    bounds = np.array([-9.0, -9.0]), np.array([0.0, 9.0])
    found = gradient_ascent(hill, np.zeros((3, 2)), np.eye(2), *bounds)
    np.testing.assert_allclose(found[0], [0.0, 2.75], atol=1e-3)


def test_coordinate_search_finds_the_top_between_the_steps_of_its_grid():
    grids = [np.arange(-9.0, 10.0, 3.0)] * 2
    basis = np.linalg.eigh(PRECISION)[1]
    found = coordinate_search(height, np.zeros((3, 2)), basis, grids, *WIDE)
    # A step of 3 is cut into 5, and that into 5 again.
    np.testing.assert_allclose(found, TOPS, atol=3 / 25)


def test_coordinate_search_finds_the_higher_of_two_tops():
    def two_tops(points, rows):
        x = points[..., 0]
        return np.exp(-((x + 5) ** 2)) + 2 * np.exp(-((x - 6) ** 2))

    bounds = np.array([-9.0]), np.array([9.0])
    grid = [np.linspace(-15, 15, 31)]
    found = coordinate_search(two_tops, np.array([[-5.0]]), np.eye(1), grid, *bounds)
    np.testing.assert_allclose(found, [[6.0]], atol=0.05)


def test_coordinate_search_takes_the_middle_of_a_plateau():
    def plateau(points, rows):
        return ((points[..., 0] > 1.5) & (points[..., 0] < 6.5)).astype(float)

    bounds = np.array([-9.0]), np.array([9.0])
    grid = [np.arange(-9.0, 10.0)]
    found = coordinate_search(plateau, np.zeros((1, 1)), np.eye(1), grid, *bounds)
    assert found.tolist() == [[4.0]]


def test_coordinate_search_stays_at_the_center_where_nothing_is_better():
    center = np.array([[0.3, -0.2], [0.1, 0.0]])

    def flat(points, rows):
        return np.zeros(points.shape[:-1])

    grids = [np.arange(-3.0, 4.0)] * 2
    found = coordinate_search(flat, center, np.eye(2), grids, *WIDE)
    np.testing.assert_array_equal(found, center)


def test_a_choice_must_beat_the_first_by_more_than_noise():
    rng = np.random.default_rng(0)
    errors = rng.random((3, 500))
    errors[2] = errors[0] - 0.001 * rng.normal(size=500)
    assert best_beyond_noise(errors[[0, 0]]) == 0
    errors[1] = errors[0] - 0.1
    assert best_beyond_noise(errors) == 1
