"""How models that are trained at the same time share cores, and what they share."""

import os
from threading import Thread

import joblib
import numpy as np
import pytest
from joblib._parallel_backends import ThreadingBackend
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_info, threadpool_limits

from skprivacy.auditing._runs import Mechanism, run_worlds
from skprivacy.shadow import ShadowModels, fit_on_subsets
from skprivacy.shadow._parallel import Limits


class ThreadsOfItsOwn(ClassifierMixin, BaseEstimator):
    """A classifier whose `n_jobs` are not joblib's, as those of LightGBM are not."""

    def __init__(self, n_jobs=None):
        self.n_jobs = n_jobs

    def fit(self, X, y):
        self.jobs_in_fit_ = self.n_jobs
        self.blas_in_fit_ = [threads_of("blas")] if os.getpid() == HERE else []
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))

    def predict(self, X):
        return np.repeat(self.classes_[0], len(X))


class WithoutGenerator(ThreadingBackend):
    """A back end that can't return results one by one, as Ray's can't."""

    supports_return_generator = False


HERE = os.getpid()
POOL = np.random.default_rng(0).integers(0, 2, size=(40, 3))
HALVES = [np.arange(20), np.arange(20, 40)]


def threads_of(user_api):
    found = threadpool_info()
    return [one["num_threads"] for one in found if one["user_api"] == user_api]


def shadow(recipe, **params):
    params = {"n_models": 2, "random_state": 0, "keep_models": True} | params
    return ShadowModels(recipe, **params).fit(POOL)


@pytest.mark.parametrize("n_jobs, jobs_in_fit", [(None, 3), (2, 1)])
def test_inner_jobs_are_one_while_models_are_trained_together(n_jobs, jobs_in_fit):
    recipe = make_pipeline(StandardScaler(), ThreadsOfItsOwn(n_jobs=3))
    with joblib.parallel_config("threading"):
        models = shadow(recipe, n_jobs=n_jobs).models_
        subsets = list(
            fit_on_subsets(
                recipe, POOL[:, :2], POOL[:, 2], HALVES, [0, 1], n_jobs=n_jobs
            )
        )
    for model in models + subsets:
        assert model[-1].jobs_in_fit_ == jobs_in_fit
        assert model[-1].n_jobs == 3
    assert recipe[-1].n_jobs == 3


def test_inner_jobs_of_a_stored_model_are_restored_too(tmp_path):
    recipe = ThreadsOfItsOwn(n_jobs=3)
    with joblib.parallel_config("threading"):
        shadow(recipe, memory=tmp_path, n_jobs=2)
    again = shadow(recipe, memory=tmp_path)
    assert [(m.jobs_in_fit_, m.n_jobs) for m in again.models_] == [(1, 3), (1, 3)]


def test_blas_is_limited_while_threads_train_and_restored(monkeypatch):
    monkeypatch.setattr(joblib, "cpu_count", lambda: 2)
    with threadpool_limits(2, user_api="blas"):
        before = threads_of("blas")
        with joblib.parallel_config("threading"):
            models = shadow(ThreadsOfItsOwn(), n_jobs=2).models_
        assert threads_of("blas") == before
    for model in models:
        assert set(model.blas_in_fit_[0]) == {1}


@pytest.mark.parametrize(
    "n_cores, n_threads, allowed, left",
    [(2, 2, 2, 1), (8, 4, 4, 2), (8, 2, 3, 3), (2, 3, 2, 1)],
)
def test_each_thread_gets_its_share_of_cores(
    monkeypatch, n_cores, n_threads, allowed, left
):
    monkeypatch.setattr(joblib, "cpu_count", lambda: n_cores)
    found = []

    def look():
        # A thread starts with OpenMP's own number, not with that of who started it.
        with threadpool_limits(allowed, user_api="openmp"):
            limits = Limits(n_threads)
            with limits.of_thread():
                found.append(threads_of("openmp"))
            found.append(threads_of("openmp"))

    thread = Thread(target=look)
    thread.start()
    thread.join()
    inside, after = found
    assert inside and set(inside) == {left}
    assert set(after) == {allowed}


def test_subsets_and_mechanisms_run_where_there_is_no_generator():
    X, y = np.zeros((4, 1)), np.arange(4.0)
    halves = [np.array([0, 1]), np.array([2, 3])]
    worlds = [(X,), (X + 1,)]
    with joblib.parallel_config(WithoutGenerator(), n_jobs=2):
        models = list(fit_on_subsets(DummyRegressor(), X, y, halves, seeds=[0, 1]))
        seeds = np.arange(6).reshape(2, 3)
        outcomes = run_worlds(Mechanism(np.sum), worlds, seeds, float)
    assert [float(model.predict(X[:1])[0]) for model in models] == [0.5, 2.5]
    assert outcomes == [[0.0] * 3, [4.0] * 3]


def test_no_subsets_give_no_models():
    assert list(fit_on_subsets(DummyRegressor(), POOL, POOL[:, 0], [], [])) == []
