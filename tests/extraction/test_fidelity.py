import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression

from skprivacy.extraction import fidelity_score
from skprivacy.extraction._fidelity import (
    answer_distance,
    label_agreement,
    r2_of_answers,
)
from skprivacy.targets import BlackBox

X, Y = load_iris(return_X_y=True)
ANSWERS = np.array([[0.8, 0.2], [0.4, 0.6]])
COPIED = np.array([[0.6, 0.4], [0.7, 0.3]])


def test_agreement_counts_labels():
    # The first is class 0 in both, the second class 1 and class 0.
    assert label_agreement(ANSWERS, COPIED) == 0.5


def test_distance_is_the_total_variation():
    # Half of .2 + .2, and half of .3 + .3: the mean of .2 and .3.
    assert answer_distance(ANSWERS, COPIED) == pytest.approx(0.25)


def test_r2_by_hand():
    # What is left: 1; the spread around the mean 2: 1 + 0 + 1 = 2; 1 - 1 / 2.
    truth = np.array([[1.0], [2.0], [3.0]])
    assert r2_of_answers(truth, np.array([[1.0], [2.0], [4.0]])) == 0.5


@pytest.mark.parametrize("copied, r2", [(5.0, 1.0), (5.5, 0.0)])
def test_r2_of_a_constant_target(copied, r2):
    assert r2_of_answers(np.full((3, 1), 5.0), np.full((3, 1), copied)) == r2


@pytest.mark.parametrize(
    "metric, least", [("auto", 1), ("agreement", 1), ("distance", 0), ("r2", 1)]
)
def test_a_model_is_its_own_copy(metric, least):
    model = LogisticRegression(max_iter=1000).fit(X, Y)
    assert fidelity_score(BlackBox(model), model, X, metric=metric) == least


def test_it_measures_beyond_rounding_and_budget():
    model = LogisticRegression(max_iter=1000).fit(X, Y)
    box = BlackBox(model, decimals=0, budget=0)
    assert fidelity_score(box, model, X, metric="max_difference") == 0
    assert box.n_queries_ == 0


def test_auto_is_r2_of_a_regressor():
    target, copy = LinearRegression().fit(X, Y), LinearRegression().fit(X, -Y)
    assert fidelity_score(FrozenEstimator(target), copy, X) < 0


def test_unknown_metric():
    with pytest.raises(ValueError, match="metric must be one of .*; got 'mse'"):
        fidelity_score(BlackBox(np.sum), None, X, metric="mse")


def test_agreement_of_numbers_is_refused():
    model = LinearRegression().fit(X, Y)
    with pytest.raises(ValueError, match="compares labels, and the target answers"):
        fidelity_score(BlackBox(model), model, X, metric="agreement")


def test_distance_of_labels_is_refused():
    model = DummyClassifier().fit(X, Y)
    with pytest.raises(ValueError, match="the target answers with labels alone"):
        fidelity_score(BlackBox(model, response="label"), model, X, metric="distance")


def test_copy_without_probabilities_is_refused():
    target = LogisticRegression(max_iter=1000).fit(X, Y)
    copy = LinearRegression().fit(X, Y)
    with pytest.raises(ValueError, match="LinearRegression has no predict_proba"):
        fidelity_score(BlackBox(target), copy, X, metric="distance")


def test_other_classes_are_refused():
    target = LogisticRegression(max_iter=1000).fit(X, Y)
    copy = DummyClassifier().fit(X, Y > 0)
    with pytest.raises(ValueError, match="answers with 3 columns, the copy with 2"):
        fidelity_score(BlackBox(target), copy, X, metric="distance")


@pytest.mark.parametrize("copy", [LogisticRegression, "copy", None])
def test_what_is_no_copy_is_refused(copy):
    with pytest.raises(TypeError, match="copy must be a fitted estimator"):
        fidelity_score(BlackBox(lambda X: X[:, 0]), copy, [[1.0], [2.0]])
