"""Evidence from shadow models, and what is learned from it."""

import numpy as np
import pandas as pd
import pytest
from attribute_scenes import LABEL, SECRET, SETTINGS, baseline, fitted, known, scene
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skprivacy.attribute import ImputationBaseline, LearnedAttack
from skprivacy.attribute._learned import _not_its_complement
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

#: Four standard errors of a share of 300: a false alarm in 1 of 16,000.
SURE = 4 * 0.0289


def learned(where=None, **settings):
    where = scene() if where is None else where
    settings = {"shadow": where.shadow, "random_state": 0} | SETTINGS | settings
    return LearnedAttack(where.box, **settings)


def gain(attack, records):
    return attack.score(*known(records)) - baseline().score(*known(records))


class TestComparedModels:
    def test_neither_the_model_nor_its_complement(self):
        half = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 1, 1]], dtype=bool)
        assert _not_its_complement(half, 0).tolist() == [False, True, False]
        assert _not_its_complement(half, 1).tolist() == [True, False, True]

    def test_a_pair_alone_is_compared_with_each_other(self):
        half = np.array([[1, 1, 0, 0], [0, 0, 1, 1]], dtype=bool)
        assert _not_its_complement(half, 0).tolist() == [False, True]


@pytest.mark.power
def test_who_assumes_members_gains_more_on_them_and_loses_more_on_others():
    sure, careful = (learned(member_prior=p).fit(*known(scene().own)) for p in (1, 0.5))
    members, others = scene().members, scene().others
    assert gain(sure, members) > 0.1
    assert gain(careful, members) > 0.1
    assert gain(careful, others) >= gain(sure, others)


@pytest.mark.power
def test_who_assumes_strangers_trusts_nothing_but_imputation():
    attack = learned(member_prior=0).fit(*known(scene().own))
    for records in (scene().members, scene().others):
        assert abs(gain(attack, records)) < SURE


def test_strangers_are_imputed_about_as_well():
    assert gain(fitted("LearnedAttack"), scene().others) > -SURE


@pytest.mark.power
def test_a_model_that_does_not_overfit_adds_nothing():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1200, 3))
    X[:, 1] = rng.integers(2, size=1200)
    y = (X.sum(axis=1) + rng.logistic(size=1200) > 0.5).astype(int)
    model = LogisticRegression().fit(X[:600], y[:600])
    everything = np.column_stack([X[:, [0, 2]], y])
    shadow = ShadowModels(n_models=4)
    attack = LearnedAttack(BlackBox(model), sensitive=1, shadow=shadow, random_state=0)
    imputation = ImputationBaseline(sensitive=1, random_state=0)
    for estimator in (attack, imputation):
        estimator.fit(everything[600:], X[600:, 1])
    members = everything[:600], X[:600, 1]
    assert abs(attack.score(*members) - imputation.score(*members)) < SURE


@pytest.mark.parametrize("label", [LABEL, -1])
def test_a_label_that_is_not_known_is_passed_over(label):
    attack = learned(label_known=False, label=label, member_prior=1)
    attack.fit(*known(scene().own))
    X, _ = known(scene().members)
    for table in (X.assign(**{LABEL: 1 - X[LABEL]}), X.drop(columns=LABEL)):
        np.testing.assert_array_equal(
            attack.predict_proba(X), attack.predict_proba(table)
        )
    # The forest is surer of a record that it knows, whatever the label.
    assert gain(attack, scene().members) > 0.05


def test_final_estimator_is_given_a_row_for_each_model_record_and_candidate():
    class Kept(GaussianNB):
        def fit(self, X, y, sample_weight=None):
            self.seen_ = X.shape, y.mean(), set(np.unique(sample_weight))
            return super().fit(X, y, sample_weight)

    attack = learned(final_estimator=Kept(), member_prior=0.25)
    attack.fit(*known(scene().own))
    shape, share, weights = attack.final_estimator_.seen_
    # 4 shadow models, 300 records, 2 candidates, of which one is true.
    assert shape[0] == 4 * 300 * 2
    assert share == 0.5
    assert weights == {0.25, 0.75}
    assert gain(attack, scene().members) > 0


def test_only_the_members_of_shadow_models_are_learned_from_where_all_are_members():
    class Kept(GaussianNB):
        def fit(self, X, y, sample_weight=None):
            self.n_rows_ = len(X)
            return super().fit(X, y, sample_weight)

    attack = learned(final_estimator=Kept(), member_prior=1).fit(*known(scene().own))
    assert attack.final_estimator_.n_rows_ == 4 * 150 * 2


def test_given_estimators_are_left_alone():
    final, imputer = LogisticRegression(), GaussianNB()
    attack = learned(final_estimator=final, imputer=imputer).fit(*known(scene().own))
    assert attack.final_estimator_ is not final
    assert not hasattr(final, "coef_") and not hasattr(imputer, "theta_")


def test_shadow_models_are_trained_like_the_target():
    attack = learned(shadow=ShadowModels(n_models=2)).fit(*known(scene().own))
    assert attack.shadow_.n_models == 2
    assert attack.shadow_.label == LABEL
    X, _ = known(scene().members)
    assert np.isfinite(attack.predict_proba(X)).all()


