"""A function behind a network: it fails, hangs, or answers with nonsense."""

import copy
import threading
import time

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from skprivacy.extraction import EquationSolvingAttack
from skprivacy.targets import BlackBox, QueryBudgetExceeded
from skprivacy.targets._patience import within

X = np.random.default_rng(0).normal(size=(40, 3))
Y = (X[:, 0] > 0).astype(int)
MODEL = LogisticRegression().fit(X, Y)


class Remote:
    """Fails at the calls that are named, and notes what it was asked."""

    __name__ = "remote_model"

    def __init__(self, fails_at=(), fault=None):
        self.fails_at, self.calls = set(fails_at), []
        self.fault = fault

    def __call__(self, table):
        self.calls.append(len(table))
        if len(self.calls) - 1 in self.fails_at:
            if self.fault is None:
                raise ConnectionError("503")
            return self.fault(table)
        return MODEL.predict_proba(table)

    def box(self, **params):
        return BlackBox(self, classes=[0, 1], **{"backoff": 0.0, **params})


def test_it_is_asked_again_and_each_attempt_counts():
    remote = Remote(fails_at=[1, 2])
    box = remote.box(retries=2, batch_size=15)
    np.testing.assert_array_equal(box.query(X), MODEL.predict_proba(X))
    assert remote.calls == [15, 15, 15, 15, 10]
    assert box.n_queries_ == sum(remote.calls) == 70


def test_pauses_double(monkeypatch):
    pauses = []
    monkeypatch.setattr("skprivacy.targets._patience.time.sleep", pauses.append)
    with pytest.raises(ConnectionError, match="503"):
        Remote(range(9)).box(retries=3, backoff=0.5).query(X)
    assert pauses == [0.5, 1.0, 2.0]


def test_answers_before_a_failure_are_not_asked_again():
    remote = Remote(fails_at=[3])
    box = remote.box(batch_size=15)
    first = box.query(X[:20])
    with pytest.raises(ConnectionError):
        box.query(X[20:])
    np.testing.assert_array_equal(box.query(X[:20]), first)
    np.testing.assert_array_equal(box.query(X[20:]), MODEL.predict_proba(X[20:]))
    assert remote.calls == [15, 5, 15, 5, 5]
    assert box.n_queries_ == 45
    box.query(X[:20])  # on purpose, with no failure before
    assert box.n_queries_ == 65


def test_an_attack_that_is_fitted_again_asks_for_the_rest():
    whole = Remote()
    expected = EquationSolvingAttack(whole.box(), random_state=0).fit(X)
    remote = Remote(fails_at=[1])
    box = remote.box(batch_size=2)
    attack = EquationSolvingAttack(box, random_state=0)
    with pytest.raises(ConnectionError):
        attack.fit(X)
    attack.fit(X)
    assert sum(remote.calls) - 2 == sum(whole.calls)
    np.testing.assert_array_equal(attack.predict(X), expected.predict(X))


def test_who_hangs_is_given_up_and_asked_again():
    release = threading.Event()
    remote = Remote(fails_at=[0], fault=lambda table: release.wait(5))
    box = remote.box(timeout=0.05, retries=1)
    np.testing.assert_array_equal(box.query(X), MODEL.predict_proba(X))
    assert box.n_queries_ == 80
    remote.fails_at = {2, 3}
    began = time.perf_counter()
    with pytest.raises(TimeoutError, match="remote_model: no answer to 40 .* 2 times"):
        box.query(X)
    assert time.perf_counter() - began < 3
    release.set()


def test_what_a_function_raises_in_its_thread_is_raised():
    with pytest.raises(ZeroDivisionError):
        within(5, lambda table: 1 / 0, X)


def test_the_budget_counts_retries_and_a_refusal_is_final():
    remote = Remote(fails_at=range(9))
    box = remote.box(retries=5, budget=100)
    with pytest.raises(QueryBudgetExceeded, match="80 of the budget of 100"):
        box.query(X)
    assert remote.calls == [40, 40] and box.n_queries_ == 80
    with pytest.raises(QueryBudgetExceeded):
        Remote().box(batch_size=10, budget=39).query(X)


def test_frames_and_copies():
    frame = pd.DataFrame(X, columns=list("abc"))
    box = BlackBox(lambda table: table["a"], batch_size=7, response="value", retries=1)
    np.testing.assert_array_equal(box.query(frame)[:, 0], X[:, 0])
    twin = copy.deepcopy(box)
    assert twin.query(frame).shape == (40, 1)
    assert box.same_access_to(MODEL).retries == 0


@pytest.mark.parametrize(
    "fault, message",
    [
        (lambda table: MODEL.predict_proba(table)[:-1], "one row a record"),
        (lambda table: np.ones((len(table), 3)) / 3, "3 columns for 2 classes"),
        (lambda table: np.full(len(table), np.nan), "NaN for 15 of 15 records"),
        (lambda table: ["many"] * len(table), "numbers .*returned .'many'"),
        (lambda table: [[0.5, 0.5]] * (len(table) - 1) + [[1.0]], "one row a record"),
        (lambda table: {"error": "busy"}, "one row a record"),
        (lambda table: None, "one row a record"),
    ],
)
def test_nonsense_midway_names_the_function_and_costs_no_answer(fault, message):
    remote = Remote(fails_at=[1], fault=fault)
    box = remote.box(batch_size=15, retries=3)
    with pytest.raises(ValueError, match=f"remote_model: the target .*{message}"):
        box.query(X)
    np.testing.assert_array_equal(box.query(X), MODEL.predict_proba(X))
    assert remote.calls == [15, 15, 15, 10]


def test_labels_that_are_new_midway():
    box = BlackBox(
        lambda table: np.where(table[:, 0] > 9, "new", "yes"),
        response="label",
        classes=["no", "yes"],
    )
    box.query(X)
    with pytest.raises(ValueError, match="labels not in classes: .'new'"):
        box.query(X + 100)


def test_a_model_that_is_trained_again_meanwhile():
    model = LogisticRegression().fit(X, Y)
    box = BlackBox(model)
    box.query(X)
    model.fit(X, Y + 1)
    with pytest.raises(ValueError, match=r"LogisticRegression: its classes changed"):
        box.query(X)


@pytest.mark.parametrize(
    "param, value",
    [("timeout", 0), ("retries", -1), ("backoff", -0.5), ("batch_size", 0)],
)
def test_bad_parameters_are_named(param, value):
    with pytest.raises(ValueError, match=f"'{param}' parameter"):
        BlackBox(MODEL, **{param: value}).query(X)
