"""Shadow models on a cluster, a worker of which is killed."""

import os
import pickle
import signal
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB

from skprivacy.auditing import _runs
from skprivacy.membership import RMIA
from skprivacy.shadow import ShadowModels, fit_on_subsets, report_progress
from skprivacy.shadow._parallel import Shared, own_part, result_kind
from skprivacy.targets import BlackBox

FOREST = RandomForestClassifier(30, max_depth=6)


def table(n=600):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 8))
    return np.column_stack([X, X[:, 0] + rng.normal(size=n) > 0])


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=50,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.mark.cluster
@pytest.mark.parametrize("recipe", [FOREST, GaussianNB()], ids=["generic", "engine"])
def test_a_cluster_gives_the_same_answers(cluster, recipe):
    records = table()
    shadow = ShadowModels(recipe, n_models=4, random_state=0)
    here = shadow.fit(records).answers_
    with joblib.parallel_config("dask"):
        there = shadow.fit(records).answers_
    np.testing.assert_array_equal(here, there)


@pytest.mark.cluster
def test_an_attack_on_a_cluster_scores_the_same(cluster):
    records = table()
    model = GaussianNB().fit(records[:300, :-1], records[:300, -1])
    attack = RMIA(BlackBox(model), shadow=ShadowModels(n_models=4), random_state=0)
    here = attack.fit(records).decision_function(records)
    with joblib.parallel_config("dask"):
        there = attack.fit(records).decision_function(records)
    np.testing.assert_array_equal(here, there)


@pytest.mark.cluster
@pytest.mark.parametrize("n_killed", [1, 2])
def test_killed_workers_cost_their_models_and_no_more(cluster, n_killed):
    # With both workers, all copies of the records are gone too.
    records = table()
    shadow = ShadowModels(FOREST, n_models=12, random_state=0)
    here = shadow.fit(records).answers_
    cluster.wait_for_workers(2)
    processes = cluster.run(os.getpid)
    unfinished = []

    def kill(done, n):
        if done == 2:
            unfinished.extend(
                key for keys in cluster.processing().values() for key in keys
            )
            for victim in list(processes.values())[:n_killed]:
                os.kill(victim, signal.SIGKILL)

    with joblib.parallel_config("dask"), report_progress(kill):
        there = shadow.fit(records).answers_
    np.testing.assert_array_equal(here, there)
    assert unfinished


@pytest.mark.cluster
def test_records_are_not_sent_with_each_task(cluster, monkeypatch):
    pickled = count_pickles(monkeypatch)
    with joblib.parallel_config("dask"):
        ShadowModels(GaussianNB(), n_models=16, engine="generic").fit(table())
    assert 1 <= len(pickled) <= 2


@pytest.mark.cluster
def test_tables_of_subsets_and_mechanisms_are_sent_once(cluster, monkeypatch):
    X, y = table()[:, :-1], table()[:, -1]
    halves = list(np.arange(600).reshape(8, 75))
    subsets = count_pickles(monkeypatch)
    worlds = count_pickles(monkeypatch, _runs._Shared)
    mechanism, seeds = _runs.Mechanism(np.sum), np.arange(40).reshape(2, 20)
    with joblib.parallel_config("dask"):
        models = list(fit_on_subsets(GaussianNB(), X, y, halves, range(8)))
        outcomes = _runs.run_worlds(mechanism, [(X,), (y,)], seeds, float)
    assert 1 <= len(subsets) <= 2 and 1 <= len(worlds) <= 2
    here = GaussianNB().fit(X[halves[3]], y[halves[3]])
    np.testing.assert_array_equal(models[3].theta_, here.theta_)
    assert outcomes == [[X.sum()] * 20, [y.sum()] * 20]


@pytest.mark.cluster
def test_ray_gives_the_same_answers(monkeypatch):
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    register_ray()
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    shadow = ShadowModels(FOREST, n_models=8, random_state=0)
    here = shadow.fit(table()).answers_
    pickled = count_pickles(monkeypatch)
    with joblib.parallel_config("ray", n_jobs=-1):
        assert joblib.effective_n_jobs() == 2
        there = shadow.fit(table()).answers_
    ray.shutdown()
    np.testing.assert_array_equal(here, there)
    # Not at all would mean that nothing was sent, and all was trained here.
    assert len(pickled) == 1


def count_pickles(monkeypatch, kind=Shared):
    """Return a list that grows whenever the shared part is pickled."""
    pickled = []

    def state(self):
        pickled.append(1)
        return self.__dict__

    monkeypatch.setattr(kind, "__getstate__", state, raising=False)
    return pickled


@pytest.mark.parametrize(
    "backend, kind",
    [
        (SimpleNamespace(supports_return_generator=True), "generator"),
        (SimpleNamespace(supports_return_generator=False), "list"),
        (SimpleNamespace(), "list"),
    ],
)
def test_results_come_one_by_one_where_the_back_end_can(monkeypatch, backend, kind):
    monkeypatch.setattr("joblib.parallel.get_active_backend", lambda: (backend, 1))
    assert result_kind() == kind


def test_tables_are_no_part_of_what_is_sent_with_each_task():
    shadow = ShadowModels(GaussianNB(), n_models=2, random_state=0).fit(table())
    first, second = shadow._tasks(shadow._X)
    shared = Shared(first)
    assert len(pickle.dumps(own_part(first))) < first.rows.nbytes + 500
    whole = shared.with_own(own_part(second))
    assert whole.key() == second.key()
    assert whole.X is first.X
