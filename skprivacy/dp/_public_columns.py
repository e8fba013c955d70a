"""Columns of numbers and of categories, as they are declared and not as they are."""

import numpy as np
import pandas as pd
from sklearn.utils import assert_all_finite

from skprivacy._validation import encode_labels
from skprivacy.dp._public import public_bounds, tell_leak

__all__ = [
    "CategoryColumn",
    "column_positions",
    "is_number",
    "names_of",
    "number_columns",
    "public_categories",
    "public_ends",
]

#: Stands for None, NaN and NaT, which are not equal to themselves.
MISSING = object()


class CategoryColumn:
    """Values of which all that may occur are public.

    Parameters
    ----------
    categories : array-like
        They may have a missing value among them.

    name : object
        The column's, for messages.
    """

    def __init__(self, categories, name):
        self.categories = np.empty(len(categories), dtype=object)
        self.categories[:] = list(categories)
        self.name = name
        told, times = np.unique(
            encode_labels(_keys(self.categories), _keys(self.categories)),
            return_counts=True,
        )
        if len(told) == 0 or (times > 1).any():
            raise ValueError(
                f"categories of column {name!r} must be values that differ, at least "
                f"one; got {list(categories)}."
            )

    def encode(self, values) -> np.ndarray:
        """Return the position of each value among the categories.

        Parameters
        ----------
        values : Series
            Values.

        Returns
        -------
        codes : ndarray of int of shape (n_records,)

        Raises
        ------
        ValueError
            If one is no category.
        """
        values = np.asarray(values, dtype=object)
        codes = encode_labels(_keys(values), _keys(self.categories))
        if (codes < 0).any():
            raise ValueError(
                f"column {self.name!r} holds {values[codes < 0][0]!r}, which is not in "
                f"its categories, {self.categories.tolist()}."
            )
        return codes

    def decode(self, codes, like) -> pd.Series:
        """Return the categories at positions.

        Parameters
        ----------
        codes : ndarray of int of shape (n_records,)
            Positions.

        like : Series
            The column that was encoded. Its index is kept; its type only if it is
            categorical: whole numbers, or floats, tell if one of them was missing.

        Returns
        -------
        values : Series
        """
        values = pd.Series(self.categories.tolist()).take(codes)
        values.index = like.index
        if not isinstance(like.dtype, pd.CategoricalDtype):
            return values
        known = self.categories[~pd.isna(self.categories)].tolist()
        return values.astype(pd.CategoricalDtype(known, like.dtype.ordered))


def _keys(values):
    keys = np.asarray(values, dtype=object).copy()
    keys[pd.isna(keys)] = MISSING
    return keys


def is_number(column) -> bool:
    """Say whether a column is of numbers, by its type: truth values are none."""
    numeric = pd.api.types.is_numeric_dtype(column)
    return bool(numeric and not pd.api.types.is_bool_dtype(column))


def public_categories(column, name, categories, on_leak="raise"):
    """Return the column of the categories that are declared.

    Parameters
    ----------
    column : Series
        The column as it is.

    name : object
        Its name, or position.

    categories : array-like or None
        All values. None: those of the data, which tell of them; those of a column of
        truth values are known.

    on_leak : {"raise", "warn"}, default="raise"
        What to do if there are none.

    Returns
    -------
    column : CategoryColumn

    Raises
    ------
    PrivacyLeakError
        If there are none.
    """
    if categories is None and pd.api.types.is_bool_dtype(column):
        categories = [False, True]
    if categories is None:
        tell_leak(
            f"categories of column {name!r} must be given: which values occur tells of "
            "the records that have a rare one. List all that may occur.",
            on_leak,
        )
        categories = pd.unique(column.astype(object))
    return CategoryColumn(categories, name)


def public_ends(numbers, names, bounds, on_leak="raise") -> dict:
    """Return the bounds of each column of numbers.

    Parameters
    ----------
    numbers : ndarray of shape (n_records, n_columns)
        The columns as they are.

    names : list
        Their names, or positions.

    bounds : pair, dict or None
        Of all alike, or one for each; a dict by name.

    on_leak : {"raise", "warn"}, default="raise"
        What to do if there are none.

    Returns
    -------
    bounds : dict of pair of float

    Raises
    ------
    PrivacyLeakError
        If there are none.
    """
    if not names:
        return {}
    if isinstance(bounds, dict):
        ends = [
            public_bounds(
                bounds.get(name), numbers[:, [j]], on_leak, f"bounds of {name!r}"
            )
            for j, name in enumerate(names)
        ]
        lower, upper = (np.concatenate(side) for side in zip(*ends, strict=True))
    else:
        lower, upper = public_bounds(bounds, numbers, on_leak)
    # A constant column, where bounds are read off the data.
    upper = np.maximum(upper, np.nextafter(lower, np.inf))
    return dict(
        zip(names, zip(lower.tolist(), upper.tolist(), strict=True), strict=True)
    )


def column_positions(keys, names, argument) -> dict:
    """Return the position of each column that an argument names.

    Parameters
    ----------
    keys : iterable
        Names, or positions in an array.

    names : list
        Those of all columns.

    argument : str
        Its name, for messages.

    Returns
    -------
    positions : dict
        From key to position.

    Raises
    ------
    ValueError
        If there is no such column, or one is named twice.
    """
    positions = {}
    for key in keys:
        if key not in names:
            raise ValueError(
                f"{argument} names the column {key!r}, which X does not have; it has "
                f"{names}."
            )
        if key in positions:
            raise ValueError(f"{argument} names the column {key!r} twice.")
        positions[key] = names.index(key)
    return positions


def names_of(table) -> list:
    """Return the names of a table's columns, or their positions in an array."""
    if isinstance(table, pd.DataFrame):
        return list(table.columns)
    return list(range(table.shape[1]))


def number_columns(series, names) -> np.ndarray:
    """Return columns of numbers side by side.

    Parameters
    ----------
    series : dict of Series
        Columns, not empty.

    names : iterable
        Those of numbers.

    Returns
    -------
    numbers : ndarray of shape (n_records, n_names)

    Raises
    ------
    ValueError
        If one is missing, infinite or no number.
    """
    names = list(names)
    numbers = np.empty((len(next(iter(series.values()))), len(names)))
    for j, name in enumerate(names):
        try:
            numbers[:, j] = series[name].to_numpy(dtype=float)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"column {name!r} must hold numbers, as it did in fit: {error}"
            ) from error
    assert_all_finite(numbers, input_name="X")
    return numbers
