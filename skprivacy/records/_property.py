"""The property of a record: from a column, a query or a function to a mask."""

import numpy as np
import pandas as pd

from skprivacy._validation import as_table

__all__ = ["has_property"]


def has_property(property, records) -> np.ndarray:
    """Say which records have a property.

    Parameters
    ----------
    property : tuple, str or callable
        - ``(column, value)``: the column has the value; the column by its name, or by
          its position in an array;
        - str: a query of :meth:`pandas.DataFrame.query`, such as ``"sex == 'Male'"``
          or ``"age > 60 and income < 20000"``;
        - callable: given the records, returns one boolean for each.

    records : DataFrame or array-like of shape (n_records, n_columns)
        Records, the label among their columns.

    Returns
    -------
    mask : ndarray of bool of shape (n_records,)

    Raises
    ------
    ValueError
        If the column is not there, the query can't be read, or the function raises or
        returns anything else than one boolean for each record.
    TypeError
        If the property is none of the three.

    Examples
    --------
    >>> import pandas as pd
    >>> from skprivacy.property import has_property
    >>> records = pd.DataFrame({"sex": ["f", "m", "f"], "age": [20, 30, 40]})
    >>> has_property(("sex", "f"), records)
    array([ True, False,  True])
    >>> has_property("sex == 'f' and age > 30", records)
    array([False, False,  True])
    >>> has_property(lambda table: table["age"] < 40, records)
    array([ True,  True, False])
    """
    records = as_table(records, "records")
    if isinstance(property, str):
        found = _from_query(property, records)
    elif isinstance(property, tuple) and len(property) == 2:
        found = _column(property[0], records) == property[1]
    elif callable(property):
        found = _from_function(property, records)
    else:
        raise TypeError(
            "property must be a (column, value) pair, a query such as "
            f"\"sex == 'Male'\", or a function of the records; got {property!r}."
        )
    return _as_mask(found, property, len(records))


def _column(column, records):
    if isinstance(records, pd.DataFrame):
        if column not in records.columns:
            raise ValueError(
                f"property names the column {column!r}, which the records do not have; "
                f"they have {list(records.columns)}."
            )
        return records[column].to_numpy()
    if not isinstance(column, int | np.integer) or isinstance(column, bool):
        raise ValueError(
            "property must name the column of an array by its position; got "
            f"{column!r}. Names need a DataFrame."
        )
    if not -records.shape[1] <= column < records.shape[1]:
        raise ValueError(
            f"property names column {column}, but the records have "
            f"{records.shape[1]} columns."
        )
    return records[:, column]


def _from_query(query, records):
    if not isinstance(records, pd.DataFrame):
        raise ValueError(
            f"property={query!r} is a query and needs records in a DataFrame; for an "
            "array give a (position, value) pair or a function."
        )
    try:
        return records.eval(query)
    except Exception as error:  # whatever the parser makes of the text
        raise ValueError(
            f"property={query!r} can't be evaluated on the records "
            f"({type(error).__name__}: {error}); the columns are "
            f"{list(records.columns)}."
        ) from error


def _from_function(function, records):
    try:
        return function(records)
    except Exception as error:
        raise ValueError(
            f"the property function failed on {len(records)} records: "
            f"{type(error).__name__}: {error}"
        ) from error


def _as_mask(found, property, n_records):
    told = property if isinstance(property, str | tuple) else "the function"
    found = np.asarray(found)
    if found.shape != (n_records,):
        raise ValueError(
            f"property must say true or false for each of the {n_records} records; "
            f"{told!r} gave a result of shape {found.shape}."
        )
    missing = pd.isna(found)
    if missing.any():
        raise ValueError(
            f"property is missing (NaN) for {int(missing.sum())} of {n_records} "
            f"records ({told!r}); it must be true or false for each."
        )
    if found.dtype != bool and not np.isin(found, (0, 1)).all():
        raise ValueError(
            f"property must be true or false for each record; {told!r} gave values "
            f"like {found[~np.isin(found, (0, 1))][0]!r}."
        )
    return found.astype(bool)
