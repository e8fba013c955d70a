"""Naive Bayes of counts: shadows of one product are those fitted one by one."""

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB

from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

KINDS = [BernoulliNB, ComplementNB, MultinomialNB]


def records(n=60, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    return np.column_stack([rng.poisson(1.0 + y[:, None] * [0.5, 0, 1, 0]), y])


def assert_same(recipe, pool, seed=0, **params):
    fast, slow = (
        ShadowModels(
            recipe, n_models=4, random_state=seed, engine=engine, **params
        ).fit(pool)
        for engine in ("auto", "generic")
    )
    assert (fast.engine_, slow.engine_) == ("discrete_nb", "generic")
    np.testing.assert_allclose(fast.answers_, slow.answers_, atol=1e-9)
    return fast, slow


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("params", [{}, {"alpha": 0.1, "fit_prior": False}])
@pytest.mark.parametrize("kind", KINDS)
def test_models_are_those_fitted_one_by_one(kind, params, seed):
    fast, slow = assert_same(kind(**params), records(seed=seed), seed, keep_models=True)
    for one, other in zip(fast.models_, slow.models_, strict=True):
        assert vars(one).keys() == vars(other).keys()
        np.testing.assert_allclose(one.feature_log_prob_, other.feature_log_prob_)
        np.testing.assert_allclose(one.class_log_prior_, other.class_log_prior_)


@pytest.mark.parametrize("recipe", [BernoulliNB(binarize=1.5), ComplementNB(norm=True)])
def test_their_own_parameters(recipe):
    assert_same(recipe, records())


@pytest.mark.parametrize("kind", KINDS)
def test_tables_and_classes_that_a_model_never_saw(kind):
    pool = pd.DataFrame(records(), columns=["a", "b", "c", "d", "label"])
    pool["label"] = pool["label"].map({0: "no", 1: "yes", 2: "both"})
    pool.loc[0, "label"] = "never"
    X, y = pool.drop(columns="label"), pool["label"]
    target = BlackBox(kind().fit(X, y), response="label")
    assert_same(None, pool, label="label", target=target)
    fast, slow = assert_same(kind(), pool, label="label")
    strangers = pool.iloc[:6].assign(a=9, label="no")
    ours, theirs = fast.query(strangers), slow.query(strangers)
    np.testing.assert_allclose(ours.answers, theirs.answers, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_one_class_alone(kind):
    pool = records()
    pool[:, -1] = 1
    assert_same(kind(), pool)


@pytest.mark.parametrize(
    "recipe",
    [
        MultinomialNB(alpha=[1, 2, 3, 4]),
        MultinomialNB(class_prior=[0.4, 0.6]),
        BernoulliNB(binarize=None),
    ],
    ids=["alphas", "prior", "as they are"],
)
def test_what_is_not_known_is_left_to_the_generic_engine(recipe):
    pool = records().clip(0, 1)
    shadow = ShadowModels(recipe, n_models=2, random_state=0).fit(pool)
    assert shadow.engine_ == "generic"
