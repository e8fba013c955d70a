"""Bad targets and bad spaces, tried on all attacks."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.tree import DecisionTreeClassifier

from skprivacy.extraction import (
    AutoExtraction,
    EquationSolvingAttack,
    LowdMeekAttack,
    NeuralExtractionAttack,
    PathFindingAttack,
    SurrogateAttack,
    ThresholdSearchAttack,
)
from skprivacy.extraction._space import QuerySpace
from skprivacy.extraction._table_space import TableSpace
from skprivacy.targets import BlackBox

X, Y = load_iris(return_X_y=True)
PLAIN = {"estimator": LinearRegression(), "strategy": "records", "batch_size": 400}
ATTACKS = {
    EquationSolvingAttack: {},
    LowdMeekAttack: {},
    PathFindingAttack: {},
    ThresholdSearchAttack: {},
    NeuralExtractionAttack: {},
    AutoExtraction: {"budget": 400, "surrogate": SurrogateAttack(None, **PLAIN)},
    SurrogateAttack: {"budget": 100, **PLAIN},
}
# What each of them copies.
MODELS = {
    EquationSolvingAttack: LogisticRegression(max_iter=1000),
    LowdMeekAttack: LogisticRegression(max_iter=1000),
    PathFindingAttack: DecisionTreeClassifier(max_depth=3, random_state=0),
    ThresholdSearchAttack: GradientBoostingClassifier(n_estimators=3, max_depth=1),
    NeuralExtractionAttack: MLPClassifier(
        3, learning_rate_init=0.05, max_iter=1000, random_state=0
    ),
    AutoExtraction: DecisionTreeClassifier(max_depth=2, random_state=0),
    SurrogateAttack: LogisticRegression(max_iter=1000),
}


def attack_of(kind, target, **params):
    return kind(target, **{**ATTACKS[kind], "random_state": 0, **params})


@pytest.mark.parametrize("kind", ATTACKS)
def test_answers_that_are_nan(kind):
    def function(table):
        proba = np.full((len(table), 3), 1 / 3)
        proba[table[:, 0] > 5] = np.nan
        return proba

    with pytest.raises(ValueError, match=r"the target answered NaN for \d+ of"):
        attack_of(kind, BlackBox(function, classes=[0, 1, 2])).fit(X)


@pytest.mark.parametrize("kind", ATTACKS)
def test_answers_that_are_infinite(kind):
    def function(table):
        scores = table[:, :3] - 4.0
        return np.where(table[:, :1] > 5, np.inf, scores)

    box = BlackBox(function, response="decision", classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"answered infinity for \d+ of.*bounds="):
        attack_of(kind, box).fit(X)


@pytest.mark.parametrize(
    "kind", [LowdMeekAttack, PathFindingAttack, AutoExtraction, SurrogateAttack]
)
def test_labels_that_the_target_does_not_have(kind):
    def function(table):
        return np.where(table[:, 0] > 5, 7, 0)

    box = BlackBox(function, response="label", classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"labels not in classes: \[7\]"):
        attack_of(kind, box).fit(X)


@pytest.mark.parametrize(
    "kind", [LowdMeekAttack, PathFindingAttack, AutoExtraction, SurrogateAttack]
)
def test_labels_that_the_first_queries_do_not_show(kind):
    classes = np.array(["a", "b", "rare"])

    def linear(table):
        scores = [table[:, 0] - 6, 6 - table[:, 0], 10 * (table[:, 2] - 6.65)]
        return classes[np.argmax(scores, axis=0)]

    def tree(table):
        usual = np.where(table[:, 0] > 6, "a", "b")
        return np.where(table[:, 2] > 6.65, "rare", usual)

    function = linear if kind is LowdMeekAttack else tree
    # One or two records in a hundred have the third label.
    assert 1 <= (function(X) == "rare").sum() <= 3
    box = BlackBox(function, response="label", classes=classes)
    copy = attack_of(kind, box).fit(X)
    assert copy.classes_.tolist() == classes.tolist()
    assert copy.score(X) > 0.9


@pytest.mark.parametrize("kind", ATTACKS)
@pytest.mark.parametrize("response", ["proba", "label", "value"])
def test_constant_target(kind, response):
    dummy = DummyRegressor() if response == "value" else DummyClassifier()
    box = BlackBox(dummy.fit(X, Y), response=response)
    copy = attack_of(kind, box)
    exact = (EquationSolvingAttack, ThresholdSearchAttack, NeuralExtractionAttack)
    if response == "label" and kind in exact:
        with pytest.raises(ValueError, match="the target gives response='label'"):
            copy.fit(X)
    elif response == "value" and kind is LowdMeekAttack:
        with pytest.raises(ValueError, match="the target gives response='value'"):
            copy.fit(X)
    elif kind is LowdMeekAttack:
        with pytest.warns(UserWarning, match="the label 0 to all 550 points"):
            assert copy.fit(X).score(X) == 1
    else:
        assert copy.fit(X).score(X) == 1
        np.testing.assert_allclose(copy._answers(X), box.query(X), atol=1e-9)


@pytest.mark.parametrize("kind", ATTACKS)
@pytest.mark.parametrize("whole", [False, True])
def test_queries_stay_within_the_bounds(kind, whole):
    table = pd.DataFrame(X, columns=list("abcd"))
    # Narrower than the records, between whole numbers, and wider.
    bounds = np.array([[4.5, 6.5], [2.0, 4.4], [0.5, 9.5], [0.0, 3.0]])
    if whole and kind in (LowdMeekAttack, NeuralExtractionAttack):
        table["d"] = table["d"].round()
    elif whole:
        table = table.astype({"a": int, "c": int})
    model = MODELS[kind].fit(table, Y)
    asked = []

    def function(queries):
        asked.append(queries)
        return model.predict_proba(queries)

    box = BlackBox(function, classes=model.classes_)
    attack_of(kind, box, bounds=bounds).fit(table)
    queries = pd.concat(asked)
    assert (queries.dtypes == table.dtypes).all()
    assert (queries >= bounds[:, 0]).all(axis=None)
    assert (queries <= bounds[:, 1]).all(axis=None)


@pytest.mark.parametrize("space", [QuerySpace, TableSpace])
def test_whole_numbers_within_bounds(space):
    table = np.array([[0, 5], [10, 9]])
    found = space(table, [[0.5, 3.5], [5, 9]])
    assert found.lower.tolist() == [1, 5] and found.upper.tolist() == [3, 9]
    assert found.records.tolist() == [[1, 5], [3, 9]]
    with pytest.raises(ValueError, match="no whole number between 2.2 and 2.7.*ture 0"):
        space(table, [[2.2, 2.7], [5, 9]])


def test_rounding_is_no_lack_of_fidelity():
    box = BlackBox(lambda table: np.full(len(table), 0.1))
    copy = EquationSolvingAttack(box).fit(X)
    copy._coefficients[0] += 1e-17
    assert copy.score(X) == 1
    copy._coefficients[0] += 1e-9
    assert copy.score(X) < 0
