"""The property of a record."""

import numpy as np
import pandas as pd
import pytest

from skprivacy.property import has_property

TABLE = pd.DataFrame({"sex": ["f", "m", "f"], "age": [20, 30, 40]})


@pytest.mark.parametrize(
    "property",
    [
        ("sex", "f"),
        "sex == 'f'",
        lambda table: table["sex"] == "f",
        lambda table: [1, 0, 1],
        lambda table: np.array([1.0, 0.0, 1.0]),
    ],
)
def test_ways_to_say_the_same(property):
    np.testing.assert_array_equal(has_property(property, TABLE), [True, False, True])


def test_a_category_equals_its_text():
    table = TABLE.astype({"sex": "category"})
    np.testing.assert_array_equal(has_property(("sex", "m"), table), [0, 1, 0])
    np.testing.assert_array_equal(has_property("sex == 'm'", table), [0, 1, 0])


def test_columns_of_arrays_go_by_position():
    np.testing.assert_array_equal(has_property((1, 7), [[1, 7], [7, 1]]), [True, False])
    np.testing.assert_array_equal(
        has_property((-1, 1), [[1, 7], [7, 1]]), [False, True]
    )


@pytest.mark.parametrize(
    ("property", "message"),
    [
        (
            ("size", 1),
            r"column 'size', which the records do not have.*\['sex', 'age'\]",
        ),
        ("size > 1", r"'size > 1' can't be evaluated.*size.*\['sex', 'age'\]"),
        ("sex ==", "can't be evaluated"),
        (lambda table: 1 / 0, "function failed on 3 records: ZeroDivisionError"),
        (lambda table: [True], r"each of the 3 records.*shape \(1,\)"),
        (lambda table: [1.0, np.nan, 0.0], r"missing \(NaN\) for 1 of 3"),
        (lambda table: ["a", "b", "c"], "true or false.*'a'"),
        (lambda table: [0, 1, 2], "true or false.*2"),
    ],
)
def test_what_is_no_property_is_refused(property, message):
    with pytest.raises(ValueError, match=message):
        has_property(property, TABLE)


def test_arrays_have_neither_names_nor_queries():
    with pytest.raises(ValueError, match="needs records in a DataFrame"):
        has_property("age > 1", TABLE.to_numpy())
    with pytest.raises(ValueError, match="by its position; got 'age'"):
        has_property(("age", 1), TABLE.to_numpy())
    with pytest.raises(ValueError, match="names column 5, but the records have 2"):
        has_property((5, 1), TABLE.to_numpy())


@pytest.mark.parametrize("property", [None, 3, ("sex",), ["sex", "f"]])
def test_other_types_are_refused(property):
    with pytest.raises(TypeError, match="property must be a"):
        has_property(property, TABLE)
