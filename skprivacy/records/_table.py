"""Records: features and label in one table."""

from collections.abc import Hashable
from numbers import Integral

import numpy as np
import pandas as pd

from skprivacy._validation import as_plain_table, as_table

__all__ = ["as_model_input", "join_records", "split_records", "take_rows"]


def split_records(records, label=-1) -> tuple[pd.DataFrame | np.ndarray, np.ndarray]:
    """Split records into features and label.

    Parameters
    ----------
    records : DataFrame or array-like of shape (n_records, n_features + 1)
        Records as their owner holds them.

    label : str or int, default=-1
        Name of the label's column, or its position.

    Returns
    -------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Features; an array of objects comes back as numbers where all are numbers.

    y : ndarray of shape (n_records,)
        Labels.

    Raises
    ------
    ValueError
        If there is no such column, or nothing beside it.

    Examples
    --------
    >>> from skprivacy.records import split_records
    >>> X, y = split_records([[0.5, 1.5, 1], [2.5, 3.5, 0]])
    >>> X
    array([[0.5, 1.5],
           [2.5, 3.5]])
    >>> y
    array([1., 0.])
    """
    records = as_table(records, "records", min_features=2)
    position = _label_position(records, label)
    if isinstance(records, pd.DataFrame):
        return (
            records.drop(columns=records.columns[position]),
            records.iloc[:, position].to_numpy(),
        )
    X = np.delete(records, position, axis=1)
    return _plain(X), _plain(records[:, position])


def join_records(X, y, label: Hashable | None = None) -> pd.DataFrame | np.ndarray:
    """Put features and label into one table, the label last.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_records, n_features)
        Features.

    y : array-like of shape (n_records,)
        Labels.

    label : hashable or None, default=None
        Name of the label's column for a DataFrame; the name of ``y``, or "label".

    Returns
    -------
    records : DataFrame or ndarray of shape (n_records, n_features + 1)

    Raises
    ------
    ValueError
        If lengths differ, or a feature already has the label's name.

    Examples
    --------
    >>> from skprivacy.records import join_records
    >>> join_records([[1, 2], [3, 4]], [0, 1])
    array([[1, 2, 0],
           [3, 4, 1]])
    """
    X = as_table(X)
    y = y if isinstance(y, pd.Series) else np.asarray(y)
    if y.ndim != 1 or len(y) != len(X):
        raise ValueError(
            f"y must hold one label for each of the {len(X)} rows of X; got an array "
            f"of shape {y.shape}."
        )
    if not isinstance(X, pd.DataFrame):
        y = np.asarray(y)
        numeric = X.dtype.kind in "biuf" and y.dtype.kind in "biuf"
        parts = [X, y[:, None]]
        return np.hstack(parts if numeric else [p.astype(object) for p in parts])
    label = label_name(y, label)
    if label in X.columns:
        raise ValueError(
            f"label={label!r} is the name of a feature; the label needs another name, "
            "or X must come without it."
        )
    return (
        X.assign(**{label: np.asarray(y)})
        if isinstance(label, str)
        else (
            pd.concat([X, pd.Series(np.asarray(y), index=X.index, name=label)], axis=1)
        )
    )


def take_rows(table, rows) -> pd.DataFrame | np.ndarray:
    """Take rows of a table, in its own container.

    Parameters
    ----------
    table : DataFrame or ndarray of shape (n_rows, n_columns)
        Table.

    rows : ndarray of int or bool
        Row numbers, or a mask.

    Returns
    -------
    taken : DataFrame or ndarray

    Examples
    --------
    >>> import numpy as np
    >>> take_rows(np.array([[1], [2], [3]]), [2, 0])
    array([[3],
           [1]])
    """
    return table.iloc[rows] if isinstance(table, pd.DataFrame) else table[rows]


def stack_tables(tables) -> pd.DataFrame | np.ndarray:
    """Lay tables of the same columns below each other, in their own container.

    Parameters
    ----------
    tables : list of DataFrame or of ndarray of shape (n_rows, n_columns)
        At least one; all of one kind.

    Returns
    -------
    table : DataFrame or ndarray
        A DataFrame has its rows numbered anew.

    Examples
    --------
    >>> import numpy as np
    >>> stack_tables([np.array([[1]]), np.array([[2], [3]])]).tolist()
    [[1], [2], [3]]
    """
    if isinstance(tables[0], pd.DataFrame):
        return pd.concat(tables, ignore_index=True)
    return np.concatenate(tables)


def label_name(y, label=None):
    """Name of the label's column: as given, or as ``y`` bears it, or "label"."""
    if label is not None:
        return label
    name = getattr(y, "name", None)
    return "label" if name is None else name


def as_model_input(X, model) -> pd.DataFrame | np.ndarray:
    """Give features to a model in the container that it was trained on.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Features of the records.

    model : estimator or BlackBox
        Its ``n_features_in_`` and ``feature_names_in_`` are used where it has them.

    Returns
    -------
    X : DataFrame or ndarray of shape (n_records, n_features)

    Raises
    ------
    ValueError
        If the features are not those that the model was trained on.
    TypeError
        If ``X`` is sparse, or a table of another library.
    """
    X = as_plain_table(X)
    names = getattr(model, "feature_names_in_", None)
    n_expected = getattr(model, "n_features_in_", None)
    if isinstance(X, pd.DataFrame) and names is not None:
        missing = [c for c in names if c not in X.columns]
        extra = [c for c in X.columns if c not in set(names)]
        if missing or extra:
            raise ValueError(
                "the records' features are not those that the target was trained on: "
                f"missing {missing}, not known to the target {extra}."
            )
        return X[list(names)]
    if n_expected is not None and X.shape[1] != n_expected:
        raise ValueError(
            f"the records have {X.shape[1]} features beside the label, but the target "
            f"was trained on {n_expected} features."
        )
    if isinstance(X, pd.DataFrame) and n_expected is not None:
        return X.to_numpy()
    if names is not None:
        return pd.DataFrame(X, columns=names)
    return X


def _label_position(records, label):
    n_columns = records.shape[1]
    if isinstance(records, pd.DataFrame) and label in records.columns:
        return records.columns.get_loc(label)
    if isinstance(label, Integral) and -n_columns <= label < n_columns:
        return int(label) % n_columns
    columns = (
        list(records.columns)
        if isinstance(records, pd.DataFrame)
        else f"positions 0 to {n_columns - 1} (an array has no column names)"
    )
    raise ValueError(f"label={label!r} is not a column of the records: {columns}.")


def _plain(values):
    """Numbers that travelled in an array of objects, as numbers again."""
    if values.dtype != object:
        return values
    try:
        return values.astype(float)
    except (TypeError, ValueError):
        if values.ndim == 2 or not all(isinstance(v, str) for v in values):
            return values
        return values.astype(str)
