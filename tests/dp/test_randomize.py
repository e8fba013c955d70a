"""Noise on values one by one."""

import numpy as np
import pytest

from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._randomize import (
    lie_chance,
    noise_deviation,
    randomize_codes,
    randomize_numbers,
    unbiased_frequencies,
)

SOURCE = NoiseSource()


@pytest.mark.parametrize("n_categories", [2, 3, 17])
@pytest.mark.parametrize("epsilon", [0.01, 1.0, 8.0, 50.0, 1000.0])
def test_no_category_is_told_more_than_the_power_of_epsilon_as_often(
    n_categories, epsilon
):
    lie = lie_chance(n_categories, epsilon)
    true, other = 1 - lie, lie / (n_categories - 1)
    assert true >= other > 0
    loss = np.log(true) - np.log(other)
    assert loss <= epsilon
    # And hardly less often than it may be, as far as the noise is fine enough.
    assert loss >= min(epsilon, 40.0) - 1e-4 - 1e-9 * epsilon


def test_warners_two_categories():
    # A coin that comes up right three times of four: epsilon is log 3.
    assert lie_chance(2, np.log(3)) == pytest.approx(0.25)


def test_categories_are_told_as_often_as_it_says():
    n, epsilon = 60_000, 1.0
    told = randomize_codes(np.full(n, 2), 4, epsilon, SOURCE)
    lie = lie_chance(4, epsilon)
    expected = np.array([lie / 3, lie / 3, 1 - lie, lie / 3])
    # Five standard deviations: one in 400,000 seeds is farther off.
    reach = 5 * np.sqrt(expected * (1 - expected) / n)
    assert (abs(np.bincount(told, minlength=4) / n - expected) < reach).all()


def test_one_category_tells_nothing():
    np.testing.assert_array_equal(randomize_codes(np.zeros(3, int), 1, 0.1, SOURCE), 0)


def test_the_losses_of_two_values_are_bound():
    # The law of what is told of the two ends, by counts: no event is more than
    # e^epsilon as likely under one as under the other.
    n, epsilon = 100_000, 1.0
    ends = [
        randomize_numbers(np.full(n, end), 2.0, epsilon, SOURCE) for end in (-1.0, 1.0)
    ]
    thresholds = np.linspace(-4, 4, 17)
    chances = np.array([[(told > t).mean() for t in thresholds] for told in ends])
    error = 5 * np.sqrt(chances / n)
    lowest, highest = chances - error, chances + error
    assert (lowest[1] <= np.exp(epsilon) * highest[0]).all()
    # It is reached, above both ends: there the noise is no larger than it must be.
    assert chances[1, -1] / chances[0, -1] == pytest.approx(np.exp(epsilon), rel=0.1)


@pytest.mark.parametrize(("law", "root"), [("laplace", np.sqrt(2)), ("gaussian", 1.0)])
def test_noise_is_as_large_as_it_says_and_on_a_grid(law, root):
    told = randomize_numbers(np.full(20_000, 0.3), 2.0, 0.5, SOURCE, law=law)
    size, step = noise_deviation(2.0, 0.5)
    assert size == pytest.approx(4.0, rel=1e-5)
    # Deviations of 20,000 Laplace numbers are off by more than 6% once in 10^6.
    assert told.std() == pytest.approx(root * size, rel=0.06)
    np.testing.assert_array_equal(told / step, np.round(told / step))


def test_frequencies_by_hand():
    # Of 80 zeros 60 say so, of 20 ones 15.
    found = unbiased_frequencies([65, 35], np.log(3))
    np.testing.assert_allclose(found, [0.8, 0.2])
    assert unbiased_frequencies([7], 1.0).tolist() == [1.0]


def test_frequencies_are_right_on_average():
    truth = np.array([0.7, 0.2, 0.1, 0.0])
    codes = np.repeat(np.arange(4), (truth * 200).astype(int))
    found = np.array(
        [
            unbiased_frequencies(
                np.bincount(randomize_codes(codes, 4, 1.0, SOURCE), minlength=4), 1.0
            )
            for _ in range(1000)
        ]
    )
    np.testing.assert_allclose(found.sum(axis=1), 1)
    # Five standard errors of each mean.
    error = 5 * found.std(axis=0) / np.sqrt(1000)
    assert (abs(found.mean(axis=0) - truth) < error).all()
    assert found.min() < 0
