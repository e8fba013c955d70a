"""Imputation times the target's answer, with a weight."""

import numpy as np
import pandas as pd
import pytest
from attribute_scenes import LABEL, SECRET, SETTINGS, baseline, fitted, known, scene
from scipy.special import expit, log_expit, softmax
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from skprivacy.attribute import BayesAttack, ImputationBaseline
from skprivacy.attribute._bayes import MOST_WEIGHT, likeliest_weight
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

# Chance of label 1 for secret 0, 1 and 2.
CHANCES = np.array([0.9, 0.5, 0.2])


def box(response="proba"):
    def answer(X):
        chance = CHANCES[X[:, 0].astype(int)]
        if response == "label":
            return (chance > 0.45).astype(int)
        return chance if response == "proba" else chance - 0.45

    return BlackBox(answer, classes=[0, 1], response=response)


def own(n=30):
    """Records of which nothing known hangs on the secret: half of them have 2."""
    secret = np.tile([0, 1, 2, 2, 0, 2], n // 6)
    return np.column_stack([np.zeros(n), np.arange(n) // 6 % 2]), secret


class TestLikeliestWeight:
    @pytest.mark.parametrize("n_right", [6, 8, 9])
    def test_answers_that_are_right_so_often(self, n_right):
        # Each is for its value by 2 nats: right with the chance of 1 / (1 + exp(-2 w)).
        truth = (np.arange(10) >= n_right).astype(int)
        answers = np.tile([0.0, -2.0], (10, 1))
        weight = likeliest_weight(np.zeros((10, 2)), answers, truth)
        assert expit(2 * weight) == pytest.approx(n_right / 10, abs=1e-4)

    def test_what_the_imputer_says_already_is_not_said_twice(self):
        # It gives 3/4 to the value that the answers are for, and so often it is right.
        truth = np.array([0, 0, 0, 1])
        sure = np.log(np.tile([0.75, 0.25], (4, 1)))
        answers = np.tile([0.0, -1.0], (4, 1))
        assert likeliest_weight(sure, answers, truth) == pytest.approx(0, abs=1e-4)

    def test_answers_that_are_wrong_count_nothing(self):
        answers = np.tile([0.0, -1.0], (4, 1))
        truth = np.array([1, 1, 1, 0])
        assert likeliest_weight(np.zeros((4, 2)), answers, truth) == 0

    def test_answers_that_are_never_wrong_count_most(self):
        answers = np.tile([0.0, -1e-3], (4, 1))
        truth = np.zeros(4, dtype=int)
        weight = likeliest_weight(np.zeros((4, 2)), answers, truth)
        assert weight == pytest.approx(MOST_WEIGHT, abs=1e-3)

    def test_a_truth_that_is_no_candidate_is_passed_over(self):
        answers = np.array([[0.0, -1.0]] * 4 + [[-9.0, 0.0]])
        truth = np.array([0, 0, 0, 1, -1])
        weight = likeliest_weight(np.zeros((5, 2)), answers, truth)
        assert weight == pytest.approx(np.log(3), abs=1e-4)

    @pytest.mark.parametrize("truth", [[], [-1, -1]])
    def test_nothing_to_learn_from(self, truth):
        zeros = np.zeros((len(truth), 2))
        assert likeliest_weight(zeros, zeros, np.array(truth, dtype=int)) == 0


@pytest.mark.parametrize("weight", [0, 1, 7.5])
def test_chances_by_hand(weight):
    settings = {"sensitive": 0, "random_state": 0}
    attack = BayesAttack(box(), weight=weight, imputer=GaussianNB(), **settings)
    imputation = ImputationBaseline(estimator=GaussianNB(), **settings)
    attack.fit(*own())
    prior = np.log(imputation.fit(*own()).predict_proba([[0, 1], [0, 0]]))
    # Chances are smoothed by 0.01, which 1 + 0.02 makes up for.
    smoothed = (np.stack([CHANCES, 1 - CHANCES]) + 0.01) / 1.02
    np.testing.assert_allclose(
        attack.predict_proba([[0, 1], [0, 0]]),
        softmax(prior + weight * np.log(smoothed), axis=1),
    )
    assert attack.weight_ == weight


def test_decision_values_are_log_odds():
    settings = {"sensitive": 0, "random_state": 0, "weight": 3}
    attack = BayesAttack(box("decision"), **settings).fit(*own())
    flat = BayesAttack(box("decision"), **settings | {"weight": 0}).fit(*own())
    found, prior = (np.log(a.predict_proba([[0, 1]])[0]) for a in (attack, flat))
    change = found - prior
    expected = 3 * log_expit(CHANCES - 0.45)
    np.testing.assert_allclose(change - change[0], expected - expected[0])


def test_a_label_alone_is_right_or_wrong():
    settings = {"sensitive": 0, "random_state": 0}
    attack = BayesAttack(box("label"), weight=50, **settings).fit(*own())
    # Label 0 is answered for secret 2 alone; label 1 leaves the imputer to choose.
    assert attack.predict([[0, 0]]).tolist() == [2]
    assert attack.predict([[0, 1]]).tolist() == [0]


def test_no_weight_is_imputation():
    where = scene()
    attack = BayesAttack(where.box, weight=0, random_state=0, **SETTINGS)
    attack.fit(*known(where.own))
    X, _ = known(where.members)
    np.testing.assert_allclose(attack.predict_proba(X), baseline().predict_proba(X))


def test_a_given_weight_needs_no_shadow_models():
    where = scene()
    shadow = ShadowModels(DecisionTreeClassifier(), n_models=2, label="no such column")
    attack = BayesAttack(where.box, weight=10, shadow=shadow, **SETTINGS)
    attack.fit(*known(where.own))
    assert not hasattr(attack, "shadow_")
    X, secret = known(where.members)
    assert attack.score(X, secret) > baseline().score(X, secret) + 0.1


def test_a_forest_that_overfits_is_given_much_weight():
    attack = fitted("BayesAttack")
    assert attack.weight_ > 10
    assert attack.shadow_ is scene().shadow.estimator


def test_a_model_that_does_not_overfit_is_given_little():
    # Of a label that hangs on the secret: there is something to learn, for everybody.
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1200, 3))
    X[:, 1] = rng.integers(2, size=1200)
    y = (X.sum(axis=1) + rng.logistic(size=1200) > 0.5).astype(int)
    model = LogisticRegression().fit(X[:600], y[:600])
    everything = np.column_stack([X[:, [0, 2]], y])
    shadow = ShadowModels(n_models=4)
    attack = BayesAttack(BlackBox(model), sensitive=1, shadow=shadow, random_state=0)
    imputation = ImputationBaseline(sensitive=1, random_state=0)
    for estimator in (attack, imputation):
        estimator.fit(everything[600:], X[600:, 1])
    assert attack.weight_ < 1.5
    members = everything[:600], X[:600, 1]
    assert abs(attack.score(*members) - imputation.score(*members)) < 0.05


def test_a_model_that_does_not_use_the_secret_is_given_none():
    where = scene()
    only_a = make_column_transformer(("passthrough", ["a"]))
    model = make_pipeline(only_a, LogisticRegression())
    model.fit(where.members.drop(columns=LABEL), where.members[LABEL])
    shadow = ShadowModels(n_models=2)
    attack = BayesAttack(BlackBox(model), shadow=shadow, random_state=0, **SETTINGS)
    attack.fit(*known(where.own))
    assert attack.weight_ == 0


def test_a_number_that_the_target_adds_to_its_answer():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    y = X @ [1.0, 3.0, 0.0] + 0.1 * rng.normal(size=400)
    model = LinearRegression().fit(X, y)
    knows = np.column_stack([X[:, [0, 2]], y])
    attack = BayesAttack(BlackBox(model), sensitive=1, weight=1, random_state=0)
    attack.fit(knows[:200], X[:200, 1])
    assert attack.score(knows[200:], X[200:, 1]) > 0.95
    assert attack.grid_.shape == (32,)
    assert not hasattr(attack, "predict_proba")


def test_a_label_that_is_not_known_is_passed_over():
    where = scene()
    settings = SETTINGS | {"label_known": False}
    attack = BayesAttack(where.box, shadow=where.shadow, random_state=0, **settings)
    attack.fit(*known(where.own))
    X, secret = known(where.members)
    lies = X.assign(**{LABEL: 1 - X[LABEL]})
    without = X.drop(columns=LABEL)
    for table in (lies, without):
        np.testing.assert_array_equal(
            attack.predict_proba(X), attack.predict_proba(table)
        )
    # The forest is surer of a record that it knows, whatever the label.
    assert attack.weight_ > 1
    assert attack.score(X, secret) > baseline().score(X, secret) + 0.05


def cities(n=400, seed=0):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "city": rng.choice(["ur", "uruk"], n),
            "x": rng.normal(size=n),
            "trade": pd.Categorical(rng.choice(["a", "b", "c"], n)),
        }
    )
    encoder = make_column_transformer(
        (OneHotEncoder(), ["city", "trade"]), remainder="passthrough"
    )
    forest = RandomForestClassifier(20, bootstrap=False, random_state=0)
    return table, rng.choice(["yes", "no"], n), make_pipeline(encoder, forest)


