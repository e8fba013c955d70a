import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeRegressor

from skprivacy.extraction import EquationSolvingAttack, HyperparameterAttack
from skprivacy.extraction._hyperparameter import Gradients, solve_strengths
from skprivacy.targets import BlackBox

DIABETES = load_diabetes(return_X_y=True)
TIGHT = {"tol": 1e-10, "max_iter": 100_000}


@pytest.mark.parametrize(
    "model, found",
    [
        (Ridge(alpha=0.02), {"alpha": 0.02}),
        (Ridge(alpha=30.0, fit_intercept=False), {"alpha": 30.0}),
        (LinearRegression(), {"alpha": 0.0}),
        (Lasso(alpha=0.3, **TIGHT), {"alpha": 0.3}),
        (
            ElasticNet(alpha=0.02, l1_ratio=0.7, **TIGHT),
            {"alpha": 0.02, "l1_ratio": 0.7},
        ),
    ],
)
def test_regressors(model, found):
    X, y = DIABETES
    attack = HyperparameterAttack(FrozenEstimator(model.fit(X, y))).fit(X, y)
    assert attack.hyperparameters_ == pytest.approx(found, rel=1e-4, abs=1e-8)


@pytest.mark.parametrize("load", [load_breast_cancer, load_wine])
@pytest.mark.parametrize("C", [0.01, 3.0])
@pytest.mark.parametrize("kind", [LogisticRegression, LinearSVC])
def test_classifiers(load, C, kind):
    X, y = load(return_X_y=True)
    X, names = scale(X), np.array(["a", "b", "c"])
    model = kind(C=C, **TIGHT).fit(X, names[y])
    attack = HyperparameterAttack(FrozenEstimator(model)).fit(X, names[y])
    assert attack.hyperparameters_ == pytest.approx({"C": C}, rel=1e-2)
    assert attack.residual_ < 1e-2


@pytest.mark.parametrize("load", [load_breast_cancer, load_wine])
def test_from_a_copy_that_was_asked_for(load):
    X, y = load(return_X_y=True)
    X = scale(X)
    box = BlackBox(LogisticRegression(C=0.2, **TIGHT).fit(X, y))
    copy = EquationSolvingAttack(box).fit(X)
    attack = HyperparameterAttack(FrozenEstimator(copy), model="logistic").fit(X, y)
    assert attack.hyperparameters_ == pytest.approx({"C": 0.2}, rel=1e-3)


def test_steps_before_the_model_are_applied():
    X, y = DIABETES
    model = make_pipeline(StandardScaler(), Ridge(alpha=5.0)).fit(X, y)
    attack = HyperparameterAttack(FrozenEstimator(model)).fit(X, y)
    assert attack.hyperparameters_ == pytest.approx({"alpha": 5.0})


def test_other_data_show_in_the_residual():
    X, y = DIABETES
    model = Ridge(alpha=0.5).fit(X[:200], y[:200])
    right = HyperparameterAttack(FrozenEstimator(model)).fit(X[:200], y[:200])
    wrong = HyperparameterAttack(FrozenEstimator(model)).fit(X[200:], y[200:])
    assert right.residual_ < 1e-9 < 0.1 < wrong.residual_


def test_by_hand():
    # (y - w)^2 for y = 1, at w = 3/4: the gradient -1/2 is balanced by 2/3 of w.
    strengths, residual = solve_strengths(
        Gradients(np.array([-0.5]), np.array([[0.75]]))
    )
    np.testing.assert_allclose(strengths, [2 / 3])
    assert residual < 1e-15
    assert solve_strengths(Gradients(np.zeros(1), np.ones((1, 1))))[1] == 0


def test_refusals():
    X, y = DIABETES
    tree = FrozenEstimator(DecisionTreeRegressor(max_depth=1).fit(X, y))
    with pytest.raises(ValueError, match="must have coef_ and intercept_"):
        HyperparameterAttack(tree, model="ridge").fit(X, y)
    with pytest.raises(ValueError, match="model must be one of"):
        HyperparameterAttack(tree).fit(X, y)
    empty = FrozenEstimator(Lasso(alpha=1e6).fit(X, y))
    with pytest.raises(ValueError, match="all its coefficients are 0"):
        HyperparameterAttack(empty).fit(X, y)
    narrow = FrozenEstimator(Ridge().fit(X[:, :3], y))
    with pytest.raises(ValueError, match="X has 10 features.*for 3"):
        HyperparameterAttack(narrow).fit(X, y)
    with pytest.raises(TypeError, match="BlackBox shows its answers alone"):
        HyperparameterAttack(BlackBox(Ridge().fit(X, y))).fit(X, y)
    X, y = load_wine(return_X_y=True)
    model = LogisticRegression(max_iter=5000).fit(X[y < 2], y[y < 2])
    with pytest.raises(ValueError, match=r"does not know: \[2\]"):
        HyperparameterAttack(FrozenEstimator(model)).fit(X, y)


@pytest.mark.filterwarnings("error")
def test_numbers_whose_products_are_infinite_are_refused():
    X = np.array([[1.0], [2.0], [3.0]])
    attack = HyperparameterAttack(FrozenEstimator(Ridge().fit(X, X[:, 0])))
    with pytest.raises(ValueError, match="X and y must be smaller"):
        attack.fit(X * 1e300, X[:, 0])
    with pytest.raises(ValueError, match="y must hold numbers"):
        attack.fit(X, ["a", "b", "a"])
