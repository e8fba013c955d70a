import numpy as np

from skprivacy.dp._bins import merge_cells, n_cells_worth_counting, private_bins
from skprivacy.dp._noise import NoiseSource


def test_bins_hold_about_as_many_records_each():
    skewed = np.random.RandomState(0).exponential(size=(20_000, 1)).clip(0, 20)
    ends = np.array([0.0]), np.array([20.0])
    edges, left = private_bins(skewed, *ends, 8, 5.0, 0.1, NoiseSource())
    inner = np.quantile(skewed, np.arange(1, 8) / 8)
    # Cells are .08 wide, and every bin ends at the first edge after its share.
    assert len(edges[0]) in (6, 7)
    assert abs(edges[0][0] - inner[0]) < 0.1
    assert left**2 + 0.1 * 5.0**2 == 5.0**2


def test_few_records_get_bins_of_equal_width_for_nothing():
    table = np.zeros((20, 2))
    ends = np.zeros(2), np.array([4.0, 8.0])
    edges, left = private_bins(table, *ends, 4, 0.1, 0.1, NoiseSource())
    assert [e.tolist() for e in edges] == [[1, 2, 3], [2, 4, 6]]
    assert left == 0.1


def test_no_neighbors_are_farther_apart(monkeypatch):
    seen = []

    def record(values, sensitivity, mu, noise):
        seen.append((values, sensitivity))
        return values.astype(float)

    monkeypatch.setattr("skprivacy.dp._bins.release_gaussian", record)
    table = np.random.RandomState(0).uniform(size=(500, 3))
    other = table.copy()
    other[0] = 1 - other[0]
    for one in (table, other):
        private_bins(one, np.zeros(3), np.ones(3), 8, 100.0, 0.1, None)
    apart = np.linalg.norm(seen[0][0] - seen[1][0])
    assert np.isclose(apart, np.sqrt(6))
    assert seen[0][1] == np.sqrt(6)


def test_a_column_of_two_values_has_an_edge_between_them():
    assert merge_cells(np.array([50, 0, 0, 50]), 10).tolist() == [1]
    # Next to nothing in the last cell belongs to the bin before.
    assert merge_cells(np.array([5, 5, 5, 1]), 5).tolist() == [1, 2]
    assert merge_cells(np.array([0, 0, 0, 9]), 5).tolist() == [2]


def test_cells_are_no_more_than_are_worth_it():
    assert n_cells_worth_counting(10**9, 2, 1.0, 0.5) == 256
    assert n_cells_worth_counting(10**4, 2, 1.0, 0.0) is None
