"""Discriminant analyses from products of columns are those fitted one by one."""

import numpy as np
import pandas as pd
import pytest
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)

from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

KINDS = [LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis]


def records(n_classes=3, n=90, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    X = rng.normal(size=(n, 4)) + y[:, None] * [0.5, 0, 1, 0]
    X[:, 1] += (y == 1) * 0.7
    return np.column_stack([X * [1, 1, 5, 1] + [0, 100, 0, 0], y])


def assert_same(recipe, pool, seed=0, **params):
    fast, slow = (
        ShadowModels(
            recipe, n_models=4, random_state=seed, engine=engine, **params
        ).fit(pool)
        for engine in ("auto", "generic")
    )
    assert (fast.engine_, slow.engine_) == ("discriminant", "generic")
    np.testing.assert_allclose(fast.answers_, slow.answers_, rtol=1e-6, atol=1e-8)
    return fast, slow


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("response", ["proba", "decision", "label"])
@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_those_of_models_fitted_one_by_one(kind, response, n_classes, seed):
    pool = records(n_classes, seed=seed)
    target = BlackBox(kind().fit(pool[:, :-1], pool[:, -1]), response=response)
    fast, slow = assert_same(None, pool, seed, target=target)
    strangers = records(n_classes, 10, seed + 5)
    ours, theirs = fast.query(strangers), slow.query(strangers)
    np.testing.assert_allclose(ours.answers, theirs.answers, rtol=1e-6, atol=1e-8)


def test_a_covariance_that_is_shrunk():
    assert_same(QuadraticDiscriminantAnalysis(reg_param=0.3), records())


def test_tables_and_classes_that_a_model_never_saw():
    pool = pd.DataFrame(records(), columns=["a", "b", "c", "d", "label"])
    pool["label"] = pool["label"].map({0: "no", 1: "yes", 2: "both"})
    pool.loc[0, "label"] = "never"
    assert_same(LinearDiscriminantAnalysis(), pool, label="label")


def test_columns_that_depend_on_each_other():
    pool = records()
    pool[:, 3] = pool[:, 0] - pool[:, 1]
    assert_same(LinearDiscriminantAnalysis(), pool)


@pytest.mark.parametrize(
    "recipe",
    [
        LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
        LinearDiscriminantAnalysis(priors=[0.2, 0.3, 0.5]),
        QuadraticDiscriminantAnalysis(priors=[0.2, 0.3, 0.5]),
    ],
)
def test_what_is_not_known_is_left_to_the_generic_engine(recipe):
    shadow = ShadowModels(recipe, n_models=2, random_state=0).fit(records())
    assert shadow.engine_ == "generic"
