"""When two records are the same."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skprivacy.records import find_records, hash_records

ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)),
    min_size=2,
    max_size=20,
)


@given(ROWS)
def test_equal_rows_and_only_they_have_equal_hashes(rows):
    rows = np.array(rows)
    hashes = hash_records(rows)
    same_hash = hashes[:, None] == hashes[None, :]
    same_row = (rows[:, None] == rows[None, :]).all(axis=2)
    np.testing.assert_array_equal(same_hash, same_row)


def test_values_count_and_not_how_they_are_stored():
    tables = [
        pd.DataFrame({"n": [1, 0], "t": ["a", "b"]}),
        pd.DataFrame({"n": [1.0, -0.0], "t": pd.Categorical(["a", "b"])}),
        pd.DataFrame({"n": [True, False], "t": pd.Series(["a", "b"], dtype=object)}),
        pd.DataFrame({"n": pd.array([1, 0], "Int64"), "t": ["a", "b"]}),
        np.array([[1, "a"], [0, "b"]], dtype=object),
    ]
    first = hash_records(tables[0])
    for table in tables[1:]:
        np.testing.assert_array_equal(hash_records(table), first)


def test_missing_equals_missing_and_nothing_else():
    table = pd.DataFrame({"n": [np.nan, 0.0, np.nan], "t": [None, "", None]})
    a, b, c = hash_records(table)
    assert a == c != b


def test_order_of_columns_matters_and_company_does_not():
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 9, size=(50, 4)).astype(float)
    assert (hash_records(rows) != hash_records(rows[:, ::-1])).any()
    np.testing.assert_array_equal(hash_records(rows)[10:20], hash_records(rows[10:20]))


def test_half_a_million_records_do_not_collide():
    # With 64 bits, 5e5 records collide with a probability of 5e5**2 / 2 / 2**64 = 7e-9.
    rows = np.column_stack([np.arange(500_000) // 700, np.arange(500_000) % 700])
    assert len(np.unique(hash_records(rows))) == 500_000


@pytest.mark.parametrize("records", [3.0, [1, 2]])
def test_what_is_no_table_is_refused(records):
    with pytest.raises(ValueError, match="records must have rows and columns"):
        hash_records(records)


def test_values_that_cannot_be_compared_are_refused_with_their_column():
    with pytest.raises(TypeError, match="records must hold .* in column 'seen'"):
        hash_records(pd.DataFrame({"seen": [[1], [2]]}))


def test_nothing_is_found_in_an_empty_table():
    wanted = hash_records(np.array([[1], [2]]))
    assert find_records(wanted[:0], wanted).tolist() == [-1, -1]
