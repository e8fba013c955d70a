"""Signals from probabilities and decision values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from skprivacy import signals as s

P = np.array([[0.7, 0.2, 0.1]])


def of(function, label, proba=P, **options):
    return function(np.asarray(proba), np.array([label]), **options)[0]


def test_hand_computed_cases():
    assert of(s.confidence, 1) == 0.2
    # log(0.7 / 0.3) = 0.8473; log(0.2 / 0.8) = -1.3863.
    assert of(s.label_log_odds, 0) == pytest.approx(0.8473, abs=1e-4)
    assert of(s.label_log_odds, 1) == pytest.approx(-1.3863, abs=1e-4)
    assert of(s.negative_log_loss, 1) == pytest.approx(np.log(0.2))
    # 0.7 log 0.7 + 0.2 log 0.2 + 0.1 log 0.1 = -0.2497 - 0.3219 - 0.2303.
    assert of(s.negative_entropy, 0) == pytest.approx(-0.8018, abs=1e-4)
    # Label 0: 0.3 log 0.7 + 0.2 log 0.8 + 0.1 log 0.9 = -0.1070 - 0.0446 - 0.0105.
    assert of(s.negative_modified_entropy, 0) == pytest.approx(-0.1622, abs=1e-4)
    assert of(s.margin, 0) == pytest.approx(0.5)
    assert of(s.margin, 2) == pytest.approx(-0.6)
    assert of(s.correctness, 0) == 1 and of(s.correctness, 1) == 0


def test_a_class_that_the_model_never_saw():
    assert of(s.confidence, -1) == 0
    assert of(s.correctness, -1) == 0
    assert of(s.margin, -1) == pytest.approx(-0.7)
    assert of(s.label_log_odds, -1) == pytest.approx(np.log(1e-16), abs=1e-6)


@pytest.mark.parametrize("proba", [[[1.0, 0.0]], [[0.0, 1.0]]])
@pytest.mark.parametrize(
    "function",
    [
        s.label_log_odds,
        s.negative_log_loss,
        s.negative_entropy,
        s.negative_modified_entropy,
        s.margin,
    ],
)
def test_sure_answers_give_finite_signals(function, proba):
    right = of(function, 0, proba)
    assert np.isfinite(right)


def test_sure_and_wrong_is_far_from_a_member():
    right, wrong = (of(s.negative_modified_entropy, c, [[1.0, 0.0]]) for c in (0, 1))
    assert right == pytest.approx(0) and wrong < -30


def test_log_odds_keep_what_one_minus_p_would_lose():
    # 1 - 1e-18 is 1 in double precision; the other class still says 1e-18.
    a, b = (
        of(s.label_log_odds, 0, [[1.0, q]], smoothing=1e-30) for q in (1e-18, 1e-17)
    )
    assert a - b == pytest.approx(np.log(10))


@given(st.floats(1e-9, 1 - 1e-9), st.floats(1e-9, 1 - 1e-9))
def test_signals_grow_with_the_probability_of_the_label(p, q):
    low, high = sorted((p, q))
    for function in (s.label_log_odds, s.negative_log_loss, s.margin, s.confidence):
        a, b = (of(function, 0, [[x, 1 - x]]) for x in (low, high))
        assert a <= b


def test_smoothing_is_added_on_both_sides():
    # log((1 + 0.1) / (0 + 0.1)) = log 11.
    assert of(s.label_log_odds, 0, [[1.0, 0.0]], smoothing=0.1) == pytest.approx(
        np.log(11)
    )


def test_many_models_at_once():
    rng = np.random.default_rng(0)
    proba = softmax(rng.normal(size=(5, 20, 3)), axis=-1)
    label = rng.integers(-1, 3, 20)
    for name in s.available_signals("proba"):
        together = s.compute_signal(name, proba, label, "proba")
        alone = [s.compute_signal(name, part, label, "proba") for part in proba]
        np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_decision_log_odds_of_two_classes_is_the_decision():
    decision = np.array([[0.0, 50.0], [0.0, -50.0]])
    np.testing.assert_allclose(
        s.decision_log_odds(decision, np.array([1, 1])), [50, -50]
    )


def test_decision_log_odds_are_those_of_the_softmax():
    decision = np.random.default_rng(0).normal(size=(30, 4))
    label = np.arange(30) % 4
    np.testing.assert_allclose(
        s.decision_log_odds(decision, label),
        s.label_log_odds(s.decision_probabilities(decision), label),
        atol=1e-9,
    )


def test_decision_of_a_class_that_was_never_seen():
    decision = np.array([[1.0, 2.0, -np.inf]])
    limit = -np.log(1e-16)
    assert of(s.decision_log_odds, 2, decision) == pytest.approx(-limit)
    assert of(s.decision_log_odds, -1, decision) == pytest.approx(-limit)
    # log(e^2 / e^1) with the third class out of the sum.
    assert of(s.decision_log_odds, 1, decision) == pytest.approx(1.0)
    only = np.array([[3.0, -np.inf]])
    assert of(s.decision_log_odds, 0, only) == pytest.approx(limit)
