import numpy as np
import pytest
from scipy.stats import norm

from skprivacy.property._likelihood import (
    WorldStatistics,
    effective_number,
    gaussian_log_likelihoods,
    shrunk_variances,
)


def test_log_likelihood_is_the_mean_normal_log_density():
    numbers = np.array([[0.5, -1.0]])
    means = np.array([[0.0, 0.0], [1.0, 2.0]])
    variances = np.array([[1.0, 4.0], [0.25, 1.0]])
    expected = [
        norm.logpdf(numbers[0], mean, np.sqrt(variance)).mean()
        for mean, variance in zip(means, variances, strict=True)
    ]
    got = gaussian_log_likelihoods(numbers, means, variances)[0]
    assert got[1] - got[0] == pytest.approx(expected[1] - expected[0])


def test_variances_go_towards_the_pooled_one():
    # Pooled over worlds: 2 * (1 + 9) / 2 = 10 for the first number, 0 for the other;
    # halfway to their mean of 5 that is 7.5 and 2.5.
    residuals = np.array([[-1.0, 0.0], [1.0, 0.0], [-3.0, 0.0], [3.0, 0.0]])
    worlds = np.array([0, 0, 1, 1])
    got = shrunk_variances(residuals, worlds, prior_models=1)
    assert got == pytest.approx(
        np.array([[(2 + 7.5) / 2, 2.5 / 2], [(18 + 7.5) / 2, 2.5 / 2]])
    )


def test_numbers_that_never_move_get_a_variance():
    got = shrunk_variances(np.zeros((4, 2)), np.array([0, 0, 1, 1]))
    assert (got > 0).all()


def test_copies_of_a_number_count_once():
    moves = np.random.RandomState(0).normal(size=(40, 1))
    assert effective_number(np.repeat(moves, 30, axis=1)) == pytest.approx(1)


def test_effective_number_of_groups_of_copies():
    rng = np.random.RandomState(0)
    moves = rng.normal(size=(2000, 5))
    # Within 2 percent with a false alarm rate below 1e-6 at 2000 models.
    assert effective_number(np.repeat(moves, 4, axis=1)) == pytest.approx(5, rel=0.02)


def test_independent_numbers_all_count_though_models_are_few():
    rng = np.random.RandomState(0)
    # Without the correction for chance it would be below 20.
    assert effective_number(rng.normal(size=(20, 300))) > 100


def test_numbers_that_never_move_do_not_count():
    moves = np.random.RandomState(0).normal(size=(40, 1))
    residuals = np.hstack([moves, np.zeros((40, 7))])
    assert effective_number(residuals) == 1
    assert effective_number(np.zeros((4, 3))) == 1


def test_a_copied_block_weighs_as_one_number():
    rng = np.random.RandomState(1)
    worlds = np.tile([0, 1], 30)
    number = (worlds + rng.normal(size=60))[:, None]
    once = WorldStatistics(number, worlds, {"a": slice(0, 1)}).scores(number)
    copies = np.repeat(number, 50, axis=1)
    many = WorldStatistics(copies, worlds, {"a": slice(0, 50)}).scores(copies)
    assert np.diff(many) == pytest.approx(np.diff(once))
