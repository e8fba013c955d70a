"""Models of disjoint parts of the records, and how they vote."""

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_y, check_consistent_length, validate_data

from skprivacy._validation import as_table
from skprivacy.records import take_rows

__all__ = [
    "ConstantTeacher",
    "checked_records",
    "checked_table",
    "fit_teachers",
    "partition",
    "vote_counts",
]


class ConstantTeacher:
    """What a part teaches that has records of one class alone.

    Parameters
    ----------
    value : object
        The class.
    """

    def __init__(self, value):
        self.classes_ = np.array([value])

    def predict(self, X):
        """Return the class for every record."""
        return np.repeat(self.classes_, len(X))

    def predict_proba(self, X):
        """Return 1 for every record."""
        return np.ones((len(X), 1))


def checked_table(estimator, X, *, reset=False):
    """Return a table of records as it is, its columns checked, or remembered."""
    table = as_table(X)
    validate_data(estimator, X, reset=reset, skip_check_array=True)
    return table


def checked_records(estimator, X, y) -> tuple:
    """Return the table and the classes that an estimator is fitted on.

    Parameters
    ----------
    estimator : estimator
        Remembers the columns.

    X : DataFrame or array-like of shape (n_records, n_features)
        Records.

    y : array-like of shape (n_records,)
        Classes.

    Returns
    -------
    table : DataFrame or ndarray of shape (n_records, n_features)

    y : ndarray of shape (n_records,)

    Raises
    ------
    ValueError
        If there are no classes, or not one for each record.
    """
    table = checked_table(estimator, X, reset=True)
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None")
    y = _check_y(y)
    check_consistent_length(table, y)
    check_classification_targets(y)
    return table, y


def partition(n_records, n_parts, noise) -> list:
    """Divide records into parts, each into one by chance alone.

    Which part a record is in must not depend on the others: then a record that becomes
    another changes one teacher.

    Parameters
    ----------
    n_records, n_parts : int
        How many.

    noise : NoiseSource
        Where the order comes from.

    Returns
    -------
    parts : list of ndarray of int
        Of equal sizes, but for one record.

    Examples
    --------
    >>> from skprivacy.dp._noise import NoiseSource
    >>> parts = partition(5, 2, NoiseSource())
    >>> [len(part) for part in parts], sorted(np.concatenate(parts).tolist())
    ([3, 2], [0, 1, 2, 3, 4])
    """
    order = noise.permutation(n_records)
    return [np.sort(order[part::n_parts]) for part in range(n_parts)]


def fit_teachers(estimator, X, y, parts, n_jobs=None) -> list:
    """Train a model on each part.

    Parameters
    ----------
    estimator : classifier
        Unfitted.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    y : ndarray of shape (n_records,)
        Classes.

    parts : list of ndarray of int
        Records of each.

    n_jobs : int or None, default=None
        Models trained at the same time.

    Returns
    -------
    teachers : list of fitted classifiers
    """
    return Parallel(n_jobs=n_jobs)(
        delayed(_fit_one)(estimator, take_rows(X, part), y[part]) for part in parts
    )


def _fit_one(estimator, X, y):
    if (y == y[0]).all():
        return ConstantTeacher(y[0])
    return clone(estimator).fit(X, y)


def vote_counts(teachers, X, classes) -> np.ndarray:
    """Count the teachers that are for each class.

    Parameters
    ----------
    teachers : list of fitted classifiers
        Teachers.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    classes : ndarray of shape (n_classes,)
        Sorted classes.

    Returns
    -------
    counts : ndarray of int of shape (n_records, n_classes)

    Examples
    --------
    >>> teachers = [ConstantTeacher("a"), ConstantTeacher("b"), ConstantTeacher("b")]
    >>> vote_counts(teachers, np.zeros((1, 1)), np.array(["a", "b", "c"]))
    array([[1, 2, 0]])
    """
    counts = np.zeros((len(X), len(classes)), dtype=int)
    rows = np.arange(len(X))
    for teacher in teachers:
        counts[rows, np.searchsorted(classes, teacher.predict(X))] += 1
    return counts
