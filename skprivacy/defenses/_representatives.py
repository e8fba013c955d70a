"""What stands for a group of records, and how much it says less."""

import numpy as np
import pandas as pd

__all__ = [
    "certainty_penalty",
    "column_of",
    "replace_columns",
    "representative_rows",
]


def certainty_penalty(codes, is_category, groups) -> np.ndarray:
    """Compute the normalized certainty penalty of each column.

    A group's penalty is how much of the column's range its own range covers. For
    categories it is the share of the column's values that the group has, and 0 where it
    has but one. The mean goes over records.

    Parameters
    ----------
    codes : ndarray of float of shape (n_records, n_columns)
        Columns as numbers, missing ones NaN. Of categories a missing one is a value
        like others; numbers are taken without them.

    is_category : ndarray of bool of shape (n_columns,)
        Which columns are categories.

    groups : ndarray of int of shape (n_records,)
        Group of each record, from 0 on.

    Returns
    -------
    penalty : ndarray of float of shape (n_columns,)
        0 where groups tell all of a column, 1 where they tell nothing.

    Examples
    --------
    >>> codes = np.array([[20.0, 0.0], [30.0, 0.0], [40.0, 0.0], [60.0, 1.0]])
    >>> certainty_penalty(codes, np.array([False, True]), np.array([0, 0, 1, 1]))
    array([0.375, 0.5  ])
    """
    sizes = np.bincount(groups)
    share = sizes / sizes.sum()
    penalty = np.zeros(codes.shape[1])
    for j, category in enumerate(is_category):
        width = _n_values if category else _range
        whole = width(codes[:, j], np.zeros_like(groups))[0]
        if whole > 0:
            penalty[j] = share @ width(codes[:, j], groups) / whole
    return penalty


def _range(column, groups):
    known = ~np.isnan(column)
    least = np.full(groups.max() + 1, np.inf)
    most = -least
    np.minimum.at(least, groups[known], column[known])
    np.maximum.at(most, groups[known], column[known])
    return np.maximum(most - least, 0)


def _n_values(column, groups):
    pairs = np.unique(np.column_stack([groups, np.nan_to_num(column, nan=-1)]), axis=0)
    n_values = np.bincount(pairs[:, 0].astype(int), minlength=groups.max() + 1)
    return np.where(n_values > 1, n_values, 0)


def representative_rows(codes, is_category, groups) -> np.ndarray:
    """Find a record for each group and column, whose value stands for the group.

    Parameters
    ----------
    codes : ndarray of float of shape (n_records, n_columns)
        Columns as numbers, missing ones NaN.

    is_category : ndarray of bool of shape (n_columns,)
        Which columns are categories.

    groups : ndarray of int of shape (n_records,)
        Group of each record, from 0 on; -1 for records that are not to be looked at.

    Returns
    -------
    rows : ndarray of int of shape (n_groups, n_columns)
        The record with the most common value of the group, for categories; for numbers
        the one nearest to the median, or a missing one if most are.

    Examples
    --------
    >>> codes = np.array([[20.0, 1.0], [30.0, 0.0], [90.0, 0.0]])
    >>> representative_rows(codes, np.array([False, True]), np.array([0, 0, 0]))
    array([[1, 1]])
    """
    order = np.argsort(groups, kind="stable")
    order = order[groups[order] >= 0]
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    return np.array(
        [
            [
                rows[(_most_common if category else _nearest_median)(codes[rows, j])]
                for j, category in enumerate(is_category)
            ]
            for rows in np.split(order, starts[1:])
        ]
    )


def _most_common(values):
    kinds, at, counts = np.unique(values, return_index=True, return_counts=True)
    return at[counts.argmax()]


def _nearest_median(values):
    is_missing = np.isnan(values)
    if 2 * is_missing.sum() > len(values):
        return is_missing.argmax()
    away = np.abs(values - np.median(values[~is_missing]))
    # Of two as near the smaller, whatever the order of the records.
    return np.lexsort((values, away))[0]


def column_of(X, position):
    """Return a column of a table, as a Series or an array."""
    return X.iloc[:, position] if isinstance(X, pd.DataFrame) else X[:, position]


def replace_columns(X, positions, columns, rows):
    """Copy a table with the values of some columns taken from elsewhere.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Table.

    positions : list of int
        The columns that are replaced.

    columns : list of Series or ndarray of shape (n_values,)
        What each is replaced by.

    rows : list of ndarray of int of shape (n_records,)
        Which of these values each record gets.

    Returns
    -------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Replaced columns of a DataFrame have the types of `columns`.

    Examples
    --------
    >>> X = np.array([[1, 2], [3, 4]])
    >>> replace_columns(X, [1], [np.array([7, 8])], [np.array([1, 0])])
    array([[1, 8],
           [3, 7]])
    """
    X = X.copy()
    if isinstance(X, pd.DataFrame):
        for position, column, at in zip(positions, columns, rows, strict=True):
            column = column if isinstance(column, pd.Series) else pd.Series(column)
            X.isetitem(position, column.iloc[at].set_axis(X.index))
        return X
    for position, column, at in zip(positions, columns, rows, strict=True):
        taken = np.asarray(column)[at]
        # Whole numbers would cut fractions off.
        X = X.astype(np.result_type(X.dtype, taken.dtype), copy=False)
        X[:, position] = taken
    return X
