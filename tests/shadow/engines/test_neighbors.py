"""Neighbors found once for all shadows are those that each finds."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox


def records(n=90, width=3, seed=0, far=0.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, width)) + far
    return np.column_stack([X, (X[:, 0] > far) + rng.integers(0, 2, n)])


def assert_same(recipe, pool, seed=0, **params):
    fast, slow = (
        ShadowModels(
            recipe, n_models=4, random_state=seed, engine=engine, **params
        ).fit(pool)
        for engine in ("auto", "generic")
    )
    assert (fast.engine_, slow.engine_) == ("neighbors", "generic")
    np.testing.assert_allclose(fast.answers_, slow.answers_, atol=1e-6)
    return fast, slow


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("kind", [KNeighborsClassifier, KNeighborsRegressor])
@pytest.mark.parametrize("width", [3, 20])
def test_answers_are_those_of_models_fitted_one_by_one(kind, weights, width, seed):
    pool = records(width=width, seed=seed)
    fast, slow = assert_same(kind(4, weights=weights), pool, seed)
    strangers = records(12, width, seed + 9)
    ours, theirs = fast.query(strangers), slow.query(strangers)
    np.testing.assert_allclose(ours.answers, theirs.answers, atol=1e-6)


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("algorithm", ["brute", "kd_tree"])
def test_records_that_occur_twice_are_told_apart_as_ever(algorithm, weights):
    pool = records(80)
    pool[40:44, :-1] = pool[:4, :-1]
    recipe = KNeighborsClassifier(1, algorithm=algorithm, weights=weights)
    assert_same(recipe, pool)


def test_tables_and_classes_that_a_model_never_saw():
    pool = pd.DataFrame(records(), columns=["a", "b", "c", "label"])
    pool["label"] = pool["label"].map({0: "no", 1: "yes", 2: "both"})
    pool.loc[0, "label"] = "never"
    fast, _ = assert_same(
        KNeighborsClassifier(3), pool, label="label", keep_models=True
    )
    assert {len(model.classes_) for model in fast.models_} == {3, 4}


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_other_shares_and_distances(share):
    recipe = KNeighborsClassifier(5, p=1)
    assert_same(recipe, records(), subsample=share, paired=False)


def test_labels_alone():
    pool = records(far=1e3)
    model = KNeighborsClassifier(4).fit(pool[:, :-1], pool[:, -1])
    assert_same(None, pool, target=BlackBox(model, response="label"))


@pytest.mark.parametrize(
    "recipe",
    [
        KNeighborsClassifier(metric="chebyshev"),
        KNeighborsClassifier(weights=np.exp),
    ],
    ids=["metric", "weights"],
)
def test_what_is_not_known_is_left_to_the_generic_engine(recipe):
    shadow = ShadowModels(recipe, n_models=2, random_state=0).fit(records())
    assert shadow.engine_ == "generic"


def test_columns_with_many_ties_are_left_to_the_generic_engine():
    pool = np.round(records())
    shadow = ShadowModels(KNeighborsClassifier(), n_models=2, random_state=0).fit(pool)
    assert shadow.engine_ == "generic"
