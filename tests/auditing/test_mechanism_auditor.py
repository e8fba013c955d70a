"""Audits of mechanisms by many runs."""

import os
import pickle

import numpy as np
import pandas as pd
import pytest
from auditing_scenes import NoisySum, randomized_response, total, worlds
from auditing_violations import (
    BatchSizeDescent,
    ClippedSum,
    PrivateDescent,
    descent_worlds,
)
from joblib import parallel_config
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skprivacy.auditing import MechanismAuditor
from skprivacy.auditing._claims import check_neighbors
from skprivacy.auditing._runs import Mechanism, _run_batch, as_worlds
from skprivacy.dp import DPGaussianNB, DPStandardScaler, PrivacyGuarantee, PrivacyLedger


def audit(mechanism, neighbors=None, **params):
    params = {"n_runs": 300, "threshold": "bonferroni", "random_state": 0} | params
    neighbors = worlds() if neighbors is None else neighbors
    return MechanismAuditor(mechanism, neighbors=neighbors, **params).fit()


def noise_of_the_program(X):
    return np.random.normal()


@pytest.mark.filterwarnings("ignore:every run on a data set ended the same")
def test_seed_of_the_data_is_found_whatever_the_random_state():
    for random_state in (None, 0):
        auditor = audit(
            NoisySum(defect="seed of the data", random_state=random_state), n_runs=100
        )
        assert auditor.violated_
        assert auditor.n_distinct_ == (1, 1)


def test_division_by_the_batch_size_is_found():
    gaussian = {"bound": "gdp", "delta": None}
    auditor = audit(BatchSizeDescent(random_state=0), descent_worlds(), **gaussian)
    assert auditor.delta_ == 1e-5
    assert auditor.violated_
    assert auditor.epsilon_by_bound_["gdp"] > 2 * auditor.claimed_epsilon_
    sound = audit(PrivateDescent(random_state=0), descent_worlds(), **gaussian)
    assert not sound.violated_


@pytest.mark.parametrize("threshold", ["split", "bonferroni"])
def test_exact_mechanisms_are_not_accused(threshold):
    laplace = audit(NoisySum(random_state=1), threshold=threshold, score=total)
    response = audit(
        randomized_response,
        ([[1.0]], [[0.0]]),
        threshold=threshold,
        score=float,
        claimed=1.0,
        n_runs=1000,
    )
    assert (laplace.violated_, response.violated_) == (False, False)
    # Randomized response gives all away in one bit: the bound comes close.
    assert 0.5 < response.epsilon_lower_bound_ < 1


def test_a_private_estimator_is_not_accused_and_nothing_is_booked():
    rng = np.random.RandomState(0)
    X, y = rng.uniform(-1, 1, (30, 2)), np.arange(30) % 2
    changed, other = X.copy(), y.copy()
    X[0], changed[0], other[0] = 1, -1, 1
    ledger = PrivacyLedger(epsilon=1.0, delta=1e-5)
    mechanism = DPGaussianNB(
        0.5, bounds=(-1, 1), classes=[0, 1], ledger=ledger, random_state=0
    )
    auditor = audit(mechanism, ((X, y), (changed, other)), delta=None, n_runs=100)
    assert not auditor.violated_
    assert auditor.claimed_epsilon_ == pytest.approx(0.5)
    assert ledger.epsilon_spent() == 0


def test_one_seed_for_all_would_accuse_anybody_and_is_replaced():
    auditor = audit(NoisySum(random_state=7), score=total)
    assert not auditor.violated_
    assert auditor.n_distinct_ == (300, 300)
    assert any("seed of its own in place" in one for one in auditor.assumptions_)
    # The worlds share no noise: no difference of runs is that of the data sets.
    apart = auditor.scores_in_ - auditor.scores_out_
    assert not np.isclose(apart, 2.0).any()


def test_no_seed_is_left_to_be_none():
    seen = []

    class Recorder(NoisySum):
        def fit(self, X, y=None):
            seen.append(self.random_state)
            return super().fit(X)

    audit(Recorder(), score=total, n_runs=20)
    assert set(seen) == {None}


