"""Attribute inference from inside of trees."""

import numpy as np
import pandas as pd
import pytest
from attribute_scenes import LABEL, SECRET, SETTINGS, AttributeScene, known
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skprivacy.attribute import LearnedAttack, TreeAttack
from skprivacy.attribute._tree_evidence import LEAST, TreeReader, row_score
from skprivacy.inspection._draws import Draws
from skprivacy.inspection._multiplicity import LARGEST_COUNT
from skprivacy.shadow import ShadowModels


@pytest.fixture(scope="module")
def forest():
    return AttributeScene(RandomForestClassifier(30, random_state=0))


def test_a_row_is_told_by_the_trees_that_drew_it():
    # Row 0 is in the first tree alone, row 1 in the second. The completion fits what
    # the first tree says of a row drawn once, by log 3, and the second not at all.
    draws = Draws(np.array([[1, 0], [0, 1]]), 2, np.array([0.5, 0.5]), True)
    ratio = np.full((2, 1, LARGEST_COUNT), LEAST)
    ratio[0, 0, 0] = np.log(3)
    score, against = row_score(ratio, draws)
    np.testing.assert_allclose(score, np.log((3 + np.exp(LEAST)) / 2))
    assert against.tolist() == [0]


def test_without_draws_each_tree_may_have_the_row():
    # Half of the rows are in each tree: (0.5 * 3 + 0.5) * (0.5 * 1 + 0.5).
    draws = Draws(np.ones((1, 2), dtype=int), 10, np.array([0.5, 0.5]), False)
    ratio = np.zeros((2, 1, LARGEST_COUNT))
    ratio[0] = np.log(3)
    np.testing.assert_allclose(row_score(ratio, draws)[0], np.log(2))


def test_leaf_counts_against_strangers():
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0, 0, 1])
    model = DecisionTreeClassifier().fit(X, y)
    reader = TreeReader(model, X, y, np.ones(3, dtype=bool))
    evidence = reader.evidence([X[:1], X[2:]], y[:1])
    # Two of three rows are in the leaf, and 2 + 1/2 of three strangers; none of label 0
    # is in the other.
    np.testing.assert_allclose(
        evidence[0, 0, 0], np.log((2 / 3) / (2.5 / 3)), rtol=1e-6
    )
    assert evidence[0, 1, 0] == LEAST
    # An own record is no stranger to itself.
    own = reader.evidence([X, X + 0.1], y, own=True)
    np.testing.assert_allclose(own[0, 0, 0], np.log(2 / 1.5), rtol=1e-6)


@pytest.mark.power
def test_a_bootstrap_forest_tells_more_than_its_answers(forest):
    inside = TreeAttack(forest.frozen, shadow=forest.shadow, random_state=0, **SETTINGS)
    outside = LearnedAttack(
        forest.box, shadow=forest.shadow, random_state=0, **SETTINGS
    )
    scores = [
        attack.fit(*known(forest.own)).score(*known(forest.members))
        for attack in (inside, outside)
    ]
    assert scores[0] > scores[1] and scores[0] > 0.8


@pytest.mark.parametrize(
    "recipe",
    [
        DecisionTreeClassifier(random_state=0),
        HistGradientBoostingClassifier(max_iter=10, random_state=0),
    ],
)
def test_other_trees_are_read_too(recipe):
    where = AttributeScene(recipe)
    attack = TreeAttack(where.frozen, shadow=where.shadow, random_state=0, **SETTINGS)
    proba = attack.fit(*known(where.own)).predict_proba(known(where.members)[0])
    assert np.isfinite(proba).all()


def test_a_label_need_not_be_known(forest):
    attack = TreeAttack(
        forest.frozen,
        shadow=forest.shadow,
        label_known=False,
        random_state=0,
        **SETTINGS,
    ).fit(*known(forest.own))
    X, secret = known(forest.members)
    assert attack.score(X.drop(columns=LABEL), secret) > 0.6


def test_a_missing_cell_is_no_obstacle(forest):
    attack = TreeAttack(forest.frozen, shadow=forest.shadow, random_state=0, **SETTINGS)
    X, _ = known(forest.members)
    X.iloc[0, 0] = np.nan
    proba = attack.fit(*known(forest.own)).predict_proba(X)
    assert np.isfinite(proba).all()


