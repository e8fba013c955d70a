"""Tables with texts as numbers: one column for each value but one."""

import numpy as np
import pandas as pd

__all__ = ["DesignSpace", "missing_numbers", "text_columns"]

#: Stands for a missing value among the codes of values.
MISSING = -1.0


class DesignSpace:
    """What may be asked of a table with texts, as numbers that equations are made of.

    A number stands for itself. A text, or a category, is a column of 0 and 1 for each
    of its values but one, the reference, of which all are 0. Missing is a value too,
    where the table has it.

    Parameters
    ----------
    table_space : TableSpace
        The table.

    reference : ndarray of float of shape (n_columns,) or None, default=None
        Codes of the references. None: the first value of each column.

    Attributes
    ----------
    names : list of str
        "age", or "color=red" where the column stands for one value.

    records, lower, upper, integer, free
        As those of `QuerySpace`.

    Examples
    --------
    >>> import pandas as pd
    >>> from skprivacy.extraction._table_space import TableSpace
    >>> table = pd.DataFrame({"age": [30, 40], "color": ["red", "blue"]})
    >>> space = DesignSpace(TableSpace(table))
    >>> space.names
    ['age', 'color=red']
    >>> space.records
    array([[30.,  1.],
           [40.,  0.]])
    >>> space.around(space.records[0])[0].names
    ['age', 'color=blue']
    """

    def __init__(self, table_space, reference=None):
        self._inner = table_space
        codes = _with_missing(table_space.records)
        if reference is None:
            reference = codes.min(axis=0)
        self._reference = reference
        self._column, self._level = [], []
        for j, is_category in enumerate(table_space.is_category):
            levels = np.unique(codes[:, j]) if is_category else [np.nan]
            levels = [level for level in levels if level != reference[j]]
            self._column.extend([j] * len(levels))
            self._level.extend(levels)
        self._column = np.array(self._column, dtype=int)
        self._level = np.array(self._level)
        self._is_value = ~np.isnan(self._level)
        ends = np.array([table_space.lower, table_space.upper])[:, self._column]
        self.lower = np.where(self._is_value, 0.0, ends[0])
        self.upper = np.where(self._is_value, 1.0, ends[1])
        self.integer = self._is_value | table_space.is_whole[self._column]
        self.free = np.flatnonzero(self.upper > self.lower)
        self.records = self.encode(table_space.records)
        self.names = [
            table_space.name_of(j, None if np.isnan(level) else level)
            for j, level in zip(self._column, self._level, strict=True)
        ]

    @property
    def n_features(self):
        """Number of columns, with one for each value of a text."""
        return len(self.lower)

    @property
    def constant(self):
        """Positions of columns of the table that do not vary."""
        varies = self._column[self.free]
        return np.setdiff1d(np.arange(self._inner.n_features), varies)

    def around(self, center):
        """Make the values of a point the references, so that one move is one switch.

        Parameters
        ----------
        center : ndarray of shape (n_features,)
            The point.

        Returns
        -------
        space : DesignSpace
        center : ndarray of shape (n_features,)
            The same point there.
        """
        codes = self._decode(center[None])
        space = DesignSpace(self._inner, _with_missing(codes)[0])
        return space, space.encode(codes)[0]

    def encode(self, codes):
        """Numbers of points that are given by their codes."""
        codes = _with_missing(codes)[:, self._column]
        return np.where(self._is_value, codes == self._level, codes)

    def encode_table(self, table):
        """Numbers of records.

        Parameters
        ----------
        table : DataFrame of shape (n_records, n_columns)
            Records.

        Returns
        -------
        points : ndarray of float of shape (n_records, n_features)

        Raises
        ------
        ValueError
            If a text is none that the first table has.
        """
        codes = self._inner.encode(table)
        known = _with_missing(self._inner.records)
        for j in np.flatnonzero(self._inner.is_category):
            # Missing stands for an unknown value here, or for one that is missing.
            bad = ~np.isin(_with_missing(codes[:, j]), known[:, j])
            bad |= np.isnan(codes[:, j]) & table.iloc[:, j].notna().to_numpy()
            if bad.any():
                found = table.iloc[:, j][bad].unique().tolist()
                raise ValueError(
                    f"X: column {table.columns[j]!r} holds {found[:10]}, which it did "
                    "not in the X of fit, so that the copy knows nothing of it."
                )
        return self.encode(codes)

    def snap(self, points):
        """Move points to the nearest ones that may be asked: one value a column."""
        points = np.where(self.integer, np.round(points), points)
        return np.clip(points, self.lower, self.upper)

    def uniform(self, n_points, rng):
        """Draw points evenly: numbers from their range, texts from their values."""
        return self.encode(self._inner.uniform(n_points, rng))

    def table(self, points, box):
        """Lay points out as the target takes them."""
        return self._inner.table(self._decode(points), box)

    def _decode(self, points):
        codes = np.tile(self._reference, (len(points), 1))
        for k in range(self.n_features):
            j = self._column[k]
            if self._is_value[k]:
                codes[points[:, k] == 1, j] = self._level[k]
            else:
                codes[:, j] = points[:, k]
        category = self._inner.is_category
        return np.where(category & (codes == MISSING), np.nan, codes)


def _with_missing(codes):
    return np.where(np.isnan(codes), MISSING, codes)


def text_columns(X):
    """Names of the columns of a DataFrame that are no numbers."""
    if not isinstance(X, pd.DataFrame):
        return []
    return [c for c in X if not pd.api.types.is_numeric_dtype(X[c])]


def missing_numbers(X):
    """Names of the columns of a DataFrame of which numbers are missing, or infinite."""
    numbers = X.drop(columns=text_columns(X))
    values = numbers.to_numpy(dtype=float, na_value=np.nan)
    return numbers.columns[~np.isfinite(values).all(axis=0)].tolist()
