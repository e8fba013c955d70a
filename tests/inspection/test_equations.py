"""Equations of leaves, on cases worked out by hand and on fitted models."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.tree import DecisionTreeClassifier

from skprivacy.inspection import read_trees
from skprivacy.inspection._equations import (
    Equations,
    count_equations,
    equation_log_ratio,
    gradients,
    membership_shares,
)
from skprivacy.inspection._leaf_equations import has_equations
from skprivacy.membership._equation_score import SolvedMembership


def test_counts_by_hand():
    # Leaf 1 holds the row 1 of class 0, leaf 2 the row 4 of class 1.
    tree = read_trees(DecisionTreeClassifier().fit([[1], [4]], [0, 1])).trees[0]
    equations = count_equations(tree, np.array([1, 1, 2]), np.array([0, 1, 1]), 2)
    # Leaf and class: (1, 0), (1, 1), (2, 0), (2, 1).
    assert equations.total.tolist() == [1, 0, 0, 1]
    assert equations.coefficient.toarray().tolist() == [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 0],
        [0, 0, 1],
    ]


def test_two_equations_that_together_name_the_member():
    # One of a, b; one of b, c; two of a, c: a and c.
    rows = sparse.csr_array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]])
    share, noise = membership_shares(
        Equations(rows, np.array([1.0, 1, 2])), np.full(3, 0.5)
    )
    assert share == pytest.approx([1, 0, 1], abs=0.01)
    assert noise == 0.05


def test_equations_that_nobody_can_meet_are_not_pressed():
    # Of one candidate, 100 rows: the list lacks them.
    equations = Equations(sparse.csr_array([[1.0]]), np.array([100.0]))
    assert membership_shares(equations, np.array([0.5]))[1] == 4


def test_log_ratio_by_hand():
    # Two candidates share a leaf of one row, at 1/2 each: no error, and the other's
    # variance of 1/4. In: the mean is 1.5 against 1; out: 0.5. Both as far: ratio 0.
    pair = sparse.csr_array([[1.0, 1.0]])
    half = np.full(2, 0.5)
    spread = np.array([0.5])
    assert equation_log_ratio(pair, np.zeros(1), spread, 0.0, half) == pytest.approx(0)
    # Short by 1/4: (1/4) / (1/4) more for in.
    ratio = equation_log_ratio(pair, np.array([-0.25]), spread, 0.0, half)
    assert ratio == pytest.approx([1, 1])


def test_derivatives_by_hand():
    # Softmax of equal raw answers is 1/2 each.
    gradient, hessian = gradients(np.zeros((1, 2)), np.array([0]), "log_loss")
    assert gradient.tolist() == [[-0.5, 0.5]]
    assert hessian.tolist() == [[0.25, 0.25]]
    gradient, hessian = gradients(np.array([[3.0]]), np.array([1.0]), "squared_error")
    assert gradient.tolist() == [[2]] and hessian.tolist() == [[1]]


def noisy(load):
    X, y = load(return_X_y=True)
    noise = np.random.default_rng(0).normal(size=X.shape)
    return X + 0.5 * X.std(axis=0) * noise, y


MODELS = [
    (load_breast_cancer, GradientBoostingClassifier(n_estimators=20, random_state=0)),
    (load_iris, GradientBoostingClassifier(n_estimators=9, random_state=0)),
    (load_diabetes, GradientBoostingRegressor(n_estimators=20, random_state=0)),
    (load_breast_cancer, HistGradientBoostingClassifier(max_iter=20)),
    (load_iris, HistGradientBoostingClassifier(max_iter=9, l2_regularization=1)),
    (load_diabetes, HistGradientBoostingRegressor(max_iter=20)),
    (load_iris, ExtraTreesClassifier(20, random_state=0)),
]


@pytest.mark.parametrize(
    ("load", "model"), MODELS, ids=lambda value: getattr(value, "__name__", None)
)
def test_the_truth_meets_every_equation(load, model):
    X, y = noisy(load)
    member = np.arange(len(y)) % 2 == 0
    ensemble = read_trees(model.fit(X[member], y[member]))
    assert has_equations(ensemble)
    n_labels = 3 if isinstance(model, ExtraTreesClassifier) else 1
    nothing = np.zeros(len(y))
    solved = SolvedMembership(
        ensemble, ensemble.transform(X), y, nothing, 0.5, n_labels
    )
    counts, steps = solved._equations(ensemble.transform(X), y)
    assert len(counts) == len(ensemble.trees)
    assert len(steps) == (0 if ensemble.newton is None else len(ensemble.trees))
    for part in counts + steps:
        assert np.abs(part.coefficient @ member - part.total).max() < 2e-3
    assert np.mean((solved.score > 0) == member) > 0.6


def test_weights_of_rows_leave_the_counts():
    X, y = noisy(load_diabetes)
    member = np.arange(len(y)) % 2 == 0
    weight = np.random.default_rng(1).uniform(0.2, 3, member.sum())
    model = HistGradientBoostingRegressor(max_iter=30, min_samples_leaf=5)
    ensemble = read_trees(model.fit(X[member], y[member], sample_weight=weight))
    values = ensemble.transform(X)
    solved = SolvedMembership(ensemble, values, y, np.zeros(len(y)), 0.5, 1)
    assert solved._counts_alone
    assert np.mean((solved.score > 0) == member) > 0.9


def test_models_that_left_rows_out_have_no_equations():
    X, y = noisy(load_iris)
    for model in (
        GradientBoostingClassifier(n_estimators=2, subsample=0.5),
        ExtraTreesClassifier(2, bootstrap=True),
    ):
        assert not has_equations(read_trees(model.fit(X, y)))
