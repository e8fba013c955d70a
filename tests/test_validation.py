"""Checks that several families share."""

import numpy as np
import pytest

from skprivacy._validation import as_table, encode_labels


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
