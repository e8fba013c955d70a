"""Formulas of label-only attacks, by hand."""

import numpy as np
import pytest

from skprivacy.shadow._robustness import (
    Rates,
    answer_evidence,
    bisect_flips,
    information,
    right_rates,
    robustness,
    usual_gain,
)


def test_a_wrong_record_has_no_robustness():
    right = np.array([[1, 1, 0, 0, 0], [0, 1, 1, 1, 1]])
    np.testing.assert_allclose(robustness(right), [0.25, 0.0])


def test_rates_and_evidence_by_hand():
    # Question 1: two models in, both right; two out, one right. Question 2: in 0 of 2,
    # out 0 of 2. Base 0.5, gain 0.5.
    right = np.array([[[1, 0]], [[1, 0]], [[1, 0]], [[0, 0]]], dtype=float)
    membership = np.array([[True], [True], [False], [False]])
    rates = right_rates(right, membership, 0.5, 0.5)
    # out: (1 + 0.5) / 3 = 1/2 and 0.5 / 3 = 1/6;
    # in: (2 + 1/2 + 1/4) / 3 = 11/12 and (0 + 1/6 + 5/12) / 3 = 7/36.
    np.testing.assert_allclose(rates.outside, [[1 / 2, 1 / 6]])
    np.testing.assert_allclose(rates.inside, [[11 / 12, 7 / 36]])
    expected = np.log((11 / 12) / (1 / 2)) + np.log((29 / 36) / (5 / 6))
    np.testing.assert_allclose(answer_evidence(np.array([[1, 0]]), rates), [expected])


def test_a_record_in_no_model_is_given_the_usual_gain():
    right = np.array([[[1]], [[0]]], dtype=float)
    rates = right_rates(right, np.zeros((2, 1), bool), 0.5, 0.4)
    # out (1 + 0.5) / 3 = 0.5; in 0.5 + 0.4 * 0.5 = 0.7.
    np.testing.assert_allclose([rates.outside.item(), rates.inside.item()], [0.5, 0.7])


def test_models_without_a_fault_are_not_taken_to_be_so_for_ever():
    right = np.array([[[1.0]], [[0.0]]])
    assert usual_gain(right, np.array([[True], [False]])) == 0.9


def test_more_mistakes_with_the_record_is_no_gain():
    right = np.array([[[0.0]], [[1.0]]])
    assert usual_gain(right, np.array([[True], [False]])) == 0.0


def test_information_is_largest_where_the_answer_gives_membership_away():
    inside, outside = np.array([[0.99, 0.6, 0.5]]), np.array([[0.01, 0.4, 0.5]])
    told = information(Rates(inside, outside))[0]
    assert np.log(2) > told[0] > told[1] > told[2] == pytest.approx(0)


@pytest.mark.parametrize("n_halvings", [1, 2, 5])
def test_halving_finds_what_trying_every_step_finds(n_halvings):
    kept = np.random.default_rng(0).random((7, 3))
    steps = np.arange(1, 2**n_halvings) / 2**n_halvings
    slow = (1 + (steps <= kept[..., None]).sum(axis=-1)) / 2**n_halvings
    fast = bisect_flips(
        lambda step: step / 2**n_halvings <= kept, kept.shape, n_halvings
    )
    np.testing.assert_array_equal(fast, slow)
