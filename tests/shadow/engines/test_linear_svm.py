"""Support vector machines by Newton's method are those of the recipe's solver."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC, LinearSVR

from skprivacy.shadow import ShadowFitError, ShadowModels
from skprivacy.shadow.engines._linear_svm import squared_loss_machine
from skprivacy.targets import BlackBox


def records(n=120, seed=0, n_classes=2):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)) + [0.0, 1.0, -2.0]
    score = X[:, 0] - X[:, 1] + rng.normal(size=n)
    cuts = np.quantile(score, np.arange(1, n_classes) / n_classes)
    return np.column_stack([X, np.digitize(score, cuts)])


def assert_same(recipe, pool, **params):
    fast, slow = (
        ShadowModels(recipe, n_models=4, random_state=0, engine=engine, **params).fit(
            pool
        )
        for engine in ("auto", "generic")
    )
    assert (fast.engine_, slow.engine_) == ("linear_svm", "generic")
    np.testing.assert_allclose(fast.answers_, slow.answers_, atol=1e-6)
    return fast, slow


@pytest.mark.parametrize("epsilon", [None, 0.3])
def test_the_slope_is_zero_at_the_solution(epsilon):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 4))
    y = np.sign(X[:, 0] + rng.normal(size=50))
    coef = squared_loss_machine(X, y, 3.0, epsilon)
    residual = X @ coef - y
    if epsilon is None:
        active = y * (X @ coef) < 1
    else:
        active = np.abs(residual) > epsilon
        residual -= epsilon * np.sign(residual)
    slope = coef + 6.0 * (residual[active] @ X[active])
    assert 0 < active.sum() < 50
    np.testing.assert_allclose(slope, 0.0, atol=1e-9)
    other = squared_loss_machine(X, y, 3.0, epsilon, start=np.full(4, 5.0))
    np.testing.assert_allclose(coef, other, atol=1e-9)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(
    "changes",
    [
        {"dual": False},
        {"dual": True, "C": 0.1, "random_state": 0, "max_iter": 10000},
        {"dual": False, "fit_intercept": False},
        {"dual": False, "intercept_scaling": 10.0},
    ],
    ids=["primal", "dual", "no intercept", "scaled intercept"],
)
def test_answers_are_those_of_models_fitted_one_by_one(changes, n_classes):
    pool = records(n_classes=n_classes)
    fast, slow = assert_same(LinearSVC(tol=1e-9, **changes), pool)
    strangers = records(12, 9, n_classes)
    ours, theirs = fast.query(strangers), slow.query(strangers)
    np.testing.assert_allclose(ours.answers, theirs.answers, atol=1e-6)


def test_regression():
    pool = records()
    pool[:, -1] = pool[:, 0] + np.random.default_rng(1).normal(size=len(pool))
    loss = "squared_epsilon_insensitive"
    assert_same(LinearSVR(loss=loss, dual=False, epsilon=0.5, tol=1e-9), pool)


def test_steps_for_columns_texts_and_a_class_that_a_model_never_saw():
    rng = np.random.default_rng(2)
    pool = pd.DataFrame(records(n_classes=3), columns=[*"abc", "label"])
    pool["label"] = pool["label"].map({0: "no", 1: "yes", 2: "both"})
    pool.loc[0, "label"] = "never"
    pool["b"] = pool["b"].mask(rng.random(len(pool)) < 0.2)
    pool["color"] = rng.choice(["red", "blue", "green"], len(pool))
    steps = make_column_transformer(
        (
            make_pipeline(SimpleImputer(), StandardScaler()),
            make_column_selector(dtype_include=float),
        ),
        (OneHotEncoder(handle_unknown="ignore"), ["color"]),
    )
    svc = LinearSVC(dual=False, tol=1e-9)
    fast, _ = assert_same(make_pipeline(steps, svc), pool, label="label")
    assert np.isinf(fast.answers_).any()  # a class that a model does not know


def test_labels_alone():
    pool = records()
    model = LinearSVC(dual=False).fit(pool[:, :-1], pool[:, -1])
    assert_same(None, pool, target=BlackBox(model, response="label"))


def test_a_single_class_is_refused_as_ever():
    pool = records()
    pool[:, -1] = 1.0
    with pytest.raises(ShadowFitError, match="at least 2 classes"):
        ShadowModels(LinearSVC(), n_models=2, random_state=0).fit(pool)


@pytest.mark.parametrize(
    "recipe",
    [
        LinearSVC(loss="hinge"),
        LinearSVC(penalty="l1", dual=False),
        LinearSVC(class_weight="balanced"),
        LinearSVR(max_iter=10000),
    ],
    ids=["hinge", "l1", "class_weight", "epsilon_insensitive"],
)
def test_what_is_not_known_is_left_to_the_generic_engine(recipe):
    shadow = ShadowModels(recipe, n_models=2, random_state=0).fit(records())
    assert shadow.engine_ == "generic"


@pytest.mark.filterwarnings("ignore:Liblinear failed to converge")
def test_a_solver_that_is_stopped_is_left_to_the_generic_engine():
    recipe = LinearSVC(dual=True, max_iter=3, random_state=0)
    shadow = ShadowModels(recipe, n_models=2, random_state=0).fit(records())
    assert shadow.engine_ == "generic"
