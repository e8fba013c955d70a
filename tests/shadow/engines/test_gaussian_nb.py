import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB

from skprivacy.shadow import ShadowModels

RNG = np.random.default_rng(0)


class Derived(GaussianNB):
    """May do anything."""


def records(n=60, far=0.0):
    X = RNG.normal(size=(n, 3)) * [1.0, 5.0, 0.1] + far
    return np.column_stack([X, RNG.integers(0, 3, n)])


def both(pool, recipe, **params):
    fast, slow = (
        ShadowModels(recipe, n_models=6, random_state=0, engine=engine, **params)
        for engine in ("auto", "generic")
    )
    return fast.fit(pool), slow.fit(pool)


@pytest.mark.parametrize("far", [0.0, 1e6])
def test_answers_are_those_of_models_fitted_one_by_one(far):
    pool = records(far=far)
    fast, slow = both(pool, GaussianNB(), keep_models=True)
    assert (fast.engine_, slow.engine_) == ("gaussian_nb", "generic")
    np.testing.assert_allclose(fast.answers_, slow.answers_, atol=1e-7)
    for one, other in zip(fast.models_, slow.models_, strict=True):
        for name in ("theta_", "var_", "class_prior_", "class_count_", "epsilon_"):
            ours, theirs = getattr(one, name), getattr(other, name)
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)
        assert vars(one).keys() == vars(other).keys()


def test_rare_values_that_a_model_never_saw():
    # A model without the record knows one value of the column, and no variance but
    # var_smoothing. Log densities are then about 1e8, and rounded to 1e-8.
    pool = records()
    rare = np.zeros((60, 10))
    rare[np.arange(10), np.arange(10)] = 1.0
    rare = (rare - rare.mean(axis=0)) / rare.std(axis=0)
    fast, slow = both(np.column_stack([rare, pool]), GaussianNB())
    np.testing.assert_allclose(fast.answers_, slow.answers_, atol=1e-6)


def test_classes_that_a_model_never_saw_and_names_of_columns():
    pool = pd.DataFrame(records(40), columns=["a", "b", "c", "label"])
    pool.loc[0, "label"] = 7.0  # in half of the models alone
    fast, slow = both(pool, GaussianNB(), label="label", keep_models=True)
    assert {len(model.classes_) for model in fast.models_} == {3, 4}
    assert fast.models_[0].feature_names_in_.tolist() == ["a", "b", "c"]
    np.testing.assert_allclose(fast.answers_, slow.answers_, atol=1e-9)
    strangers = pool.iloc[:5] + 0.25
    strangers["label"] = 0.0
    ours, theirs = fast.query(strangers), slow.query(strangers)
    np.testing.assert_allclose(ours.answers, theirs.answers, atol=1e-9)


@pytest.mark.parametrize("recipe", [GaussianNB(priors=[0.2, 0.3, 0.5]), Derived()])
def test_what_the_engine_does_not_know_is_left_to_the_generic_one(recipe):
    shadow = ShadowModels(recipe, n_models=2, random_state=0).fit(records())
    assert shadow.engine_ == "generic"
