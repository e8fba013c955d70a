"""Numbers of models are laid out alike."""

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import NuSVR

from skprivacy.property import ModelFeatures, PropertyMetaClassifier, PropertyWorlds
from skprivacy.property._preprocessing import PRESENCE
from skprivacy.targets import BlackBox

RNG = np.random.RandomState(0)
GROUP, X = RNG.randint(2, size=1200), RNG.normal(size=1200)
RECORDS = np.column_stack([GROUP, X, X + GROUP + RNG.normal(size=1200) > 1])
SCALED = make_pipeline(StandardScaler(), LogisticRegression())


def worlds(recipe, **options):
    return PropertyWorlds(
        recipe,
        (0, 1),
        ratios=(0.3, 0.7),
        n_models=16,
        size=200,
        random_state=0,
        **options,
    ).fit(RECORDS)


@pytest.mark.parametrize(
    ("kind", "recipe", "blocks"),
    [
        ("parameters", SCALED, ["steps", "parameters"]),
        ("structure", SCALED, ["steps"]),
        ("structure", RandomForestClassifier(5), ["structure"]),
        ("auto", RandomForestClassifier(5), ["structure"]),
        ("auto", SCALED, ["steps", "parameters"]),
    ],
)
def test_worlds_are_told_apart(kind, recipe, blocks):
    shadow = worlds(recipe)
    attack = PropertyMetaClassifier(ModelFeatures(kind))
    attack.fit(shadow.models_[:12], shadow.ratios_[:12])
    assert list(attack.blocks_) == blocks
    found = attack.predict(shadow.models_[12:])
    np.testing.assert_array_equal(found, shadow.ratios_[12:])


def test_answers_are_a_block_of_their_own():
    shadow = worlds(SCALED, queries=50)
    features = ModelFeatures("auto", queries=shadow.queries_).fit(shadow.models_)
    assert list(features.blocks_)[:2] == ["steps", "parameters"]
    assert "answers" in features.blocks_


def test_features_may_be_settled_on_one_model():
    kept = worlds(SCALED, features=ModelFeatures("parameters"))
    again = ModelFeatures("parameters").fit_transform(kept.models_)
    np.testing.assert_allclose(kept.features_, again)


def test_a_model_without_readable_parts():
    models = [
        DummyRegressor(strategy="quantile", quantile=0.5).fit(np.eye(3), [0, 1, 2])
    ]
    models[0].__dict__.pop("constant_")
    models[0].constant_ = "hidden"
    with pytest.raises(TypeError, match=r"nothing of the kind .* DummyRegressor"):
        ModelFeatures("parameters").fit(models)
    with pytest.raises(TypeError, match="coefficients, priors"):
        ModelFeatures("structure").fit([NuSVR().fit(np.eye(3), [0.0, 1, 2])])


def test_boxes_are_asked_where_there_are_queries():
    boxes = [BlackBox(model) for model in worlds(SCALED).models_]
    with pytest.raises(TypeError, match="shows its answers alone"):
        ModelFeatures("auto").fit(boxes)
    features = ModelFeatures("auto", queries=RECORDS[:20, :2]).fit(boxes)
    assert "parameters" not in features.blocks_


def test_a_target_that_can_not_be_read_is_refused_after_shadows_that_can():
    shadow = worlds(SCALED)
    features = ModelFeatures("auto", queries=RECORDS[:20, :2]).fit(shadow.models_)
    with pytest.raises(TypeError, match="BlackBox"):
        features.transform([BlackBox(shadow.models_[0])])


def test_no_number_is_missing():
    models = worlds(make_pipeline(FunctionTransformer(), SCALED)).models_
    numbers = ModelFeatures("auto").fit_transform(models)
    assert np.isfinite(numbers).all()
    assert PRESENCE == "has "
