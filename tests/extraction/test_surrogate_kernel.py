import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LinearRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.tree import ExtraTreeRegressor

from skprivacy.extraction import _surrogate_kernel
from skprivacy.extraction._surrogate_families import Family, Surrogate
from skprivacy.extraction._surrogate_kernel import (
    KernelSurrogate,
    NumberScaler,
    left_out_errors,
)
from skprivacy.extraction._surrogate_stack import SurrogateStack, out_of_fold


def test_left_out_errors_are_those_of_refitting():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 2))
    alphas = [0.01, 0.5]
    expected = []
    for alpha in alphas:
        model = KernelRidge(kernel="rbf", gamma=0.3, alpha=alpha)
        errors = []
        for i in range(12):
            rest = np.arange(12) != i
            told = model.fit(X[rest], y[rest]).predict(X[i : i + 1])
            errors.append((told[0] - y[i]) ** 2)
        expected.append(np.mean(errors))
    found = left_out_errors(rbf_kernel(X, gamma=0.3), y, alphas)
    np.testing.assert_allclose(found, expected)


def test_scaler_leaves_indicators_unless_told():
    X = np.array([[1.0, 0.0, 5.0], [3.0, 1.0, 5.0], [5.0, 0.0, 5.0], [7.0, 0.0, 5.0]])
    plain = NumberScaler().fit(X).transform(X)
    np.testing.assert_allclose(plain[:, 0], (X[:, 0] - 4) / np.sqrt(5))
    np.testing.assert_array_equal(plain[:, 1], X[:, 1])
    # What never changes is not divided by 0.
    np.testing.assert_array_equal(plain[:, 2], 0)
    scaled = NumberScaler(indicators=True).fit(X).transform(X)
    np.testing.assert_allclose(scaled[:, 1], (X[:, 1] - 0.25) / np.sqrt(3 / 16))


def smooth_task(indicators):
    """A kernel machine on two numbers and 30 rare categories."""
    rng = np.random.default_rng(0)
    kind = np.eye(30)[rng.integers(30, size=900)]
    X = np.column_stack([rng.normal(3, 5, (900, 2)), kind])
    points = NumberScaler(indicators).fit(X).transform(X)
    scale = 1 / (points.shape[1] * points.var())
    centers = points[:40]
    y = rbf_kernel(points, centers, gamma=scale) @ rng.normal(size=40)
    return X, y


@pytest.mark.parametrize("indicators", [False, True])
def test_finds_how_the_target_scaled_its_columns(indicators):
    X, y = smooth_task(indicators)
    model = KernelSurrogate(random_state=0).fit(X[:600], y[:600])
    assert model.scaler_.indicators is indicators
    assert model.score(X[600:], y[600:]) > 0.99


def test_centers_stand_for_many_points(monkeypatch):
    X, y = smooth_task(False)
    monkeypatch.setattr(_surrogate_kernel, "N_EXACT", 200)
    monkeypatch.setattr(_surrogate_kernel, "N_CENTERS", 300)
    two = np.column_stack([y, -y])
    model = KernelSurrogate(random_state=0).fit(X[:600], two[:600])
    assert len(model._centers) == 300
    assert model.score(X[600:], two[600:]) > 0.95


def test_families_far_behind_drop_out():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    answers = X[:, :1] + 2 * X[:, 1:]
    families = [
        Family("mean", DummyRegressor(), False),
        Family("linear", LinearRegression(), False),
    ]
    folds = np.arange(60) % 3
    told, models = out_of_fold(families, "value", X, answers, folds, 0, hopeless=3.0)
    assert (
        np.isnan(told[0, folds > 0]).all() and not np.isnan(told[:, folds == 0]).any()
    )
    assert [len(row) for row in models] == [2, 1, 1]
    stack = SurrogateStack(families, "value", 0).fit(X, answers, folds)
    assert stack.weights == {"mean": 0.0, "linear": 1.0}
    assert stack.errors["mean"] > 1 > stack.errors["linear"]
    np.testing.assert_allclose(stack.answers(X), answers)
    # Nobody drops out of a committee, not even where one makes no error at all.
    answers = np.full_like(answers, 2.0)
    told, _ = out_of_fold(families, "value", X, answers, folds, 0)
    assert np.isfinite(told).all()


def test_a_copy_averages_several_starts():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    answers = np.sin(X.sum(axis=1, keepdims=True))
    tree = ExtraTreeRegressor(max_depth=3)
    family = Family("tree", tree, False, n_starts=2)
    folds = np.arange(60) % 3
    stack = SurrogateStack([family], "value", 5).fit(X, answers, folds)
    alone = [Surrogate(family, "value", 5 + i).fit(X, answers) for i in range(2)]
    first, second = (model.answers(X) for model in alone)
    assert not np.allclose(first, second)
    np.testing.assert_allclose(stack.answers(X), (first + second) / 2)
