"""Answers of a model as arrays."""

import numpy as np
import pytest

from skprivacy.targets._answers import align_to_classes, as_answers, restrict_answers

CLASSES = np.array(["a", "b", "c"])


def test_one_column_of_probabilities_is_that_of_the_second_class():
    expected = [[0.75, 0.25]]
    for raw in ([0.25], [[0.25]]):
        np.testing.assert_allclose(as_answers(raw, "proba", CLASSES[:2], 1), expected)


def test_one_column_of_decisions_stands_against_zero():
    np.testing.assert_array_equal(
        as_answers([-3.0, 2.0], "decision", CLASSES[:2], 2), [[0, -3], [0, 2]]
    )


def test_labels_become_ones_among_zeros():
    answers = as_answers(np.array(["c", "a"]), "label", CLASSES, 2)
    np.testing.assert_array_equal(answers, [[0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize(
    "raw, response, message",
    [
        ([0.1, 0.2, 0.3], "proba", "asked for 2 records.*shape"),
        (0.5, "value", "one row a record"),
        ([[0.1, 0.9], [0.2, 0.8]], "proba", "2 columns for 3 classes"),
        ([[0.1, np.nan, 0.9]] * 2, "proba", "NaN for 2 of 2 records"),
        ([[1.0, 2.0]] * 2, "value", "one number a record; it returned 2"),
        (["a", "z"], "label", r"labels not in classes: \['z'\]"),
    ],
)
def test_wrong_answers_are_named(raw, response, message):
    with pytest.raises(ValueError, match=message):
        as_answers(np.array(raw), response, CLASSES, 2)


def test_classes_in_another_order_and_one_that_is_missing():
    aligned = align_to_classes(
        np.array([[0.7, 0.3]]), CLASSES[[2, 0]], CLASSES, "proba"
    )
    np.testing.assert_array_equal(aligned, [[0.3, 0.0, 0.7]])
    aligned = align_to_classes(np.array([[5.0, 1.0]]), CLASSES[:2], CLASSES, "decision")
    np.testing.assert_array_equal(aligned, [[5.0, 1.0, -np.inf]])
    with pytest.raises(ValueError, match=r"missing: \['c'\]"):
        align_to_classes(np.ones((1, 3)), CLASSES, CLASSES[:2], "proba")


def test_rounding_and_largest_answers():
    answers = np.array([[0.61, 0.28, 0.11]])
    np.testing.assert_allclose(
        restrict_answers(answers, "proba", decimals=1), [[0.6, 0.3, 0.1]]
    )
    # 0.61 is shown; the other 0.39 is spread over the two that are not.
    np.testing.assert_allclose(
        restrict_answers(answers, "proba", top_k=1), [[0.61, 0.195, 0.195]]
    )
    for unchanged in ({"top_k": 3}, {}):
        assert restrict_answers(answers, "proba", **unchanged) is answers
    labels = np.array([[0.0, 1.0]])
    assert restrict_answers(labels, "label", decimals=0, top_k=1) is labels


def test_a_model_that_knows_a_single_class_is_sure_of_it():
    answers = as_answers(np.ones((3, 1)), "proba", np.array(["a"]), 3)
    assert answers.tolist() == [[1.0], [1.0], [1.0]]
