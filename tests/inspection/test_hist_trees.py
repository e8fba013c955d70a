"""Trees of histogram boosting, read off the model, answer as the model does."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skprivacy.inspection import read_trees
from skprivacy.inspection._walk import leaf_of

X, Y = load_iris(return_X_y=True)


def raw_prediction(ensemble, X, n_outputs=1):
    values = ensemble.transform(X)
    leaves = [
        nodes.value[leaf_of(nodes, ensemble.tree_values(nodes, values)), 0]
        for nodes in ensemble.trees
    ]
    sums = np.array(leaves).reshape(-1, n_outputs, len(values)).sum(axis=0)
    return sums.T + ensemble.model._baseline_prediction


def test_sum_of_the_leaves_is_the_regressors_answer():
    model = HistGradientBoostingRegressor(max_iter=5).fit(X, Y)
    ensemble = read_trees(model)
    assert ensemble.splits == "edge"
    np.testing.assert_allclose(raw_prediction(ensemble, X)[:, 0], model.predict(X))


def test_sum_of_the_leaves_is_the_raw_answer_for_each_class():
    model = HistGradientBoostingClassifier(max_iter=5).fit(X, Y)
    np.testing.assert_allclose(
        raw_prediction(read_trees(model), X, 3), model.decision_function(X)
    )


def test_missing_values_and_categories_take_the_models_way():
    rng = np.random.default_rng(0)
    kind = rng.choice([*"abcdef"], 400)
    number = np.where(rng.random(400) < 0.2, np.nan, rng.normal(size=400))
    frame = pd.DataFrame({"number": number, "kind": pd.Categorical(kind)})
    y = (
        np.isin(kind, ["a", "d"]) * 2
        + np.nan_to_num(number, nan=3)
        + rng.normal(size=400)
    )
    model = HistGradientBoostingRegressor(categorical_features="from_dtype", max_iter=9)
    model.fit(frame[:300], y[:300])
    # A category that was not there in training counts as missing.
    frame["kind"] = frame["kind"].cat.add_categories("new")
    frame.loc[390:, "kind"] = "new"
    ensemble = read_trees(model)
    assert any(nodes.categories_left for nodes in ensemble.trees)
    np.testing.assert_allclose(
        raw_prediction(ensemble, frame)[:, 0], model.predict(frame)
    )
    # The column of categories stands first, and has no edges.
    assert len(ensemble.edges[0]) == 0 and len(ensemble.edges[1]) > 200


def test_counts_add_up():
    model = HistGradientBoostingClassifier(max_iter=3).fit(X, Y)
    for nodes in read_trees(model).trees:
        inner = np.flatnonzero(~nodes.is_leaf)
        children = (
            nodes.n_samples[nodes.left[inner]] + nodes.n_samples[nodes.right[inner]]
        )
        assert nodes.n_samples[0] == 150
        np.testing.assert_array_equal(nodes.n_samples[inner], children)


@pytest.mark.parametrize("search", [False, True])
def test_pipelines_and_searches_are_looked_into(search):
    model = make_pipeline(StandardScaler(), HistGradientBoostingClassifier(max_iter=2))
    if search:
        model = GridSearchCV(
            model, {"histgradientboostingclassifier__max_depth": [2]}, cv=2
        )
    model.fit(X, Y)
    np.testing.assert_allclose(
        raw_prediction(read_trees(model), X, 3), model.decision_function(X)
    )
