"""NeighborhoodAttack against plain loops."""

import numpy as np
import pytest

from skprivacy.membership import NeighborhoodAttack
from skprivacy.membership._neighborhood import standing_out
from skprivacy.targets import BlackBox


def test_standing_out_by_hand():
    # Mean 3, variance 2/3; (5 - 3) / sqrt(2/3 + 1/3) = 2.
    around = np.array([[2.0, 3.0, 4.0]])
    np.testing.assert_allclose(standing_out(np.array([5.0]), around, 1 / 3), [2.0])


def test_nothing_varies():
    around = np.ones((2, 4))
    np.testing.assert_array_equal(standing_out(np.ones(2), around, 0.0), [0.0, 0.0])


def test_nearest_records_as_in_a_plain_loop(overfit):
    records = overfit.records[:80]
    attack = NeighborhoodAttack(
        overfit.box, neighbors="records", n_neighbors=3, signal="confidence"
    ).fit(records)
    X, y = records[:, :-1], records[:, -1].astype(int)
    signal = overfit.model.predict_proba(X)[np.arange(80), y]
    points = X / X.std(axis=0)
    around = []
    for i in range(80):
        others = [j for j in range(80) if y[j] == y[i] and j != i]
        others.sort(key=lambda j, i=i: np.sum((points[i] - points[j]) ** 2))
        around.append(signal[others[:3]])
    around = np.array(around)
    expected = standing_out(signal, around, around.var(axis=1).mean())
    np.testing.assert_allclose(
        attack.decision_function(records), expected - expected.mean(), rtol=1e-9
    )


def test_equal_records_are_no_neighbors_of_each_other(overfit):
    records = overfit.records[:40]
    plain = NeighborhoodAttack(overfit.box, neighbors="records", n_neighbors=2)
    once = plain.fit(records).decision_function(records)
    twice = plain.fit(np.vstack([records, records])).decision_function(records)
    np.testing.assert_allclose(once, twice)


def test_more_neighbors_than_records(overfit):
    attack = NeighborhoodAttack(overfit.box, neighbors="records", n_neighbors=500)
    assert np.isfinite(attack.fit(overfit.records).threshold_)


def test_an_outlier_that_is_a_member_stands_out():
    # The target is sure of one record alone, and undecided around it.
    def target(X):
        return np.where(np.abs(X[:, 0] - 3.0) < 1e-9, 0.9, 0.5)

    rng = np.random.default_rng(0)
    records = np.column_stack([rng.normal(size=(200, 2)), rng.integers(2, size=200)])
    records[7] = [3.0, 0.0, 1.0]
    box = BlackBox(target, classes=[0, 1])
    attack = NeighborhoodAttack(box, random_state=0).fit(records)
    assert attack.decision_function(records).argmax() == 7


def test_generated_neighbors_cost_their_number_of_queries(overfit):
    box = BlackBox(overfit.model)
    attack = NeighborhoodAttack(box, n_neighbors=5, random_state=0)
    attack.fit(overfit.records)
    assert box.n_queries_ == 6 * 600


def test_signal_that_the_answers_do_not_offer(overfit):
    box = BlackBox(overfit.model, response="label")
    with pytest.raises(ValueError, match="signal='entropy' can't be had"):
        NeighborhoodAttack(box, signal="entropy").fit(overfit.records)


def test_number_of_neighbors_is_checked(overfit):
    with pytest.raises(ValueError, match="'n_neighbors' parameter"):
        NeighborhoodAttack(overfit.box, n_neighbors=0).fit(overfit.records)


def test_blocks_of_records_are_scored_as_all_at_once(overfit, monkeypatch):
    attack = NeighborhoodAttack(overfit.box, n_neighbors=3, random_state=0)
    at_once = attack.fit(overfit.records).decision_function(overfit.records)
    monkeypatch.setattr("skprivacy.membership._neighborhood._BLOCK", 20)
    in_blocks = attack.fit(overfit.records).decision_function(overfit.records)
    np.testing.assert_allclose(in_blocks, at_once, rtol=0, atol=1e-12)
