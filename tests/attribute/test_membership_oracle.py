"""Which completion looks most like a member."""

import numpy as np
import pandas as pd
import pytest
from attribute_scenes import LABEL, SECRET, SETTINGS, AttributeScene, known, scene
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from skprivacy.attribute import ImputationBaseline, MembershipOracleAttack
from skprivacy.attribute._membership_oracle import log_chances_of, spread_of
from skprivacy.attribute._oracle_records import as_oracle, lay_out
from skprivacy.membership import (
    RMIA,
    BaseMembershipAttack,
    BootstrapReplayAttack,
    LiRA,
    RangeAttack,
    ThresholdAttack,
)
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

# A target that is never looked at.
SILENT = BlackBox(lambda X: np.full(len(X), 0.5), classes=[0, 1])


class Oracle(BaseMembershipAttack):
    """Scores records by a formula, and keeps what it was asked."""

    def __init__(self, target=SILENT, *, formula=None, label=-1):
        self.target = target
        self.formula = formula
        self.label = label

    def _fit(self, records):
        self.asked_ = [records]

    def _decide(self, records):
        self.asked_.append(records)
        return np.asarray(self.formula(np.asarray(records)), dtype=float)


class Supervised(Oracle):
    """One that must be told who was in."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def own():
    """Records with the secret 0, 1, 2, which is 2 most often, before what is known."""
    secret = np.array([0, 1, 2, 2, 2, 2] * 5)
    return np.column_stack([np.repeat(np.arange(3), 10), np.arange(30) % 2]), secret


def oracle(formula, kind=Oracle, **settings):
    """Attack on the first of three columns: secret, known, label."""
    attack = kind(formula=formula)
    settings = {"sensitive": 0, "random_state": 0} | settings
    return MembershipOracleAttack(attack, **settings)


def test_spread_is_that_of_wrong_completions():
    # Wrong are 0, 1, 2, 3, 4, whose quartiles are 1 and 3.
    scores = np.array([[0.0, 99], [-99, 1], [2, 1e9], [3, -1e9], [9, 4]])
    codes = np.array([1, 0, 1, 1, 0])
    assert spread_of(scores, codes) == pytest.approx(2 / 1.349)


def test_spread_where_quartiles_or_all_scores_are_level():
    right = np.zeros(8, dtype=int)
    wrong = np.array([0, 0, 0, 0, 0, 0, 0, 4.0])
    assert spread_of(np.column_stack([right, wrong]), right) == np.std(wrong)
    assert spread_of(np.zeros((8, 2)), right) == 1


def test_only_values_that_are_level_at_the_top_are_left_to_the_imputer():
    scores = np.array([[1.0, 0.0, 0.0], [2.0, 2.0 + 1e-12, 1.0], [0.0, 0.0, 0.0]])
    imputed = np.array([[0.1, 0.1, 0.8], [0.3, 0.1, 0.6], [0.2, 0.3, 0.5]])
    found = np.exp(log_chances_of(scores, np.log(imputed)))
    # Two share 2, as 3 to 1; three share 3.
    expected = [[1, 1 / np.e, 1 / np.e], [1.5, 0.5, 1 / np.e], [0.6, 0.9, 1.5]]
    np.testing.assert_allclose(found, expected)


def test_who_is_most_like_a_member_always_comes_first():
    rng = np.random.default_rng(0)
    scores = rng.integers(3, size=(200, 4)).astype(float)
    log_imputed = np.log(rng.dirichlet(np.ones(4), size=200))
    best = log_chances_of(scores, log_imputed).argmax(axis=1)
    among = scores == scores.max(axis=1, keepdims=True)
    np.testing.assert_array_equal(
        best, np.where(among, log_imputed, -np.inf).argmax(axis=1)
    )


def test_a_case_by_hand():
    # The secret is what is known, plus 2 where the label is 1.
    attack = oracle(lambda r: -np.abs(r[:, 0] - r[:, 1] - 2 * r[:, 2]))
    attack.fit(*own())
    assert attack.predict([[0, 0], [1, 0], [2, 0], [0, 1]]).tolist() == [0, 1, 2, 2]
    proba = attack.predict_proba([[1, 0]])[0]
    assert proba[0] == pytest.approx(proba[2])
    assert np.log(proba[1] / proba[0]) == pytest.approx(1 / attack.scale_)


def test_ties_everywhere_leave_imputation():
    X, _ = own()
    attack = oracle(lambda r: 5.0 * r[:, 1]).fit(*own())
    imputation = ImputationBaseline(sensitive=0, estimator=attack.imputer_)
    imputation.fit(*own())
    np.testing.assert_allclose(attack.predict_proba(X), imputation.predict_proba(X))


def test_all_completions_are_scored_by_one_call():
    attack = oracle(lambda r: r[:, 0]).fit(*own())
    asked = attack.membership_attack_.asked_
    before = len(asked)
    attack.predict([[0, 1], [1, 0]])
    assert len(asked) == before + 1
    np.testing.assert_array_equal(
        asked[-1],
        [[0, 0, 1], [0, 1, 0], [1, 0, 1], [1, 1, 0], [2, 0, 1], [2, 1, 0]],
    )


def test_it_is_fitted_on_own_complete_records_without_the_truth():
    X, secret = own()
    attack = oracle(lambda r: r[:, 0]).fit(X, secret)
    np.testing.assert_array_equal(
        attack.membership_attack_.asked_[0], np.column_stack([secret, X])
    )


def test_scores_without_bounds_give_no_nan():
    attack = oracle(lambda r: np.where(r[:, 0] == 1, np.inf, -np.inf)).fit(*own())
    proba = attack.predict_proba(own()[0])
    assert np.isfinite(proba).all() and (proba.argmax(axis=1) == 1).all()


def test_a_score_that_is_missing_is_named():
    attack = oracle(lambda r: np.where(r[:, 0] == 1, np.nan, 0))
    with pytest.raises(ValueError, match="scored 30 completed records NaN"):
        attack.fit(*own())


@pytest.mark.parametrize("place", [0, 1, 2, -1, -3])
def test_the_label_is_put_where_the_membership_attack_looks_for_it(place):
    attack = oracle(lambda r: r.sum(axis=1)).set_params(membership_attack__label=place)
    X, secret = own()
    attack.fit(X, secret)
    records = attack.membership_attack_.asked_[0]
    np.testing.assert_array_equal(records[:, place], X[:, 1])
    rest = np.delete(records, place, axis=1)
    np.testing.assert_array_equal(rest, np.column_stack([secret, X[:, 0]]))


def test_the_label_has_the_name_that_the_membership_attack_gives_it():
    X = pd.DataFrame({"a": [1.0], "b": [2.0]})
    y = np.array([1])
    for place, label, names in [
        ("income", "y", ["a", "b", "income"]),
        (-1, "y", ["a", "b", "y"]),
        (0, "y", ["y", "a", "b"]),
        (-1, -1, ["a", "b", "label"]),
    ]:
        found = lay_out(X, y, Oracle(label=place), label)
        assert list(found.columns) == names


def test_records_come_in_the_order_that_a_fitted_attack_knows():
    where = scene()
    fitted = ThresholdAttack(where.box, label=0)
    fitted.fit(where.own[[LABEL, *"dcba", SECRET]].rename(columns={LABEL: "wage"}))
    settings = SETTINGS | {"random_state": 0}
    attack = MembershipOracleAttack(FrozenEstimator(fitted), **settings)
    attack.fit(*known(where.own))
    assert attack.membership_attack_ is fitted
    plain = MembershipOracleAttack(ThresholdAttack(where.box, label=LABEL), **settings)
    plain.fit(*known(where.own))
    X, _ = known(where.members)
    np.testing.assert_allclose(attack.predict_proba(X), plain.predict_proba(X))


def test_a_fitted_attack_on_other_columns_is_refused():
    fitted = Oracle(label="y", formula=len).fit(pd.DataFrame({"a": [1], "y": [0]}))
    X = pd.DataFrame({"b": [1.0]})
    with pytest.raises(ValueError, match=r"missing \['a'\], not known to it \['b'\]"):
        lay_out(X, np.array([0]), fitted, "y")


def test_shadow_models_that_it_trains_are_kept():
    own_shadow = as_oracle(LiRA(SILENT), 3)
    assert own_shadow.shadow.keep_models and own_shadow.random_state == 3
    given = RMIA(SILENT, shadow=ShadowModels(n_models=2), random_state=5)
    inside = as_oracle(RangeAttack(given), 3)
    assert inside.random_state == 3 and inside.attack.random_state == 5
    assert inside.attack.shadow.keep_models and inside.attack.shadow.n_models == 2
    assert not given.shadow.keep_models
    frozen = FrozenEstimator(given.shadow)
    assert as_oracle(RMIA(SILENT, shadow=frozen), 3).shadow.estimator is given.shadow


def test_an_attack_that_needs_the_truth_must_be_fitted():
    attack = oracle(lambda r: r[:, 0], kind=Supervised)
    with pytest.raises(ValueError, match=r"Supervised learns from the truth.*Frozen"):
        attack.fit(*own())
    X, secret = own()
    fitted = attack.membership_attack.fit(
        np.column_stack([secret, X]), np.arange(30) % 2
    )
    attack.set_params(membership_attack=FrozenEstimator(fitted)).fit(X, secret)
    assert attack.predict(X).tolist() == [2] * 30


def test_what_is_no_membership_attack_is_refused():
    with pytest.raises(TypeError, match="must be an attack of skprivacy.membership"):
        MembershipOracleAttack(FrozenEstimator(LogisticRegression()), sensitive=0).fit(
            *own()
        )


def test_a_frozen_attack_must_be_fitted():
    attack = oracle(len)
    attack.set_params(membership_attack=FrozenEstimator(attack.membership_attack))
    with pytest.raises(ValueError, match="not fitted"):
        attack.fit(*own())


@pytest.mark.parametrize("label", [{"label_known": False}, {"label": None}])
def test_the_label_must_be_known(label):
    attack = oracle(len).set_params(**label)
    with pytest.raises(ValueError, match="label_known"):
        attack.fit(*own())


def test_holes_are_filled_unless_the_membership_attack_takes_them():
    where = scene()
    X, secret = known(where.own)
    X_asked = known(where.members)[0].assign(b=np.nan)
    threshold = ThresholdAttack(where.box, label=LABEL)
    filled, completed = (
        MembershipOracleAttack(inner, random_state=0, **SETTINGS).fit(X, secret)
        for inner in (threshold, RangeAttack(threshold, n_completions=4))
    )
    for attack in (filled, completed):
        assert np.isfinite(attack.predict_proba(X_asked)).all()
    median = X_asked.assign(b=X["b"].median())
    expected = filled.predict_proba(median)
    # All but the imputer see the median; it decides ties alone.
    assert (filled.predict(X_asked) == expected.argmax(axis=1)).mean() > 0.8
    assert (
        completed._completer.complete(X_asked.drop(columns=LABEL), [1])
        .isna()
        .any(axis=None)
    )


def test_a_value_that_the_target_refuses_is_said():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"city": rng.choice(["ur", "uruk"], 90), "x": rng.random(90)})
    label = rng.integers(2, size=90)
    encoder = make_column_transformer((OneHotEncoder(), ["city"]))
    model = make_pipeline(encoder, DecisionTreeClassifier()).fit(table, label)
    attack = MembershipOracleAttack(
        ThresholdAttack(BlackBox(model), label="y"),
        sensitive="city",
        label="y",
        values=["ur", "uruk", "kish"],
    )
    with pytest.raises(ValueError, match=r"as values=\. It says: .*unknown categories"):
        attack.fit(table[["x"]].assign(y=label), table["city"])


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
    label = rng.choice(["yes", "no"], n)
    encoder = make_column_transformer(
        (OneHotEncoder(), ["city", "trade"]), remainder="passthrough"
    )
    forest = RandomForestClassifier(30, max_features=2, random_state=0)
    model = make_pipeline(encoder, forest).fit(table[:200], label[:200])
    attack = MembershipOracleAttack(
        ThresholdAttack(BlackBox(model), label="label"),
        sensitive=["trade", "city"],
        label="label",
        random_state=0,
    )
    X, secret = table[["x"]].assign(label=label), table[["trade", "city"]]
    attack.fit(X[200:], secret[200:])
    assert attack.classes_.shape == (4, 2)
    assert attack.score(X[:200], secret[:200]) > 0.35
    assert attack.score(X[200:], secret[200:]) < 0.35


def test_a_number_is_found():
    attack = oracle(lambda r: -np.abs(r[:, 0] - 3 * r[:, 1]), values="numeric")
    rng = np.random.default_rng(0)
    column = rng.normal(size=300)
    X, secret = np.column_stack([column, np.arange(300) % 2]), 3 * column
    attack.fit(X[:200], secret[:200])
    assert attack.score(X[200:], secret[200:]) > 0.5
    assert attack._estimator_type_ == "regressor"


def test_a_white_box_attack_that_is_given_all_completions_is_stronger():
    where = AttributeScene(RandomForestClassifier(30, random_state=0))
    X, secret = known(where.members)
    completions = pd.concat([X.assign(**{SECRET: value}) for value in (0, 1)])
    replay = BootstrapReplayAttack(where.frozen, label=LABEL)
    on_own, on_completions = (
        MembershipOracleAttack(inner, random_state=0, **SETTINGS)
        .fit(*known(where.own))
        .score(X, secret)
        for inner in (replay, FrozenEstimator(clone(replay).fit(completions)))
    )
    assert on_completions > on_own > 0.6
