"""The best guess without the model."""

import numpy as np
import pandas as pd
import pytest
from attribute_scenes import LABEL, SECRET, SETTINGS, baseline, known, scene
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from skprivacy.attribute import ImputationBaseline
from skprivacy.attribute._candidates import candidates_of
from skprivacy.attribute._imputation import LEAST_CHANCE, Imputer


def numbers(n=60, seed=0):
    """Records of which the secret hangs on the first column, the label on nothing."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    y = np.arange(n) % 2
    return np.column_stack([X, y]), (X[:, 0] > 0).astype(int)


def baseline_of(**settings):
    return ImputationBaseline(**{"sensitive": 0, "random_state": 0} | settings)


def test_an_estimator_is_given_all_that_is_known_as_numbers():
    X, secret = numbers()
    attack = baseline_of(estimator=GaussianNB()).fit(X, secret)
    model = GaussianNB().fit(X, secret)
    # No chance is 0; what that adds is shared out.
    expected = (model.predict_proba(X) + LEAST_CHANCE) / (1 + 2 * LEAST_CHANCE)
    np.testing.assert_allclose(attack.predict_proba(X), expected)
    assert isinstance(attack.estimator_, GaussianNB)


def test_the_given_estimator_is_left_alone():
    X, secret = numbers()
    estimator = LogisticRegression()
    baseline_of(estimator=estimator).fit(X, secret)
    with pytest.raises(NotFittedError):
        estimator.predict(X)


def test_an_estimator_without_chances_is_sure():
    X, secret = numbers()
    attack = baseline_of(estimator=RidgeClassifier()).fit(X, secret)
    expected = RidgeClassifier().fit(X, secret).predict(X)
    np.testing.assert_array_equal(attack.predict(X), expected)
    assert attack.predict_proba(X).max(axis=1).min() > 0.999


def test_the_default_finds_what_the_columns_say():
    X, secret = numbers(300)
    attack = baseline_of().fit(X[:150], secret[:150])
    assert attack.score(X[150:], secret[150:]) > 0.9
    assert isinstance(attack.estimator_, HistGradientBoostingClassifier)


def test_the_default_does_not_learn_noise_by_heart():
    # Three in four have the value 1: what hangs on nothing is guessed by its share.
    rng = np.random.default_rng(0)
    X, secret = rng.normal(size=(1000, 6)), (rng.random(1000) < 0.75).astype(int)
    attack = baseline_of(label=None).fit(X[:500], secret[:500])
    assert attack.score(X[500:], secret[500:]) > 0.75 - 4 * np.sqrt(0.75 / 4 / 500)


def test_a_number_is_the_prediction_itself():
    X, _ = numbers()
    secret = X[:, 0] + X[:, 2]
    attack = baseline_of(estimator=LinearRegression()).fit(X, secret)
    np.testing.assert_allclose(attack.predict(X), secret)
    assert attack.score(X, secret) == pytest.approx(1)
    assert not hasattr(attack, "predict_proba") and not hasattr(attack, "classes_")


def test_a_number_by_default():
    X, _ = numbers(600)
    secret = 3 * X[:, 0] + X[:, 2]
    attack = baseline_of().fit(X[:300], secret[:300])
    found = attack.predict(X[300:])
    assert attack.score(X[300:], secret[300:]) == r2_score(secret[300:], found)
    assert r2_score(secret[300:], found) > 0.9


def test_the_label_is_used_where_it_is_known():
    # The secret is the label.
    X, _ = numbers()
    secret = X[:, 2].astype(int)
    assert baseline_of().fit(X, secret).score(X, secret) == 1
    without = baseline_of(label_known=False, estimator=GaussianNB()).fit(X, secret)
    alone = GaussianNB().fit(X[:, :2], secret)
    np.testing.assert_array_equal(without.predict(X), alone.predict(X[:, :2]))


@pytest.mark.parametrize("as_frame", [False, True])
def test_a_label_that_is_not_known_is_passed_over(as_frame):
    X, secret = numbers()
    lies, without = X * [1, 1, np.nan], X[:, :2]
    label = -1
    if as_frame:
        X, lies = (pd.DataFrame(t, columns=["a", "b", "income"]) for t in (X, lies))
        without, label = X[["a", "b"]], "income"
    attack = baseline_of(sensitive="s" if as_frame else 0, label=label)
    attack.set_params(label_known=False).fit(X, secret)
    for table in (lies, without):
        np.testing.assert_array_equal(
            attack.predict_proba(X), attack.predict_proba(table)
        )


def test_the_secret_need_be_no_feature_of_any_model():
    X, secret = numbers()
    named = baseline_of(sensitive="shoe size", label="y").fit(
        pd.DataFrame(X, columns=["a", "b", "y"]), secret
    )
    assert named.classes_.tolist() == [0, 1]


def test_texts_categories_and_holes():
    rng = np.random.default_rng(0)
    secret = rng.choice(["x", "y", "z"], 300)
    table = pd.DataFrame(
        {
            "text": np.char.add("is ", secret),
            "category": pd.Categorical(rng.choice(["u", "v"], 300)),
            "empty": np.nan,
            "income": rng.choice(["yes", "no"], 300),
        }
    )
    attack = baseline_of(sensitive="s", label="income").fit(table, secret)
    assert attack.score(table, secret) == 1
    never_seen = table.assign(text="is w", category=None)
    assert np.isfinite(attack.predict_proba(never_seen)).all()


def test_a_column_of_too_many_texts_is_no_category():
    X = pd.DataFrame({"id": [f"p{i:03}" for i in range(400)], "a": np.arange(400) % 5})
    secret = X["a"] > 2
    attack = baseline_of(sensitive="s", label=None).fit(X, secret)
    assert attack.score(X, secret) == 1


def test_nothing_known_leaves_the_shares():
    X = np.full((60, 1), np.nan)
    secret = np.repeat([0, 1], [15, 45])
    attack = baseline_of(label=None).fit(X, secret)
    np.testing.assert_allclose(attack.predict_proba(X)[0], [0.25, 0.75], atol=0.01)


SECRETS = {
    "truth values": lambda v: v.astype(bool),
    "texts": lambda v: np.where(v, "a", "b"),
    "text beside numbers": lambda v: np.array([[1, "x"][i] for i in v], dtype=object),
    "list": lambda v: v.tolist(),
    "category": lambda v: pd.Series(np.where(v, "a", "b"), dtype="category"),
    "text type": lambda v: pd.Series(np.where(v, "a", "b"), dtype="string"),
    "missing allowed": lambda v: pd.Series(v, dtype="Int64"),
    "table of one column": lambda v: pd.DataFrame({"s": v}),
    "other index": lambda v: pd.Series(v, index=np.arange(len(v)) + 7),
}


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("values", ["auto", "classes"])
def test_kinds_of_secrets(name, values):
    X, secret = numbers()
    secret = SECRETS[name](secret)
    attack = baseline_of(values=values).fit(X, secret)
    assert attack.score(X, secret) == 1
    assert attack.predict_proba(X).shape == (60, 2)


def test_several_secrets_must_all_be_right():
    X, secret = numbers()
    both = pd.DataFrame({"s": secret, "t": np.where(X[:, 1] > 0, "a", "b")})
    attack = baseline_of(sensitive=[0, 1]).fit(X, both)
    found = attack.predict(X)
    assert found.shape == (60, 2)
    expected = (found == both.to_numpy()).all(axis=1)
    assert attack.score(X, both) == pytest.approx(expected.mean())
    weight = np.arange(60)
    weighted = attack.score(X, both, sample_weight=weight)
    assert weighted == pytest.approx(np.average(expected, weights=weight))


def test_weights_of_records():
    X, secret = numbers()
    attack = baseline_of(estimator=GaussianNB()).fit(X, secret)
    wrong = 1 - attack.predict(X)
    wrong[0] = attack.predict(X[:1])[0]
    weight = np.where(np.arange(60) == 0, 3, 1)
    assert attack.score(X, wrong, sample_weight=weight) == pytest.approx(3 / 62)


def test_values_that_it_never_saw_are_next_to_impossible():
    X, secret = numbers()
    attack = baseline_of(values=[0, 1, 2]).fit(X, secret)
    assert attack.predict_proba(X)[:, 2].max() < 2 * LEAST_CHANCE
    # And a truth that is no candidate is not guessed.
    assert attack.score(X, secret + 3) == 0


def test_listed_numbers_are_classes():
    X, secret = numbers()
    attack = baseline_of(values=[0.5, 1.5]).fit(X, secret + 0.5)
    assert attack.classes_.tolist() == [0.5, 1.5]
    assert attack.score(X, secret + 0.5) == 1


def test_fractions_are_no_classes_by_themselves():
    X, _ = numbers()
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        baseline_of(values="classes").fit(X, X[:, 0])


class TestImputer:
    def imputer(self, estimator, n=60):
        X, secret = numbers(n)
        candidates = candidates_of(secret[:, None], "classes")
        return Imputer(estimator, candidates, 0).fit(X, secret[:, None]), X, secret

    def test_out_of_fold_holds_each_record_out(self):
        # The nearest record is the record itself, unless it is held out.
        one = KNeighborsClassifier(1)
        imputer, X, _ = self.imputer(one)
        noise = np.random.default_rng(0).integers(2, size=(60, 1))
        imputer.fit(X, noise)
        inside = imputer.log_chances(X).argmax(axis=1) == noise[:, 0]
        outside = imputer.out_of_fold(X, noise).argmax(axis=1) == noise[:, 0]
        assert inside.all()
        assert outside.mean() < 0.8

    def test_out_of_fold_is_cross_validation(self):
        imputer, X, secret = self.imputer(GaussianNB())
        found = imputer.out_of_fold(X, secret[:, None]).argmax(axis=1)
        agree = found == cross_val_predict(GaussianNB(), X, secret)
        assert agree.mean() > 0.9

    def test_a_fold_without_the_only_other_value(self):
        X, secret = numbers()
        rare = (np.arange(60) == 7).astype(int)[:, None]
        candidates = candidates_of(rare, "classes")
        imputer = Imputer(RandomForestClassifier(3), candidates, 0).fit(X, rare)
        assert np.isfinite(imputer.out_of_fold(X, rare)).all()

    def test_the_same_seed_gives_the_same_guess(self):
        first, X, secret = self.imputer(None)
        second, *_ = self.imputer(None)
        for found in ("log_chances", "out_of_fold"):
            args = (X,) if found == "log_chances" else (X, secret[:, None])
            one, two = (getattr(i, found)(*args) for i in (first, second))
            np.testing.assert_array_equal(one, two)


def test_it_works_in_a_search():
    where = scene()
    grid = {"estimator": [GaussianNB(), LogisticRegression()], "label_known": [True]}
    search = GridSearchCV(baseline_of(sensitive=SECRET, label=LABEL), grid, cv=3)
    search.fit(*known(where.own))
    assert search.score(*known(where.others)) > 0.5


def test_it_knows_as_much_of_members_as_of_others():
    scores = [baseline().score(*known(r)) for r in (scene().members, scene().others)]
    # Two shares of 300: four standard errors, a false alarm in 1 of 16,000.
    assert abs(scores[0] - scores[1]) < 4 * 0.0408


@pytest.mark.parametrize(
    ("settings", "y", "match"),
    [
        ({"estimator": LinearRegression()}, [0, 1] * 30, "estimator must be a classif"),
        (
            {"estimator": LogisticRegression(), "values": "numeric"},
            [0, 1] * 30,
            "estimator must be a regressor for a numeric secret",
        ),
        ({"estimator": 3}, [0, 1] * 30, "'estimator' parameter of ImputationBaseline"),
        ({"label_known": "no"}, [0, 1] * 30, "'label_known' parameter"),
        ({}, [0, 1, 1], "inconsistent numbers of samples"),
        ({}, None, "y is the secret"),
        ({}, [0, 1] * 29 + [0, np.nan], "1 of 60 records have no secret"),
        ({}, ["a", None] * 30, "30 of 60 records have no secret"),
        ({}, [0, 1] * 29 + [0, np.inf], "the secret must be finite"),
        ({}, [1] * 60, "at least two values"),
        ({"sensitive": [0, 1]}, [0, 1] * 30, "a column for each of the 2 sensitive"),
        ({"sensitive": None}, [0, 1] * 30, "sensitive must be the name of a column"),
        ({"label": 5}, [0, 1] * 30, "label=5 is not a column"),
    ],
)
def test_what_cannot_be_fitted(settings, y, match):
    X, _ = numbers()
    with pytest.raises((ValueError, TypeError), match=match):
        baseline_of(**settings).fit(X, y)


def test_a_label_that_is_missing_is_said():
    X, secret = numbers()
    attack = baseline_of().fit(X, secret)
    X[:2, 2] = np.nan
    with pytest.raises(ValueError, match="label: 2 of 60 records have no label"):
        attack.predict(X)
    with pytest.raises(ValueError, match="label: 2 of 60 records have no label"):
        attack.fit(X, secret)


def test_a_secret_that_is_missing_is_not_scored():
    X, secret = numbers()
    attack = baseline_of().fit(X, secret)
    with pytest.raises(ValueError, match="1 of 60 records have no secret"):
        attack.score(X, np.where(np.arange(60) == 3, np.nan, secret))


def test_it_must_be_fitted_first():
    for method in ("predict", "predict_proba"):
        with pytest.raises(NotFittedError):
            getattr(clone(ImputationBaseline(**SETTINGS)), method)(numbers()[0])
