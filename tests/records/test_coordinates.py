"""Records as points."""

import numpy as np
import pandas as pd
import pytest

from skprivacy.records import Coordinates


def test_numbers_are_scaled_and_missing_ones_are_the_median():
    points = Coordinates(np.array([[1.0, 0.0], [3.0, 0.0], [np.nan, 0.0]]))
    # Median 2, standard deviation 1; a constant column is left as it is.
    np.testing.assert_allclose(
        points(np.array([[4.0, 0.0], [np.nan, 1.0]])), [[4.0, 0.0], [2.0, 1.0]]
    )


def test_categories_missing_or_unknown_are_zeros():
    table = pd.DataFrame({"c": pd.Categorical(["a", "b", None])})
    points = Coordinates(table)(pd.DataFrame({"c": ["b", "z", None]}))
    np.testing.assert_array_equal(points, [[0, 1], [0, 0], [0, 0]])


def test_a_column_without_any_number():
    points = Coordinates(np.array([[np.nan], [np.nan]]))
    np.testing.assert_array_equal(points(np.array([[np.nan], [2.0]])), [[0.0], [2.0]])


@pytest.mark.filterwarnings("error")
def test_numbers_near_the_largest_float_do_not_overflow():
    X = np.array([[1e300], [-1e300]])
    assert np.isfinite(Coordinates(X)(X)).all()