def test_several_secrets_of_text_in_a_pipeline():
    table, label, model = cities()
    half = slice(200)
    model.fit(table[half], label[half])
    secrets = ["trade", "city"]
    attack = BayesAttack(
        BlackBox(model),
        sensitive=secrets,
        label="label",
        shadow=ShadowModels(n_models=4),
        random_state=0,
    )
    everything = table.drop(columns=secrets).assign(label=label)
    attack.fit(everything[200:], table[secrets][200:])
    assert attack.classes_.tolist() == [[t, c] for t in "abc" for c in ("ur", "uruk")]
    X, secret = everything[half], table[secrets][half]
    assert attack.predict(X).shape == (200, 2)
    # Chance alone is right about one in six, with a standard error of 0.026.
    assert attack.score(X, secret) > 1 / 6 + 4 * 0.026


def test_known_cells_may_be_missing():
    where = scene()
    X, _ = known(where.members)
    holes = X.assign(b=np.nan, c=X["c"].where(X["c"] > 0))
    assert np.isfinite(fitted("BayesAttack").predict_proba(holes)).all()
    own_holes, secret = known(where.own.assign(d=np.nan))
    attack = BayesAttack(where.box, weight=1, random_state=0, **SETTINGS)
    assert np.isfinite(attack.fit(own_holes, secret).predict_proba(holes)).all()