def test_records_that_are_in_every_shadow_model_leave_no_hole():
    shadow = ShadowModels(n_models=2, paired=False, subsample=0.9)
    attack = learned(shadow=shadow).fit(*known(scene().own))
    X, _ = known(scene().members)
    assert np.isfinite(attack.predict_proba(X)).all()


def test_known_cells_may_be_missing():
    own = scene().own.assign(d=np.nan)
    own["b"] = own["b"].where(own["b"] > 0)
    attack = learned(shadow=ShadowModels(n_models=2)).fit(*known(own))
    X, _ = known(scene().members.assign(c=np.nan, d=np.nan))
    assert np.isfinite(attack.predict_proba(X)).all()


def test_a_secret_that_is_no_feature_is_inferred_from_what_hangs_together_with_it():
    where = scene()
    features = where.members.drop(columns=[SECRET, LABEL])
    forest = RandomForestClassifier(5, random_state=0)
    forest.fit(features, where.members[LABEL])
    attack = LearnedAttack(
        BlackBox(forest), shadow=ShadowModels(n_models=2), random_state=0, **SETTINGS
    )
    attack.fit(*known(where.own))
    X, secret = known(where.members)
    # The answer is the same for all candidates.
    assert abs(attack.score(X, secret) - baseline().score(X, secret)) < SURE


def test_a_number_that_the_target_adds_to_its_answer():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    y = X @ [1.0, 3.0, 0.0] + 0.1 * rng.normal(size=400)
    model = LinearRegression().fit(X, y)
    knows = np.column_stack([X[:, [0, 2]], y])
    attack = LearnedAttack(
        BlackBox(model),
        sensitive=1,
        shadow=ShadowModels(n_models=2),
        final_estimator=HistGradientBoostingClassifier(max_iter=20),
        imputer=GaussianNB(),
        random_state=0,
    )
    attack.fit(knows[:200], X[:200, 1])
    assert attack.score(knows[200:], X[200:, 1]) > 0.9
    assert not hasattr(attack, "predict_proba")


def people(n=400, seed=0):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "city": rng.choice(["ur", "uruk"], n),
            "x": rng.normal(size=n),
            "trade": pd.Categorical(rng.choice(["a", "b", "c"], n)),
        }
    )
    return table, rng.choice(["yes", "no"], n)


PIPELINES = {
    "one-hot": make_pipeline(
        make_column_transformer(
            (OneHotEncoder(), ["city", "trade"]), (StandardScaler(), ["x"])
        ),
        RandomForestClassifier(20, bootstrap=False, random_state=0),
    ),
    "category type": make_pipeline(
        make_column_transformer(
            (OneHotEncoder(sparse_output=False), ["city"]),
            remainder="passthrough",
            verbose_feature_names_out=False,
        ).set_output(transform="pandas"),
        HistGradientBoostingClassifier(
            categorical_features="from_dtype", max_iter=20, min_samples_leaf=2
        ),
    ),
}


@pytest.mark.parametrize("name", PIPELINES)
@pytest.mark.parametrize("sensitive", ["trade", "city", ["city", "trade"]])
def test_texts_and_categories_in_pipelines(name, sensitive):
    table, label = people()
    model = PIPELINES[name].fit(table[:200], label[:200])
    attack = LearnedAttack(
        BlackBox(model),
        sensitive=sensitive,
        label="label",
        shadow=ShadowModels(n_models=2),
        member_prior=1,
        imputer=GaussianNB(),
        random_state=0,
    )
    everything = table.drop(columns=sensitive).assign(label=label)
    attack.fit(everything[200:], table[sensitive][200:])
    chance = 1 / len(attack.classes_)
    score = attack.score(everything[:200], table[sensitive][:200])
    assert score > chance + 2 * np.sqrt(chance * (1 - chance) / 200)


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"member_prior": 1.5}, "'member_prior' parameter of LearnedAttack"),
        ({"final_estimator": "best"}, "'final_estimator' parameter of LearnedAttack"),
        ({"final_estimator": LinearRegression()}, "'final_estimator' parameter"),
        ({"imputer": LinearRegression()}, "'imputer' parameter of LearnedAttack"),
        ({"shadow": 8}, "shadow must be"),
        ({"label": None}, "label must name a column of the attacker's own records"),
        ({"sensitive": "age"}, r"sensitive: \['age'\] are no features of the target"),
        ({"values": [0, 2]}, "values lacks 1"),
    ],
)
def test_what_cannot_be_fitted(settings, match):
    X, secret = known(scene().own)
    if settings.get("label", 0) is None:
        X = X.drop(columns=LABEL)
    if "label" in settings:
        settings = settings | {"label_known": False}
    with pytest.raises((ValueError, TypeError), match=match):
        learned(**settings).fit(X, secret)


def test_ten_thousand_texts_are_too_many():
    X, _ = known(pd.concat([scene().own] * 34)[:10_000])
    with pytest.raises(ValueError, match="10000 distinct values"):
        learned().fit(X, [f"v{i}" for i in range(10_000)])


def test_a_bare_target_is_refused():
    attack = LearnedAttack(DecisionTreeClassifier(), **SETTINGS)
    with pytest.raises(TypeError, match="BlackBox"):
        attack.fit(*known(scene().own))


def test_a_label_that_the_target_does_not_know_is_said():
    X, _ = known(scene().members)
    with pytest.raises(ValueError, match="none of the records' labels is a class"):
        fitted("LearnedAttack").predict(X.assign(**{LABEL: 7}))
