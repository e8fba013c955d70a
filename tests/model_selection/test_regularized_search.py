"""The search for the setting that leaks least."""

import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, ParameterGrid
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skprivacy.defenses import ProtectedOutput
from skprivacy.model_selection import AuditedEstimator, RegularizedSearchCV
from skprivacy.model_selection._auto_grid import _GRIDS, auto_grid

X, Y = make_classification(200, n_features=5, flip_y=0.3, random_state=0)
TREE = DecisionTreeClassifier(random_state=0)
LEAVES = {"min_samples_leaf": [1, 20, 200]}
FITTED = []


class Counted(DecisionTreeClassifier):
    def fit(self, X, y, sample_weight=None, check_input=True):
        FITTED.append(len(y))
        return super().fit(X, y, sample_weight, check_input)


def search(estimator=TREE, grid=LEAVES, **params):
    params = {"metric": "auc", "n_models": 4, "random_state": 0} | params
    return RegularizedSearchCV(estimator, grid, **params)


def test_the_least_leak_within_the_loss():
    found = search(max_loss=0.05).fit(X, Y)
    results = found.cv_results_
    means, leak = results["mean_test_score"], results["leak"]
    # Large leaves are better and leak less; one leaf leaks nothing and is useless.
    assert leak[0] > 0.65 > leak[1] > leak[2] - 0.05
    assert means[1] > means[2] + 0.05
    assert found.best_params_ == {"min_samples_leaf": 20}
    assert search(max_loss=0.5).fit(X, Y).best_params_ == {"min_samples_leaf": 200}
    assert found.best_leak_.value == leak[1] == -results["mean_test_leak"][1]
    assert found.best_score_ == means[1]


def test_results_are_laid_out_as_those_of_a_grid_search():
    results = search().fit(X, Y).cv_results_
    frame = pd.DataFrame(results)
    splits = [f"split{i}_test_score" for i in range(4)]
    np.testing.assert_allclose(frame[splits].mean(axis=1), frame["mean_test_score"])
    np.testing.assert_allclose(
        frame[splits].std(axis=1, ddof=0), frame["std_test_score"]
    )
    assert list(frame["param_min_samples_leaf"]) == [1, 20, 200]
    assert set(frame["rank_test_score"]) == {1, 2, 3}
    assert list(frame["params"]) == list(ParameterGrid(LEAVES))


def test_scores_are_of_the_half_that_a_model_has_not_seen():
    # Labels are noise: on its own half the tree is always right.
    noise = np.random.default_rng(0).integers(2, size=len(X))
    found = search(grid={"min_samples_leaf": [1]}).fit(X, noise)
    # 4 models on 100 records each; 6 deviations, one in a hundred million.
    assert abs(found.best_score_ - 0.5) < 6 * np.sqrt(0.25 / 200)


@pytest.mark.parametrize(("cv", "n_fits"), [(None, 3 * 4 + 1), (3, 3 * (4 + 3) + 1)])
def test_fits_are_counted(cv, n_fits):
    FITTED.clear()
    found = search(Counted(random_state=0), cv=cv).fit(X, Y)
    assert len(FITTED) == found.n_fits_ == n_fits
    assert FITTED[-1] == 200
    assert found.n_splits_ == (cv or 4)


def test_with_cv_scores_are_those_of_a_grid_search():
    ours = search(cv=3, scoring="roc_auc").fit(X, Y).cv_results_
    theirs = GridSearchCV(TREE, LEAVES, cv=3, scoring="roc_auc").fit(X, Y).cv_results_
    for key in ("mean_test_score", "std_test_score", "rank_test_score"):
        np.testing.assert_allclose(ours[key], theirs[key])


def test_the_leak_is_that_of_the_audited_estimator():
    found = search(grid={"min_samples_leaf": [20]}).fit(X, Y)
    seed = np.random.RandomState(0).randint(2**31 - 1)
    alone = AuditedEstimator(
        clone(TREE).set_params(min_samples_leaf=20),
        metrics=["auc"],
        n_models=4,
        random_state=seed,
    ).fit(X, Y)
    assert alone.leaks_["auc"] == found.best_leak_


