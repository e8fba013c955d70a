"""Checks that several families share."""

from numbers import Real

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils.validation import check_array, column_or_1d

__all__ = [
    "as_plain_table",
    "as_table",
    "check_numbers",
    "check_share",
    "check_whole",
    "classes_of",
    "encode_labels",
]


def as_table(X, name="X", *, min_features=1):
    """Return ``X`` as a DataFrame or a 2-D array, its values untouched.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_records, n_columns)
        Numbers, strings, categories or missing values.

    name : str, default="X"
        The argument's name, for error messages.

    min_features : int, default=1
        Fewest columns that are allowed.

    Returns
    -------
    X : DataFrame or ndarray of shape (n_records, n_columns)

    Raises
    ------
    ValueError
        If ``X`` is empty, has not two dimensions or holds infinite numbers.
    TypeError
        If ``X`` is sparse, a table of another library, or holds lists.
    """
    if isinstance(X, pd.DataFrame):
        if X.columns.has_duplicates:
            twice = list(X.columns[X.columns.duplicated()].unique())
            raise ValueError(f"{name} has columns of the same name: {twice}.")
        check_not_empty(X, name, min_features)
        check_cells(X, name)
        return X
    if not sparse.issparse(X):
        # Of sparse tables, scikit-learn says the same in words that its checks know.
        check_container(X, name)
    X = check_array(
        X,
        dtype=None,
        ensure_all_finite="allow-nan",
        ensure_min_samples=0,
        ensure_min_features=0,
        input_name=name,
    )
    check_not_empty(X, name, min_features)
    if X.dtype == object:
        check_cells(pd.DataFrame(X[:1]), name)
    return X


def as_plain_table(X, name="X"):
    """Return ``X`` as a DataFrame or a 2-D array, whatever its values and its size.

    Unlike :func:`as_table` it takes tables that no model could be trained on.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_rows, n_columns)
        Any values.

    name : str, default="X"
        The argument's name, for error messages.

    Returns
    -------
    X : DataFrame or ndarray of shape (n_rows, n_columns)

    Raises
    ------
    ValueError
        If ``X`` has not two dimensions.
    TypeError
        If ``X`` is sparse, or a table of another library.
    """
    if isinstance(X, pd.DataFrame):
        return X
    check_container(X, name)
    try:
        X = np.asarray(X)
    except ValueError as error:
        raise ValueError(
            f"{name} must be a table; got rows of different lengths."
        ) from error
    if X.ndim != 2:
        raise ValueError(
            f"{name} must have rows and columns; got an array of shape {X.shape}."
        )
    return X


def check_container(X, name):
    """Refuse a sparse table, and a DataFrame of a library other than pandas."""
    if sparse.issparse(X):
        raise TypeError(
            f"{name} must be dense; got a sparse {type(X).__name__}. Convert it with "
            ".toarray()."
        )
    if hasattr(X, "to_pandas"):
        kind = type(X)
        raise TypeError(
            f"{name} must be a pandas DataFrame or an array; got a "
            f"{kind.__module__.partition('.')[0]}.{kind.__name__}. Convert it with "
            ".to_pandas()."
        )


def check_cells(X, name):
    """Refuse columns of lists and the like; the first value tells them.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        At least one row.

    name : str
        The argument's name.
    """
    for j, kind in enumerate(X.dtypes):
        if not pd.api.types.is_object_dtype(kind):
            continue
        cell = X.iat[0, j]
        if not pd.api.types.is_hashable(cell):
            raise TypeError(
                f"{name}: each value of the argument must be a string, a number or the "
                f"like; column {X.columns[j]!r} holds a {type(cell).__name__}."
            )


def check_numbers(y, name="y"):
    """Return one finite number for each record.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        At least one.

    name : str, default="y"
        The argument's name, for error messages.

    Returns
    -------
    y : ndarray of float of shape (n_records,)

    Raises
    ------
    ValueError
        If there is none, or one is missing, infinite or no number.
    """
    y = check_array(
        column_or_1d(y, warn=True), ensure_2d=False, dtype=None, input_name=name
    )
    try:
        if y.dtype.kind in "mM":
            raise TypeError("dates are no numbers")
        return y.astype(float)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} must hold numbers; got values of type {y.dtype}, such as {y[0]!r}."
        ) from error


def classes_of(y, name="y", **options):
    """Sorted classes of labels, and what else ``np.unique`` tells by its options.

    Parameters
    ----------
    y : ndarray of shape (n_records,)
        Labels.

    name : str, default="y"
        The argument's name, for error messages.

    **options : bool
        Of ``np.unique``.

    Returns
    -------
    classes : ndarray, or a tuple of it and others

    Raises
    ------
    TypeError
        If labels can't be compared with each other.
    """
    try:
        return np.unique(y, **options)
    except TypeError as error:
        types = sorted({type(label).__name__ for label in np.asarray(y).tolist()})
        raise TypeError(
            f"{name} must hold labels that can be compared; got values of types "
            f"{types}."
        ) from error


def check_not_empty(X, name, min_features=1):
    """Refuse a table without rows, or with too few columns."""
    n_rows, n_columns = X.shape
    if n_rows == 0:
        raise ValueError(
            f"{name}: Found array with 0 sample(s) (shape={X.shape}) while a minimum "
            "of 1 is required."
        )
    if n_columns < min_features:
        raise ValueError(
            f"{name}: Found array with {n_columns} feature(s) (shape={X.shape}) while "
            f"a minimum of {min_features} is required."
        )


def _is_number(value) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def check_whole(value, name, least=0, most=None) -> int:
    """Return a whole number, which may have come as a float, or refuse.

    Examples
    --------
    >>> check_whole(3.0, "n_records")
    3
    """
    if not _is_number(value):
        raise TypeError(f"{name} must be a whole number; got {value!r}.")
    to = "" if most is None else f" and at most {most:,}"
    too_large = most is not None and value > most
    if not (np.isfinite(float(value)) and value % 1 == 0 and value >= least):
        raise ValueError(
            f"{name} must be a whole number, at least {least}{to}; got {value!r}."
        )
    if too_large:
        raise ValueError(f"{name} must be at most {most:,}; got {value!r}.")
    return int(value)


def check_share(value, name) -> float:
    """Return a number from 0 to 1, or refuse.

    Examples
    --------
    >>> check_share(0.25, "sampling_rate")
    0.25
    """
    if not _is_number(value):
        raise TypeError(f"{name} must be a number from 0 to 1; got {value!r}.")
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must be from 0 to 1; got {value!r}.")
    return float(value)


def encode_labels(y, classes):
    """Position of each label in ``classes``; -1 for a label that is not there.

    Equal labels of different types are the same label: ``1``, ``1.0`` and ``True``.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Labels.

    classes : array-like of shape (n_classes,)
        The classes that a model knows.

    Returns
    -------
    codes : ndarray of int of shape (n_records,)

    Examples
    --------
    >>> encode_labels(["b", "c", "a"], ["a", "b"])
    array([ 1, -1,  0])
    """
    position = {c: i for i, c in enumerate(np.asarray(classes).tolist())}
    y = np.asarray(y)
    if y.ndim != 1:
        raise ValueError(
            f"labels must be one-dimensional; got an array of shape {y.shape}."
        )
    codes, uniques = pd.factorize(y, use_na_sentinel=False)
    known = np.array([position.get(label, -1) for label in uniques.tolist()], dtype=int)
    return known[codes] if len(codes) else codes.astype(int)
