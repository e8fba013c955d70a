"""Paths lead to the nearest records of another label."""

import numpy as np

from skprivacy.membership._path_ends import PathEnds


def test_nearest_of_another_label_as_in_a_plain_loop():
    rng = np.random.default_rng(0)
    table = np.column_stack([rng.normal(size=(60, 3)), rng.integers(3, size=60)])
    ends = PathEnds(table, -1, 4).of(table[:10]).reshape(10, 4, -1)
    points = table[:, :-1] / table[:, :-1].std(axis=0)
    for i in range(10):
        others = [j for j in range(60) if table[j, -1] != table[i, -1]]
        others.sort(key=lambda j, i=i: np.sum((points[i] - points[j]) ** 2))
        np.testing.assert_array_equal(ends[i], table[others[:4]])


def test_too_few_others_are_taken_several_times():
    table = np.column_stack([np.arange(6.0), [0, 0, 0, 0, 0, 1]])
    ends = PathEnds(table, -1, 3).of(table[:1])
    np.testing.assert_array_equal(ends, np.tile(table[5], (3, 1)))


def test_values_lead_to_the_other_half():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(50, 3))
    middle = np.median(table[:, -1])
    ends = PathEnds(table, -1, 2).of(table).reshape(50, 2, -1)
    assert ((ends[..., -1] > middle) != (table[:, -1] > middle)[:, None]).all()
