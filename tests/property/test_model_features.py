"""Fitted models as numbers."""

import numpy as np
import pytest
from property_scenes import forest_worlds, make_people, numbers_of
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression

from skprivacy.property import ModelFeatures, flip_column
from skprivacy.targets import BlackBox

PEOPLE = numbers_of(make_people(n=300))
X, Y = PEOPLE.drop(columns="bought"), PEOPLE["bought"]
QUERIES = X.iloc[:40]
STRATA = (QUERIES["group"] == 1.0).to_numpy().astype(int)


def make_models(n=5):
    rng = np.random.RandomState(0)
    rows = [rng.choice(len(X), 100, replace=False) for _ in range(n)]
    return [LogisticRegression().fit(X.iloc[r], Y.iloc[r]) for r in rows]


def test_answers_are_laid_out_model_by_model():
    models = make_models()
    numbers = ModelFeatures("queries", queries=QUERIES).fit_transform(models)
    expected = [model.decision_function(QUERIES) for model in models]
    np.testing.assert_allclose(numbers, expected, rtol=1e-6)


def test_strata_and_flips_add_their_blocks():
    features = ModelFeatures(
        "queries", queries=QUERIES, strata=STRATA, flipped=flip_column(QUERIES, "group")
    )
    numbers = features.fit_transform(make_models())
    names = ["answers", "changes", "summary", "unrest", "change_summary"]
    assert list(features.blocks_) == names
    assert numbers.shape == (5, 40 + 40 + 14 + 1 + 14)
    named = features.get_feature_names_out()
    assert len(named) == numbers.shape[1]
    assert named[80] == "summary__0"
    changes = numbers[:, features.blocks_["changes"]]
    slopes = np.array([model.coef_[0, 0] for model in make_models()])
    turned = np.where(QUERIES["group"] == 1.0, -1.0, 1.0)
    np.testing.assert_allclose(changes, np.outer(slopes, turned), rtol=1e-6)


def test_fitted_models_and_others_become_the_same_numbers():
    models = make_models()
    features = ModelFeatures("queries", queries=QUERIES, strata=STRATA)
    own = features.fit_transform(models)
    np.testing.assert_allclose(own, features.transform(models))


def test_one_kind_of_query_has_no_unrest():
    features = ModelFeatures("queries", queries=QUERIES, strata=np.ones(len(QUERIES)))
    features.fit(make_models())
    assert list(features.blocks_) == ["answers", "summary"]


def test_boxes_and_frozen_models_answer_alike():
    models = make_models(3)
    features = ModelFeatures("queries", queries=QUERIES).fit(models)
    expected = features.transform(models)
    for wrap in (FrozenEstimator, BlackBox):
        np.testing.assert_allclose(
            features.transform([wrap(m) for m in models]), expected
        )


def test_the_target_says_how_much_is_seen():
    models = make_models(3)
    target = BlackBox(models[0], response="label")
    numbers = ModelFeatures("queries", queries=QUERIES, target=target).fit_transform(
        models
    )
    assert set(np.unique(numbers)) == {0.0, 1.0}
    with pytest.raises(ValueError, match="answer alike.*'label'.*'proba'"):
        ModelFeatures("queries", queries=QUERIES, target=target).fit(models).transform(
            [BlackBox(models[0])]
        )


def test_a_class_that_a_model_never_saw():
    three = LogisticRegression().fit(X, np.arange(len(X)) % 3)
    two = LogisticRegression().fit(X, np.arange(len(X)) % 2)
    numbers = ModelFeatures("queries", queries=QUERIES).fit_transform([three, two])
    assert numbers.shape == (2, 80)
    assert np.isfinite(numbers).all()


def test_regressors_answer_with_values():
    model = LinearRegression().fit(X, np.arange(len(X)))
    numbers = ModelFeatures("queries", queries=QUERIES).fit_transform([model, model])
    np.testing.assert_allclose(numbers[0], model.predict(QUERIES))


def test_the_spine_runs_on_worlds():
    worlds, targets = forest_worlds()
    features = ModelFeatures(
        "queries", queries=worlds.queries_, strata=worlds.query_strata_
    )
    assert len(features.fit(worlds.models_).transform(targets.models_)) == 24


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"queries": None}, ValueError, 'kind="queries" needs queries'),
        ({"strata": [0, 1]}, ValueError, r"each of the 40 queries; got shape \(2,\)"),
        ({"flipped": X}, ValueError, r"shape of queries, \(40, 3\); got \(300, 3\)"),
        (
            {"target": LogisticRegression()},
            TypeError,
            "target must be a BlackBox or None",
        ),
        ({"kind": "answers"}, ValueError, "'kind' parameter"),
    ],
)
def test_bad_settings_are_named(settings, error, message):
    settings = {"kind": "queries", "queries": QUERIES} | settings
    with pytest.raises(error, match=message):
        ModelFeatures(**settings).fit(make_models(2))


@pytest.mark.parametrize(
    ("models", "error", "message"),
    [
        ([], ValueError, "X is an empty list"),
        (DummyClassifier().fit(X, Y), TypeError, "X must be a list of fitted models"),
        ([LogisticRegression()], NotFittedError, r"X\[0\] must be fitted"),
        ([LogisticRegression], TypeError, r"X\[0\] must be a fitted model"),
        ([3.0], TypeError, r"X\[0\] must be a fitted model; got 3.0"),
        (
            [DummyClassifier().fit(X, Y), LinearRegression().fit(X, np.zeros(len(X)))],
            ValueError,
            "models of one kind; got classifiers and regressors",
        ),
    ],
)
def test_bad_models_are_named(models, error, message):
    with pytest.raises(error, match=message):
        ModelFeatures("queries", queries=QUERIES).fit(models)


def test_errors_of_computing_are_no_numbers():
    """A linear model changes all answers of a kind alike: they do not scatter."""
    features = ModelFeatures(
        "queries", queries=QUERIES, strata=STRATA, flipped=flip_column(QUERIES, "group")
    )
    numbers = features.fit_transform(make_models(4))
    changes = numbers[:, features.blocks_["change_summary"]]
    scatter = changes[:, [1, 8]]  # the standard deviation of each of two kinds
    np.testing.assert_array_equal(scatter, 0.0)
