"""The search for the worst pair of neighboring data sets."""

import pickle

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.pipeline import make_pipeline

from skprivacy.auditing import MechanismAuditor, NeighborSearch
from skprivacy.auditing._pair_trials import halving_plan
from skprivacy.dp import DPStandardScaler, PrivacyGuarantee

RNG = np.random.RandomState(0)
X = RNG.uniform(-0.5, 0.5, size=(12, 2))
Y = np.arange(12) % 3


class ClassSums(ClassifierMixin, BaseEstimator):
    """Sums of all classes, with noise for an epsilon of 1, and what goes wrong."""

    def __init__(self, bounds=(-1, 1), classes=None, defect=None, random_state=None):
        self.bounds = bounds
        self.classes = classes
        self.defect = defect
        self.random_state = random_state

    def fit(self, X, y):
        low, high = self.bounds
        classes = np.unique(y) if self.defect == "seen" else [0, 1, 2]
        X = np.asarray(X, dtype=float)
        if self.defect == "fails" and X.std() > 0.25 * (high - low):
            raise ArithmeticError("too far apart")
        if self.defect != "holes" and not np.isfinite(X).all():
            raise ValueError("X has holes")
        X = np.clip(X, low, high)
        sums = np.array([X[y == c].sum(axis=0) for c in classes])
        # What a record adds to one sum, and takes from another.
        scale = 2 * X.shape[1] * max(abs(low), abs(high))
        if self.defect == "same class":
            scale = X.shape[1] * (high - low)
        rng = np.random.RandomState(self.random_state)
        self.sums_ = sums + rng.laplace(scale=scale, size=sums.shape)
        self.privacy_guarantee_ = PrivacyGuarantee.pure(1.0)
        return self


def search(mechanism, X=X, y=Y, **params):
    params = {"max_fits": 180, "random_state": 0} | params
    return NeighborSearch(mechanism, **params).fit(X, y)


def test_a_label_that_flips_is_found_and_held_against_the_claim():
    mechanism = ClassSums((20, 21), defect="same class", random_state=0)
    auditor = MechanismAuditor(
        mechanism,
        neighbors=NeighborSearch(mechanism, kinds=["duplicates", "flip"], max_fits=300),
        n_runs=100,
        random_state=0,
    ).fit(20.5 + X, Y)
    assert auditor.search_.worst_kind_ == "flip"
    assert auditor.violated_
    # The bound is from runs of its own.
    assert auditor.n_fits_ == auditor.search_.n_fits_ + 201
    assert clone(auditor).fit(20.5 + X, Y).epsilon_lower_bound_ == (
        auditor.epsilon_lower_bound_
    )


def test_what_is_sound_is_not_accused_on_the_pair_found():
    mechanism = ClassSums(random_state=0)
    found = search(mechanism, kinds=["extreme", "rare_class"])
    auditor = MechanismAuditor(
        mechanism, neighbors=found.worst_pair_, n_runs=60, random_state=0
    ).fit()
    assert auditor.violated_ is False


def test_a_class_that_vanishes_is_certain():
    found = search(ClassSums(defect="seen"), kinds=["duplicates", "rare_class"])
    assert found.worst_kind_ == "rare_class"
    assert found.results_["is_certain"].tolist()[:2] == [True, True]
    assert not found.results_["is_certain"][2:].any()
    assert len(found.pairs_) == len(found.results_)
    # What comes next can be audited as well: here, a table of equal records.
    assert np.ptp(found.pairs_[2][0][0][1:], axis=0).max() == 0


def test_a_failure_on_one_data_set_alone_comes_first():
    found = search(ClassSums(defect="fails"), kinds=["duplicates", "extreme"])
    first = found.results_.iloc[0]
    assert first["is_certain"]
    assert {first["failed_first"], first["failed_second"]} == {0, first["n_runs"]}
    assert "ArithmeticError: too far apart" in first["error"]


def test_a_hole_may_be_refused_but_not_let_through():
    kinds = ["extreme", "missing"]
    found = search(ClassSums(), kinds=kinds)
    refused = found.results_[found.results_["kind"] == "missing"]
    assert refused["is_refused"].all()
    assert refused["epsilon"].isna().all()
    assert found.worst_kind_ == "extreme"
    with np.errstate(invalid="ignore"):
        found = search(ClassSums(defect="holes"), kinds=kinds)
    assert found.worst_kind_ == "missing"
    assert not found.results_["is_refused"].any()


def test_it_ends_early_once_all_is_certain():
    mechanism = ClassSums(defect="seen")
    found = search(mechanism, kinds="rare_class", n_runs=10, max_fits=5000)
    assert found.n_fits_ == 1 + 2 * 2 * 10


