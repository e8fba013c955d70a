"""Evidence of the nearest records."""

import numpy as np
import pandas as pd

from skprivacy.membership import _company
from skprivacy.membership._company import Company, RecordSpace, neighbor_evidence


def test_weights_on_a_hand_computed_case():
    # Neighbors 2, 0 and 1 with evidence 1, 4 and 6, the last of another label.
    # 1/r: (1 + 4 / 2 - 6 / 3) / (1 + 1/2 + 1/3) = 1 / (11 / 6) = 6 / 11.
    # 1/r^2: (1 + 4 / 4 - 6 / 9) / (1 + 1/4 + 1/9) = (4 / 3) / (49 / 36) = 48 / 49.
    columns = neighbor_evidence(
        np.array([[2, 0, 1]]),
        np.array([[4.0], [6.0], [1.0]]),
        np.array([1]),
        np.array([1, 0, 1]),
    )
    np.testing.assert_allclose(columns, [[6 / 11, 48 / 49]])


def test_no_neighbor_counts_nothing():
    columns = neighbor_evidence(
        np.array([[0, -1]]), np.array([[3.0], [9.0]]), np.zeros(1), np.zeros(2)
    )
    # 3 / (1 + 1/2) and 3 / (1 + 1/4).
    np.testing.assert_allclose(columns, [[2.0, 2.4]])


def test_a_record_and_its_equals_are_not_its_neighbors():
    X = np.array([[0.0], [0.0], [1.0], [3.0]])
    hashes = np.array([7, 7, 8, 9])
    company = Company(X, hashes, n_neighbors=2)
    assert company.of(X, hashes)[0].tolist() == [2, -1]
    # The nearest to 1 are both at 0.
    assert sorted(company.of(X, hashes)[2].tolist()) == [0, 1]


def test_nearest_as_a_plain_loop_finds_them():
    X = np.random.default_rng(0).normal(size=(40, 3))
    hashes = np.arange(40)
    found = Company(X, hashes, n_neighbors=5).of(X, hashes)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    for i in range(40):
        distance = np.linalg.norm(Z - Z[i], axis=1)
        distance[i] = np.inf
        assert found[i].tolist() == np.argsort(distance)[:5].tolist()


def test_of_very_many_records_some_are_looked_at_whatever_their_order(monkeypatch):
    monkeypatch.setattr(_company, "MOST_RECORDS", 10)
    rng = np.random.default_rng(0)
    X, hashes = rng.normal(size=(40, 3)), rng.permutation(40)
    found = Company(X, hashes, n_neighbors=5).of(X, hashes)
    assert found.min() >= 0 and set(hashes[found.ravel()]) <= set(range(10))
    order = rng.permutation(40)
    others = Company(X[order], hashes[order], n_neighbors=5).of(X, hashes)
    np.testing.assert_array_equal(order[others], found)


def test_texts_and_missing_values_have_a_place():
    table = pd.DataFrame({"age": [1.0, 2.0, np.nan], "sex": ["m", "f", "m"]})
    space = RecordSpace(table)
    points = space.points(table)
    assert points.shape == (3, 3) and np.isfinite(points).all()
    assert points[2, 0] == 0
    unseen = pd.DataFrame({"age": [5.0], "sex": ["x"]})
    assert np.isfinite(space.points(unseen)).all()
