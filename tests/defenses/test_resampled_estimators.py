"""Models that are trained on a resampled table."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from skprivacy.defenses import (
    PropertyResampler,
    ResampledClassifier,
    ResampledRegressor,
)
from skprivacy.property import DirectReadout, PropertyWorlds

RNG = np.random.default_rng(0)
N = 400
X = pd.DataFrame(
    {"sex": np.where(np.arange(N) < 120, "f", "m"), "x": RNG.normal(size=N)}
)
Y = np.where(X["x"] + (X["sex"] == "f") + RNG.normal(size=N) > 0, "yes", "no")
HALF = PropertyResampler("sex == 'f'", 0.5, random_state=0)
LINEAR = make_pipeline(
    make_column_transformer((OneHotEncoder(), ["sex"]), remainder="passthrough"),
    LogisticRegression(),
)


class Remembers(DummyClassifier):
    """Keeps what it was trained on."""

    def fit(self, X, y, sample_weight=None, note=None):
        self.given_ = X, y, sample_weight, note
        return super().fit(X, y, sample_weight)


def test_trains_on_the_drawn_rows_and_on_nothing_else():
    weight = np.arange(N, dtype=float)
    model = ResampledClassifier(Remembers(), HALF)
    model.fit(X, Y, sample_weight=weight, note="as it is")
    table, y, drawn, note = model.estimator_.given_
    assert (table["sex"] == "f").mean() == 0.5
    np.testing.assert_array_equal(y, Y[drawn.astype(int)])
    assert note == "as it is"
    assert model.privacy_guarantee_ is None


def test_the_fitted_model_does_not_hold_the_rows():
    model = ResampledClassifier(LINEAR, HALF).fit(X, Y)
    assert not hasattr(model.resampler, "sample_indices_")
    assert set(vars(model)) == {
        "estimator",
        "resampler",
        "estimator_",
        "privacy_guarantee_",
    }


def test_what_a_model_file_tells_is_the_public_share():
    # Both worlds have the share of their training set as the mean of a scaler.
    numbers = np.column_stack([X["sex"] == "f", X["x"]]).astype(float)
    records = np.column_stack([numbers, Y == "yes"])
    plain = make_pipeline(StandardScaler(), GaussianNB())
    read = {}
    for name, recipe in {
        "plain": plain,
        "resampled": ResampledClassifier(plain, PropertyResampler((0, 1), 0.5)),
    }.items():
        worlds = PropertyWorlds(
            recipe, (0, 1), ratios=(0.3, 0.7), n_models=4, random_state=0
        ).fit(records)
        inner = [getattr(model, "estimator_", model) for model in worlds.models_]
        assert all(isinstance(model, type(recipe)) for model in worlds.models_)
        read[name] = DirectReadout(0, 1).predict(inner)
    np.testing.assert_allclose(read["plain"], [0.3, 0.7] * 2, atol=0.02)
    np.testing.assert_allclose(read["resampled"], 0.5, atol=0.01)


def test_answers_are_those_of_the_model_inside():
    model = ResampledClassifier(LINEAR, HALF).fit(X, Y)
    inner = model.estimator_
    np.testing.assert_array_equal(model.predict(X), inner.predict(X))
    np.testing.assert_array_equal(model.predict_proba(X), inner.predict_proba(X))
    np.testing.assert_array_equal(
        model.decision_function(X), inner.decision_function(X)
    )
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.feature_names_in_.tolist() == ["sex", "x"]
    assert not hasattr(ResampledClassifier(LinearSVC(), HALF), "predict_proba")
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_in_a_pipeline_and_a_grid():
    grid = {
        "resampledclassifier__resampler__target_ratio": [0.4, 0.5],
        "resampledclassifier__estimator__logisticregression__C": [0.1, 1.0],
    }
    pipeline = make_pipeline("passthrough", ResampledClassifier(LINEAR, HALF))
    folds = KFold(2, shuffle=True, random_state=0)
    search = GridSearchCV(pipeline, grid, cv=folds, error_score="raise").fit(X, Y)
    assert search.best_score_ > 0.7


def test_regressors():
    y = np.where(X["sex"] == "f", 1.0, 0.0)
    model = ResampledRegressor(DummyRegressor(), HALF).fit(X, y + 0.001 * X["x"])
    assert model.predict(X.iloc[:1]) == pytest.approx([0.5], abs=0.01)
    assert clone(model).get_params()["resampler__target_ratio"] == 0.5


def test_bad_input():
    with pytest.raises(ValueError, match="ResampledRegressor takes regressors"):
        ResampledClassifier(LinearRegression(), HALF).fit(X, Y)
    with pytest.raises(ValueError, match="ResampledClassifier takes classifiers"):
        ResampledRegressor(LINEAR, HALF).fit(X, Y)
    with pytest.raises(ValueError, match="'resampler' parameter"):
        ResampledClassifier(LINEAR, "under").fit(X, Y)
