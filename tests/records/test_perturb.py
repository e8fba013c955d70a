"""Copies of records hold values that can exist, and no others."""

import numpy as np
import pandas as pd
import pytest

from skprivacy.datasets import load_adult
from skprivacy.records import Perturber


@pytest.fixture(scope="module")
def adult():
    data = load_adult()
    return data.data.assign(income=data.target).iloc[:600]


@pytest.fixture(scope="module")
def encoded():
    rng = np.random.default_rng(0)
    color = np.eye(3)[rng.integers(3, size=200)]
    flag = rng.integers(2, size=200)
    real = rng.normal(size=200)
    count = rng.integers(0, 60, size=200)
    return np.column_stack([real, color, flag, count, rng.integers(2, size=200)])


def test_kinds_and_blocks_are_learned_from_the_table(encoded):
    perturber = Perturber(encoded)
    assert perturber.kinds == ["real", *4 * ["drawn"], "whole", "label"]
    assert perturber.blocks == [[0], [1, 2, 3], [4], [5]]


def test_values_are_ones_that_can_exist(encoded):
    copies = Perturber(encoded).copies(encoded, 5, share=0.8, scale=3.0)
    assert (copies[:, 1:4].sum(axis=1) == 1).all()
    for j in (1, 2, 3, 4, 5):
        assert set(copies[:, j]) <= set(encoded[:, j])
    assert copies[:, 0].min() >= encoded[:, 0].min()
    assert copies[:, 0].max() <= encoded[:, 0].max()


def test_frames_keep_their_column_types_and_values(adult):
    copies = Perturber(adult, "income").copies(adult, 3, share=1.0, scale=2.0)
    pd.testing.assert_series_equal(copies.dtypes, adult.dtypes)
    assert list(copies.columns) == list(adult.columns)
    for column in adult:
        assert set(copies[column].dropna()) <= set(adult[column].dropna())


def test_label_is_kept_and_at_least_one_column_altered(encoded):
    copies = Perturber(encoded).copies(encoded, 4, share=0.0, scale=1.0)
    original = np.repeat(encoded, 4, axis=0)
    np.testing.assert_array_equal(copies[:, -1], original[:, -1])
    # A drawn value or a rounded one may be the old one; a real one is not.
    changed = (copies != original)[:, :-1]
    blocks = np.column_stack(
        [changed[:, 0], changed[:, 1:4].any(axis=1), changed[:, 4], changed[:, 5]]
    )
    assert (blocks.sum(axis=1) <= 1).all()
    # Noise of one standard deviation moves a real column for sure, a drawn color with
    # probability 2/3, a flag 1/2, a count nearly always: about 0.79 on average, of 800
    # copies. The error is 0.02.
    assert blocks.any(axis=1).mean() > 0.7


def test_missing_numbers_stay_missing_and_are_never_made():
    rng = np.random.default_rng(0)
    table = np.column_stack([rng.normal(size=(50, 2)), rng.integers(2, size=50)])
    table[:10, 0] = np.nan
    copies = Perturber(table).copies(table, 3, share=1.0, scale=1.0)
    np.testing.assert_array_equal(
        np.isnan(copies[:, 0]), np.isnan(np.repeat(table[:, 0], 3))
    )


def test_copies_do_not_depend_on_company_container_or_number(encoded):
    perturber = Perturber(encoded, seed=3)
    many = perturber.copies(encoded, 4, share=0.5, scale=0.5).reshape(200, 4, -1)
    few = perturber.copies(encoded[[7, 3]], 2, share=0.5, scale=0.5)
    np.testing.assert_array_equal(few.reshape(2, 2, -1), many[[7, 3], :2])
    frame = pd.DataFrame(encoded, columns=[*"abcdefg"])[["g", *"abcdef"]]
    from_frame = Perturber(frame, "g", seed=3).copies(frame, 4, share=0.5, scale=0.5)
    np.testing.assert_array_equal(
        from_frame[[*"abcdefg"]].to_numpy().reshape(200, 4, -1), many
    )


def test_another_seed_gives_other_copies(encoded):
    one, two = (Perturber(encoded, seed=s).copies(encoded, 2) for s in (0, 1))
    assert (one != two).any()


def test_arrays_of_objects_are_altered_too():
    table = np.array([[0.5, "a", 0], [1.5, "b", 1], [2.5, "a", 0]], dtype=object)
    copies = Perturber(table).copies(table, 4, share=1.0)
    assert copies.dtype == object
    assert set(copies[:, 1]) == {"a", "b"}
    assert set(copies[:, 0]) <= {0.5, 1.5, 2.5}


def test_categories_that_the_table_does_not_have_are_kept():
    table = pd.DataFrame({"c": pd.Categorical(["a", "b"] * 10), "y": [0, 1] * 10})
    record = pd.DataFrame({"c": pd.Categorical(["z"]), "y": [0]})
    copies = Perturber(table, "y").copies(record, 8, share=1.0)
    assert set(copies["c"]) <= {"a", "b"}
    assert isinstance(copies["c"].dtype, pd.CategoricalDtype)
