import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import (
    ExtraTreesClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeRegressor

from skprivacy.federated import FederatedClassifier, FederatedRegressor
from skprivacy.federated._learners import _forest
from skprivacy.federated._learners._forest import bootstrap_weights
from skprivacy.federated._learners._forest_tree import best_cut, impurity


def classes(*cells):
    """Histogram of one feature: weights of two classes a cell, each record once."""
    return np.array([[[a + b, a, b] for a, b in cells]], dtype=float)


def test_impurities_are_those_of_the_shares():
    node = np.array([8.0, 2.0, 6.0])
    assert impurity(node, "gini") == pytest.approx(1 - 1 / 16 - 9 / 16)
    expected = -(0.25 * np.log2(0.25) + 0.75 * np.log2(0.75))
    assert impurity(node, "entropy") == pytest.approx(expected)
    assert impurity(node, "log_loss") == pytest.approx(expected)
    # Values 1, 2, 6: a mean of 3, and squares of 41 in all.
    numbers = np.array([3.0, 3.0, 9.0, 41.0])
    assert impurity(numbers, "squared_error") == pytest.approx(41 / 3 - 9)


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
def test_the_best_cut_leaves_the_purest_children(criterion):
    worse = classes((3, 1), (2, 2), (1, 3))
    better = classes((4, 0), (2, 2), (0, 4))
    both = np.concatenate([worse, better])
    feature, cut, left, right = best_cut(both, [3, 3], criterion, min_samples_leaf=1)
    assert (feature, cut) == (1, 0)
    assert left.tolist() == [4, 4, 0]
    assert right.tolist() == [8, 2, 6]


def test_cuts_leave_both_children_enough_records():
    cells = classes((1, 0), (3, 3), (0, 5))
    assert best_cut(cells, [3], "gini", min_samples_leaf=2)[1] == 1
    assert best_cut(cells, [3], "gini", min_samples_leaf=6) is None
    assert best_cut(cells, [1], "gini", min_samples_leaf=1) is None


def test_an_empty_stretch_is_cut_in_the_middle():
    cells = classes((4, 0), (0, 0), (0, 0), (0, 0), (0, 4))
    assert best_cut(cells, [5], "gini", min_samples_leaf=1)[1] == 1


def test_a_drawn_cut_is_between_the_records():
    cells = classes((0, 0), (4, 1), (1, 1), (0, 4), (0, 0))
    cuts = [
        best_cut(cells, [5], "gini", min_samples_leaf=1, draws=[draw])[1]
        for draw in (0.0, 0.49, 0.51, 1.0)
    ]
    assert cuts == [1, 1, 2, 2]


def codes(X, n=20):
    """Columns of few values, which bins tell apart."""
    cuts = np.quantile(X, np.linspace(0, 1, n)[1:-1], axis=0)
    return (X[:, None, :] > cuts).sum(axis=1).astype(float)


@pytest.mark.parametrize(
    "limits",
    [{"max_depth": 4}, {"min_samples_leaf": 10}, {"min_samples_split": 40}],
    ids=lambda limits: next(iter(limits)),
)
def test_a_tree_of_all_columns_is_that_of_scikit_learn(limits):
    X, y = load_diabetes(return_X_y=True)
    X = codes(X)[:, [2, 3, 8]]
    # No two cuts gain alike.
    y = y + np.random.default_rng(0).normal(size=len(y))
    forest = RandomForestRegressor(1, bootstrap=False, **limits)
    ours = FederatedRegressor(forest, aggregation="plain")
    tree = ours.fit(X, y, groups=np.arange(len(X)) % 4).estimator_.estimators_[0].tree_
    pooled = DecisionTreeRegressor(**limits).fit(X, y).tree_
    X = X.astype(np.float32)
    np.testing.assert_allclose(tree.predict(X), pooled.predict(X))
    assert tree.node_count == pooled.node_count
    assert tree.max_depth == pooled.max_depth
    for name in ("impurity", "n_node_samples", "weighted_n_node_samples"):
        found, expected = np.sort(getattr(tree, name)), np.sort(getattr(pooled, name))
        np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(
        tree.compute_feature_importances(), pooled.compute_feature_importances()
    )


def of_one_client(monkeypatch, model, X, y, groups):
    """The same forest by one client with all records, who draws what they draw."""
    ids = np.unique(groups)
    pooled = np.concatenate([np.flatnonzero(groups == one) for one in ids])

    def all_weights(seed, client, n_records, n_trees, rate):
        parts = [
            bootstrap_weights(seed, int(one), (groups == one).sum(), n_trees, rate)
            for one in ids
        ]
        return np.hstack(parts)

    with monkeypatch.context() as patch:
        patch.setattr(_forest, "bootstrap_weights", all_weights)
        alone = clone(model).set_params(aggregation="plain", min_clients=1)
        return alone.fit(X[pooled], y[pooled]).estimator_


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
def test_a_secure_forest_is_that_of_one_client_bit_for_bit(monkeypatch, criterion):
    X, y = load_iris(return_X_y=True)
    labels, groups = np.array(["a", "b", "c"])[y], np.arange(len(X)) % 4
    forest = RandomForestClassifier(5, random_state=0, criterion=criterion)
    model = FederatedClassifier(forest).fit(X, labels, groups=groups)
    pooled = of_one_client(monkeypatch, model, X, labels, groups)
    for ours, theirs in zip(model.estimator_, pooled, strict=True):
        ours, theirs = (tree.tree_.__getstate__() for tree in (ours, theirs))
        assert (ours["nodes"] == theirs["nodes"]).all()
        assert (ours["values"] == theirs["values"]).all()
    assert model.score(X, labels) > 0.93
    assert model.predict(X[:1]).tolist() == ["a"]


def test_a_secure_forest_of_numbers_is_that_of_one_client(monkeypatch):
    X, y = load_diabetes(return_X_y=True)
    X, groups = X[:, [2, 3, 8]], np.arange(len(X)) % 4
    forest = RandomForestRegressor(5, max_depth=3, max_features=2, max_samples=0.7)
    model = FederatedRegressor(forest, random_state=0).fit(X, y, groups=groups)
    pooled = of_one_client(monkeypatch, model, X, y, groups)
    np.testing.assert_allclose(model.predict(X), pooled.predict(X), rtol=1e-9)
    assert model.score(X, y) > 0.45


def test_the_forest_is_one_of_scikit_learn():
    X, y = load_breast_cancer(return_X_y=True)
    X, groups = X[:, :5], np.arange(len(X)) % 3
    recipe = RandomForestClassifier(4, max_depth=3, n_jobs=1, max_samples=200)
    model = FederatedClassifier(recipe, aggregation="plain", random_state=0)
    forest = model.fit(X, y, groups=groups).estimator_
    assert forest.get_params() == recipe.get_params()
    proba = forest.predict_proba(X)
    assert (pickle.loads(pickle.dumps(forest)).predict_proba(X) == proba).all()
    assert forest.feature_importances_.sum() == pytest.approx(1)
    leaves = forest.apply(X)
    for at, tree in zip(leaves.T, forest, strict=True):
        assert (tree.tree_.children_left[at] == -1).all()
        assert tree.get_depth() <= 3
        assert tree.tree_.weighted_n_node_samples[0] == pytest.approx(200, abs=60)
    with pytest.raises(AttributeError):
        forest.estimators_samples_  # noqa: B018 - the draws are the clients'


def test_weights_are_poisson_numbers_of_each_client():
    weights = bootstrap_weights(0, "north", 5000, 4, 1.0)
    # Four standard errors: false alarms below 1 in 5,000.
    assert abs(weights.mean() - 1) < 4 / np.sqrt(weights.size)
    assert abs((weights == 0).mean() - np.exp(-1)) < 4 * 0.482 / np.sqrt(weights.size)
    assert (weights[0] != weights[1]).any()
    assert (bootstrap_weights(0, "north", 5000, 4, 1.0) == weights).all()
    assert (bootstrap_weights(0, "south", 5000, 4, 1.0) != weights).any()
    assert (bootstrap_weights(1, "north", 5000, 4, 1.0) != weights).any()


def test_rounds_are_as_many_as_the_forest_is_deep():
    X, y = load_breast_cancer(return_X_y=True)
    groups = np.arange(len(X)) % 3
    recipe = RandomForestClassifier(8, max_depth=3, max_features=None, random_state=0)
    model = FederatedClassifier(recipe, aggregation="plain", bounds=(0, 5000))
    # Of the class, of cells, and of nodes of depth 0, 1 and 2.
    assert model.fit(X, y, groups=groups).n_rounds_ == 1 + 3
    model.set_params(n_rounds=2).fit(X, y, groups=groups)
    assert {tree.get_depth() for tree in model.estimator_} == {2}


def test_forests_asked_in_parts_are_the_same(monkeypatch):
    X, y = load_iris(return_X_y=True)
    groups = np.arange(len(X)) % 3
    recipe = RandomForestClassifier(5, random_state=0, max_features=1)
    model = FederatedClassifier(recipe, aggregation="plain")
    whole = model.fit(X, y, groups=groups)
    proba, n_rounds = whole.predict_proba(X), whole.n_rounds_
    monkeypatch.setattr(_forest, "MOST_VALUES", 500)
    parts = model.fit(X, y, groups=groups)
    assert parts.n_rounds_ > n_rounds
    assert (parts.predict_proba(X) == proba).all()


def test_columns_are_looked_at_until_one_can_be_cut():
    X = np.zeros((40, 12))
    X[:, 7], y = np.arange(40) % 2, np.arange(40) % 2
    # Two values of each column in all, but in each half of one column one alone.
    X[:, :7] = X[:, 8:9] = (np.arange(40) < 20)[:, None]
    recipe = RandomForestClassifier(6, max_features=1, random_state=0)
    model = FederatedClassifier(recipe, aggregation="plain")
    model.fit(X, y, groups=np.arange(40) % 4)
    assert model.score(X, y) == 1


def test_randomized_trees_learn_too():
    X, y = load_iris(return_X_y=True)
    recipe = ExtraTreesClassifier(10, random_state=0)
    model = FederatedClassifier(recipe).fit(X, y, groups=np.arange(len(X)) % 4)
    assert model.score(X, y) > 0.95
    # Cuts are drawn.
    assert len({tree.tree_.threshold[0] for tree in model.estimator_}) > 4


@pytest.mark.parametrize(
    "X, y",
    [(np.zeros((6, 2)), [0, 1, 0, 1, 1, 0]), (np.eye(6), [3] * 6)],
    ids=["constant", "one class"],
)
def test_what_can_not_be_split_is_a_leaf(X, y):
    model = FederatedClassifier(RandomForestClassifier(5, random_state=0))
    model.fit(X, y, groups=np.arange(6) % 3)
    assert {tree.get_n_leaves() for tree in model.estimator_} == {1}
    proba = model.predict_proba(X)
    assert (proba == proba[0]).all()
    assert proba[0].max() == 1 or proba[0] == pytest.approx([0.5, 0.5], abs=0.3)


def test_trees_without_records_answer_what_the_others_do():
    X, y = np.eye(3), np.array([0.0, 1.0, 2.0])
    recipe = RandomForestRegressor(40, max_samples=1, random_state=0)
    model = FederatedRegressor(recipe).fit(X, y, groups=[0, 1, 2])
    assert np.isfinite(model.predict(X)).all()
    sizes = [tree.tree_.weighted_n_node_samples[0] for tree in model.estimator_]
    # A third of the trees drew none, and stand for all draws.
    assert max(sizes) > 20


def test_a_client_with_nan_costs_itself_alone():
    X, y = load_iris(return_X_y=True)
    groups = np.arange(len(X)) % 5
    recipe = RandomForestClassifier(3, random_state=0)
    rest = groups != 2
    expected = FederatedClassifier(recipe).fit(X[rest], y[rest], groups=groups[rest])
    X[2, 0] = np.nan
    with pytest.warns(UserWarning, match="client 2 takes no part"):
        model = FederatedClassifier(recipe).fit(X, y, groups=groups)
    proba = expected.predict_proba(X[rest])
    assert (model.predict_proba(X[rest]) == proba).all()


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"max_leaf_nodes": 5}, "max_leaf_nodes must be None"),
        ({"class_weight": "balanced"}, "class_weight must be None"),
        ({"oob_score": True}, "oob_score must be False"),
        ({"min_samples_leaf": 0.1}, "min_samples_leaf must be a number of records"),
        ({"monotonic_cst": [1, 0]}, "monotonic_cst"),
        ({"warm_start": True}, "warm_start"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_histograms_do_not_serve_is_refused(parameters, message):
    model = FederatedClassifier(RandomForestClassifier(**parameters))
    with pytest.raises(ValueError, match=message):
        model.fit(np.eye(2), [0, 1], groups=[0, 1])
    model = FederatedRegressor(RandomForestRegressor(criterion="poisson"))
    with pytest.raises(ValueError, match="criterion must be one of"):
        model.fit(np.eye(2), [0.0, 1.0], groups=[0, 1])
