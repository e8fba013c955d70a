import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)

from skprivacy.federated import FederatedClassifier, FederatedRegressor
from skprivacy.federated._learners._boosting import thresholds_of_cells
from skprivacy.federated._learners._histogram_tree import (
    best_split,
    grow,
    leaf_values,
    new_tree,
    nodes_of_rows,
    predictor_nodes,
)


def histogram(*features):
    """One of records, gradients and Hessians that are the number of records."""
    return np.array(
        [[[n, g, float(n)] for n, g in feature] for feature in features], dtype=float
    )


def test_the_best_split_gains_most():
    one = [(3, -3.0), (3, 0.0), (3, 3.0)]
    other = [(3, -1.0), (3, 0.0), (3, 1.0)]
    split = best_split(histogram(other, one), 0.0, l2=1.0, min_samples_leaf=2)
    assert (split["feature"], split["bin"]) == (1, 0)
    # 3^2 / (3 + 1) on the left, 3^2 / (6 + 1) on the right.
    assert split["gain"] == pytest.approx(9 / 4 + 9 / 7)
    assert split["left"]["value"] == pytest.approx(3 / 4)
    assert split["right"] == {
        "count": 6,
        "hessian": 6.0,
        "value": pytest.approx(-3 / 7),
    }


def test_of_equal_splits_the_first_is_taken():
    cells = [(3, -3.0), (3, 3.0)]
    off = [(3, -3.0 - 1e-10), (3, 3.0 + 1e-10)]
    arguments = {"l2": 0.0, "min_samples_leaf": 1, "error": 1e-9}
    split = best_split(histogram(cells, off), 0.0, **arguments)
    assert split["feature"] == 0


def test_small_leaves_and_no_gain_are_no_splits():
    cells = histogram([(3, -3.0), (3, 3.0)])
    assert best_split(cells, 0.0, l2=0.0, min_samples_leaf=4) is None
    even = histogram([(3, -3.0), (3, -3.0)])
    arguments = {"l2": 0.0, "min_samples_leaf": 1, "error": 1e-9}
    assert best_split(even, 1.0, **arguments) is None


def test_trees_grow_the_best_leaf_first():
    X = np.arange(8.0)[:, None]
    gradients = np.array([-9.0, -7, -1, -1, 1, 1, 2, 2])

    def ask(tree, needed):
        nodes = nodes_of_rows(tree, X.astype(int))
        found = {}
        for position in needed:
            mine = [position, *_children(tree, position)]
            rows = np.isin(nodes, mine)
            counts = np.bincount(X[rows, 0].astype(int), minlength=8)
            sums = np.bincount(X[rows, 0].astype(int), gradients[rows], minlength=8)
            found[position] = np.stack([counts, sums, counts], axis=1)[None].astype(
                float
            )
        return found

    tree, needed, rounds = new_tree(), [0], 0
    limits = {"l2": 0.0, "min_samples_leaf": 1, "max_leaves": 3, "max_depth": None}
    while needed:
        needed = grow(tree, ask(tree, needed), error=1e-9, **limits)
        rounds += 1
    assert rounds == 2
    nodes = predictor_nodes(tree, [np.arange(7) + 0.5], 0.5)
    assert nodes["is_leaf"].sum() == 3
    values = leaf_values(nodes, X)
    # Halves of the means that are left: 8, and of the rest 1 and -1.5.
    assert values == pytest.approx([4.0, 4.0, 0.5, 0.5, *[-0.75] * 4])


def _children(tree, position):
    below = {position}
    for parent, node in enumerate(tree):
        if parent in below and "left" in node:
            below |= {node["left"], node["right"]}
    return below


def test_bins_are_quantiles_where_there_are_many_values():
    counts = np.ones(100)
    thresholds = thresholds_of_cells(counts, 0.0, 100.0, 4)
    assert thresholds == pytest.approx([25, 50, 75])
    assert len(thresholds_of_cells(counts, 0.0, 100.0, 255)) == 99
    assert thresholds_of_cells(np.eye(5)[2], 0.0, 5.0, 255).size == 0
    # One cell has nearly all: it ends the first bin.
    counts[10] = 1000
    assert thresholds_of_cells(counts, 0.0, 100.0, 4).tolist() == [11.0]


