"""Boosting without columns that split nothing is boosting with them, bit for bit."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skprivacy.shadow import ShadowModels
from skprivacy.shadow.engines._hist_gradient_boosting import splitting_columns
from skprivacy.targets import BlackBox

FEW = {"max_iter": 5, "min_samples_leaf": 8}


def records(n=240, seed=0, missing=0.0, n_classes=2):
    """Three columns of numbers, and nine categories, six of which are rare."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    X[rng.random(X.shape) < missing] = np.nan
    weights = [0.45, 0.3, 0.19, *[0.01] * 6]
    category = rng.choice(9, n, p=weights)
    columns = np.column_stack([X, np.eye(9)[category]])
    score = np.nan_to_num(X[:, 0]) + (category > 0) + rng.normal(size=n)
    cuts = np.quantile(score, np.arange(1, n_classes) / n_classes)
    # A rare column first: the model sums by the bins of the first one.
    return np.column_stack([columns[:, ::-1], np.digitize(score, cuts)])


def assert_same(recipe, pool, **params):
    fast, slow = (
        ShadowModels(recipe, n_models=4, random_state=0, engine=engine, **params).fit(
            pool
        )
        for engine in ("auto", "generic")
    )
    assert (fast.engine_, slow.engine_) == ("hist_gradient_boosting", "generic")
    assert np.array_equal(fast.answers_, slow.answers_)
    return fast, slow


def test_a_column_is_kept_if_both_sides_can_be_large_enough():
    X = np.zeros((10, 5))
    X[:, 0] = 1.0
    X[:3, 1] = 1.0  # three on one side
    X[:2, 2] = -1.0
    X[:2, 3] = np.nan
    X[2:, 4] = np.nan  # nearly all missing
    assert splitting_columns(X, 3).tolist() == [0, 1]
    assert splitting_columns(X, 2).tolist() == [0, 1, 2, 3, 4]
    assert splitting_columns(X, 6).tolist() == [0, 1, 2, 3, 4]  # no split at all
    table = pd.DataFrame(X).assign(kind=pd.Categorical(["a"] * 10))
    assert splitting_columns(table, 3).tolist() == [1, 5]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, 0.0),
        ({"early_stopping": True, "n_iter_no_change": 2, "max_iter": 20}, 0.2),
        ({"early_stopping": True, "scoring": "accuracy"}, 0.0),
        ({"class_weight": "balanced", "max_bins": 16, "max_depth": 3}, 0.2),
    ],
    ids=["plain", "early stopping", "scored", "balanced"],
)
def test_answers_are_those_of_models_fitted_one_by_one(changes, missing):
    recipe = HistGradientBoostingClassifier(**FEW | changes)
    fast, slow = assert_same(recipe, records(missing=missing))
    strangers = records(20, seed=9)
    ours, theirs = fast.query(strangers), slow.query(strangers)
    assert np.array_equal(ours.answers, theirs.answers)


def test_regression():
    pool = records()
    pool[:, -1] = pool[:, -2] + np.random.default_rng(1).normal(size=len(pool))
    assert_same(HistGradientBoostingRegressor(**FEW), pool)


def test_tables_labels_in_texts_and_a_class_that_a_model_never_saw():
    pool = pd.DataFrame(records(n_classes=3)).rename(columns=str)
    pool["12"] = pool["12"].map({0: "no", 1: "yes", 2: "both"})
    pool.loc[0, "12"] = "never"
    assert_same(HistGradientBoostingClassifier(**FEW), pool)
    rng = np.random.default_rng(2)
    pool.insert(0, "kind", pd.Categorical(rng.choice(["a", "b"], len(pool))))
    assert_same(HistGradientBoostingClassifier(**FEW), pool)


def test_steps_before_it_are_fitted_by_each_model():
    rng = np.random.default_rng(3)
    names = np.array([*"abcdefghij"])
    weights = [0.5, 0.3, *[0.025] * 8]
    pool = pd.DataFrame({"kind": rng.choice(names, 240, p=weights)})
    pool["label"] = (pool["kind"] == "a") ^ (rng.random(240) < 0.2)
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    model = HistGradientBoostingClassifier(**FEW | {"early_stopping": True})
    assert_same(make_pipeline(encoder, StandardScaler(), model), pool)


@pytest.mark.parametrize("response", ["label", "decision"])
def test_other_kinds_of_answers(response):
    pool = records()
    model = HistGradientBoostingClassifier(**FEW).fit(pool[:, :-1], pool[:, -1])
    assert_same(None, pool, target=BlackBox(model, response=response))


@pytest.mark.parametrize("engine", ["auto", "generic"])
def test_a_single_class_is_refused_as_ever(engine):
    pool = records()
    pool[:, -1] = 1.0
    recipe = HistGradientBoostingClassifier(**FEW)
    shadow = ShadowModels(recipe, n_models=2, random_state=0, engine=engine)
    with pytest.raises(ValueError, match="2 columns for 1 classes"):
        shadow.fit(pool)


@pytest.mark.parametrize(
    "changes",
    [
        {"max_features": 0.5},  # columns are drawn by their number
        {"interaction_cst": "no_interactions"},
        {"monotonic_cst": [0] * 12},
        {"categorical_features": [0]},
        {"min_samples_leaf": 1},  # every column can split
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_not_known_is_left_to_the_generic_engine(changes):
    recipe = HistGradientBoostingClassifier(**FEW | changes)
    shadow = ShadowModels(recipe, n_models=2, random_state=0).fit(records())
    assert shadow.engine_ == "generic"


def test_models_that_are_kept_have_all_columns():
    recipe = HistGradientBoostingClassifier(**FEW)
    shadow = ShadowModels(recipe, n_models=2, random_state=0, keep_models=True)
    assert shadow.fit(records()).engine_ == "generic"
    assert shadow.models_[0].n_features_in_ == 12