def test_candidates_that_the_attacker_never_saw():
    settings = {"sensitive": 0, "random_state": 0, "values": [0, 1, 2]}
    X, secret = own()
    seen = secret > 0
    attack = BayesAttack(box(), weight=20, **settings).fit(X[seen], secret[seen])
    assert attack.classes_.tolist() == [0, 1, 2]
    # The imputer gives next to nothing to 0; the target settles it.
    assert attack.predict([[0, 1]]).tolist() == [0]


def test_a_frozen_target_is_as_good_as_a_box():
    where = scene()
    settings = SETTINGS | {"weight": 5, "random_state": 0}
    X, _ = known(where.members)
    frozen, boxed = (
        BayesAttack(target, **settings).fit(*known(where.own)).predict_proba(X)
        for target in (FrozenEstimator(where.model), where.box)
    )
    np.testing.assert_array_equal(frozen, boxed)


@pytest.mark.parametrize("weight", [-1, "learned", None, np.nan])
def test_weight_is_a_number_or_auto(weight):
    attack = BayesAttack(scene().box, weight=weight, **SETTINGS)
    with pytest.raises(ValueError, match="'weight' parameter of BayesAttack"):
        attack.fit(*known(scene().own))


def test_the_imputer_must_give_chances():
    attack = BayesAttack(scene().box, imputer=LinearRegression(), **SETTINGS)
    with pytest.raises(ValueError, match="'imputer' parameter of BayesAttack"):
        attack.fit(*known(scene().own))


def test_shadow_models_are_trained_on_a_label():
    where = scene()
    settings = SETTINGS | {"label": None, "label_known": False}
    X, secret = known(where.own)
    attack = BayesAttack(where.box, **settings)
    with pytest.raises(ValueError, match="label must name a column.*shadow models"):
        attack.fit(X.drop(columns=LABEL), secret)
    # Nothing else needs it.
    attack.set_params(weight=1).fit(X.drop(columns=LABEL), secret)


def test_a_secret_that_is_no_feature_is_refused():
    where = scene()
    features = where.own.drop(columns=[SECRET, LABEL])
    tree = DecisionTreeClassifier().fit(features, where.own[LABEL])
    with pytest.raises(ValueError, match=r"is no feature of the target.*LearnedAttack"):
        BayesAttack(BlackBox(tree), **SETTINGS).fit(*known(where.own))


def test_a_value_that_the_target_refuses_is_named():
    table, label, model = cities()
    model.fit(table, label)
    # The attacker's records know a city that the encoder does not.
    elsewhere = table["city"].where(table["x"] < 2, "larsa")
    attack = BayesAttack(
        BlackBox(model), sensitive="city", label="label", weight=1, random_state=0
    )
    X = table.drop(columns="city").assign(label=label)
    attack.fit(X, elsewhere)
    with pytest.raises(ValueError, match=r"refuses the value \['larsa'\] of.*values="):
        attack.predict(X)