def codes(X, n=40):
    """Columns of few values, which all ways to make bins tell apart."""
    cuts = np.quantile(X, np.linspace(0, 1, n)[1:-1], axis=0)
    return (X[:, None, :] > cuts).sum(axis=1).astype(float)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"max_leaf_nodes": 5, "l2_regularization": 2.0},
        {"max_depth": 2, "max_leaf_nodes": None, "min_samples_leaf": 3},
    ],
    ids=["default", "leaves", "depth"],
)
def test_regression_trees_are_those_of_scikit_learn(parameters):
    X, y = load_diabetes(return_X_y=True)
    model = HistGradientBoostingRegressor(max_iter=4, **parameters)
    pooled = model.fit(codes(X), y).predict(codes(X))
    ours = FederatedRegressor(model, aggregation="plain")
    ours.fit(codes(X), y, groups=np.arange(len(X)) % 4)
    # The peer keeps gradients in 32 bits.
    np.testing.assert_allclose(ours.predict(codes(X)), pooled, rtol=1e-6)


@pytest.mark.parametrize("load", [load_breast_cancer, load_iris], ids=["two", "three"])
def test_secure_trees_are_those_of_one_client(load):
    X, y = load(return_X_y=True)
    X, labels = X[:, :6], np.array(["a", "b", "c"])[y]
    recipe = HistGradientBoostingClassifier(max_iter=3, max_leaf_nodes=8)
    one = FederatedClassifier(recipe, aggregation="plain", min_clients=1)
    raw = one.fit(X, labels).estimator_.decision_function(X)
    ours = FederatedClassifier(recipe).fit(X, labels, groups=np.arange(len(X)) % 4)
    off = np.abs(ours.estimator_.decision_function(X) - raw).max()
    assert off < 3e-9 * np.abs(raw).max()
    assert ours.score(X, labels) > 0.85
    assert ours.estimator_.n_iter_ == 3
    assert ours.estimator_.get_params() == recipe.get_params()


def test_many_classes_agree_with_scikit_learn():
    X, y = load_iris(return_X_y=True)
    model = HistGradientBoostingClassifier(max_iter=3, max_depth=2)
    ours = FederatedClassifier(model, aggregation="plain")
    ours.fit(codes(X), y, groups=np.arange(len(X)) % 4)
    pooled = model.fit(codes(X), y)
    np.testing.assert_allclose(
        ours.predict_proba(codes(X)), pooled.predict_proba(codes(X)), atol=1e-6
    )


def test_rounds_can_be_bounded():
    X, y = load_iris(return_X_y=True)
    model = FederatedClassifier(
        HistGradientBoostingClassifier(), n_rounds=5, aggregation="plain"
    )
    model.fit(X, y, groups=np.arange(len(X)) % 4)
    assert model.estimator_.n_iter_ < 5


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"early_stopping": True}, "early_stopping must be"),
        ({"categorical_features": [0]}, "categorical_features must be"),
        ({"monotonic_cst": [1, 0, 0, 0]}, "monotonic_cst"),
        ({"max_features": 0.5}, "max_features"),
        ({"class_weight": "balanced"}, "class_weight"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_histograms_do_not_serve_is_refused(parameters, message):
    model = FederatedClassifier(HistGradientBoostingClassifier(**parameters))
    with pytest.raises(ValueError, match=message):
        model.fit(np.eye(4), [0, 1, 0, 1], groups=[0, 1, 2, 3])
    with pytest.raises(ValueError, match='loss must be "squared_error"'):
        FederatedRegressor(HistGradientBoostingRegressor(loss="poisson")).fit(
            np.eye(4), [0, 1, 0, 1], groups=[0, 1, 2, 3]
        )
