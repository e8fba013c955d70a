"""Mixed columns as numbers, learned from one table and applied to others."""

import numpy as np
import pandas as pd

from skprivacy._validation import as_plain_table

__all__ = ["ColumnCodes"]


class ColumnCodes:
    """Turn the columns of a table into numbers, as they were in a first table.

    Texts and categories become their position among the sorted values of the first
    table; a value that it does not have becomes NaN, as a missing one does.

    Parameters
    ----------
    table : DataFrame or ndarray of shape (n_rows, n_columns)
        The first table.

    Attributes
    ----------
    is_category : ndarray of bool of shape (n_columns,)
        Which columns are no numbers.

    n_values : ndarray of int of shape (n_columns,)
        How many values a column of categories has; 0 for numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> first = pd.DataFrame({"age": [30, 40], "sex": ["m", "f"]})
    >>> codes = ColumnCodes(first)
    >>> codes(pd.DataFrame({"age": [50, 60], "sex": ["f", "x"]}))
    array([[50.,  0.],
           [60., nan]])
    """

    def __init__(self, table):
        columns = _columns(table)
        self._values = [
            None if _is_number(column) else np.unique(_texts(column.dropna()))
            for column in columns
        ]
        self.is_category = np.array([v is not None for v in self._values])
        self.n_values = np.array([0 if v is None else len(v) for v in self._values])

    def __call__(self, table) -> np.ndarray:
        """Return a table's columns as numbers.

        Parameters
        ----------
        table : DataFrame or ndarray of shape (n_rows, n_columns)
            A table with the columns of the first.

        Returns
        -------
        numbers : ndarray of float of shape (n_rows, n_columns)
        """
        columns = _columns(table)
        numbers = np.empty((len(table), len(columns)))
        for j, (column, values) in enumerate(zip(columns, self._values, strict=True)):
            if values is None:
                numbers[:, j] = _as_floats(column)
            else:
                numbers[:, j] = _codes(column, values)
        return numbers


def _columns(table):
    table = as_plain_table(table, "table")
    if isinstance(table, pd.DataFrame):
        return [table.iloc[:, j] for j in range(table.shape[1])]
    return [pd.Series(table[:, j]).infer_objects() for j in range(table.shape[1])]


def _is_number(column):
    return pd.api.types.is_numeric_dtype(column)


def _as_floats(column):
    if _is_number(column):
        return column.to_numpy(dtype=float, na_value=np.nan)
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)


def _texts(column):
    return np.array([str(value) for value in column], dtype=object)


def _codes(column, values):
    known = column.notna().to_numpy()
    codes = np.full(len(column), np.nan)
    if len(values) and known.any():
        texts = _texts(column[known])
        at = np.minimum(np.searchsorted(values, texts), len(values) - 1)
        codes[known] = np.where(values[at] == texts, at, np.nan)
    return codes
