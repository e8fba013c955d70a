"""Checks that several families share."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skprivacy._validation import (
    as_plain_table,
    as_table,
    check_numbers,
    check_share,
    check_whole,
    classes_of,
    encode_labels,
)


@pytest.mark.parametrize(
    "y, classes, expected",
    [
        ([1.0, 0.0, 2.0], [0, 1], [1, 0, -1]),
        ([True, False], [0, 1], [1, 0]),
        (["b", "z"], ["a", "b"], [1, -1]),
        ([-1, 1], [-1, 1], [0, 1]),
        ([], [0, 1], []),
    ],
)
def test_labels_equal_by_value(y, classes, expected):
    np.testing.assert_array_equal(encode_labels(np.array(y), classes), expected)


def test_missing_labels_are_no_class():
    assert encode_labels(np.array([np.nan, 1.0]), [0, 1]).tolist() == [-1, 1]


def test_complex_numbers_are_refused():
    with pytest.raises(ValueError, match="Complex data not supported"):
        as_table(np.ones((2, 2)) * 1j)


class Foreign(np.ndarray):
    """A table of another library, as far as it shows."""

    def to_pandas(self):
        return self


@pytest.mark.parametrize("check", [as_table, as_plain_table])
def test_tables_of_other_libraries_are_refused_with_a_way_out(check):
    with pytest.raises(TypeError, match=r"X_train must be a pandas.*\.to_pandas\(\)"):
        check(np.ones((2, 2)).view(Foreign), "X_train")


@pytest.mark.parametrize("check", [as_table, as_plain_table])
def test_polars_is_refused_with_a_way_out(check):
    polars = pytest.importorskip("polars")
    with pytest.raises(TypeError, match=r"got a polars\.DataFrame.*\.to_pandas\(\)"):
        check(polars.DataFrame({"a": [1]}))


@pytest.mark.parametrize("table", [3.0, "table.csv", [1, 2], [[[1]]], None])
def test_what_is_no_table_is_refused(table):
    with pytest.raises(ValueError, match="records must have rows and columns"):
        as_plain_table(table, "records")


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="X must be a table; got rows of different"):
        as_plain_table([[1], [1, 2]])


def test_a_sparse_table_is_refused():
    with pytest.raises(TypeError, match="X must be dense; got a sparse csr_matrix"):
        as_plain_table(sparse.csr_matrix([[1.0]]))


def test_labels_in_two_columns_are_refused():
    with pytest.raises(ValueError, match="labels must be one-dimensional"):
        encode_labels(np.ones((2, 2)), [0, 1])


@pytest.mark.parametrize("value", [0.5, 0, 11, np.nan, np.inf, "3", True, 1j, None])
def test_other_than_a_whole_number_between_the_ends_is_refused(value):
    with pytest.raises((TypeError, ValueError), match="n_records must be"):
        check_whole(value, "n_records", 1, 10)


@pytest.mark.parametrize("value", [1.5, -0.1, np.nan, "0.1", True, 1j, None])
def test_other_than_a_share_is_refused(value):
    with pytest.raises((TypeError, ValueError), match="share must be"):
        check_share(value, "share")


@pytest.mark.parametrize("container", [pd.DataFrame, pd.DataFrame.to_numpy])
def test_lists_in_the_places_of_a_table_are_refused(container):
    table = pd.DataFrame({"seen": [[1], [2]], "age": [1, 2]})
    with pytest.raises(
        TypeError, match="X: each value of the argument must be a string.* a list"
    ):
        as_table(container(table))


@pytest.mark.parametrize(
    "y", [["a"], [np.nan], [np.inf], [], [1j], np.array(["2020"], "M8[D]"), [[1, 2]]]
)
def test_other_than_numbers_are_refused(y):
    with pytest.raises((TypeError, ValueError)):
        check_numbers(y)


def test_numbers_come_as_floats():
    assert check_numbers([True, False]).tolist() == [1.0, 0.0]
    assert check_numbers(np.array([1, 2.5], dtype=object)).tolist() == [1.0, 2.5]


def test_labels_that_cannot_be_compared_are_refused():
    with pytest.raises(TypeError, match=r"y must hold labels.*\['NoneType', 'int'\]"):
        classes_of(np.array([None, 1], dtype=object))
