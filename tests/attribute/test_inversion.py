"""The numbers behind a label."""

import numpy as np
import pandas as pd
import pytest
from attribute_scenes import N, scene
from sklearn.base import clone, is_regressor
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skprivacy.attribute import (
    AttributeInferenceResult,
    ImputationBaseline,
    InversionAttack,
)
from skprivacy.attribute._gaussian import ConditionalGaussian, RidgeGuess
from skprivacy.targets import BlackBox

SECRET, LABEL = "b", "y"


def table(n=400, seed=0, classes=False):
    """Four columns, ``b`` hanging on ``a``, and a label that hangs on all of them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=[*"abcd"])
    frame["b"] = 5 + 2 * frame["b"] + frame["a"]
    y = frame["b"] - 3 * frame["c"] + 0.5 * rng.normal(size=n)
    frame[LABEL] = (y > 5).astype(int) if classes else y
    return frame


def known(records, secret=SECRET):
    return records.drop(columns=secret), records[secret]


def fitted(recipe, records, hold=True, **options):
    model = recipe.fit(records.drop(columns=LABEL), records[LABEL])
    options = {"sensitive": SECRET, "label": LABEL, "random_state": 0, **options}
    target = FrozenEstimator(model) if hold else BlackBox(model)
    attack = InversionAttack(target, **options)
    return attack.fit(*known(records, options["sensitive"]))


@pytest.mark.parametrize("hold", [True, False])
def test_a_line_is_inverted_exactly(hold):
    records = table()
    records[LABEL] = 2 * records["a"] + 0.5 * records["b"] - records["c"]
    attack = fitted(LinearRegression(), records, hold, prior=None)
    expected = 2 * (records[LABEL] - 2 * records["a"] + records["c"])
    np.testing.assert_allclose(expected, records[SECRET])
    # A grid of 32 quantiles, of which the gaps are cut into 25.
    atol = 1e-3 if hold else 0.1
    np.testing.assert_allclose(attack.predict(known(records)[0]), expected, atol=atol)


def test_a_line_and_a_gaussian_have_their_maximum_where_it_is_by_hand():
    # Prior N(m, v) and a label y = s * secret + noise of variance e: the maximum is at
    # (m / v + w s (y - rest) / e) / (1 / v + w s^2 / e).
    records, w = table(), 0.7
    attack = fitted(LinearRegression(), records, weight=w, prior=DummyRegressor())
    X, secret = known(records)
    model = attack.target.estimator
    s = model.coef_[1]
    rest = model.predict(records.drop(columns=LABEL)) - s * secret
    m, v, e = secret.mean(), attack._prior.covariance_[0, 0], attack._scale**2
    assert v == pytest.approx(secret.var(), rel=0.02)
    best = (m / v + w * s * (X[LABEL] - rest) / e) / (1 / v + w * s**2 / e)
    best = np.clip(best, secret.min(), secret.max())
    np.testing.assert_allclose(attack.predict(X), best, atol=1e-3)


@pytest.mark.parametrize(
    "recipe",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        make_pipeline(
            StandardScaler(), MLPClassifier((8,), alpha=1, max_iter=800, random_state=0)
        ),
    ],
)
@pytest.mark.parametrize("secret", ["b", ["b", "c"]])
def test_who_can_only_ask_finds_the_same_as_who_holds_the_model(recipe, secret):
    records = table(classes=True)
    held, asked = (
        fitted(recipe, records, hold, sensitive=secret, prior=Ridge(), weight=1.0)
        for hold in (True, False)
    )
    assert held._layers is not None and asked._layers is None
    X, truth = known(records, secret)
    spread = np.std(truth.to_numpy(), axis=0)
    apart = np.abs(held.predict(X) - asked.predict(X)) / spread
    assert np.mean(apart) < 0.03 and np.quantile(apart, 0.95) < 0.1


def test_at_weight_0_it_is_imputation():
    rng = np.random.default_rng(0)
    records = table()
    # What a line does not tell.
    records["b"] = np.sin(3 * records["a"]) + 0.1 * rng.normal(size=len(records))
    X, secret = known(records)
    attack = fitted(LinearRegression(), records, weight=0)
    imputation = ImputationBaseline(SECRET, label=LABEL, random_state=0)
    expected = imputation.set_params(values="numeric").fit(X, secret).predict(X)
    expected = np.clip(expected, secret.min(), secret.max())
    np.testing.assert_allclose(attack.predict(X), expected)


def test_the_better_of_boosting_and_ridge_regression_is_the_prior():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    secret = np.column_stack([X[:, 0], np.abs(X[:, 0])]) + rng.normal(0, 0.1, (300, 2))
    prior = ConditionalGaussian(X, secret, random_state=0)
    kinds = [isinstance(guess, RidgeGuess) for guess in prior._guesses]
    assert kinds == [True, False]
    # Of 0.01 that nobody can tell, and 0.36 that the absolute value has by itself.
    assert prior.covariance_[0, 0] == pytest.approx(0.01, rel=0.3)
    assert 0.01 < prior.covariance_[1, 1] < 0.1
    np.testing.assert_allclose(prior.basis_ @ prior.basis_.T, prior.covariance_)


def test_what_a_model_says_is_used_where_the_prior_does_not_know_it():
    # The prior is told nothing of how b, c and the label hang together.
    records, others = table(), table(seed=1)
    attack = fitted(LinearRegression(), records, prior=DummyRegressor())
    assert attack.weight_ > 0
    assert attack.score(*known(others)) > 0.7


def test_answers_that_say_nothing_get_no_weight():
    records = table()
    records[LABEL] = np.random.default_rng(0).normal(size=len(records))
    X, secret = known(records)
    attack = fitted(Ridge(), records)
    prior = attack._prior.mean(X)[:, 0]
    gain = attack.score(X, secret) - clone(attack).set_params(weight=0).fit(
        X, secret
    ).score(X, secret)
    assert attack.weight_ == 0 and gain == 0
    np.testing.assert_allclose(
        attack.predict(X), np.clip(prior, secret.min(), secret.max())
    )


def numeric(records, secret="c"):
    return records.drop(columns=secret), records[secret]


@pytest.mark.power
def test_a_forest_gives_its_members_numbers_away_to_who_believes_it():
    where = scene(regression=True)
    options = {"sensitive": "c", "label": "income", "random_state": 0}
    timid = InversionAttack(where.box, **options).fit(*numeric(where.own))
    attack = clone(timid).set_params(shadow=where.shadow).fit(*numeric(where.own))
    assert attack.weight_ >= 1
    gain = attack.score(*numeric(where.members)) - timid.score(*numeric(where.members))
    assert gain > 0.15
    assert attack.score(*numeric(where.others)) < attack.score(*numeric(where.members))


@pytest.mark.power
def test_nobody_is_given_away_by_a_model_of_others():
    where = scene(nobody=True)
    attack = InversionAttack(where.box, sensitive="c", label="income", random_state=0)
    attack.set_params(shadow=where.shadow).fit(*numeric(where.own))
    errors = []
    for records in (where.members, where.others):
        X, secret = numeric(records)
        errors.append((attack.predict(X) - secret) ** 2)
    noise = np.sqrt(sum(e.var() / N for e in errors))
    assert abs(errors[0].mean() - errors[1].mean()) < 4 * noise


def test_a_whole_record_of_a_class_lies_near_the_mean_of_the_class():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 100)
    means = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 4.0]])
    X = means[y] + rng.normal(size=(300, 3))
    target = FrozenEstimator(LogisticRegression().fit(X, y))
    attack = InversionAttack(
        target, sensitive=[0, 1, 2], prior=DummyRegressor(), weight=1.0
    )
    attack.fit(y[:, None], X)
    found = attack.predict(np.array([[0], [1], [2]]))
    assert found.shape == (3, 3)
    apart = np.linalg.norm(found[:, None] - means, axis=2)
    assert apart.argmin(axis=1).tolist() == [0, 1, 2]
    # The prior of all leads to the same place for all; the model tells them apart.
    start = np.linalg.norm(X.mean(axis=0) - means, axis=1)
    assert (apart.diagonal() < start).all()
    # Without a prior a smooth model is surest at the end of the range.
    attack.set_params(prior=None).fit(y[:, None], X)
    farther = attack.predict(np.array([[1]]))[0]
    assert farther[0] > 0.9 * X[:, 0].max()


def test_arrays_are_attacked_like_frames():
    records = table(classes=True)
    X, secret = known(records)
    recipe = make_pipeline(StandardScaler(), LogisticRegression())
    expected = fitted(recipe, records, prior=Ridge(), weight=1.0).predict(X)
    features, y = records.drop(columns=LABEL).to_numpy(), records[LABEL].to_numpy()
    target = FrozenEstimator(clone(recipe).fit(features, y))
    attack = InversionAttack(
        target, sensitive=1, prior=Ridge(), weight=1.0, random_state=0
    )
    attack.fit(X.to_numpy(), secret.to_numpy())
    np.testing.assert_allclose(attack.predict(X.to_numpy()), expected)


def test_tables_with_texts_holes_and_whole_numbers():
    records = table(classes=True)
    records["c"] = records["c"].round(1)
    records["d"] = np.where(records["d"] > 0, "yes", "no")
    records["b"] = records["b"].round().astype(int)
    encoder = make_column_transformer((OneHotEncoder(), ["d"]), remainder="passthrough")
    recipe = make_pipeline(encoder, LogisticRegression(max_iter=1000))
    attack = fitted(recipe, records)
    X, secret = known(records)
    X.loc[:9, "c"] = np.nan
    X.loc[5:14, "d"] = np.nan
    X["d"] = X["d"].astype(object)
    found = attack.predict(X)
    assert np.isfinite(found).all() and found.std() > 0
    with_holes = clone(attack).fit(X, secret)
    assert np.isfinite(with_holes.predict(X)).all()


@pytest.mark.parametrize("response", ["label", "decision"])
def test_other_answers(response):
    records = table(classes=True)
    model = LogisticRegression().fit(records.drop(columns=LABEL), records[LABEL])
    attack = InversionAttack(
        BlackBox(model, response=response), sensitive=SECRET, label=LABEL, weight=1.0
    ).set_params(prior=DummyRegressor())
    X, secret = known(records)
    assert attack.fit(X, secret).score(X, secret) > 0.1


def test_answers_do_not_depend_on_order_company_or_batch(monkeypatch):
    records = table(150, classes=True)
    recipe = RandomForestClassifier(10, random_state=0)
    attack = fitted(recipe, records, hold=False, prior=Ridge(), weight=3.0)
    X, _ = known(records)
    found = attack.predict(X)
    order = np.random.default_rng(0).permutation(len(X))[:50]
    np.testing.assert_array_equal(attack.predict(X.iloc[order]), found[order])
    monkeypatch.setattr("skprivacy.attribute._inversion.BATCH", 7)
    np.testing.assert_array_equal(attack.predict(X), found)
    np.testing.assert_array_equal(clone(attack).fit(*known(records)).predict(X), found)


def test_it_is_a_regressor_of_one_or_several_outputs():
    records = table()
    attack = fitted(Ridge(), records, prior=Ridge(), weight=1.0)
    assert is_regressor(attack)
    found = cross_val_predict(attack, *known(records), cv=2)
    assert found.shape == (len(records),)
    options = {"sensitive": ["b", "c"], "prior": Ridge(), "weight": 1.0}
    several = fitted(Ridge(), records, **options)
    assert several.__sklearn_tags__().target_tags.multi_output
    X, secret = known(records, ["b", "c"])
    assert several.predict(X).shape == secret.shape
    assert several.score(X, secret) > 0.5


def test_it_is_judged_beside_imputation():
    where = scene()
    attack = InversionAttack(where.box, sensitive="c", label="income", random_state=0)
    imputation = ImputationBaseline("c", label="income", values="numeric")
    X, secret = numeric(where.own)
    result = AttributeInferenceResult.from_estimators(
        attack.fit(X, secret),
        imputation.fit(X, secret),
        *numeric(where.members),
        *numeric(where.others),
    )
    assert np.isfinite(result.advantage_over_imputation_.estimate)
