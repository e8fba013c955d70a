"""Pairs of neighboring data sets."""

import numpy as np
import pandas as pd
import pytest

from skprivacy.auditing._neighbors import KINDS, neighboring_tables

RNG = np.random.RandomState(0)
X = RNG.uniform(-0.5, 0.5, size=(12, 3))
Y = np.arange(12) % 3
BOUNDS = (-1, [1, 2, 3])


def pairs(X=X, y=Y, kinds="all", **params):
    return list(neighboring_tables(X, y, kinds, random_state=0, **params))


def rows_that_differ(pair):
    first, second = (
        pd.DataFrame(world[0]).reset_index(drop=True).assign(y=np.asarray(world[1]))
        for world in (pair.first, pair.second)
    )
    same = (first == second) | (first.isna() & second.isna())
    return np.flatnonzero(~same.all(axis=1))


def of(kind, **params):
    found = pairs(kinds=[kind], **params)
    assert found
    assert {pair.kind for pair in found} == {kind}
    return found


def test_every_kind_replaces_one_record_and_no_more():
    found = pairs(bounds=BOUNDS)
    # What is about n is no claim of those who replace a record.
    assert {pair.kind for pair in found} == set(KINDS[:-1])
    for pair in found:
        assert len(pair.first[0]) == len(pair.second[0]) == len(pair.first[1])
        assert rows_that_differ(pair).tolist() == [0], pair.detail


def test_with_add_remove_one_record_is_gone():
    found = pairs(bounds=BOUNDS, adjacency="add_remove")
    assert {pair.kind for pair in found} == set(KINDS)
    for pair in found:
        assert len(pair.first[0]) == len(pair.second[0]) + 1
        assert np.array_equal(pair.first[0][1:], pair.second[0])
        assert np.array_equal(pair.first[1][1:], pair.second[1])


def test_removal_where_it_is_asked_for():
    for pair in of("remove"):
        assert len(pair.first[0]) == len(pair.second[0]) + 1 == 12


def test_corners_are_those_of_the_bounds():
    found = {
        p.detail: (p.first[0][0], p.second[0][0]) for p in of("corner", bounds=BOUNDS)
    }
    high, low = found["all high or all low"]
    assert (high.tolist(), low.tolist()) == ([1, 2, 3], [-1, -1, -1])
    one, other = found["alternating, or the other way round"]
    assert (one.tolist(), other.tolist()) == ([1, -1, 3], [-1, 2, -1])
    high, low = found["column 1 high or low"]
    assert (high.tolist(), low.tolist()) == ([0, 2, 1], [0, -1, 1])


def test_corners_of_a_norm_have_that_norm():
    for pair in of("corner", norm=2.0):
        lengths = [np.linalg.norm(world[0][0]) for world in (pair.first, pair.second)]
        assert lengths == pytest.approx([2.0, 2.0])


def test_flip_changes_the_label():
    found = of("flip", bounds=BOUNDS)
    assert all(pair.first[1][0] != pair.second[1][0] for pair in found)
    assert sum(np.array_equal(p.first[0], p.second[0]) for p in found) == 4


def test_flip_of_numbers_goes_to_the_other_extreme():
    y = np.linspace(0.25, 0.75, 12)
    found = of("flip", y=y, y_bounds=(0, 1))
    assert {(p.first[1][0], p.second[1][0]) for p in found} == {(1.0, 0.0)}
    # Whole numbers may be either; an estimator knows.
    found = of("flip", y=np.arange(12), is_regression=True)
    assert {(p.first[1][0], p.second[1][0]) for p in found} == {(11.0, 0.0)}
    assert {pair.kind for pair in pairs(y=y)} == set(KINDS[:-1]) - {"rare_class"}


def test_a_class_vanishes():
    for pair in of("rare_class"):
        assert np.sum(pair.first[1] == pair.first[1][0]) == 1
        assert pair.first[1][0] not in pair.second[1]
    # A class that is public, and that no record is of, is the rarest.
    for pair in of("rare_class", classes=[0, 1, 2, 7]):
        assert pair.first[1][0] == 7


