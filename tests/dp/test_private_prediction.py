import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skprivacy.dp import (
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLedger,
    PrivatePredictionClassifier,
)
from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._private_prediction import noisy_winner
from skprivacy.dp._teachers import fit_teachers, partition, vote_counts

X, Y = load_breast_cancer(return_X_y=True)
TRAIN, TEST = slice(0, 469), slice(469, None)
LINEAR = make_pipeline(StandardScaler(), LogisticRegression())


def private(**settings):
    settings = {"n_partitions": 10, "classes": [0, 1], "query_budget": 60} | settings
    return PrivatePredictionClassifier(LINEAR, **settings).fit(X[TRAIN], Y[TRAIN])


def test_winners_are_drawn_as_the_exponential_mechanism_says():
    with pytest.warns(UserWarning, match="random_state"):
        noise = NoiseSource(0)
    won = noisy_winner(np.tile([4, 2, 1], (20_000, 1)), 1.0, noise)
    expected = np.exp(np.array([4, 2, 1]) / 2)
    expected /= expected.sum()
    # Five standard deviations: one in a million seeds is farther off.
    reach = 5 * np.sqrt(expected * (1 - expected) / 20_000)
    assert (abs(np.bincount(won) / 20_000 - expected) < reach).all()


def test_a_record_is_of_one_part():
    parts = partition(103, 10, NoiseSource())
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(103))
    assert {len(part) for part in parts} == {10, 11}


def test_a_neighbor_moves_one_vote_at_most():
    parts = partition(200, 10, NoiseSource())
    before = fit_teachers(LINEAR, X[:200], Y[:200], parts)
    changed = Y[:200].copy()
    changed[17] = 1 - changed[17]
    after = fit_teachers(LINEAR, X[:200], changed, parts)
    counts = [vote_counts(one, X[TEST], np.array([0, 1])) for one in (before, after)]
    assert abs(counts[0] - counts[1]).max() <= 1


def test_learns():
    model = private(epsilon_per_query=5.0, query_budget=100)
    # Ten linear models nearly always agree: .97 with a deviation of .02.
    assert model.score(X[TEST], Y[TEST]) > 0.85


def test_what_was_asked_before_costs_nothing():
    model = private(epsilon_per_query=0.05)
    first = model.predict(X[TEST][:40])
    assert model.n_queries_ == 40
    np.testing.assert_array_equal(model.predict(X[TEST][:40]), first)
    np.testing.assert_array_equal(model.predict(X[TEST][39::-1]), first[::-1])
    twice = model.predict(X[TEST][[50, 50, 50]])
    assert len(set(twice)) == 1
    assert model.n_queries_ == 41


def test_nothing_is_answered_beyond_the_budget():
    model = private(query_budget=20)
    model.predict(X[TEST][:15])
    with pytest.raises(
        PrivacyBudgetExceeded, match="6 records .* 5 of query_budget=20"
    ):
        model.predict(X[TEST][15:21])
    assert model.n_queries_ == 15
    model.predict(X[TEST][15:20])


def test_answers_are_booked():
    ledger = PrivacyLedger(epsilon=1.0)
    model = private(epsilon_per_query=0.1, ledger=ledger)
    assert len(ledger) == 0
    model.predict(X[TEST][:10])
    model.predict(X[TEST][:10])
    assert len(ledger) == 10
    with pytest.raises(PrivacyBudgetExceeded):
        model.predict(X[TEST][10:11])
    assert model.n_queries_ == 10


def test_the_guarantee_is_of_all_answers():
    guarantee = private(epsilon_per_query=0.1, query_budget=60).privacy_guarantee_
    assert guarantee.epsilon() == pytest.approx(6.0, abs=1e-3)
    assert guarantee.epsilon(1e-5) < 4
    huge = private(epsilon_per_query=10.0, query_budget=1000)
    assert huge.privacy_guarantee_.epsilon() == 10_000


def test_tables_and_texts():
    table = pd.DataFrame(X, columns=[f"c{i}" for i in range(30)])
    names = np.where(Y == 1, "benign", "malignant")
    model = PrivatePredictionClassifier(
        LINEAR, 10, 5.0, classes=["benign", "malignant"]
    ).fit(table[TRAIN], names[TRAIN])
    assert (model.predict(table[TEST]) == names[TEST]).mean() > 0.8


def test_a_part_of_one_class_votes_for_it():
    y = np.zeros(40)
    y[:3] = 1
    model = PrivatePredictionClassifier(LINEAR, 10, 50.0, classes=[0, 1])
    assert (model.fit(X[:40], y).predict(X[40:60]) == 0).all()


def test_refuses():
    with pytest.raises(PrivacyLeakError, match="classes must be given"):
        private(classes=None)
    with pytest.raises(ValueError, match="n_partitions=300 needs at least 600 records"):
        private(n_partitions=300)
    with pytest.raises(ValueError, match="epsilon_per_query"):
        private(epsilon_per_query=0.0)
