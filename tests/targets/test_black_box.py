"""What an attacker can reach of a model."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from skprivacy.targets import BlackBox, QueryBudgetExceeded

X = np.random.default_rng(0).normal(size=(40, 3))
Y = np.where(X[:, 0] > 0, "yes", "no")
MODEL = LogisticRegression().fit(X, Y)


def test_probabilities_are_the_models():
    box = BlackBox(MODEL)
    assert box.response_ == "proba" and box.classes_.tolist() == ["no", "yes"]
    np.testing.assert_array_equal(box.predict_proba(X), MODEL.predict_proba(X))
    np.testing.assert_array_equal(box.predict(X), MODEL.predict(X))
    assert not hasattr(box, "decision_function")


def test_decision_values():
    box = BlackBox(LinearSVC().fit(X, Y))
    assert box.response_ == "decision"
    np.testing.assert_allclose(box.decision_function(X), box.model.decision_function(X))
    assert not hasattr(box, "predict_proba")


def test_labels_alone():
    box = BlackBox(MODEL, response="label")
    np.testing.assert_array_equal(box.predict(X), MODEL.predict(X))
    assert set(np.unique(box.query(X))) == {0.0, 1.0}
    assert not hasattr(box, "predict_proba") and not hasattr(box, "decision_function")


def test_values():
    model = LinearRegression().fit(X, X[:, 0])
    box = BlackBox(model, decimals=1)
    assert box.response_ == "value" and not hasattr(box, "classes_")
    np.testing.assert_allclose(box.predict(X), model.predict(X).round(1))


def test_functions():
    value = BlackBox(lambda table: table[:, 0])
    assert value.response_ == "value" and value.query(X).shape == (40, 1)
    proba = BlackBox(MODEL.predict_proba, classes=["no", "yes"])
    np.testing.assert_array_equal(proba.predict(X), MODEL.predict(X))
    label = BlackBox(MODEL.predict, response="label", classes=["no", "yes"])
    np.testing.assert_array_equal(label.predict(X), MODEL.predict(X))


def test_every_record_is_counted():
    box = BlackBox(MODEL)
    box.predict(X)
    box.predict_proba(X[:3])
    assert box.n_queries_ == 43


def test_budget_is_kept_and_a_refusal_costs_nothing():
    box = BlackBox(MODEL, budget=50)
    box.predict(X)
    with pytest.raises(QueryBudgetExceeded, match="11 records was refused: 40 of") as e:
        box.predict(X[:11])
    assert e.value.remaining == 10 and box.n_queries_ == 40
    box.predict(X[:10])
    assert box.n_queries_ == 50
    assert pickle.loads(pickle.dumps(e.value)).remaining == 10


def test_threads_never_overspend():
    box = BlackBox(lambda table: table[:, 0], budget=500)

    def ask(_):
        try:
            return len(box.query(X[:7]))
        except QueryBudgetExceeded:
            return 0

    with ThreadPoolExecutor(8) as pool:
        answered = sum(pool.map(ask, range(200)))
    assert answered == box.n_queries_ == 500 // 7 * 7


def test_clone_is_the_same_box():
    box = BlackBox(MODEL, budget=50)
    box.predict(X)
    assert clone(box) is box and box.n_queries_ == 40


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda box: pickle.loads(pickle.dumps(box))]
)
def test_a_copy_can_not_be_asked_all_over_again(duplicate):
    box = BlackBox(MODEL, budget=50)
    box.predict(X)
    other = duplicate(box)
    np.testing.assert_array_equal(other.predict(X[:5]), MODEL.predict(X[:5]))
    assert other.n_queries_ == 45 and box.n_queries_ == 40
    with pytest.raises(QueryBudgetExceeded):
        other.predict(X)


def test_asking_does_not_change_the_parameters():
    box = BlackBox(MODEL)
    before = pickle.dumps(box)
    box.predict(X)
    assert pickle.dumps(box) == before
    assert box.get_params() == box.get_params(deep=False)
    assert "model__C" not in box.get_params()


def test_same_access_to_another_model():
    box = BlackBox(MODEL, decimals=1, top_k=1, budget=3)
    other = box.same_access_to(LogisticRegression(C=9).fit(X, Y))
    assert (other.decimals, other.top_k, other.budget) == (1, 1, None)


@pytest.mark.parametrize(
    "box, error, message",
    [
        (BlackBox(LogisticRegression()), NotFittedError, "not fitted"),
        (
            BlackBox("model"),
            TypeError,
            "model must be a fitted estimator or a function",
        ),
        (BlackBox(MODEL, response="loud"), ValueError, "response"),
        (BlackBox(MODEL, decimals=-1), ValueError, "decimals"),
        (BlackBox(MODEL, top_k=0), ValueError, "top_k"),
        (BlackBox(MODEL, budget=-1), ValueError, "budget"),
        (
            BlackBox(LinearSVC().fit(X, Y), response="proba"),
            ValueError,
            "predict_proba",
        ),
        (BlackBox(len, response="proba"), ValueError, "classes must be given"),
    ],
)
def test_bad_boxes_are_named(box, error, message):
    with pytest.raises(error, match=message):
        box.fit()
    with pytest.raises(error, match=message):
        box.predict(X)
