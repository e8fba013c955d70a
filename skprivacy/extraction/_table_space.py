"""Queries on tables of any columns: only values that exist, between the ends."""

import numpy as np
import pandas as pd

from skprivacy.extraction._space import check_bounds, whole_ends
from skprivacy.records import ColumnCodes, as_model_input

__all__ = ["TableSpace"]


class TableSpace:
    """Records as codes, points drawn among them, and codes as records again.

    Numbers stand for themselves; texts and categories for the position of their value
    among those of the table. A missing value is NaN, and only in columns that have one
    in the table.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    bounds : array-like of shape (n_features, 2) or None, default=None
        Lower and upper end of each column of numbers; of others they are not used.
        None: the range in ``X``.

    Attributes
    ----------
    records : ndarray of float of shape (n_records, n_features)
        Codes of the records, numbers moved into the bounds.

    is_category : ndarray of bool of shape (n_features,)
        Columns that take nothing but values of the table.

    is_missing : ndarray of bool of shape (n_features,)
        Columns that may be missing.

    Examples
    --------
    >>> import pandas as pd
    >>> space = TableSpace(pd.DataFrame({"age": [30, 40], "sex": ["m", "f"]}))
    >>> space.records
    array([[30.,  1.],
           [40.,  0.]])
    >>> space.decode(np.array([[33.4, 0.0]]))
       age sex
    0   33   f
    """

    def __init__(self, X, bounds=None):
        self._template = X[:0] if isinstance(X, pd.DataFrame) else None
        self._dtype = None if self._template is not None else X.dtype
        self._codes = ColumnCodes(X)
        self.is_category = self._codes.is_category
        frame = X if self._template is not None else pd.DataFrame(X).infer_objects()
        self._columns = [frame.iloc[:0, j] for j in range(frame.shape[1])]
        self._values = [
            _values_by_code(frame.iloc[:, j]) if category else None
            for j, category in enumerate(self.is_category)
        ]
        # None in some tables, NaN in others, which encoders tell apart.
        self._missing = [_missing_of(frame.iloc[:, j]) for j in range(frame.shape[1])]
        self._whole = np.array(
            [
                pd.api.types.is_integer_dtype(c.dtype)
                or pd.api.types.is_bool_dtype(c.dtype)
                for c in self._columns
            ]
        )
        records = self._codes(X)
        known = ~np.isnan(records)
        self.is_missing = ~known.all(axis=0)
        if bounds is None:
            lower = np.where(known, records, np.inf).min(axis=0)
            upper = np.where(known, records, -np.inf).max(axis=0)
        else:
            lower, upper = check_bounds(bounds, records.shape[1]).copy()
            lower[self.is_category] = 0
            upper[self.is_category] = self._codes.n_values[self.is_category] - 1
            whole = self._whole & ~self.is_category
            lower, upper = whole_ends(lower, upper, whole)
        # Of a column that is missing throughout nothing can be drawn.
        self._empty = lower > upper
        self.lower = np.where(self._empty, 0.0, lower)
        self.upper = np.where(self._empty, 0.0, upper)
        self.records = np.clip(records, self.lower, self.upper)

    @property
    def n_features(self):
        """Number of features."""
        return len(self.lower)

    @property
    def is_whole(self):
        """Columns that take whole numbers alone."""
        return self._whole

    def name_of(self, j, code=None):
        """Name a column, or one of its values; "x0" is the first without a name."""
        name = f"x{j}" if self._template is None else str(self._template.columns[j])
        if code is None:
            return name
        return f"{name}={self._values[j][int(code)] if code >= 0 else None}"

    def encode(self, X):
        """Codes of records; a value that the first table does not have is missing."""
        return self._codes(X)

    def snap(self, codes):
        """Move points to the nearest ones that may be asked."""
        whole = self._whole | self.is_category
        return np.clip(np.where(whole, np.round(codes), codes), self.lower, self.upper)

    def uniform(self, n_points, rng):
        """Draw evenly: numbers from their range, categories from their values."""
        share = rng.uniform(size=(n_points, self.n_features))
        points = self.lower + share * (self.upper - self.lower)
        even = np.floor(share * (self._codes.n_values))
        points = self.snap(np.where(self.is_category, even, points))
        points[:, self._empty] = np.nan
        return points

    def marginal(self, n_points, rng):
        """Draw each column by itself from the records."""
        rows = rng.randint(len(self.records), size=(n_points, self.n_features))
        return np.take_along_axis(self.records, rows, axis=0)

    def mixup(self, n_points, rng, first=None, second=None):
        """Draw between two records: numbers on the way, the rest from either.

        Parameters
        ----------
        n_points : int
            Points.

        rng : RandomState
            Randomness.

        first, second : ndarray of shape (n_points, n_features) or None, default=None
            The two records of each point; None: drawn.

        Returns
        -------
        points : ndarray of shape (n_points, n_features)
        """
        if first is None:
            rows = rng.randint(len(self.records), size=(2, n_points))
            first, second = self.records[rows]
        share = rng.uniform(size=(n_points, 1))
        either = rng.uniform(size=first.shape) < share
        points = self.snap((1 - share) * first + share * second)
        jumps = self.is_category | np.isnan(first) | np.isnan(second)
        return np.where(jumps, np.where(either, second, first), points)

    def decode(self, codes):
        """Lay points out as records, in the container and types of the first table.

        Parameters
        ----------
        codes : ndarray of float of shape (n_points, n_features)
            Points.

        Returns
        -------
        X : DataFrame or ndarray of shape (n_points, n_features)
        """
        codes = self.snap(codes)
        if self._template is None:
            if not self.is_category.any() and self._dtype.kind in "fiub":
                return codes.astype(self._dtype)
            columns = [self._column(j, codes[:, j]) for j in range(self.n_features)]
            X = np.empty(codes.shape, dtype=self._dtype)
            for j, column in enumerate(columns):
                X[:, j] = column
            return X
        return pd.DataFrame(
            {
                name: self._column(j, codes[:, j])
                for j, name in enumerate(self._template.columns)
            }
        ).reset_index(drop=True)

    def table(self, codes, box):
        """Lay points out as the target takes them."""
        return as_model_input(self.decode(codes), box)

    def _column(self, j, codes):
        kind = self._columns[j].dtype
        if not self.is_category[j]:
            return pd.Series(codes).astype(kind)
        known = ~np.isnan(codes)
        values = pd.Series([None] * len(codes), dtype=object)
        values[known] = self._values[j][codes[known].astype(int)]
        if pd.api.types.is_object_dtype(kind):
            values[~known] = self._missing[j]
        return values.astype(kind)


def _missing_of(column):
    """Return what stands for a missing value in a column."""
    missing = column[column.isna()]
    return missing.iloc[0] if len(missing) else np.nan


def _values_by_code(column):
    """Values of a column in the order of their codes, in their own type."""
    known = pd.Series(column.dropna().unique(), dtype=object)
    texts = np.array([str(value) for value in known], dtype=object)
    order = np.unique(texts, return_index=True)[1]
    values = np.empty(len(order), dtype=object)
    values[:] = [known.iloc[i] for i in order]
    return values
