"""Choosing an engine, adding one, and what is stored of it."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import GaussianNB

from skprivacy.shadow import ShadowFitError, ShadowModels
from skprivacy.shadow._train import ask, train
from skprivacy.shadow.engines import Engine, engines, register_engine
from skprivacy.shadow.engines._registry import _ENGINES

RNG = np.random.default_rng(0)
POOL = np.column_stack([RNG.normal(size=(40, 2)), np.arange(40) % 2])


@pytest.fixture
def counting():
    """An engine for ridge regression that counts what it trains."""
    trained = []

    def run(tasks):
        for task in tasks:
            trained.append(task.index)
            yield ask(task, train(task))

    known = dict(_ENGINES)
    register_engine(Engine("counting", lambda task: type(task.recipe) is Ridge, run))
    yield trained
    _ENGINES.clear()
    _ENGINES.update(known)


def shadow(recipe=None, **params):
    recipe = Ridge() if recipe is None else recipe
    return ShadowModels(recipe, n_models=4, random_state=0, **params)


def test_an_engine_of_others_is_taken_for_what_it_handles(counting):
    fitted = shadow().fit(POOL)
    assert fitted.engine_ == "counting" and counting == [0, 1, 2, 3]
    generic = shadow(engine="generic").fit(POOL)
    assert np.array_equal(fitted.answers_, generic.answers_)
    assert shadow(GaussianNB()).fit(POOL).engine_ == "gaussian_nb"


def test_what_is_stored_is_not_trained_again(counting, tmp_path):
    first = shadow(memory=tmp_path).fit(POOL)
    again = shadow(memory=tmp_path).fit(POOL)
    assert len(counting) == 4
    assert np.array_equal(first.answers_, again.answers_)
    # Engines do not read each other's: rounding differs.
    shadow(memory=tmp_path, engine="generic").fit(POOL)
    assert len(counting) == 4


def test_a_broken_file_is_computed_again(counting, tmp_path):
    first = shadow(memory=tmp_path).fit(POOL)
    broken = sorted(tmp_path.rglob("*.result"))[0]
    broken.write_bytes(b"nothing")
    with pytest.warns(UserWarning, match="can't be read"):
        again = shadow(memory=tmp_path).fit(POOL)
    assert len(counting) == 5
    assert np.array_equal(first.answers_, again.answers_)
    shadow(memory=tmp_path).fit(POOL)
    assert len(counting) == 5


def test_an_engine_that_is_not_exact_is_taken_only_if_named(counting):
    rough = Engine("rough", lambda task: True, engines()["counting"].run, False)
    register_engine(rough)
    assert shadow().fit(POOL).engine_ == "counting"
    assert shadow(engine="rough").fit(POOL).engine_ == "rough"


def test_bad_engines_are_named(counting):
    with pytest.raises(ValueError, match="engine must be one of .*'warp'"):
        shadow(engine="warp").fit(POOL)
    with pytest.raises(ValueError, match="engine='gaussian_nb' can't train Ridge"):
        shadow(engine="gaussian_nb").fit(POOL)
    with pytest.raises(TypeError, match="engine must be an Engine"):
        register_engine(len)
    with pytest.raises(ValueError, match="must not be 'auto'"):
        register_engine(Engine("auto", len, len))


def test_parameters_that_are_not_valid_are_told_as_ever():
    with pytest.raises(ShadowFitError, match="var_smoothing"):
        shadow(GaussianNB(var_smoothing=-1.0)).fit(POOL)
