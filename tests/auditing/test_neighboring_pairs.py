"""Pairs are neighbors of the kind that they say, and reach the ends."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skprivacy.auditing._neighboring_pairs import (
    Public,
    neighboring_pairs,
    public_of,
)
from skprivacy.dp import DiffprivlibEstimator, DPGaussianNB, DPRidge, DPStandardScaler

X = np.linspace(0, 1, 24).reshape(12, 2)
CLASSES = np.array(["a", "bb", "ccc", "a"] * 3)
NUMBERS = np.linspace(-1, 1, 12)


def pairs(kind, table=X, y=CLASSES, public=None, n_pairs=8, seed=0):
    if public is None:
        classes = None if y is None or y is NUMBERS else np.unique(y)
        public = Public(bounds=(0, 1), y_bounds=(-2, 2), classes=classes)
    rng = np.random.RandomState(seed)
    return list(neighboring_pairs(table, y, kind, n_pairs, public, rng))


def differing_rows(first, second):
    first, second = np.asarray(first), np.asarray(second)
    differs = first != second
    return np.flatnonzero(
        differs.any(axis=1) if differs.ndim == 2 else differs
    ).tolist()


@pytest.mark.parametrize(
    "y", [CLASSES, NUMBERS, None], ids=["classes", "numbers", "none"]
)
def test_a_record_is_replaced(y):
    made = pairs("replace", y=y)
    assert len(made) == 8
    for pair in made:
        assert set(differing_rows(pair.first[0], pair.second[0])) <= {pair.record}
        if pair.kind == "replace x" and y is not None:
            assert differing_rows(pair.first[1], pair.second[1]) == []
        if pair.kind == "replace x, y":
            assert differing_rows(pair.first[1], pair.second[1]) == [pair.record]
    assert {pair.kind for pair in made} == (
        {"replace x"} if y is None else {"replace x", "replace x, y"}
    )


@pytest.mark.parametrize("y", [CLASSES, NUMBERS], ids=["classes", "numbers"])
def test_a_label_flips_alone(y):
    for pair in pairs("flip", y=y):
        assert differing_rows(pair.first[0], pair.second[0]) == []
        assert differing_rows(pair.first[1], pair.second[1]) == [pair.record]


def test_a_record_is_removed():
    for pair in pairs("remove"):
        rest = np.delete(np.arange(12), pair.record)
        for whole, part in zip(pair.first, pair.second, strict=True):
            assert np.array_equal(whole[rest], part)
        assert pair.removed == pair.record


def test_corners_of_the_bounds_are_reached():
    made = pairs("replace", y=NUMBERS)
    # The first in the corners: from one to the one opposite, the label too.
    assert made[1].first[0][made[1].record].tolist() == [0, 0]
    assert made[1].second[0][made[1].record].tolist() == [1, 1]
    record = made[3].record
    assert (made[3].first[1][record], made[3].second[1][record]) == (-2, 2)
    # It is the same first data set, that is fitted on once.
    assert made[1].first[0] is made[3].first[0]


def test_every_second_pair_is_of_the_data_as_they_are():
    made = pairs("flip")
    assert all(pair.first[0] is X and pair.first[1] is CLASSES for pair in made[2::2])


@pytest.mark.parametrize("y", [CLASSES, np.arange(12) % 3], ids=["rare", "balanced"])
@pytest.mark.parametrize("kind", ["flip", "remove", "replace"])
def test_a_class_vanishes(kind, y):
    made = pairs(kind, y=y)
    counts = [
        [len(set(world[1])) for world in (pair.first, pair.second)] for pair in made
    ]
    assert [3, 2] in counts


def test_longer_labels_are_not_cut():
    y = np.array(["a", "b"] * 6)
    public = Public(bounds=(0, 1), classes=np.array(["a", "longer"]))
    labels = {
        label for pair in pairs("flip", y=y, public=public) for label in pair.second[1]
    }
    assert labels == {"a", "b", "longer"}


def test_norms_and_the_data_stand_in_for_bounds():
    by_norm = pairs("replace", public=Public(norm=2.0), y=None)[1]
    corner = by_norm.second[0][by_norm.record]
    assert np.linalg.norm(corner) == pytest.approx(2.0)
    by_data = pairs("replace", public=Public(), y=None)[1]
    assert by_data.second[0][by_data.record].tolist() == X.max(axis=0).tolist()


def test_tables_keep_columns_that_are_no_numbers():
    table = pd.DataFrame({"n": np.arange(12), "c": pd.Categorical(list("xyz") * 4)})
    for pair in pairs("replace", table, public=Public(bounds=(0, 10.5)), y=None):
        assert set(pair.second[0]["c"]) <= set("xyz")
    assert pair.second[0]["c"].dtype == "category"
    for pair in pairs("remove", table):
        assert pair.second[0]["n"].tolist() == [
            i for i in range(12) if i != pair.record
        ]


def test_what_is_public_is_found_in_parameters():
    inner = make_pipeline(DPStandardScaler(bounds=(-1, 1)), LogisticRegression())
    assert public_of(inner, CLASSES).bounds == (-1, 1)
    named = DiffprivlibEstimator("GaussianNB", params={"bounds": (0, 2)})
    assert public_of(named, CLASSES).bounds == (0, 2)
    ridge = public_of(DPRidge(data_norm=3.0, y_bounds=(0, 1)), NUMBERS)
    assert (ridge.norm, ridge.y_bounds, ridge.classes) == (3.0, (0, 1), None)
    classes = public_of(DPGaussianNB(classes=["a", "z"]), CLASSES).classes
    assert classes.tolist() == ["a", "z"]
    assert public_of(DPGaussianNB()).classes is None
