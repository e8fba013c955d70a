"""Trees of LightGBM and XGBoost answer as the models do."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.frozen import FrozenEstimator

from skprivacy.inspection import read_trees
from skprivacy.inspection._leaf_equations import has_equations
from skprivacy.inspection._walk import leaf_of
from skprivacy.membership import SplitPointAttack
from skprivacy.membership._equation_score import SolvedMembership

lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")

LOADERS = [load_breast_cancer, load_iris, load_diabetes]


def table(load):
    X, y = load(return_X_y=True)
    rng = np.random.default_rng(0)
    X = X + 0.5 * X.std(axis=0) * rng.normal(size=X.shape)
    X[::7, 0] = np.nan
    return X, y


def fitted(library, load, X, y):
    kind = "Regressor" if load is load_diabetes else "Classifier"
    if library is lightgbm:
        model = getattr(lightgbm, "LGBM" + kind)(verbose=-1, n_jobs=1)
        model.set_params(n_estimators=10, num_leaves=15)
    else:
        model = getattr(xgboost, "XGB" + kind)(n_estimators=10, n_jobs=1)
    return model.fit(X, y)


def sum_of_leaves(ensemble, X, n_outputs):
    values = ensemble.transform(X)
    leaves = [nodes.value[leaf_of(nodes, values), 0] for nodes in ensemble.trees]
    sums = np.reshape(leaves, (-1, n_outputs, len(values))).sum(axis=0).T
    return sums + ensemble.newton.start


@pytest.mark.parametrize("load", LOADERS, ids=lambda load: load.__name__)
@pytest.mark.parametrize("library", [lightgbm, xgboost], ids=lambda m: m.__name__)
def test_sum_of_the_leaves_is_the_raw_answer(library, load):
    X, y = table(load)
    model = fitted(library, load, X[::2], y[::2])
    name = "raw_score" if library is lightgbm else "output_margin"
    answer = model.predict(X, **{name: True}).reshape(len(X), -1)
    ensemble = read_trees(model)
    ours = sum_of_leaves(ensemble, X, answer.shape[1])
    np.testing.assert_allclose(ours, answer, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("load", LOADERS, ids=lambda load: load.__name__)
@pytest.mark.parametrize("library", [lightgbm, xgboost], ids=lambda m: m.__name__)
def test_the_truth_meets_every_equation(library, load):
    X, y = table(load)
    member = np.arange(len(y)) % 2 == 0
    ensemble = read_trees(fitted(library, load, X[member], y[member]))
    assert has_equations(ensemble)
    values = ensemble.transform(X)
    solved = SolvedMembership(ensemble, values, y, np.zeros(len(y)), 0.5, 1)
    counts, steps = solved._equations(values, y)
    assert steps
    for part in counts + steps:
        assert np.abs(part.coefficient @ member - part.total).max() < 5e-3


@pytest.mark.parametrize("library", [lightgbm, xgboost], ids=lambda m: m.__name__)
def test_edges_are_made_of_training_values(library):
    X, y = table(load_diabetes)
    X = np.nan_to_num(X)
    ensemble = read_trees(fitted(library, load_diabetes, X, y))
    for edges, column in zip(ensemble.edges, X.T, strict=True):
        known = np.unique(column.astype(ensemble.dtype)).astype(float)
        if library is lightgbm:
            middles = known[:-1] / 2 + known[1:] / 2
            # The number after the middle; beside 0, a number next to it.
            known = np.r_[known, np.nextafter(middles, np.inf), 1e-35, -1e-35]
        known = np.sort(known)
        near = known[np.clip(np.searchsorted(known, edges), 0, len(known) - 1)]
        below = known[np.clip(np.searchsorted(known, edges) - 1, 0, None)]
        apart = np.minimum(np.abs(near - edges), np.abs(below - edges))
        assert apart.max() < 1e-15


def test_categories_of_lightgbm_take_the_models_way():
    rng = np.random.default_rng(0)
    kind = rng.choice([*"abcdef"], 400)
    frame = pd.DataFrame({"number": rng.normal(size=400), "kind": pd.Categorical(kind)})
    y = np.isin(kind, ["a", "d"]) * 2 + frame["number"] + rng.normal(size=400)
    model = lightgbm.LGBMRegressor(n_estimators=9, verbose=-1, min_data_per_group=5)
    ensemble = read_trees(model.fit(frame, y))
    assert any(nodes.categories_left for nodes in ensemble.trees)
    np.testing.assert_allclose(
        sum_of_leaves(ensemble, frame, 1)[:, 0], model.predict(frame)
    )


def test_models_that_are_not_trees_of_one_kind_are_refused():
    X, y = load_diabetes(return_X_y=True)
    model = xgboost.XGBRegressor(booster="gblinear", n_estimators=2).fit(X, y)
    with pytest.raises(TypeError, match="gbtree"):
        read_trees(model)
    model = lightgbm.LGBMRegressor(n_estimators=2, verbose=-1, linear_tree=True)
    with pytest.raises(TypeError, match="linear"):
        read_trees(model.fit(X, y))


@pytest.mark.parametrize("library", [lightgbm, xgboost], ids=lambda m: m.__name__)
def test_members_are_found(library):
    X, y = table(load_diabetes)
    model = fitted(library, load_diabetes, X[:200], y[:200])
    records = np.column_stack([X, y])[:400]
    attack = SplitPointAttack(FrozenEstimator(model)).fit(records)
    assert attack.score(records, np.repeat([1, 0], 200)) > 0.9
