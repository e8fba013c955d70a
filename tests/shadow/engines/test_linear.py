"""Linear models of all shadows at once are those that are fitted one by one."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from skprivacy.shadow import ShadowFitError, ShadowModels
from skprivacy.targets import BlackBox


def tight(**params):
    # What lbfgs returns is off by 1e-4 where columns are far from 0, at any tolerance.
    return LogisticRegression(solver="newton-cholesky", tol=1e-10, **params)


def records(n_classes=2, n=80, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4)) * [1, 5, 0.2, 1] + [0, 50, 0, 1]
    y = (X[:, 0] + X[:, 2] + rng.normal(size=n) > 0) + rng.integers(0, n_classes - 1, n)
    return np.column_stack([X, y])


def mixed(n=120, seed=0):
    """Numbers with gaps, texts with a rare category, a class that is rare."""
    table = pd.DataFrame(records(3, n, seed), columns=["a", "b", "c", "d", "label"])
    rng = np.random.default_rng(seed + 1)
    table["color"] = rng.choice(["red", "green", "blue"], n)
    table.loc[0, "color"] = "mauve"
    table.loc[rng.random(n) < 0.2, "b"] = np.nan
    table.insert(0, "flag", (np.arange(n) == 1) * 1.0)
    table["label"] = table["label"].map({0.0: "no", 1.0: "yes", 2.0: "perhaps"})
    table.loc[2, "label"] = "never"
    return table[["flag", "a", "b", "color", "c", "d", "label"]]


def both(recipe, pool, seed=0, **params):
    fitted = []
    for engine in ("auto", "generic"):
        shadow = ShadowModels(
            recipe, n_models=4, random_state=seed, engine=engine, **params
        )
        fitted.append(shadow.fit(pool))
    return fitted


def assert_same(recipe, pool, engine, seed=0, **params):
    fast, slow = both(recipe, pool, seed, **params)
    assert (fast.engine_, slow.engine_) == (engine, "generic")
    np.testing.assert_allclose(fast.answers_, slow.answers_, atol=2e-5, rtol=2e-5)
    return fast, slow


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("intercept", [True, False])
def test_logistic_regressions_are_those_fitted_one_by_one(seed, n_classes, intercept):
    recipe = tight(C=0.5, fit_intercept=intercept)
    pool = records(n_classes, seed=seed) * np.r_[np.ones(3), 1.0, 1.0]
    fast, slow = assert_same(recipe, pool, "logistic", seed, keep_models=True)
    for one, other in zip(fast.models_, slow.models_, strict=True):
        np.testing.assert_allclose(one.coef_, other.coef_, atol=2e-5)
        np.testing.assert_allclose(one.intercept_, other.intercept_, atol=1e-3)
        assert vars(one).keys() == vars(other).keys()
        assert one.coef_.shape == other.coef_.shape
    strangers = records(n_classes, 10, seed=9)
    ours, theirs = fast.query(strangers), slow.query(strangers)
    np.testing.assert_allclose(ours.answers, theirs.answers, atol=2e-5)


@pytest.mark.parametrize("response", ["label", "decision", "proba"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_answers_of_every_kind(response, n_classes):
    pool = records(n_classes)
    pool[0, -1] = 7.0  # a class that half of the models never see
    X, y = pool[:, :-1], pool[:, -1]
    target = BlackBox(tight().fit(X, y), response=response)
    fast, _ = assert_same(None, pool, "logistic", target=target)
    assert fast.classes_.tolist()[-1] == 7.0


def test_the_default_tolerance_is_the_only_difference():
    fast, slow = both(LogisticRegression(), records(2, 200))
    assert fast.engine_ == "logistic"
    apart = np.abs(fast.answers_ - slow.answers_).max()
    assert apart < 0.1 * slow.answers_[:, :, 0].std(axis=0).mean()


def test_rounded_answers_may_fall_to_either_side():
    pool = records(2, 200)
    target = BlackBox(LogisticRegression().fit(pool[:, :-1], pool[:, -1]), decimals=1)
    fast, slow = both(None, pool, target=target)
    assert fast.engine_ == "logistic"
    assert (fast.answers_ != slow.answers_).mean() < 0.02


def test_a_solver_that_is_stopped_early_is_left_to_stop():
    recipe = LogisticRegression(max_iter=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fast, slow = both(recipe, records())
    assert fast.engine_ == "generic"
    assert np.array_equal(fast.answers_, slow.answers_)


@pytest.mark.parametrize("scale", [1.0, 1e4])
@pytest.mark.parametrize(
    "recipe", [Ridge(), Ridge(0.1, fit_intercept=False), LinearRegression()]
)
def test_least_squares_are_those_fitted_one_by_one(recipe, scale):
    pool = records() * scale
    fast, slow = both(recipe, pool, keep_models=True)
    assert fast.engine_ == "least_squares"
    np.testing.assert_allclose(
        fast.answers_, slow.answers_, rtol=1e-9, atol=1e-9 * scale
    )
    for one, other in zip(fast.models_, slow.models_, strict=True):
        assert vars(one).keys() == vars(other).keys()
        for name in ("coef_", "intercept_", "singular_"):
            if hasattr(other, name):
                ours, theirs = getattr(one, name), getattr(other, name)
                np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-9 * scale)


def test_columns_that_depend_on_each_other_are_left_to_the_least_norm():
    pool = records()
    pool[:, 1] = 2 * pool[:, 0]
    assert_same(LinearRegression(), pool, "least_squares")


STEPS = {
    "scaler": lambda: (StandardScaler(),),
    "imputer": lambda: (SimpleImputer(strategy="median"), StandardScaler()),
}


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("last", [tight, Ridge])
def test_pipelines_of_numbers(steps, last):
    pool = records(3)
    if steps == "imputer":
        pool[::7, 1] = np.nan
        pool[3::7, 0] = np.nan
    kind = "least_squares" if last is Ridge else "logistic"
    recipe = make_pipeline(*STEPS[steps](), last())
    fast, slow = assert_same(recipe, pool, kind)
    strangers = records(3, 10, seed=5)
    if steps == "imputer":
        strangers[0, 3] = np.nan  # where no record of the pool has a gap
    ours, theirs = fast.query(strangers), slow.query(strangers)
    np.testing.assert_allclose(ours.answers, theirs.answers, atol=2e-5)


@pytest.mark.parametrize("seed", range(2))
def test_pipelines_of_mixed_tables(seed):
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    encoder = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer(
        [("numbers", numbers, ["b", "a", "flag"]), ("texts", encoder, ["color"])],
        remainder="passthrough",
    )
    recipe = make_pipeline(columns, tight())
    pool = mixed(seed=seed)
    fast, slow = assert_same(recipe, pool, "logistic", seed, label="label")
    strangers = mixed(8, seed + 7)
    strangers["label"] = "yes"
    strangers.loc[3, "color"] = "black"
    ours, theirs = fast.query(strangers), slow.query(strangers)
    np.testing.assert_allclose(ours.answers, theirs.answers, atol=2e-5)
    # Models that are kept have all their steps: they are fitted.
    kept = ShadowModels(recipe, n_models=2, label="label", keep_models=True)
    assert kept.fit(pool).engine_ == "generic"


@pytest.mark.filterwarnings("ignore:Skipping features")
@pytest.mark.parametrize(("seed", "engine"), [(0, "generic"), (2, "least_squares")])
def test_a_column_that_some_models_drop(seed, engine):
    pool = records()
    pool[1:, 1] = np.nan  # known of one record: of half of the models
    fast, slow = both(make_pipeline(SimpleImputer(), Ridge()), pool, seed)
    # The first model is the one that is looked at before the engine is taken.
    assert fast.engine_ == engine
    assert fast.membership_[0, 0] == (engine != "generic")
    np.testing.assert_allclose(fast.answers_, slow.answers_, atol=1e-9)


def test_a_scaler_behind_the_encoder():
    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["color"]), ("passthrough", ["a", "c"])
    )
    recipe = make_pipeline(encoder, StandardScaler(with_mean=False), tight())
    assert_same(recipe, mixed(), "logistic", label="label")


@pytest.mark.parametrize(
    "recipe",
    [
        LogisticRegression(C=np.inf),
        LogisticRegression(solver="liblinear"),
        LogisticRegression(class_weight="balanced"),
        make_pipeline(MinMaxScaler(), LogisticRegression()),
        make_pipeline(StandardScaler(), LogisticRegression(fit_intercept=False)),
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=1)),
    ],
    ids=["unpenalized", "liblinear", "balanced", "other step", "shifted", "stopped"],
)
@pytest.mark.filterwarnings("ignore")
def test_what_is_not_known_is_left_to_the_generic_engine(recipe):
    shadow = ShadowModels(recipe, n_models=2, random_state=0).fit(records())
    assert shadow.engine_ == "generic"


@pytest.mark.parametrize(
    "recipe", [Ridge(positive=True), Ridge(0.0), Ridge(solver="sag")]
)
def test_ridges_that_are_left_to_the_generic_engine(recipe):
    shadow = ShadowModels(recipe, n_models=2, random_state=0).fit(records())
    assert shadow.engine_ == "generic"


def test_single_precision_is_left_to_the_generic_engine():
    shadow = ShadowModels(Ridge(), n_models=2, random_state=0)
    assert shadow.fit(records().astype(np.float32)).engine_ == "generic"


def test_a_model_of_one_class_fails_as_ever():
    pool = records()[:8]
    pool[:, -1] = 0.0
    pool[0, -1] = 1.0
    with pytest.raises(ShadowFitError, match="at least 2 classes"):
        ShadowModels(tight(), n_models=2, random_state=0).fit(pool)
