"""A model that says less than it knows."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skprivacy.defenses import ProtectedOutput
from skprivacy.defenses._told_answers import METHODS
from skprivacy.membership import CalibratedAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

X, Y = load_iris(return_X_y=True)
MODEL = LogisticRegression(max_iter=1000)


#: A forest of few trees is surer of its own records. Two columns leave it some doubt.
FOREST = RandomForestClassifier(10, random_state=0)
FEW = X[:, :2]
DRAWN = [name for name, method in METHODS.items() if method.is_drawn]
KEEPS_LABEL = [name for name, method in METHODS.items() if method.keeps_label]
WITH_PROBA = [name for name in METHODS if name != "label"]
NUMBERS = X @ [1.0, 2.0, 0.5, -1.0]


@pytest.mark.parametrize("method", DRAWN)
def test_asking_again_brings_nothing_new(method):
    # The bound is so tight that for most records chance decides.
    model = ProtectedOutput(FOREST, method, max_distortion=0.05, cv=2).fit(FEW, Y)
    first = model.predict_proba(FEW)
    np.testing.assert_array_equal(model.predict_proba(FEW), first)
    np.testing.assert_allclose(model.predict_proba(FEW[7:8]), first[7:8], atol=2e-6)
    assert np.abs(first - model.estimator_.predict_proba(FEW)).max() > 0.05
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(FEW), first)


@pytest.mark.parametrize("method", DRAWN)
def test_the_secret_is_the_systems_unless_it_is_given(method):
    recipe = ProtectedOutput(FOREST, method, max_distortion=0.05, cv=2)
    one, two = (clone(recipe).fit(FEW, Y) for _ in range(2))
    assert not np.array_equal(one.predict_proba(FEW), two.predict_proba(FEW))
    fixed = recipe.set_params(random_state=0)
    one, two = clone(fixed).fit(FEW, Y), clone(fixed).fit(FEW, Y)
    np.testing.assert_array_equal(one.predict_proba(FEW), two.predict_proba(FEW))


@pytest.mark.parametrize("method", ["round", "top_k", "temperature", "noise"])
def test_labels_follow_from_what_is_told(method):
    model = ProtectedOutput(MODEL, method, decimals=0, random_state=0).fit(X, Y)
    proba = model.predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(X), proba.argmax(axis=1))
    assert model.privacy_guarantee_ is None


@pytest.mark.parametrize("method", [m for m in KEEPS_LABEL if m != "label"])
@pytest.mark.parametrize("labels", [np.array(["a", "b", "c"])[Y], Y == 1])
def test_labels_are_those_of_the_model(method, labels):
    model = ProtectedOutput(FOREST, method, cv=2, random_state=0)
    model.fit(FEW[::2], labels[::2])
    own, told = (m.predict_proba(FEW) for m in (model.estimator_, model))
    np.testing.assert_allclose(told.sum(axis=1), 1)
    np.testing.assert_array_equal(told.argmax(axis=1), own.argmax(axis=1))
    predicted = model.predict(FEW)
    np.testing.assert_array_equal(predicted, model.estimator_.predict(FEW))
    np.testing.assert_array_equal(predicted, model.classes_[told.argmax(axis=1)])
    assert np.abs(told - own).max() > 0.01
    assert model.privacy_guarantee_ is None


def test_labels_alone():
    model = ProtectedOutput(LinearSVC(), "label").fit(X, Y)
    assert not hasattr(model, "predict_proba")
    assert BlackBox(model).response_ == "label"
    np.testing.assert_array_equal(model.predict(X), model.estimator_.predict(X))


def test_the_recipe_of_shadow_models_includes_it():
    model = ProtectedOutput(DecisionTreeClassifier(), decimals=0).fit(X[::2], Y[::2])
    shadow = ShadowModels(n_models=2, keep_models=True, random_state=0)
    attack = CalibratedAttack(BlackBox(model), shadow=shadow)
    attack.fit(np.column_stack([X, Y]))
    assert all(isinstance(m, ProtectedOutput) for m in attack.shadow_.models_)


def test_memguard_keeps_its_bound_and_hides_members():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(400, 4)), rng.integers(2, size=400)
    model = ProtectedOutput(
        FOREST, "memguard", max_distortion=0.1, cv=2, random_state=0
    )
    model.fit(X[:200], y[:200])
    own, told = (m.predict_proba(X) for m in (model.estimator_, model))
    off = np.abs(told - own).sum(axis=1)
    # At most .1 is expected of each, of what is at most 1 with two classes and the
    # label kept. The mean of 400 is above .2 with a chance of 3e-4 (Hoeffding).
    assert 0.02 < off.mean() < 0.2
    model.set_params(max_distortion=2.0)
    model.fit(X[:200], y[:200])
    sure = [m.predict_proba(X).max(axis=1) for m in (model.estimator_, model)]
    gaps = [s[:200].mean() - s[200:].mean() for s in sure]
    assert gaps[0] > 0.1
    assert abs(gaps[1]) < 0.01


def test_hamp_tells_scores_of_no_record():
    model = ProtectedOutput(FOREST, "hamp", random_state=0).fit(X, Y)
    own, told = (m.predict_proba(X) for m in (model.estimator_, model))
    # Of its own records the forest is surer than of random ones.
    assert own.max(axis=1).mean() - told.max(axis=1).mean() > 0.1
    assert abs(np.corrcoef(own.max(axis=1), told.max(axis=1))[0, 1]) < 0.3


def test_reverse_sigmoid_takes_beta_from_the_classes():
    model = ProtectedOutput(MODEL, "reverse_sigmoid")
    assert model.fit(X, Y == 1).beta_ == pytest.approx(0.99)
    three = clone(model).fit(X, Y).beta_
    assert three < 0.7
    assert clone(model).set_params(beta=0.6).fit(X, Y).beta_ == 0.6
    with pytest.raises(ValueError, match=r"beta must be less than 0.69.* got beta=0.8"):
        clone(model).set_params(beta=0.8).fit(X, Y)


@pytest.mark.parametrize("method", WITH_PROBA)
def test_one_class_is_told_as_it_is(method):
    model = ProtectedOutput(DecisionTreeClassifier(), method).fit(X[:5], np.ones(5))
    np.testing.assert_array_equal(model.predict_proba(X[:2]), [[1.0], [1.0]])
    np.testing.assert_array_equal(model.predict(X[:2]), [1, 1])


@pytest.mark.parametrize("method", ["memguard", "hamp", "noise"])
def test_tables_with_texts(method):
    table = pd.DataFrame({"kind": np.where(X[:, 2] > 3, "x", "y"), "width": X[:, 3]})
    table["kind"] = table["kind"].astype("category")
    table.index = np.arange(len(X)) % 7
    encoded = make_column_transformer((OneHotEncoder(), ["kind"]), ("passthrough", [1]))
    recipe = make_pipeline(encoded, MODEL)
    model = ProtectedOutput(recipe, method, cv=2, random_state=0)
    model.fit(table, pd.Series(Y, index=table.index))
    assert model.score(table, Y) > 0.9
    assert list(model.feature_names_in_) == ["kind", "width"]
    np.testing.assert_array_equal(
        model.predict_proba(table.iloc[3:5]), model.predict_proba(table)[3:5]
    )


class TestRegressors:
    def test_numbers_are_rounded(self):
        model = ProtectedOutput(Ridge(), decimals=1).fit(X, NUMBERS)
        own = model.estimator_.predict(X)
        np.testing.assert_allclose(model.predict(X), np.round(own, 1))
        model.set_params(step=2.5).fit(X, NUMBERS)
        np.testing.assert_allclose(model.predict(X), 2.5 * np.round(own / 2.5))
        assert model.privacy_guarantee_ is None
        assert not hasattr(model, "predict_proba")
        assert is_regressor(model) and not is_classifier(model)

    def test_noise_is_in_deviations_of_the_targets(self):
        model = ProtectedOutput(Ridge(), "noise", scale=0.2, random_state=0)
        model.fit(X, NUMBERS)
        assert model.noise_scale_ == pytest.approx(0.2 * NUMBERS.std())
        many = np.random.default_rng(0).normal(size=(2000, 4))
        off = model.predict(many) - model.estimator_.predict(many)
        # The deviation of 2000 is known to 1.6%; five times that.
        assert off.std() == pytest.approx(model.noise_scale_, rel=0.08)
        np.testing.assert_array_equal(model.predict(many), model.predict(many))
        np.testing.assert_allclose(model.predict(many[7:8]), model.predict(many)[7:8])
        # R2 of one that knows all, less the noise: 1 - .04.
        assert 0.85 < model.score(X, NUMBERS) < 1

    def test_each_output_has_its_own_scale(self):
        model = ProtectedOutput(Ridge(), "noise", random_state=0)
        model.fit(X, np.column_stack([NUMBERS, 100 * NUMBERS]))
        off = model.predict(X) - model.estimator_.predict(X)
        assert off.shape == (150, 2)
        assert 50 < off[:, 1].std() / off[:, 0].std() < 200

    @pytest.mark.parametrize("method", [m for m in METHODS if m[0] not in "rn"])
    def test_other_methods_are_refused(self, method):
        with pytest.raises(ValueError, match=r"for classifiers.*'round' or 'noise'"):
            ProtectedOutput(LinearRegression(), method).fit(X, NUMBERS)

    def test_shadow_models_and_boxes_take_them_for_regressors(self):
        model = ProtectedOutput(Ridge(), "noise").fit(X, NUMBERS)
        assert BlackBox(model).response_ == "value"
        attack = CalibratedAttack(
            BlackBox(model), shadow=ShadowModels(n_models=2, random_state=0)
        )
        attack.fit(np.column_stack([X, NUMBERS]))
        assert np.isfinite(
            attack.decision_function(np.column_stack([X, NUMBERS]))
        ).all()


def test_weights_reach_the_model_and_grids_its_parameters():
    weight = np.where(Y == 2, 1e-9, 1.0)
    model = ProtectedOutput(MODEL).fit(X, Y, sample_weight=weight)
    assert (model.predict(X) == 2).sum() < 10
    grid = {"estimator__C": [0.1, 1.0], "decimals": [0, 2]}
    search = GridSearchCV(ProtectedOutput(MODEL), grid, cv=2).fit(X, Y)
    assert search.best_score_ > 0.9


def test_weights_reach_the_models_that_memguard_trains():
    seen = []

    class Counts(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            seen.append((len(y), sample_weight.sum()))
            return super().fit(X, y, sample_weight)

    model = ProtectedOutput(Counts(max_iter=1000), "memguard", cv=2)
    model.fit(X, Y, sample_weight=np.full(150, 2.0))
    assert seen == [(150, 300.0), (75, 150.0), (75, 150.0)]


def test_weights_are_routed():
    weight = np.where(Y == 2, 1e-9, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        inner = clone(MODEL).set_fit_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        steps = make_pipeline(scaler, ProtectedOutput(inner))
        steps.fit(X, Y, sample_weight=weight)
    assert (steps.predict(X) == 2).sum() < 10


def test_weights_that_the_model_does_not_take_are_refused():
    with pytest.raises(TypeError, match="sample_weight"):
        ProtectedOutput(LinearSVCWithoutWeights(), "label").fit(
            X, Y, sample_weight=np.ones(150)
        )


class LinearSVCWithoutWeights(LinearSVC):
    def fit(self, X, y):
        return super().fit(X, y)


def test_bad_input():
    with pytest.raises(ValueError, match="must be a classifier or a regressor"):
        ProtectedOutput(KMeans()).fit(X, Y)
    with pytest.raises(ValueError, match=r"LinearSVC has none. method='label'"):
        ProtectedOutput(LinearSVC()).fit(X, Y)
    with pytest.raises(ValueError, match="'method' parameter"):
        ProtectedOutput(MODEL, "blur").fit(X, Y)
    with pytest.raises(ValueError, match="'scale' parameter"):
        ProtectedOutput(RandomForestClassifier(), "noise", scale=-1).fit(X, Y)
    with pytest.raises(ValueError, match="'max_distortion' parameter"):
        ProtectedOutput(MODEL, "memguard", max_distortion=2.5).fit(X, Y)
    with pytest.raises(ValueError, match="step is for regressors"):
        ProtectedOutput(MODEL, step=0.1).fit(X, Y)
    with pytest.raises(ValueError, match="a FrozenEstimator can't be"):
        frozen = FrozenEstimator(clone(MODEL).fit(X, Y))
        ProtectedOutput(frozen, "memguard").fit(X, Y)
    with pytest.raises(ValueError, match="one label for each record; got 2"):
        ProtectedOutput(DecisionTreeClassifier()).fit(X, np.column_stack([Y, Y]))
