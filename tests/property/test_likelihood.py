import numpy as np
import pytest
from scipy.stats import norm

from skprivacy.property._likelihood import (
    WorldStatistics,
    gaussian_log_likelihoods,
    shrunk_variances,
    whitening_axes,
)


def test_log_likelihood_is_the_normal_log_density():
    numbers = np.array([[0.5, -1.0]])
    means = np.array([[0.0, 0.0], [1.0, 2.0]])
    variances = np.array([[1.0, 4.0], [0.25, 1.0]])
    expected = [
        norm.logpdf(numbers[0], mean, np.sqrt(variance)).sum()
        for mean, variance in zip(means, variances, strict=True)
    ]
    got = gaussian_log_likelihoods(numbers, means, variances)[0]
    assert got[1] - got[0] == pytest.approx(expected[1] - expected[0])


def test_variances_go_towards_the_pooled_one():
    # Pooled over worlds the squares are (1 + 1 + 9 + 9) / 2 = 10: in its units 0.2 in
    # one world and 1.8 in the other, from two models each.
    residuals = np.array([[-1.0], [1.0], [-3.0], [3.0]])
    got = shrunk_variances(residuals, np.array([0, 0, 1, 1]), prior_models=3)
    assert got[:, 0] == pytest.approx([(0.2 + 3) / 4, (1.8 + 3) / 4])


def test_numbers_that_never_move_get_a_variance():
    got = shrunk_variances(np.zeros((4, 2)), np.array([0, 0, 1, 1]))
    assert got == pytest.approx(np.full((2, 2), 32 / 31))


def test_axes_whiten_the_shrunk_covariance():
    rng = np.random.RandomState(0)
    residuals = rng.normal(size=(6, 9)) @ rng.normal(size=(9, 9))
    differences = rng.normal(size=(2, 9))
    axes = whitening_axes(residuals, differences, 4)
    covariance = residuals.T @ residuals / 4
    level = np.trace(covariance) / 9
    shrunk = 0.1 * covariance + 0.9 * level * np.eye(9)
    assert axes @ shrunk @ axes.T == pytest.approx(np.eye(len(axes)), abs=1e-9)
    # Distances of means are those of the shrunk covariance: no direction is lost.
    apart = differences[0] - differences[1]
    expected = apart @ np.linalg.solve(shrunk, apart)
    assert ((axes @ apart) ** 2).sum() == pytest.approx(expected, rel=0.2)


def test_equal_variances_give_the_linear_discriminant():
    rng = np.random.RandomState(0)
    worlds = np.tile([0, 1], 500)
    numbers = worlds[:, None] * [1.0, 0.0] + rng.normal(size=(1000, 2))
    scores = WorldStatistics(numbers, worlds, {"a": slice(0, 2)}).scores(numbers)
    # Of unit variance and a distance of 1: the log-ratio is x - 1/2.
    assert np.diff(scores)[:, 0] == pytest.approx(numbers[:, 0] - 0.5, abs=0.7)


def test_a_number_and_its_copies_tell_little_more_than_one():
    rng = np.random.RandomState(1)
    worlds = np.tile([0, 1], 30)
    number = (worlds + rng.normal(size=60))[:, None]
    once = WorldStatistics(number, worlds, {"a": slice(0, 1)}).scores(number)
    copies = np.repeat(number, 50, axis=1)
    many = WorldStatistics(copies, worlds, {"a": slice(0, 50)}).scores(copies)
    ratio = np.diff(many).std() / np.diff(once).std()
    # 50 independent numbers of that strength would tell 50 times as much. The copies
    # have a variance of 50 along their axis, a tenth of which is believed.
    assert ratio == pytest.approx(50 / (0.1 * 50 + 0.9), rel=0.1)


def test_kinds_of_number_do_not_depend_on_their_units():
    rng = np.random.RandomState(0)
    worlds = np.tile([0, 1], 20)
    numbers = worlds[:, None] + rng.normal(size=(40, 6))
    blocks = {"a": slice(0, 3), "b": slice(3, 6)}
    plain = WorldStatistics(numbers, worlds, blocks).scores(numbers)
    scaled = numbers * [1, 1, 1, 1e4, 1e4, 1e4]
    other = WorldStatistics(scaled, worlds, blocks).scores(scaled)
    assert np.diff(other) == pytest.approx(np.diff(plain))


def test_numbers_that_are_all_equal_tell_nothing():
    statistics = WorldStatistics(np.ones((4, 3)), np.array([0, 0, 1, 1]), {})
    assert np.diff(statistics.scores(np.ones((2, 3)))) == pytest.approx(0)
