"""Tables of the benchmark of private models, with what is taken as public of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OrdinalEncoder

from skprivacy.datasets import load_adult, load_credit_default

TEST_SHARE = 0.3
#: Columns of Adult that say what another one says, or are the weight of a row.
DROPPED = ["fnlwgt", "education"]


@dataclass(frozen=True)
class Table:
    """A table, once for models of bounded columns and once for linear ones.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_columns)
        Numbers, and codes of categories.
    y : ndarray of int of shape (n_rows,)
        Classes from 0.
    lower, upper : ndarray of shape (n_columns,)
        Ends of the columns, over all rows: taken as public.
    nominal : ndarray of bool of shape (n_columns,)
        Which columns are codes of categories.
    """

    X: np.ndarray
    y: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    nominal: np.ndarray

    @property
    def scaled(self):
        """Numbers from -1 to 1, and a column of 0 and 1 for each category."""
        width = self.upper - self.lower
        unit = 2 * (self.X - self.lower) / np.where(width > 0, width, 1.0) - 1
        parts = [unit[:, ~self.nominal]]
        for column in np.flatnonzero(self.nominal):
            codes = np.arange(self.lower[column], self.upper[column] + 1)
            parts.append(self.X[:, [column]] == codes)
        return np.hstack(parts).astype(float)

    @property
    def classes(self):
        """All classes: taken as public."""
        return np.unique(self.y)


def split_rows(y, repeat):
    """Rows to learn from and rows to judge with, of one repeat."""
    return train_test_split(
        np.arange(len(y)), test_size=TEST_SHARE, stratify=y, random_state=repeat
    )


def _of_numbers(X, y, bounds=None):
    X = np.asarray(X, dtype=float)
    lower, upper = bounds or (X.min(axis=0), X.max(axis=0))
    ends = [
        np.broadcast_to(np.asarray(end, float), X.shape[1]) for end in (lower, upper)
    ]
    return Table(X, np.asarray(y), *ends, np.zeros(X.shape[1], dtype=bool))


def _breast_cancer():
    return _of_numbers(*load_breast_cancer(return_X_y=True))


def _digits():
    return _of_numbers(*load_digits(return_X_y=True), bounds=(0, 16))


def _wine():
    return _of_numbers(*load_wine(return_X_y=True))


def _credit_default():
    return _of_numbers(*load_credit_default(return_X_y=True))


def _adult():
    frame, y = load_adult(return_X_y=True)
    frame = frame.drop(columns=DROPPED)
    nominal = np.array([one == "category" for one in frame.dtypes.astype(str)])
    texts = frame.columns[nominal]
    frame[texts] = OrdinalEncoder(encoded_missing_value=-1).fit_transform(frame[texts])
    X = frame.to_numpy(dtype=float)
    y = np.unique(y, return_inverse=True)[1]
    return Table(X, y, X.min(axis=0), X.max(axis=0), nominal)


#: Loader and number of splits of each table.
TABLES = {
    "breast_cancer": (_breast_cancer, 10),
    "digits": (_digits, 8),
    "adult": (_adult, 3),
    "wine": (_wine, 10),
    "credit_default": (_credit_default, 3),
}
