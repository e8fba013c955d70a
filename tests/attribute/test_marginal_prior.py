"""Shares of values times the chance of the target's answer."""

import numpy as np
import pandas as pd
import pytest
from attribute_scenes import LABEL, SECRET, SETTINGS, known, scene
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from skprivacy.attribute import MarginalPriorAttack
from skprivacy.attribute._marginal_prior import (
    log_chance_of_answer,
    smoothed_confusion,
    smoothed_shares,
)
from skprivacy.targets import BlackBox

# Columns: secret 0/1, known 0/1; the target says that they are the same.
SAME = BlackBox(
    lambda X: (X[:, 0] == X[:, 1]).astype(float), classes=[0, 1], response="proba"
)


def own():
    """Ten records: 6 of 10 secrets are 1; label 1 where both are the same, but once."""
    secret = np.array([1, 1, 1, 1, 1, 1, 0, 0, 0, 0])
    column = np.array([1, 1, 1, 0, 0, 0, 0, 0, 1, 1])
    label = (secret == column).astype(int)
    label[0] = 0
    return np.column_stack([column, label]), secret


def test_shares_count_each_value_once_more():
    np.testing.assert_allclose(smoothed_shares(np.array([2, 2]), 3), [0.2, 0.2, 0.6])


def test_confusion_is_the_chance_of_the_answer_given_the_label():
    truth, predicted = np.array([0, 0, 0, 1, -1]), np.array([0, 0, 1, 1, 0])
    np.testing.assert_allclose(
        smoothed_confusion(truth, predicted, 2), [[3 / 5, 2 / 5], [1 / 3, 2 / 3]]
    )


def test_a_label_that_the_target_does_not_know_says_nothing():
    confusion = np.array([[0.9, 0.1], [0.2, 0.8]])
    found = log_chance_of_answer(
        confusion, np.array([1, -1]), np.array([[0, 0], [1, 1]])
    )
    np.testing.assert_allclose(np.exp(found), [[0.2, 1], [0.8, 1]])


def test_a_case_counted_by_hand():
    attack = MarginalPriorAttack(SAME, sensitive=0).fit(*own())
    np.testing.assert_allclose(attack.prior_, [5 / 12, 7 / 12])
    # Label 0: five answers are right, one is wrong. Label 1: four are right.
    np.testing.assert_allclose(attack.confusion_, [[6 / 8, 2 / 8], [1 / 6, 5 / 6]])
    # Column 0, label 1: secret 0 makes the target say 1, secret 1 makes it say 0.
    chance = np.array([5 / 12 * 5 / 6, 7 / 12 * 1 / 6])
    np.testing.assert_allclose(
        attack.predict_proba([[0, 1]])[0], chance / chance.sum(), rtol=1e-12
    )
    assert attack.predict([[0, 1], [1, 1], [0, 0], [1, 0]]).tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("response", ["proba", "label"])
def test_only_the_predicted_class_is_used(response):
    where = scene()
    box = BlackBox(where.model, response=response)
    attack = MarginalPriorAttack(box, **SETTINGS).fit(*known(where.own))
    best = MarginalPriorAttack(where.box, **SETTINGS).fit(*known(where.own))
    X, _ = known(where.members)
    np.testing.assert_array_equal(attack.predict_proba(X), best.predict_proba(X))


def test_decisions_are_taken_too():
    decides = BlackBox(
        lambda X: 2.0 * (X[:, 0] == X[:, 1]) - 1, response="decision", classes=[0, 1]
    )
    by_decision, by_chance = (
        MarginalPriorAttack(box, sensitive=0).fit(*own()) for box in (decides, SAME)
    )
    X = own()[0]
    np.testing.assert_array_equal(
        by_decision.predict_proba(X), by_chance.predict_proba(X)
    )


def test_a_number_is_found_from_the_density_of_the_error():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    y = X @ [1.0, 3.0, 0.0] + 0.1 * rng.normal(size=400)
    model = LinearRegression().fit(X, y)
    knows = np.column_stack([X[:, [0, 2]], y])
    attack = MarginalPriorAttack(BlackBox(model), sensitive=1).fit(
        knows[:200], X[:200, 1]
    )
    assert attack.score(knows[200:], X[200:, 1]) > 0.95
    assert attack.error_scale_ == pytest.approx(0.1, rel=0.2)
    assert attack._estimator_type_ == "regressor"


def test_prior_alone_decides_where_the_answers_are_the_same():
    constant = BlackBox(lambda X: np.zeros(len(X)), classes=[0, 1])
    attack = MarginalPriorAttack(constant, sensitive=0).fit(*own())
    np.testing.assert_allclose(
        attack.predict_proba(own()[0]), np.tile(attack.prior_, (10, 1))
    )


def test_a_value_that_nobody_has_is_not_ruled_out():
    attack = MarginalPriorAttack(SAME, sensitive=0, values=[0, 1, 2]).fit(*own())
    assert attack.prior_[2] == 1 / 13
    assert (attack.predict_proba(own()[0]) > 0).all()


def test_several_secrets_of_text_in_a_pipeline():
    rng = np.random.default_rng(0)
    n = 400
    table = pd.DataFrame(
        {
            "city": rng.choice(["ur", "uruk"], n),
            "x": rng.normal(size=n),
            "trade": rng.choice(["a", "b", "c"], n),
        }
    )
    label = np.where((table["city"] == "ur") & (table["trade"] != "b"), "yes", "no")
    encoder = make_column_transformer(
        (OneHotEncoder(), ["city", "trade"]), remainder="passthrough"
    )
    model = make_pipeline(encoder, DecisionTreeClassifier(random_state=0))
    model.fit(table, label)
    attack = MarginalPriorAttack(
        BlackBox(model), sensitive=["trade", "city"], label="label"
    )
    X, secret = table[["x"]].assign(label=label), table[["trade", "city"]]
    attack.fit(X, secret)
    assert attack.classes_.shape == (6, 2)
    yes = attack.predict(X[X["label"] == "yes"])
    assert (yes[:, 1] == "ur").all() and not (yes[:, 0] == "b").any()
    assert attack.score(X, secret) > 1 / 6


def test_known_cells_may_be_missing():
    where = scene()
    attack = MarginalPriorAttack(where.box, **SETTINGS).fit(*known(where.own))
    X, _ = known(where.members)
    X = X.assign(b=np.nan)
    assert np.isfinite(attack.predict_proba(X)).all()


@pytest.mark.parametrize(
    "unknown", [{"label_known": False}, {"label_known": False, "label": None}]
)
def test_the_label_must_be_known(unknown):
    X, secret = known(scene().own)
    attack = MarginalPriorAttack(scene().box, **SETTINGS).set_params(**unknown)
    with pytest.raises(ValueError, match=r"MarginalPriorAttack compares.*label_known"):
        attack.fit(X.drop(columns=LABEL) if attack.label is None else X, secret)


def test_a_label_that_is_missing_is_named():
    X, secret = known(scene().own)
    X = X.astype({LABEL: float})
    X.iloc[0, -1] = np.nan
    with pytest.raises(ValueError, match="1 of 300 records have no label"):
        MarginalPriorAttack(scene().box, **SETTINGS).fit(X, secret)


def test_a_secret_that_is_no_feature_is_refused():
    where = scene()
    table = where.own.drop(columns=SECRET)
    tree = DecisionTreeClassifier().fit(table.drop(columns=LABEL), table[LABEL])
    attack = MarginalPriorAttack(BlackBox(tree), **SETTINGS)
    with pytest.raises(ValueError, match="is no feature of the target"):
        attack.fit(*known(where.own))