def test_a_model_without_trees_is_refused(forest):
    X, y = known(forest.own)
    line = LogisticRegression().fit(forest.own.drop(columns=LABEL), forest.own[LABEL])
    attack = TreeAttack(FrozenEstimator(line), **SETTINGS)
    with pytest.raises(TypeError, match="LogisticRegression"):
        attack.fit(X, y)


def test_a_black_box_is_refused(forest):
    with pytest.raises(TypeError, match="target must be FrozenEstimator"):
        TreeAttack(forest.box, **SETTINGS).fit(*known(forest.own))


def test_shadow_models_must_be_kept(forest):
    shadow = ShadowModels(
        target=forest.box, n_models=2, label=LABEL, keep_models=False, random_state=0
    ).fit(forest.own)
    attack = TreeAttack(forest.frozen, shadow=FrozenEstimator(shadow), **SETTINGS)
    with pytest.raises(ValueError, match="keep_models=True"):
        attack.fit(*known(forest.own))
    assert SECRET in forest.own


N = 250


def people(regression=False):
    """Members, others and own records with texts; the label hangs on nothing."""
    rng = np.random.default_rng(0)
    n = 3 * N
    table = pd.DataFrame(rng.normal(size=(n, 3)), columns=[*"abc"])
    table["town"] = rng.choice(["Bath", "Hull", "York"], size=n)
    table["sex"] = rng.choice(["f", "m"], size=n)
    table["share"] = rng.choice([0.0, 0.511241, 1.0], size=n)
    income = rng.normal(size=n) if regression else rng.choice(["high", "low"], size=n)
    table[LABEL] = income
    return [table[i * N : (i + 1) * N] for i in range(3)]


def pipeline(model):
    texts = ColumnTransformer(
        [("texts", OneHotEncoder(), ["town", "sex"])], remainder="passthrough"
    )
    return make_pipeline(texts, model)


def scores(model, secret, regression=False, **options):
    """Scores on members and others of an attack on a pipeline."""
    members, others, own = people(regression)
    fitted = pipeline(model).fit(members.drop(columns=LABEL), members[LABEL])
    settings = {
        "sensitive": secret,
        "label": LABEL,
        "shadow": ShadowModels(n_models=2),
        "values": "classes",
        "random_state": 0,
    }
    attack = TreeAttack(FrozenEstimator(fitted), **(settings | options))
    attack.fit(own.drop(columns=secret), own[secret])
    return [attack.score(t.drop(columns=secret), t[secret]) for t in (members, others)]


@pytest.mark.parametrize("secret", ["town", "share", ["town", "sex"]])
def test_texts_fractions_and_several_secrets(secret):
    inside, outside = scores(RandomForestClassifier(25, random_state=0), secret)
    assert inside > outside + 0.15


@pytest.mark.parametrize(
    "model",
    [
        DecisionTreeClassifier(random_state=0),
        ExtraTreesClassifier(15, random_state=0),
        GradientBoostingClassifier(n_estimators=10, random_state=0),
    ],
)
def test_pipelines_of_other_trees(model):
    inside, outside = scores(model, "town")
    assert inside > outside - 0.1


@pytest.mark.parametrize(
    ("model", "gap"),
    [
        (RandomForestRegressor(20, random_state=0), 0.2),
        (ExtraTreesRegressor(20, random_state=0), 0.2),
        (DecisionTreeRegressor(random_state=0), -0.15),
        (GradientBoostingRegressor(n_estimators=10, random_state=0), -0.15),
        (RandomForestRegressor(9, criterion="absolute_error", random_state=0), 0.1),
    ],
)
def test_pipelines_of_regression_trees(model, gap):
    inside, outside = scores(model, "sex", regression=True)
    assert inside > outside + gap


def test_a_label_of_texts_need_not_be_known():
    forest = RandomForestClassifier(25, random_state=0)
    inside, outside = scores(forest, "town", label_known=False)
    assert inside > outside


def test_numbers_that_hardly_recur_are_no_classes():
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        scores(RandomForestClassifier(3, random_state=0), "a")