def test_a_longer_class_is_not_cut():
    y = np.array(["a", "b"] * 6)
    for pair in of("rare_class", y=y, classes=["a", "b", "unseen"]):
        assert pair.first[1][0] == "unseen"


def test_one_is_far_from_all_others():
    for pair in of("empty_cluster", bounds=(0, 1)) + of("extreme", bounds=(0, 1)):
        others = pair.first[0][1:]
        spread = np.ptp(others, axis=0).max()
        far, near = (
            np.abs(world[0][0] - others).max() for world in (pair.first, pair.second)
        )
        assert spread <= 0.04
        assert far >= 0.48
        assert near <= 0.04


def test_all_others_are_equal():
    for pair in of("duplicates"):
        assert np.ptp(pair.first[0][1:], axis=0).max() == 0


def test_tiny_tables():
    assert {len(pair.first[0]) for pair in of("tiny")} == {2, 3}


def test_holes():
    values = [pair.first[0][0] for pair in of("missing")]
    assert [np.isnan(v).sum() for v in values] == [1, 0, 3]
    assert np.isinf(values[1]).sum() == 1
    assert all(np.isfinite(pair.second[0]).all() for pair in of("missing"))


def frame():
    return pd.DataFrame(
        {
            "city": ["Rome", "Oslo", "Bern", None] * 3,
            "grade": pd.Categorical(["x", "y"] * 6),
            "age": np.arange(12),
            "share": np.linspace(0, 1, 12),
            "is_new": [True, False] * 6,
        },
        index=np.arange(12) + 100,
    )


def test_tables_with_texts_keep_their_types():
    table = frame()
    found = pairs(table, pd.Series(Y, name="target"))
    assert {pair.kind for pair in found} == set(KINDS[:-1])
    for pair in found:
        first, second = pair.first[0], pair.second[0]
        assert first.dtypes.equals(second.dtypes)
        assert first.index.equals(pd.RangeIndex(len(first)))
        assert rows_that_differ(pair).tolist() == [0], pair.detail
        assert pair.first[1].name == "target"
        if pair.kind != "missing":
            assert first.dtypes.equals(table.dtypes), pair.detail
    high = of("extreme", X=table)[0].first[0].iloc[0]
    assert high.tolist() == ["Rome", "y", 11, 1.0, True]


def test_whole_numbers_stay_whole_and_inside_of_the_bounds():
    pair = of("extreme", X=frame()[["age"]], bounds=(0.5, 9.5))[0]
    assert (pair.first[0]["age"].iloc[0], pair.second[0]["age"].iloc[0]) == (9, 1)


def test_arrays_of_objects_and_no_labels():
    table = np.array([["a", 1.0], ["b", 2.0], ["c", 3.0], ["a", 4.0]], dtype=object)
    found = pairs(table, None)
    assert {pair.kind for pair in found} == set(KINDS[:-1]) - {"flip", "rare_class"}
    assert all(len(pair.first) == 1 for pair in found)
    assert found[0].first[0][0].tolist() == ["c", 4.0]


def test_one_class_only():
    kinds = {pair.kind for pair in pairs(y=np.zeros(12, dtype=int))}
    assert kinds == set(KINDS[:-1]) - {"flip", "rare_class"}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"kinds": ["corner", "edge"]}, "kinds must be"),
        ({"kinds": []}, "kinds must be"),
        ({"X": X[:2], "y": Y[:2]}, "X must have at least 3 records; got n_samples=2"),
        ({"bounds": 3}, "bounds must be a pair"),
        ({"bounds": ([0, 0], 1)}, "each a number or one for each of the 3"),
        ({"bounds": (1, 0)}, "lower ends below upper"),
        ({"bounds": (0, np.inf)}, "bounds must be finite"),
        ({"y": Y[:4]}, "inconsistent numbers of samples"),
        ({"X": frame().assign(share=np.inf)}, "X must not hold infinite numbers"),
    ],
)
def test_what_can_not_be_is_refused(params, message):
    with pytest.raises(ValueError, match=message):
        pairs(**params)
