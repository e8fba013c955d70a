"""What all extraction attacks share, tried on the quickest of them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.datasets import load_iris
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

from skprivacy.extraction import (
    EquationSolvingAttack,
    NeuralExtractionAttack,
    PathFindingAttack,
    SurrogateAttack,
    ThresholdSearchAttack,
)
from skprivacy.extraction._oracle import Oracle
from skprivacy.extraction._space import QuerySpace
from skprivacy.targets import BlackBox, QueryBudgetExceeded

X, Y = load_iris(return_X_y=True)
MODEL = LogisticRegression(max_iter=1000).fit(X, Y)
LINE = LinearRegression().fit(X, Y)


def test_score_is_the_agreement_with_the_target_and_asks_it_without_its_budget():
    box = BlackBox(MODEL, budget=20)
    copy = EquationSolvingAttack(box).fit(X)
    asked = box.n_queries_
    assert copy.score(X) == 1
    assert copy.n_queries_ == box.n_queries_ == asked
    assert copy.score(X, (MODEL.predict(X) + 1) % 3) == 0


def test_the_copy_takes_the_place_of_the_target():
    copy = EquationSolvingAttack(FrozenEstimator(MODEL)).fit(X)
    assert copy.classes_.tolist() == [0, 1, 2]
    assert copy.n_features_in_ == 4
    np.testing.assert_array_equal(copy.predict(X), MODEL.predict(X))


def test_y_is_ignored():
    first, second = (
        EquationSolvingAttack(BlackBox(MODEL)).fit(X, y) for y in (None, 1 - Y)
    )
    np.testing.assert_array_equal(first.coef_, second.coef_)


@pytest.mark.parametrize(
    "target, classifies",
    [
        (BlackBox(MODEL), True),
        (FrozenEstimator(MODEL), True),
        (BlackBox(LINE), False),
        (FrozenEstimator(LINE), False),
    ],
)
def test_kind_of_estimator_is_the_target_s(target, classifies):
    attack = EquationSolvingAttack(target)
    assert is_classifier(attack) == classifies
    assert is_regressor(attack) == (not classifies)
    assert hasattr(attack, "predict_proba") == classifies
    assert is_classifier(clone(attack)) == classifies


def test_bare_target_is_refused():
    with pytest.raises(TypeError, match="target must be wrapped"):
        EquationSolvingAttack(MODEL).fit(X)


def test_text_columns_are_named():
    table = pd.DataFrame({"a": [1.0, 2.0], "color": ["red", "blue"]})
    with pytest.raises(ValueError, match=r"numbers in all columns.*\['color'\]"):
        PathFindingAttack(BlackBox(np.sum)).fit(table)


def test_one_record_is_enough_with_bounds():
    bounds = np.column_stack([X.min(axis=0), X.max(axis=0)])
    copy = EquationSolvingAttack(BlackBox(MODEL), bounds=bounds).fit(X[:1])
    assert copy.score(X) == 1
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        EquationSolvingAttack(BlackBox(MODEL)).fit(X[:1])


@pytest.mark.parametrize(
    "bounds, message",
    [
        ([[0, 1]], r"shape \(4, 2\); got shape \(1, 2\)"),
        ([[0, 1], [0, np.inf], [0, 1], [0, 1]], "finite.* for feature 1"),
        ([[0, 1], [0, 1], [2, 1], [0, 1]], r"got \[2.0, 1.0\] for feature 2"),
    ],
)
def test_senseless_bounds(bounds, message):
    with pytest.raises(ValueError, match=message):
        EquationSolvingAttack(BlackBox(MODEL), bounds=bounds).fit(X)


def test_queries_stay_in_the_ranges_the_types_and_the_container():
    asked = []

    def function(table):
        asked.append(table)
        return table["age"] * 2.0 + table["size"] - table["male"]

    table = pd.DataFrame(
        {
            "age": [20, 40, 61],
            "size": [0.5, 0.25, 2.0],
            "male": [True, False, True],
        }
    )
    EquationSolvingAttack(BlackBox(function)).fit(table)
    for queries in asked:
        assert (queries.dtypes == table.dtypes).all()
        assert queries["age"].between(20, 61).all()
        assert queries["size"].between(0.25, 2.0).all()


def test_whole_numbers_stay_whole_in_an_array():
    space = QuerySpace(np.array([[0, 5], [10, 9]]))
    assert space.snap(np.array([[2.6, 100.0]])).tolist() == [[3, 9]]
    points = space.table(np.array([[3.0, 9.0]]), BlackBox(np.sum))
    assert points.dtype.kind == "i"


def test_uniform_points_fill_the_box():
    space = QuerySpace(np.array([[0.0, -1.0], [2.0, 3.0]]))
    points = space.uniform(1000, np.random.default_rng(0))
    # 1,000 points miss the outer 2% of a side with a chance of 2e-9.
    assert (points.min(axis=0) < [0.04, -0.92]).all()
    assert (points.max(axis=0) > [1.96, 2.92]).all()


def test_budget_that_is_too_small_says_how_much_is_needed():
    box = BlackBox(MODEL, budget=7)
    with pytest.raises(ValueError, match="needs 8 queries.* of 7 only 7 are left"):
        EquationSolvingAttack(box).fit(X)
    assert box.n_queries_ == 0


def test_oracle_counts_its_own_queries_and_keeps_the_budget():
    box = BlackBox(MODEL, budget=5)
    box.query(X[:2])
    oracle = Oracle(box, QuerySpace(X))
    oracle.ask(X[:2])
    assert (oracle.n_queries, oracle.left) == (2, 1)
    with pytest.raises(QueryBudgetExceeded) as caught:
        oracle.ask(X[:2])
    assert "after 2 queries" in caught.value.__notes__[0]


def test_target_that_goes_down():
    def function(table):
        raise ConnectionError("503")

    with pytest.raises(ConnectionError) as caught:
        EquationSolvingAttack(BlackBox(function)).fit(X)
    assert "after 0 queries" in caught.value.__notes__[0]


def test_target_that_answers_nan():
    with pytest.raises(ValueError, match="answered NaN"):
        EquationSolvingAttack(BlackBox(lambda X: np.full(len(X), np.nan))).fit(X)


def noisy(X, rng):
    return X.sum(axis=1) + 0.1 * rng.normal(size=len(X))


@pytest.mark.parametrize(
    "attack", [PathFindingAttack, ThresholdSearchAttack, NeuralExtractionAttack]
)
def test_a_target_that_contradicts_itself_is_refused(attack):
    rng = np.random.RandomState(0)
    X = rng.uniform(size=(40, 3))
    box = BlackBox(lambda X: noisy(X, rng))
    copy = attack(box, random_state=0)
    with pytest.raises(ValueError, match="differently when asked again, by up to 0"):
        copy.fit(X)
    assert copy.is_deterministic_ is False
    # Nothing was spent on chasing noise.
    assert box.n_queries_ < 300


def test_surrogates_say_that_a_target_contradicts_itself():
    rng = np.random.RandomState(0)
    X = rng.uniform(size=(300, 3))
    box = BlackBox(lambda X: noisy(X, rng))
    attack = SurrogateAttack(
        box, estimator=Ridge(), strategy="records", batch_size=200, random_state=0
    )
    attack.set_params(budget=200)
    with pytest.warns(UserWarning, match="differently when asked again, by up to 0"):
        attack.fit(X)
    assert attack.is_deterministic_ is False
    # Three of the budget went into asking twice.
    assert attack.n_queries_ == 200 and attack.n_answers_ == 197
    same = BlackBox(lambda X: X.sum(axis=1))
    attack.set_params(target=same).fit(X)
    assert attack.is_deterministic_ is True and attack.n_queries_ == 200
    # With few queries, none is asked twice.
    attack.set_params(budget=100).fit(X)
    assert attack.is_deterministic_ is None and attack.n_queries_ == 100
