import copy
import pickle
import threading

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from skprivacy.dp import (
    DPGaussianNB,
    PrivacyBudgetExceeded,
    PrivacyGuarantee,
    PrivacyLedger,
)
from skprivacy.dp._ledger import ledger_in_use

SMALL = PrivacyGuarantee.gaussian(0.25)


class Spender(ClassifierMixin, BaseEstimator):
    """Books one release a fit, and knows nothing."""

    def __init__(self, ledger=None, mu=0.25):
        self.ledger = ledger
        self.mu = mu

    def fit(self, X, y):
        ledger_in_use(self.ledger).spend(PrivacyGuarantee.gaussian(self.mu), "a fit")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def _private(ledger):
    """Return a model that workers can import."""
    return DPGaussianNB(bounds=(0, 1), classes=[0, 1], ledger=ledger)


X, Y = np.zeros((20, 1)), np.arange(20) % 2


def test_refuses_what_is_too_much_and_books_nothing():
    ledger = PrivacyLedger(epsilon=1.0, delta=1e-5)
    ledger.spend(SMALL, "first")
    with pytest.raises(PrivacyBudgetExceeded, match='"second" would make it .* of 1 '):
        ledger.spend(PrivacyGuarantee.gaussian(1.0), "second")
    assert len(ledger) == 1
    assert ledger.epsilon_spent() == pytest.approx(SMALL.epsilon(1e-5))


def test_check_books_nothing():
    ledger = PrivacyLedger(epsilon=1.0, delta=1e-5)
    ledger.check(SMALL)
    assert len(ledger) == 0
    assert ledger.epsilon_spent() == 0
    with pytest.raises(PrivacyBudgetExceeded):
        ledger.check(SMALL, times=100)


def test_exactly_all_may_be_spent():
    ledger = PrivacyLedger(epsilon=SMALL.epsilon(1e-5), delta=1e-5)
    ledger.spend(SMALL)
    with pytest.raises(PrivacyBudgetExceeded):
        ledger.spend(PrivacyGuarantee.gaussian(1e-3))


@pytest.mark.parametrize("method", ["pld", "gdp", "rdp", "basic"])
def test_methods(method):
    ledger = PrivacyLedger(delta=1e-4, method=method)
    ledger.spend(PrivacyGuarantee.gaussian(0.5, stated_delta=1e-5), times=4)
    exact = PrivacyGuarantee.gaussian(1.0).epsilon(1e-4)
    spent = ledger.epsilon_spent()
    if method == "basic":
        each = PrivacyGuarantee.gaussian(0.5).epsilon(1e-5)
        assert spent == pytest.approx(4 * each, rel=1e-3)
    elif method == "rdp":
        assert exact < spent < 1.3 * exact
    else:
        assert spent == pytest.approx(exact)


def test_gdp_takes_gaussian_releases_alone():
    ledger = PrivacyLedger(delta=1e-5, method="gdp")
    with pytest.raises(ValueError, match='adds up Gaussian releases alone.*"pld"'):
        ledger.spend(PrivacyGuarantee.pure(0.1))


def test_copies_are_the_ledger():
    ledger = PrivacyLedger()
    copies = [clone(ledger), copy.copy(ledger), copy.deepcopy(ledger)]
    copies.append(pickle.loads(pickle.dumps(ledger)))
    assert all(one is ledger for one in copies)
    assert clone(Spender(ledger)).ledger is ledger


def test_cross_validation_and_grid_search_are_booked():
    ledger = PrivacyLedger(delta=1e-5)
    cross_val_score(Spender(ledger), X, Y, cv=5)
    assert len(ledger) == 5
    GridSearchCV(Spender(ledger), {"mu": [0.1, 0.2]}, cv=3).fit(X, Y)
    assert len(ledger) == 5 + 2 * 3 + 1


def test_threads_are_booked():
    ledger = PrivacyLedger(delta=1e-5)
    with joblib.parallel_backend("threading"):
        cross_val_score(Spender(ledger), X, Y, cv=5, n_jobs=4)
    assert len(ledger) == 5


