"""When two records are the same."""

import numpy as np
import pandas as pd

from skprivacy._validation import as_plain_table

__all__ = ["find_records", "hash_records"]

_MIX = np.uint64(0x9E3779B97F4A7C15)


def hash_records(records) -> np.ndarray:
    """One 64-bit number a record, equal for equal records.

    Values count, not how they are stored: 1, 1.0 and True are equal, a category equals
    its string, and missing equals missing. With 64 bits, two of 100,000 different
    records get the same number with a probability of about 3e-10.

    Parameters
    ----------
    records : DataFrame or ndarray of shape (n_records, n_columns)
        Records, or any table.

    Returns
    -------
    hashes : ndarray of uint64 of shape (n_records,)

    Examples
    --------
    >>> import numpy as np
    >>> a, b, c = hash_records(np.array([[1, 2], [2, 1], [1, 2]]))
    >>> bool(a == c), bool(a == b)
    (True, False)
    """
    records = as_plain_table(records, "records")
    if isinstance(records, pd.DataFrame):
        columns = (records.iloc[:, j] for j in range(records.shape[1]))
    else:
        columns = (pd.Series(records[:, j]) for j in range(records.shape[1]))
    hashes = np.zeros(len(records), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in columns:
            hashes = (hashes * np.uint64(3) + _MIX) ^ (_hash_column(column) * _MIX)
            hashes ^= hashes >> np.uint64(29)
            hashes *= np.uint64(0xBF58476D1CE4E5B9)
    return hashes


def find_records(hashes, wanted) -> np.ndarray:
    """Find records in a table by their hashes.

    Parameters
    ----------
    hashes : ndarray of uint64 of shape (n_records,)
        Of the table, from :func:`hash_records`.

    wanted : ndarray of uint64 of shape (n_wanted,)
        Of the records to find.

    Returns
    -------
    position : ndarray of int of shape (n_wanted,)
        The first row of the table that equals each record; -1 where there is none.

    Examples
    --------
    >>> import numpy as np
    >>> table = hash_records(np.array([[1, 2], [3, 4], [1, 2]]))
    >>> find_records(table, hash_records(np.array([[3, 4], [5, 6], [1, 2]])))
    array([ 1, -1,  0])
    """
    hashes = np.asarray(hashes)
    if not len(hashes):
        return np.full(len(wanted), -1)
    order = np.argsort(hashes, kind="stable")
    found = np.searchsorted(hashes, wanted, sorter=order)
    found = order[np.minimum(found, len(order) - 1)]
    return np.where(hashes[found] == wanted, found, -1)


def _hash_column(column):
    """Hash a column by value, whatever its type."""
    if column.dtype == object:
        # Numbers that travelled in an array of objects are numbers.
        column = column.infer_objects()
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan) + 0.0
        values[np.isnan(values)] = np.nan
        return pd.util.hash_array(values)
    try:
        codes, uniques = pd.factorize(column, use_na_sentinel=True)
    except TypeError as error:
        raise TypeError(
            f"records must hold values that can be compared: {error} in column "
            f"{column.name!r}."
        ) from error
    texts = np.array([str(u) for u in uniques], dtype=object)
    known = pd.util.hash_array(texts) if len(texts) else np.empty(0, np.uint64)
    return np.append(known, np.uint64(0))[codes]