def test_runs_are_counted_and_within_the_budget():
    calls = []

    def mean(X, random_state):
        calls.append(len(X))
        return np.mean(X) + np.random.RandomState(random_state).laplace()

    found = search(mean, y=None, kinds=["corner", "extreme", "remove"], max_fits=350)
    assert found.n_fits_ == len(calls) <= 350
    # Of a function nothing is known of neighbors; who asks gets a record less.
    assert set(calls) == {11, 12}
    runs = found.results_["n_runs"]
    assert runs.is_monotonic_decreasing
    assert runs.iloc[0] > runs.iloc[-1]
    assert list(found.results_.columns) == [
        *("kind", "detail", "epsilon", "auc", "is_certain", "n_runs"),
        *("failed_first", "failed_second", "is_refused", "error"),
    ]


def test_neighbors_are_what_the_claim_says():
    claim = PrivacyGuarantee.pure(1.0, adjacency="add_remove")
    found = search(ClassSums(), kinds=["extreme", "remove"], claimed=claim)
    (first, _), (second, _) = found.worst_pair_
    assert len(first) == len(second) + 1


def test_what_is_public_is_read_off_the_mechanism():
    scaler = DPStandardScaler(1.0, bounds=(-7, 7), random_state=0)
    for mechanism in (scaler, make_pipeline(scaler, "passthrough")):
        found = search(mechanism, kinds="extreme", max_fits=40)
        assert np.abs(found.worst_pair_[0][0]).max() == 7
    found = search(scaler, kinds="extreme", max_fits=40, bounds=(-3, 3))
    assert np.abs(found.worst_pair_[0][0]).max() == 3
    found = search(ClassSums(classes=[0, 1, 2, 9]), kinds="rare_class", max_fits=40)
    assert found.worst_pair_[0][1][0] == 9


def test_whole_numbers_are_no_classes_of_a_regressor():
    class Total(RegressorMixin, BaseEstimator):
        def fit(self, X, y):
            self.total_ = np.sum(y) + np.random.laplace()
            return self

    found = search(Total(), kinds="flip", max_fits=180)
    assert found.worst_pair_[0][1].dtype == float


def test_the_same_search_twice_and_with_workers():
    mechanism = ClassSums(random_state=0)
    params = {"kinds": ["extreme", "duplicates"], "max_fits": 120}
    once = search(mechanism, **params)
    with parallel_config("threading"):
        again = search(mechanism, n_jobs=2, **params)
    pd.testing.assert_frame_equal(once.results_, again.results_)
    again = pickle.loads(pickle.dumps(once))
    assert np.array_equal(again.worst_pair_[0][0], once.worst_pair_[0][0])


def test_tables_with_texts_and_string_labels():
    def counts(X, y, random_state):
        rng = np.random.RandomState(random_state)
        names, n = np.unique(y, return_counts=True)
        return {"names": list(names), "n": n + rng.laplace(size=len(n))}

    table = pd.DataFrame({"city": ["Rome", "Oslo"] * 6, "age": np.arange(12)})
    labels = pd.Series(["yes", "no", "no"] * 4)
    found = search(counts, table, labels, kinds=["rare_class"])
    assert found.worst_kind_ == "rare_class"
    first, second = found.worst_pair_
    assert list(first[0].columns) == ["city", "age"]
    assert set(first[1]) != set(second[1])


def test_plan_of_rounds():
    plan = halving_plan(30, 100, 5000)
    assert [size for size, _ in plan] == [30, 10, 4]
    assert sum(2 * size * n for size, n in plan) <= 5000
    # What the first round leaves over is for the others.
    assert halving_plan(9, 10, 5000) == [(9, 10), (3, 803)]
    assert halving_plan(1, 10, 1000) == [(1, 10)]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"kinds": "edges"}, "kinds must be"),
        ({"max_fits": 20}, "max_fits must be at least"),
        ({"n_runs": 3}, "n_runs"),
        ({"claimed": -1.0}, "claimed"),
        ({"kinds": ["flip"], "y": np.zeros(12, dtype=int)}, "yields no pair"),
        ({"bounds": (2, 1)}, "lower ends below"),
    ],
)
def test_what_can_not_be_is_refused(params, message):
    with pytest.raises(ValueError, match=message):
        search(ClassSums(), **params)


def test_what_fails_on_all_pairs_is_refused():
    class Large(ClassSums):
        def fit(self, X, y):
            if len(X) < 12:
                raise ValueError("too few records")
            return super().fit(X, y)

    with pytest.raises(ValueError, match="fails on all pairs: ValueError: too few"):
        search(Large(), kinds="tiny", max_fits=300)


def test_a_search_needs_data():
    with pytest.raises(ValueError, match="fit needs X"):
        MechanismAuditor(ClassSums(), neighbors="search").fit()


def test_what_the_auditor_claims_is_passed_to_its_search():
    claim = PrivacyGuarantee.pure(1.0, adjacency="add_remove")
    auditor = MechanismAuditor(
        ClassSums(), neighbors="search", claimed=claim, delta=None, n_jobs=2
    )
    own = auditor._new_search()
    assert (own.claimed, own.delta, own.n_jobs) == (claim, None, 2)
