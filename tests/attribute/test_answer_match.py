"""How exactly a released answer must match, learned from the attacker's own records."""

import numpy as np
import pytest

from skprivacy.attribute._answer_match import AnswerError, answer_distance, learn_error


def test_the_largest_difference_of_any_column_counts():
    answers = np.array([[[0.2, 0.3, 0.5]], [[0.1, 0.4, 0.5]]])
    known = np.array([[0.2, 0.35, 0.45]])
    # |0.3 - 0.35| = |0.5 - 0.45| = 0.05; |0.1 - 0.2| = 0.1.
    np.testing.assert_allclose(answer_distance(answers, known), [[0.05], [0.1]])


def test_match_by_hand():
    error = AnswerError(width=0.1, scale=0.2)
    # (0.5 - 0.1) / 0.2 = 2, so -2 log(1 + 4 / 3).
    found = error.log_match(np.array([0.0, 0.1, 0.5]))
    np.testing.assert_allclose(found, [0, 0, -2 * np.log(7 / 3)], atol=1e-12)


def test_labels_are_missed_as_often_as_among_the_own_records():
    # 1 of 8 differs: (1 + 1) / (8 + 2).
    error = learn_error(np.array([0.0] * 7 + [1.0]), 1.0, is_label=True)
    assert error.miss == pytest.approx(0.2)
    np.testing.assert_allclose(
        np.exp(error.log_match(np.array([0.0, 1.0]))), [0.8, 0.2]
    )


def test_labels_that_never_differ_are_exact():
    error = learn_error(np.zeros(8), 1.0, is_label=True)
    assert error.miss is None
    assert error.log_match(np.array([1.0]))[0] < -50


def test_exact_answers_need_be_the_same_but_for_the_last_digits():
    error = learn_error(np.full(50, 2e-7), magnitude=1000.0)
    np.testing.assert_allclose(error[:2], 1e-6)


def test_rounding_is_told_by_its_largest_difference():
    rng = np.random.default_rng(0)
    error = learn_error(np.abs(rng.uniform(-0.005, 0.005, size=500)), 1.0)
    # The largest of 500 is within 3% of the width but in 1 of 4 million cases.
    assert 0.97 * 0.005 < error.width < 1.01 * 0.005
    assert error.log_match(np.array([0.0049, 0.01]))[1] < -10


def test_noise_is_told_from_rounding():
    rng = np.random.default_rng(0)
    error = learn_error(np.abs(rng.laplace(scale=0.02, size=500)), 1.0)
    assert error.width == 0 and 0.005 < error.scale < 0.05


def test_nothing_is_ever_ruled_out_quite():
    found = learn_error(np.zeros(9), 1.0).log_match(np.array([1e-6, 1.0, 1e6]))
    assert np.isfinite(found).all() and (np.diff(found) < 0).all()


def test_answers_of_zero_are_no_trouble():
    assert learn_error(np.zeros(9), magnitude=0.0).scale > 0
