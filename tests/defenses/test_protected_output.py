"""A classifier that says less than it knows."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skprivacy.defenses import ProtectedOutput
from skprivacy.defenses._protected_output import (
    keep_largest,
    keyed_normals,
    round_to_sum,
    soften,
)
from skprivacy.membership import CalibratedAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

X, Y = load_iris(return_X_y=True)
MODEL = LogisticRegression(max_iter=1000)


class TestFormulas:
    def test_rounded_probabilities_sum_to_one(self):
        proba = np.array([[0.26, 0.25, 0.49], [0.05, 0.95, 0.0], [1 / 3, 1 / 3, 1 / 3]])
        expected = [[0.3, 0.2, 0.5], [0.1, 0.9, 0.0], [0.4, 0.3, 0.3]]
        np.testing.assert_allclose(round_to_sum(proba, 1), expected)

    def test_what_is_rounded_already_stays(self):
        proba = np.array([[0.29, 0.71], [0.07, 0.93], [0.58, 0.42]])
        np.testing.assert_allclose(round_to_sum(proba, 2), proba)

    def test_random_ones_are_off_by_less_than_a_step(self):
        proba = np.random.default_rng(0).dirichlet(np.ones(5), size=500)
        rounded = round_to_sum(proba, 2)
        np.testing.assert_allclose(rounded.sum(axis=1), 1)
        assert np.abs(rounded - proba).max() < 0.01
        np.testing.assert_allclose(rounded * 100, np.round(rounded * 100), atol=1e-9)

    def test_the_largest_are_kept(self):
        proba = np.array([[0.1, 0.2, 0.3, 0.4]])
        np.testing.assert_allclose(keep_largest(proba, 2), [[0.15, 0.15, 0.3, 0.4]])
        np.testing.assert_allclose(keep_largest(proba, 4), proba)
        np.testing.assert_allclose(keep_largest(proba, 9), proba)

    def test_temperature_is_the_root_of_odds(self):
        found = soften(np.array([[0.1, 0.9]]), 2)
        np.testing.assert_allclose(found[0, 1] / found[0, 0], 3)
        sure = soften(np.array([[0.0, 1.0]]), 2)
        np.testing.assert_allclose(sure, [[0, 1]], atol=1e-100)

    def test_noise_is_normal_and_depends_on_record_column_and_key(self):
        records = np.random.default_rng(0).normal(size=(2000, 3))
        noise = keyed_normals(records, 2, b"one")
        # One in a thousand seeds fails; this one is fixed.
        assert kstest(noise.ravel(), "norm").pvalue > 1e-3
        assert abs(np.corrcoef(noise.T)[0, 1]) < 0.1
        other = keyed_normals(records, 2, b"two")
        assert abs(np.corrcoef(noise[:, 0], other[:, 0])[0, 1]) < 0.1
        np.testing.assert_array_equal(
            keyed_normals(records[::-1], 2, b"one"), noise[::-1]
        )


def test_asking_again_brings_nothing_new():
    model = ProtectedOutput(MODEL, "noise", scale=1.0).fit(X, Y)
    first = model.predict_proba(X)
    np.testing.assert_array_equal(model.predict_proba(X), first)
    np.testing.assert_allclose(model.predict_proba(X[7:8]), first[7:8])
    assert np.abs(first - model.estimator_.predict_proba(X)).max() > 0.05
    # A float of another width, or a DataFrame, is the same record.
    named = pd.DataFrame(X)
    np.testing.assert_array_equal(model.predict_proba(named.to_numpy()), first)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), first)


def test_the_secret_is_the_systems_unless_it_is_given():
    one, two = (ProtectedOutput(MODEL, "noise").fit(X, Y) for _ in range(2))
    assert not np.array_equal(one.predict_proba(X), two.predict_proba(X))
    fixed = ProtectedOutput(MODEL, "noise", random_state=0)
    one, two = clone(fixed).fit(X, Y), clone(fixed).fit(X, Y)
    np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))


@pytest.mark.parametrize("method", ["round", "top_k", "temperature", "noise"])
def test_labels_follow_from_what_is_told(method):
    model = ProtectedOutput(MODEL, method, decimals=0, random_state=0).fit(X, Y)
    proba = model.predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(X), proba.argmax(axis=1))
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


def test_weights_reach_the_model_and_grids_its_parameters():
    weight = np.where(Y == 2, 1e-9, 1.0)
    model = ProtectedOutput(MODEL).fit(X, Y, sample_weight=weight)
    assert (model.predict(X) == 2).sum() < 10
    grid = {"estimator__C": [0.1, 1.0], "decimals": [0, 2]}
    search = GridSearchCV(ProtectedOutput(MODEL), grid, cv=2).fit(X, Y)
    assert search.best_score_ > 0.9


def test_bad_input():
    with pytest.raises(ValueError, match="estimator must be a classifier"):
        ProtectedOutput(LinearRegression()).fit(X, Y)
    with pytest.raises(ValueError, match=r"LinearSVC has none. method='label'"):
        ProtectedOutput(LinearSVC()).fit(X, Y)
    with pytest.raises(ValueError, match="'method' parameter"):
        ProtectedOutput(MODEL, "blur").fit(X, Y)
    with pytest.raises(ValueError, match="'scale' parameter"):
        ProtectedOutput(RandomForestClassifier(), "noise", scale=-1).fit(X, Y)
