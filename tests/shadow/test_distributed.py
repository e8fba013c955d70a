"""Shadow models on a cluster, a worker of which is killed."""

import os
import pickle
import signal
import sys
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB

from skprivacy.membership import RMIA
from skprivacy.shadow import ShadowModels, report_progress
from skprivacy.shadow.engines._run import Shared, own_part, result_kind
from skprivacy.targets import BlackBox

FOREST = RandomForestClassifier(60, max_depth=6)


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
def test_a_killed_worker_costs_its_models_and_no_more(cluster):
    records = table()
    shadow = ShadowModels(FOREST, n_models=10, random_state=0)
    here = shadow.fit(records).answers_
    processes = cluster.run(os.getpid)
    killed = []

    def kill_one(done, n):
        if done == 2 and not killed:
            victim = next(iter(processes.values()))
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    with joblib.parallel_config("dask"), report_progress(kill_one):
        there = shadow.fit(records).answers_
    np.testing.assert_array_equal(here, there)
    assert killed
    assert set(cluster.run(os.getpid).values()) != set(processes.values())


@pytest.mark.cluster
def test_ray_gives_the_same_answers():
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    register_ray()
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    shadow = ShadowModels(FOREST, n_models=4, random_state=0)
    here = shadow.fit(table()).answers_
    with joblib.parallel_config("ray"):
        there = shadow.fit(table()).answers_
    ray.shutdown()
    np.testing.assert_array_equal(here, there)


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
    assert sys.getsizeof(shared) > 2 * first.X.nbytes
    assert len(pickle.dumps(own_part(first))) < first.rows.nbytes + 500
    whole = shared.with_own(own_part(second))
    assert whole.key() == second.key()
    assert whole.X is first.X
