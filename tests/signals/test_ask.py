"""From records to answers."""

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from skprivacy.signals import ask, truth_of
from skprivacy.targets import BlackBox


def tree(labels):
    return BlackBox(DecisionTreeClassifier().fit(np.arange(4.0)[:, None], labels))


@pytest.mark.parametrize(
    "labels, asked",
    [
        ([0, 1, 0, 1], [0.0, 1.0, 2.0]),
        ([False, True, False, True], [0.0, 1.0, 2.0]),
        ([-1, 1, -1, 1], np.array([-1.0, 1.0, 0.0])),
        (["n", "y", "n", "y"], np.array(["n", "y", "z"], dtype=object)),
    ],
)
def test_labels_of_any_type_find_their_class(labels, asked):
    np.testing.assert_array_equal(truth_of(asked, tree(np.array(labels))), [0, 1, -1])


def test_labels_of_the_wrong_kind_spend_no_budget():
    box = tree(np.array(["n", "y", "n", "y"]))
    with pytest.raises(ValueError, match=r"none of the records' labels.*\['n', 'y'\]"):
        ask(box, np.array([[0.0, 0.0], [1.0, 1.0]]))
    assert box.n_queries_ == 0


@pytest.mark.parametrize("y, message", [(["a"], "must be numbers"), ([np.nan], "NaN")])
def test_labels_of_a_regressor_are_numbers(y, message):
    with pytest.raises(ValueError, match=message):
        truth_of(np.array(y), BlackBox(len))


def test_features_are_those_of_the_target():
    with pytest.raises(ValueError, match="2 features.*trained on 1"):
        ask(tree([0, 1, 0, 1]), np.zeros((3, 3)))


def test_other_than_a_box_is_refused():
    with pytest.raises(TypeError, match="box must be a BlackBox"):
        truth_of(np.array([1.0]), DecisionTreeClassifier())
    with pytest.raises(TypeError, match="box must be a BlackBox"):
        ask("model", np.ones((2, 2)))


@pytest.mark.parametrize("y", [np.array([1j]), np.ones((2, 2))])
def test_values_that_are_no_row_of_numbers_are_refused(y):
    with pytest.raises(ValueError, match="label: "):
        truth_of(y, BlackBox(lambda X: X.sum(axis=1)))