def test_seeds_reach_all_parts_of_a_pipeline():
    model = make_pipeline(
        DPStandardScaler(1.0, bounds=(-1, 1), random_state=0),
        LogisticRegression(),
    )
    X, y = np.linspace(-1, 1, 20)[:, None], np.arange(20) % 2
    auditor = audit(model, ((X, y), (X, y)), n_runs=20)
    assert auditor.n_distinct_ == (20, 20)
    assert auditor.violated_ is None


@pytest.mark.parametrize("threshold", ["split", "bonferroni", "multisplit"])
def test_the_same_audit_twice_and_with_workers(threshold):
    mechanism = NoisySum(random_state=0)
    params = {"score": total, "n_runs": 40, "threshold": threshold}
    once = audit(mechanism, **params)
    with parallel_config("threading"):
        again = audit(mechanism, n_jobs=2, **params)
    assert np.array_equal(once.scores_in_, again.scores_in_)
    assert once.epsilon_by_bound_ == again.epsilon_by_bound_


def test_forked_workers_do_not_share_the_noise_of_the_global_generator():
    batch = (Mechanism(noise_of_the_program), ([],))
    elsewhere = os.getpid() + 1
    drawn = []
    for seed in (1, 2):
        np.random.seed(0)
        drawn += _run_batch(*batch, [seed], float, elsewhere)
    assert drawn[0] != drawn[1]


def test_interval_and_roc_are_of_the_runs_that_were_not_learned_from():
    auditor = audit(NoisySum(epsilon=8.0, random_state=0), n_runs=100)
    assert auditor.n_fits_ == 201
    assert (auditor.roc_.n_in, auditor.roc_.n_out) == (75, 75)
    interval = auditor.epsilon_interval_
    assert interval.low == auditor.epsilon_lower_bound_ <= interval.estimate
    assert interval.high == np.inf
    assert interval.n_members == 75
    assert set(auditor.epsilon_by_bound_) == {"clopper_pearson", "joint", "bayes"}


def test_tables_with_texts():
    def majority(X, random_state):
        rng = np.random.RandomState(random_state)
        votes = (X["city"] == "Rome").sum() + rng.laplace(scale=0.2)
        return {"city": "Rome" if votes > 1.5 else "Oslo", "n": len(X)}

    first = pd.DataFrame({"city": ["Rome", "Rome", "Oslo"]})
    second = pd.DataFrame({"city": ["Oslo", "Rome", "Oslo"]})
    auditor = audit(majority, (first, second), n_runs=150, claimed=0.5)
    assert auditor.violated_


def test_a_part_that_vanishes_is_seen():
    def release(X, random_state):
        noise = np.random.RandomState(random_state).normal()
        return [noise, noise] if max(X)[0] > 0.5 else [noise]

    assert audit(release, n_runs=100, claimed=1.0).violated_


def test_a_claim_that_says_nothing_is_told():
    with pytest.warns(UserWarning, match="at a delta of 0 the claim says nothing"):
        auditor = audit(ClippedSum(random_state=0), n_runs=20)
    assert auditor.violated_ is False


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"neighbors": [1, 2, 3]}, "neighbors must be a pair"),
        ({"neighbors": ([[1.0]], None)}, "two data sets alike"),
        ({"neighbors": (([[1.0]], [0]), [[0.0]])}, "two data sets alike"),
        (
            {"neighbors": (([[1.0]], [0]), ([[0.0]], [0, 1]))},
            "X and y of the second data set must have the same length; got 1 and 2",
        ),
        ({"n_runs": 5}, "n_runs"),
        ({"delta": 1.0}, "delta"),
        ({"bound": "best"}, "bound"),
        ({"threshold": "best"}, "threshold"),
        ({"bound": "gdp"}, "delta must be above 0"),
        ({"score": lambda model: np.nan}, "score must return one number"),
        ({"score": lambda model: [1, 2]}, "score must return one number"),
        ({"score": lambda model: "far"}, "score must return one number .* got 'far'"),
        (
            {"claimed": PrivacyGuarantee.pure(1.0, adjacency="add_remove")},
            "the claim is about data sets that differ by one record",
        ),
        ({"neighbors": ([[1.0]], [[1.0], [0.0]])}, "of the same size"),
        ({"claimed": -1.0}, "claimed"),
    ],
)
def test_what_can_not_be_is_refused(params, message):
    with pytest.raises(ValueError, match=message):
        audit(NoisySum(), **({"n_runs": 20, "score": total} | params))


