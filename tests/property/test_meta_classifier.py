"""A classifier of models."""

import numpy as np
import pytest
from property_scenes import forest_worlds
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from skprivacy.property import ModelFeatures, PropertyMetaClassifier


def make_attack(worlds, **settings):
    features = ModelFeatures(
        "queries", queries=worlds.queries_, strata=worlds.query_strata_
    )
    return PropertyMetaClassifier(features, **settings)


def test_worlds_of_other_people_are_told_apart():
    """24 targets: 18 right by guessing has a probability below 0.012."""
    worlds, targets = forest_worlds()
    attack = make_attack(worlds).fit(worlds.models_, worlds.ratios_)
    np.testing.assert_array_equal(attack.classes_, [0.1, 0.9])
    assert attack.score(targets.models_, targets.ratios_) >= 18 / 24
    proba = attack.predict_proba(targets.models_)
    np.testing.assert_allclose(proba.sum(axis=1), 1.0)
    # Larger for the world that it is from.
    assert (
        proba[targets.ratios_ == 0.9, 1].mean()
        > proba[targets.ratios_ == 0.1, 1].mean()
    )


def test_the_same_ratio_can_not_be_told_apart():
    """Two names for one world: 24 coin tosses, at most 18 right but for 0.3%."""
    worlds, targets = forest_worlds()
    same = worlds.ratios_ == 0.1
    models = [m for m, keep in zip(worlds.models_, same, strict=True) if keep]
    names = np.arange(len(models)) % 2
    attack = make_attack(worlds).fit(models, names)
    assert attack.score(targets.models_, np.tile([0, 0, 1, 1], 6)) <= 18 / 24


def test_a_learner_of_ones_own_and_a_search_over_it():
    worlds, _ = forest_worlds()
    attack = make_attack(worlds, final_estimator=LogisticRegression(C=1e-3))
    numbers = attack.fit(worlds.models_, worlds.ratios_).features_.transform(
        worlds.models_
    )
    search = GridSearchCV(
        PropertyMetaClassifier(None, LogisticRegression(max_iter=5000)),
        {"final_estimator__C": [1e-4, 1e-2]},
        cv=2,
    ).fit(numbers, np.where(worlds.ratios_ > 0.5, "high", "low"))
    assert search.best_score_ > 0.5


def test_names_of_worlds_may_be_texts():
    rng = np.random.RandomState(0)
    y = np.tile(["few", "many"], 10)
    numbers = (y == "many")[:, None] + rng.normal(scale=0.1, size=(20, 2))
    attack = PropertyMetaClassifier().fit(numbers, y)
    assert attack.predict([[0.0, 0.0], [1.0, 1.0]]).tolist() == ["few", "many"]


def test_bad_worlds_are_named():
    worlds, _ = forest_worlds()
    with pytest.raises(ValueError, match="each of the 24 models; got 3"):
        make_attack(worlds).fit(worlds.models_, [0, 1, 0])
    with pytest.raises(ValueError, match="at least two worlds; got one class"):
        PropertyMetaClassifier().fit(np.eye(4), np.ones(4))
    with pytest.raises(ValueError, match="20 different numbers.*RatioRegressor"):
        PropertyMetaClassifier().fit(np.eye(20), np.linspace(0.1, 0.9, 20))