def test_no_thread_overspends():
    ledger = PrivacyLedger(epsilon=1.0, delta=1e-5)
    refused = []

    def spend():
        try:
            ledger.spend(SMALL)
        except PrivacyBudgetExceeded:
            refused.append(1)

    threads = [threading.Thread(target=spend) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger) + len(refused) == 12
    assert ledger.epsilon_spent() <= 1.0


def test_other_processes_are_refused():
    ledger = PrivacyLedger(delta=1e-5)
    with pytest.raises(PrivacyBudgetExceeded, match="sent to another process"):
        cross_val_score(_private(ledger), X, Y, cv=2, n_jobs=2, error_score="raise")
    assert len(ledger) == 0


def test_a_file_is_shared_by_processes(tmp_path):
    ledger = PrivacyLedger(delta=1e-5, path=tmp_path / "ledger.jsonl")
    cross_val_score(_private(ledger), X, Y, cv=4, n_jobs=2, error_score="raise")
    assert len(ledger) == 4
    again = PrivacyLedger(delta=1e-5, path=tmp_path / "ledger.jsonl")
    assert again.epsilon_spent() == pytest.approx(ledger.epsilon_spent())


@pytest.mark.parametrize(
    "guarantee",
    [
        PrivacyGuarantee.approximate(1.0, 1e-6, "add_remove", ["bounds are public"]),
        PrivacyGuarantee.sampled_gaussian(1.0, 0.1, 10),
        PrivacyGuarantee.sampled_gaussian(1.0, 0.1, 10, method="rdp"),
    ],
)
def test_a_file_gives_back_what_was_booked(tmp_path, guarantee):
    path = tmp_path / "ledger.jsonl"
    PrivacyLedger(delta=1e-5, adjacency="add_remove", path=path).spend(guarantee)
    again = PrivacyLedger(delta=1e-5, adjacency="add_remove", path=path)
    assert again.total().curve == guarantee.curve
    assert again.total().assumptions == guarantee.assumptions


def test_a_file_holds_no_composed_guarantee(tmp_path):
    ledger = PrivacyLedger(delta=1e-5, path=tmp_path / "ledger.jsonl")
    composed = SMALL.compose(PrivacyGuarantee.pure(0.1))
    with pytest.raises(ValueError, match="books releases one by one"):
        ledger.spend(composed)


def test_a_block_has_a_ledger():
    with PrivacyLedger(delta=1e-5) as ledger:
        Spender().fit(X, Y)
        with PrivacyLedger(delta=1e-5) as inner:
            Spender().fit(X, Y)
        Spender().fit(X, Y)
    assert (len(ledger), len(inner)) == (2, 1)
    assert ledger_in_use() is None


def test_table():
    ledger = PrivacyLedger(delta=1e-5)
    ledger.spend(SMALL, "a mean", times=2)
    ledger.spend(SMALL, "a mean")
    table = ledger.to_frame()
    assert table[["what", "times"]].values.tolist() == [["a mean", 3]]
    assert PrivacyLedger().to_frame().columns.tolist() == table.columns.tolist()


def test_other_neighbors_are_refused():
    with pytest.raises(ValueError, match="counts by adjacency='replace'"):
        PrivacyLedger().spend(PrivacyGuarantee.pure(1.0, "add_remove"))
    with pytest.raises(TypeError, match="guarantee must be a PrivacyGuarantee"):
        PrivacyLedger().spend(1.0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epsilon": 0}, "epsilon must be above 0; got 0"),
        ({"epsilon": np.nan}, "epsilon must be above 0; got nan"),
        ({"delta": 1.0}, "delta must be from 0 to below 1; got 1.0"),
        ({"method": "moments"}, "method must be one of"),
        ({"adjacency": "swap"}, "adjacency must be one of"),
    ],
)
def test_refuses(settings, message):
    with pytest.raises(ValueError, match=message):
        PrivacyLedger(**settings)