@pytest.mark.parametrize("as_frame", [False, True])
def test_neighbors_differ_in_one_record(as_frame):
    X, y = np.arange(8.0).reshape(4, 2), np.array([0, 1, 0, 1])
    one, two = X.copy(), X.copy()
    one[0] = 9.0
    two[:2] = 9.0
    if as_frame:
        X, one, two = (pd.DataFrame(own).assign(c="text") for own in (X, one, two))
    guarantee = PrivacyGuarantee.pure(1.0)
    pairs = (((X, y), (one, y)), ((X, y), (X[::-1], y[::-1])), ((X,), (one,)))
    for first, second in pairs:
        check_neighbors([first, second], guarantee)
    for first, second in (((X, y), (two, y)), ((X, y), (X, 1 - y)), ((X,), (two,))):
        with pytest.raises(ValueError, match="neighbors differ in [24] records"):
            check_neighbors([first, second], guarantee)


def test_data_of_a_function_need_not_be_tables():
    baskets, more = [[1], [2, 3]], [[1], [2, 3, 4]]
    sparse = csr_matrix(np.eye(3))
    for pair in ((baskets, more), (sparse, 2 * sparse), (1.0, 2.0), ("a", "b")):
        worlds = as_worlds(pair)
        assert worlds == [(pair[0],), (pair[1],)]
        check_neighbors(worlds, PrivacyGuarantee.pure(1.0))


def test_what_returns_nothing_is_refused():
    with pytest.raises(ValueError, match="returns nothing that holds a number"):
        audit(nothing, n_runs=20)


def nothing(X):
    """Return nothing."""


def test_clone_and_pickle():
    auditor = audit(NoisySum(random_state=0), score=total, n_runs=20)
    again = pickle.loads(pickle.dumps(auditor))
    assert again.epsilon_lower_bound_ == auditor.epsilon_lower_bound_
    assert clone(auditor).fit().epsilon_by_bound_ == auditor.epsilon_by_bound_


def fails_at_times(X, random_state):
    """Raise in a third of the runs, and only if the first value is large."""
    rng = np.random.RandomState(random_state)
    if X[0][0] > 0.5 and rng.uniform() < 1 / 3:
        raise RuntimeError("too large")
    return rng.normal()


@pytest.mark.parametrize("score", ["auto", float])
@pytest.mark.parametrize("order", [1, -1])
def test_what_fails_in_one_world_only_is_evidence(order, score):
    def always(X, random_state):
        if X[0][0] > 0.5:
            raise ValueError("too large")
        return np.random.RandomState(random_state).normal()

    with pytest.warns(UserWarning, match="counts as an output of its own.*too large"):
        auditor = audit(always, worlds()[::order], n_runs=100, score=score, claimed=1.0)
    assert auditor.violated_
    assert auditor.n_failed_ == (100, 0)[::order]
    assert auditor.n_fits_ == (202 if order == 1 else 201)
    assert min(auditor.n_distinct_) == 1 < max(auditor.n_distinct_)


@pytest.mark.filterwarnings("ignore:the mechanism raised")
def test_what_fails_at_times_in_one_world_only_is_evidence():
    neighbors = worlds()[::-1]
    assert audit(fails_at_times, neighbors, score=float, claimed=1.0).violated_
    assert audit(fails_at_times, neighbors, claimed=1.0).violated_


@pytest.mark.filterwarnings("ignore:the mechanism raised")
def test_what_fails_alike_in_both_worlds_is_none():
    neighbors = worlds()[0], worlds()[0]
    auditor = audit(fails_at_times, neighbors, score=float, claimed=0.5)
    assert min(auditor.n_failed_) > 50
    assert not auditor.violated_


def test_what_fails_in_both_worlds_is_an_error():
    def never(X):
        raise ZeroDivisionError("of the first")

    with pytest.raises(ZeroDivisionError, match="of the first"):
        audit(never)


def test_an_error_of_the_score_is_no_output():
    def wrong(model):
        raise KeyError("total")

    with pytest.raises(KeyError, match="total"):
        audit(NoisySum(), score=wrong, n_runs=20)
