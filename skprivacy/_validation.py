"""Checks that several families share."""

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_array

__all__ = ["as_table", "encode_labels"]


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
        If ``X`` is sparse.
    """
    if isinstance(X, pd.DataFrame):
        if X.columns.has_duplicates:
            twice = list(X.columns[X.columns.duplicated()].unique())
            raise ValueError(f"{name} has columns of the same name: {twice}.")
        check_not_empty(X, name, min_features)
        return X
    X = check_array(
        X,
        dtype=None,
        ensure_all_finite="allow-nan",
        ensure_min_samples=0,
        ensure_min_features=0,
        input_name=name,
    )
    check_not_empty(X, name, min_features)
    return X


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
    codes, uniques = pd.factorize(np.asarray(y), use_na_sentinel=False)
    known = np.array([position.get(label, -1) for label in uniques.tolist()], dtype=int)
    return known[codes] if len(codes) else codes.astype(int)
