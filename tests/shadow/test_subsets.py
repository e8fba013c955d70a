"""One recipe on many subsets."""

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.tree import DecisionTreeRegressor

from skprivacy.shadow import ShadowFitError, fit_on_subsets, report_progress

X, Y = np.arange(12.0)[:, None], np.arange(12.0)
SUBSETS = [np.arange(4), np.arange(4, 8), np.arange(8, 12)]


def test_each_model_has_its_own_rows_in_order():
    for n_jobs in (1, 2):
        models = fit_on_subsets(
            DummyRegressor(), X, Y, SUBSETS, range(3), n_jobs=n_jobs
        )
        means = [float(model.predict(X[:1])[0]) for model in models]
        assert means == [1.5, 5.5, 9.5]


def test_seeds_reach_the_recipe():
    recipe = DecisionTreeRegressor()
    seeds = [
        model.random_state for model in fit_on_subsets(recipe, X, Y, SUBSETS, [1, 2, 1])
    ]
    assert seeds[0] == seeds[2] != seeds[1]
    assert recipe.random_state is None


def test_models_come_as_they_finish_and_tell_of_it():
    told = []
    with report_progress(lambda done, total: told.append((done, total))):
        next(fit_on_subsets(DummyRegressor(), X, Y, SUBSETS, range(3)))
    assert told == [(1, 3)]


def test_other_data_is_not_recalled(tmp_path):
    fit = [
        list(fit_on_subsets(DummyRegressor(), X, y, SUBSETS, range(3), memory=tmp_path))
        for y in (Y, Y + 1, Y)
    ]
    means = [[float(m.constant_[0, 0]) for m in models] for models in fit]
    assert means == [[1.5, 5.5, 9.5], [2.5, 6.5, 10.5], [1.5, 5.5, 9.5]]
    assert len(list(tmp_path.rglob("*.result"))) == 6


def test_a_failure_says_which_and_why():
    with pytest.raises(ShadowFitError, match=r"shadow model 0 \(seed 5\).*4 records"):
        list(
            fit_on_subsets(
                DummyRegressor(strategy="constant"), X, Y, SUBSETS, [5, 6, 7]
            )
        )
