"""The right label, and how sure the target is of it."""

import numpy as np
import pandas as pd
import pytest
from attribute_scenes import LABEL, SECRET, SETTINGS, known, scene
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from skprivacy.attribute import ConfidenceAttack, ImputationBaseline
from skprivacy.attribute._confidence import (
    best_of,
    most_confident_right,
    the_only_right,
)
from skprivacy.targets import BlackBox

# Chance of label 1 for secret 0, 1, 2 (columns) where the known column is the row.
CHANCES = np.array([[0.9, 0.2, 0.3], [0.8, 0.7, 0.1], [0.4, 0.3, 0.4]])


def box(response="proba"):
    def answer(X):
        chance = CHANCES[X[:, 1].astype(int), X[:, 0].astype(int)]
        if response == "label":
            return (chance > 0.5).astype(int)
        return chance if response == "proba" else chance - 0.5

    return BlackBox(answer, classes=[0, 1], response=response)


def own():
    """Records of which the secret is 2 most often, whatever else is known."""
    secret = np.array([0, 1, 2, 2, 2, 2] * 5)
    column = np.repeat(np.arange(3), 10)
    return np.column_stack([column, np.arange(30) % 2]), secret


def test_level_scores_are_told_from_rounding():
    score = np.array([[0.1 + 0.2, 0.3, 0.0], [1.0, 1.0 - 1e-6, 0.0]])
    assert best_of(score).tolist() == [[True, True, False], [True, False, False]]


def test_one_right_candidate_is_taken_however_unsure():
    right = np.array([[False, True, False]])
    confidence = np.array([[0.9, 0.51, 0.8]])
    only = [[False, True, False]]
    assert most_confident_right(right, confidence).tolist() == only
    assert the_only_right(right).tolist() == only


def test_a_case_of_each_kind_by_hand():
    attack = ConfidenceAttack(box(), sensitive=0, random_state=0).fit(*own())
    # One right; several right: the surest; none right: the least sure, level twice,
    # which the imputer decides.
    asked = [[0, 1], [1, 1], [0, 0], [2, 1]]
    assert attack.predict(asked).tolist() == [0, 0, 1, 2]
    proba = attack.predict_proba(asked)
    assert (proba[:3].max(axis=1) > 0.99).all()
    assert proba[3, 0] > 0.01 > proba[3, 1]


def test_decision_values_are_as_good_as_chances():
    by_decision, by_chance = (
        ConfidenceAttack(box(r), sensitive=0, random_state=0).fit(*own())
        for r in ("decision", "proba")
    )
    asked = [[0, 1], [1, 1], [0, 0], [2, 1], [1, 0]]
    np.testing.assert_array_equal(
        by_decision.predict_proba(asked), by_chance.predict_proba(asked)
    )


@pytest.mark.parametrize("response", ["proba", "label"])
def test_labels_alone_decide_one_case_and_the_imputer_the_others(response):
    settings = {"sensitive": 0, "random_state": 0}
    attack = ConfidenceAttack(box(response), mode="label_only", **settings)
    attack.fit(*own())
    imputation = ImputationBaseline(**settings).fit(*own())
    undecided = [[1, 1], [0, 0], [2, 1]]
    np.testing.assert_allclose(
        attack.predict_proba(undecided), imputation.predict_proba(undecided)
    )
    assert attack.predict([[0, 1], [1, 0]]).tolist() == [0, 2]


def test_ties_everywhere_leave_imputation():
    constant = BlackBox(lambda X: np.full(len(X), 0.7), classes=[0, 1])
    settings = {"sensitive": 0, "random_state": 0}
    attack = ConfidenceAttack(constant, **settings).fit(*own())
    imputation = ImputationBaseline(**settings).fit(*own())
    X, _ = own()
    np.testing.assert_allclose(attack.predict_proba(X), imputation.predict_proba(X))


def test_a_number_is_found_by_the_nearest_answer():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    y = X @ [1.0, 3.0, 0.0] + 0.1 * rng.normal(size=400)
    model = LinearRegression().fit(X, y)
    knows = np.column_stack([X[:, [0, 2]], y])
    attack = ConfidenceAttack(BlackBox(model), sensitive=1, random_state=0)
    attack.fit(knows[:200], X[:200, 1])
    assert attack.score(knows[200:], X[200:, 1]) > 0.95


def test_several_secrets_of_text_in_a_pipeline():
    rng = np.random.default_rng(0)
    n = 400
    table = pd.DataFrame(
        {
            "city": rng.choice(["ur", "uruk"], n),
            "x": rng.normal(size=n),
            "trade": rng.choice(["a", "b"], n),
        }
    )
    label = np.where((table["city"] == "ur") & (table["trade"] == "a"), "yes", "no")
    encoder = make_column_transformer(
        (OneHotEncoder(), ["city", "trade"]), remainder="passthrough"
    )
    model = make_pipeline(encoder, DecisionTreeClassifier(random_state=0))
    model.fit(table, label)
    attack = ConfidenceAttack(
        BlackBox(model), sensitive=["trade", "city"], label="label", random_state=0
    )
    X, secret = table[["x"]].assign(label=label), table[["trade", "city"]]
    found = attack.fit(X, secret).predict(X)
    yes = label == "yes"
    assert (found[yes] == ["a", "ur"]).all()
    assert not (found[~yes] == ["a", "ur"]).all(axis=1).any()


def test_known_cells_may_be_missing():
    where = scene()
    attack = ConfidenceAttack(where.box, random_state=0, **SETTINGS)
    X, _ = known(where.members)
    attack.fit(*known(where.own))
    assert np.isfinite(attack.predict_proba(X.assign(b=np.nan))).all()


def test_a_target_that_gives_labels_alone_is_not_sure():
    attack = ConfidenceAttack(box("label"), sensitive=0)
    with pytest.raises(ValueError, match=r"mode='confidence'.*Use mode='label_only'"):
        attack.fit(*own())


def test_a_regressor_gives_no_labels():
    attack = ConfidenceAttack(scene(True).box, mode="label_only", **SETTINGS)
    with pytest.raises(ValueError, match=r"mode='label_only' needs a classifier"):
        attack.fit(*known(scene(True).own))


@pytest.mark.parametrize(
    "unknown", [{"label_known": False}, {"label_known": False, "label": None}]
)
def test_the_label_must_be_known(unknown):
    X, secret = known(scene().own)
    attack = ConfidenceAttack(scene().box, **SETTINGS).set_params(**unknown)
    with pytest.raises(ValueError, match=r"ConfidenceAttack compares.*label_known"):
        attack.fit(X.drop(columns=LABEL) if attack.label is None else X, secret)


def test_a_secret_that_is_no_feature_is_refused():
    where = scene()
    table = where.own.drop(columns=SECRET)
    tree = DecisionTreeClassifier().fit(table.drop(columns=LABEL), table[LABEL])
    with pytest.raises(ValueError, match="is no feature of the target"):
        ConfidenceAttack(BlackBox(tree), **SETTINGS).fit(*known(where.own))