def test_it_answers_as_the_chosen_estimator():
    found = search(max_loss=0.05).fit(X, Y)
    alone = clone(TREE).set_params(min_samples_leaf=20).fit(X, Y)
    np.testing.assert_array_equal(found.predict_proba(X), alone.predict_proba(X))
    np.testing.assert_array_equal(found.predict(X), alone.predict(X))
    assert found.score(X, Y) == alone.score(X, Y)
    assert found.privacy_guarantee_ is None
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.predict(X), found.predict(X))


def test_the_result_does_not_depend_on_n_jobs():
    one = search(grid={"max_depth": [1, 2]}).fit(X, Y)
    with joblib.parallel_config("threading"):
        two = search(grid={"max_depth": [1, 2]}, n_jobs=2).fit(X, Y)
    for key in ("leak", "leak_error", "mean_test_score"):
        np.testing.assert_array_equal(one.cv_results_[key], two.cv_results_[key])


def test_inside_a_grid_search_with_texts_as_labels_and_weights():
    labels = np.where(Y == 1, "yes", "no")
    weight = np.where(Y == 1, 1.0, 1e-9)
    line = make_pipeline(StandardScaler(), LogisticRegression())
    found = search(line, {"logisticregression__C": [0.1]})
    found.fit(X, labels, logisticregression__sample_weight=weight)
    assert set(found.predict(X)) == {"yes"}
    inner = search(grid={"max_depth": [2]})
    outer = GridSearchCV(inner, {"max_loss": [0.05]}, cv=2)
    assert outer.fit(X, labels).best_score_ > 0.5


def test_regressors_and_the_one_standard_error_rule():
    y = X[:, 0] + np.random.default_rng(0).normal(size=len(X))
    tree = DecisionTreeRegressor(random_state=0)
    found = search(tree, {"min_samples_leaf": [1, 20]}, max_loss="1se").fit(X, y)
    assert found.best_params_ == {"min_samples_leaf": 20}
    assert found.cv_results_["leak"][0] > 0.7


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (RandomForestClassifier(), "max_samples"),
        (HistGradientBoostingRegressor(), "early_stopping"),
        (MLPClassifier(), "alpha"),
        (make_pipeline(StandardScaler(), SVC()), "svc__C"),
        (ProtectedOutput(TREE), "estimator__min_samples_leaf"),
        (make_pipeline(ProtectedOutput(Ridge())), "protectedoutput__estimator__alpha"),
        (BaggingClassifier(KNeighborsClassifier()), "estimator__n_neighbors"),
    ],
)
def test_own_parameters_are_found_through_wrappers(estimator, name):
    settings = list(ParameterGrid(auto_grid(estimator, 1000)))
    assert settings[0] == {}
    assert any(name in setting for setting in settings)
    for setting in settings:
        clone(estimator).set_params(**setting)


def test_every_grid_is_of_parameters_that_exist():
    for kinds, _ in _GRIDS:
        for kind in kinds:
            for setting in ParameterGrid(auto_grid(kind(), 1000)):
                clone(kind()).set_params(**setting)._validate_params()


def test_grids_fit_the_records_and_the_forest():
    few = auto_grid(KNeighborsClassifier(), 100)
    assert few[1]["n_neighbors"] == [10, 20]
    assert auto_grid(KNeighborsClassifier(), 8) == [{}]
    assert not any(
        "max_samples" in part for part in auto_grid(ExtraTreesClassifier(), 9)
    )


def test_bad_input():
    with pytest.raises(ValueError, match=r"'auto' knows no .* of DummyClassifier"):
        search(DummyClassifier(), "auto").fit(X, Y)
    with pytest.raises(ValueError, match="must be a classifier or a regressor"):
        search(KMeans(), {}).fit(X, Y)
    with pytest.raises(ValueError, match="n_models must be even"):
        search(n_models=3).fit(X, Y)
    with pytest.raises(ValueError, match="'max_loss' parameter"):
        search(max_loss=-1).fit(X, Y)
    with pytest.raises(ValueError, match="metric must be"):
        search(metric="f1").fit(X, Y)
    with pytest.raises(TypeError, match="a string, a number or the like"):
        search().fit(np.array([[{}], [1], [2], [3]], dtype=object), [0, 1, 0, 1])
