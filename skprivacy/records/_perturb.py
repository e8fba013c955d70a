"""Altered copies of records, made of values that can exist."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from skprivacy._validation import as_table
from skprivacy.records._identity import hash_records
from skprivacy.records._table import _label_position

__all__ = ["Perturber"]


class Perturber:
    """Make copies of records in which some columns are altered, and the label is not.

    Which values a column can take is learned from a table. A column of few values, of
    texts, categories or truth values gets the value of another record of the table,
    drawn at random; columns that are together the one-hot code of a category change
    together. Other columns of numbers get Gaussian noise, in units of their robust
    spread, and stay in their range: on the values of the table, where these are whole
    numbers or repeat, anywhere where they do not. A missing number stays missing.

    The copies of a record depend on the record and on the seed alone, not on the
    records beside it.

    Parameters
    ----------
    table : DataFrame or array-like of shape (n_rows, n_features + 1)
        Records to learn from, the label among their columns.

    label : str or int, default=-1
        The label's column.

    seed : int, default=0
        Which copies are drawn.

    Attributes
    ----------
    kinds : list of str
        "label", or how each column is altered: "drawn", "whole" (noise, to a value of
        the table) or "real" (noise).

    blocks : list of list of int
        Columns that change together.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {"age": range(20, 60), "sex": ["f", "m"] * 20, "label": [0, 1] * 20}
    ... )
    >>> perturber = Perturber(table, "label")
    >>> perturber.kinds
    ['whole', 'drawn', 'label']
    >>> copies = perturber.copies(table[:2], 3, share=1.0, scale=0.1)
    >>> copies.shape, copies["label"].tolist()
    ((6, 3), [0, 0, 0, 1, 1, 1])
    >>> bool(copies["age"].between(20, 59).all())
    True
    """

    def __init__(self, table, label=-1, seed=0):
        table = as_table(table, min_features=2)
        self.label = label
        self.seed = seed
        self._n_rows = len(table)
        self._label = _label_position(table, label)
        self._columns = [_column(table, j) for j in range(table.shape[1])]
        self.kinds = [
            "label" if j == self._label else _kind(column)
            for j, column in enumerate(self._columns)
        ]
        self.blocks = self._find_blocks()
        self._grids = {
            j: _grid(self._columns[j], kind)
            for j, kind in enumerate(self.kinds)
            if kind in ("whole", "real")
        }

    def copies(self, records, n_copies, *, share=0.5, scale=0.5, stream=0):
        """Make altered copies.

        Parameters
        ----------
        records : DataFrame or ndarray of shape (n_records, n_features + 1)
            Records, with the columns of the table.

        n_copies : int
            Copies of each record. The first ones of many are the same as of a few.

        share : float, default=0.5
            Chance of each column, or block of columns, to be altered; at least one is.

        scale : float, default=0.5
            Standard deviation of the noise, in units of the column's own.

        stream : int, default=0
            Another number gives other copies.

        Returns
        -------
        copies : table of shape (n_records * n_copies, n_features + 1)
            The copies of the first record, then those of the second, and so on, in the
            container of the records and with its column types.
        """
        records = as_table(records, min_features=2)
        random = _Numbers(self.keys(records), self.seed, n_copies, stream)
        altered = self._altered(random, share)
        copies = _Copies(records, n_copies)
        for number, block in enumerate(self.blocks):
            where = altered[:, number]
            draw = random.uniform(number, _DRAW)
            for j in block:
                copies.replace(j, where, self._replacement(copies, j, draw, scale))
        return copies.table()

    def between(self, starts, ends, share):
        """Go a part of the way from records to others, the label of the start kept.

        Columns that get noise are taken in between; others change from the one value
        to the other, each at a point of its own.

        Parameters
        ----------
        starts, ends : DataFrame or ndarray of shape (n_records, n_features + 1)
            Records, with the columns of the table.

        share : ndarray of shape (n_records,)
            Part of the way.

        Returns
        -------
        records : table of shape (n_records, n_features + 1)
        """
        starts, ends = as_table(starts), as_table(ends)
        keys = self.keys(starts) * _STEP ^ self.keys(ends)
        random = _Numbers(keys, self.seed, 1)
        copies = _Copies(starts, 1)
        for number, block in enumerate(self.blocks):
            point = random.uniform(number, _WHETHER)
            for j in block:
                end = _column(ends, j)
                if self.kinds[j] == "drawn":
                    copies.replace(j, point < share, end)
                    continue
                low = copies.numbers(j)
                way = share * (end.to_numpy(dtype=float, na_value=np.nan) - low)
                known = ~np.isnan(way)
                copies.replace(j, known, self._fit_in(j, low + np.where(known, way, 0)))
        return copies.table()

    def keys(self, records):
        """One number a record, equal for equal records, wherever the label stands.

        Parameters
        ----------
        records : DataFrame or ndarray of shape (n_records, n_features + 1)
            Records.

        Returns
        -------
        keys : ndarray of uint64 of shape (n_records,)
        """
        others = np.delete(np.arange(records.shape[1]), self._label)
        order = np.append(others, self._label)
        if isinstance(records, pd.DataFrame):
            return hash_records(records.iloc[:, order])
        return hash_records(np.asarray(records)[:, order])

    def _replacement(self, copies, j, draw, scale):
        if self.kinds[j] == "drawn":
            return self._columns[j].take((draw * self._n_rows).astype(int))
        grid = self._grids[j]
        values = copies.numbers(j) + scale * grid.spread * ndtri(draw)
        return self._fit_in(j, values)

    def _fit_in(self, j, values):
        """Bring numbers to values that column ``j`` can take."""
        grid = self._grids[j]
        if self.kinds[j] == "real":
            return pd.Series(np.clip(values, grid.numbers[0], grid.numbers[-1]))
        middles = (grid.numbers[1:] + grid.numbers[:-1]) / 2
        return grid.values.take(np.searchsorted(middles, values))

    def _altered(self, random, share):
        order = np.stack(
            [random.uniform(k, _WHETHER) for k in range(len(self.blocks))], axis=1
        )
        altered = order < share
        altered[np.arange(len(order)), order.argmin(axis=1)] = True
        return altered

    def _find_blocks(self):
        """Group the columns of a one-hot code; every other column is by itself."""
        highs = [
            _is_high(column) if kind == "drawn" else None
            for column, kind in zip(self._columns, self.kinds, strict=True)
        ]
        blocks, j = [], 0
        while j < len(highs):
            size = 1 if highs[j] is None else _one_hot_size(highs[j:])
            if j != self._label:
                blocks.append(list(range(j, j + size)))
            j += size
        return blocks


class _Grid(NamedTuple):
    """Values of a column of numbers, in order, and how widely they are spread."""

    values: pd.Series
    numbers: np.ndarray
    spread: float


class _Copies:
    """Copies of records under work, column by column."""

    def __init__(self, records, n_copies):
        self._frame = isinstance(records, pd.DataFrame)
        self._records = records
        self._rows = np.repeat(np.arange(len(records)), n_copies)
        self._columns = {}

    def column(self, j):
        if j not in self._columns:
            self._columns[j] = _column(self._records, j).take(self._rows)
        return self._columns[j].reset_index(drop=True)

    def numbers(self, j):
        return self.column(j).to_numpy(dtype=float, na_value=np.nan)

    def replace(self, j, where, replacement):
        column = self.column(j)
        replacement = replacement.reset_index(drop=True)
        if pd.api.types.is_numeric_dtype(column):
            where = where & ~column.isna().to_numpy()
        column, replacement = _same_categories(column, replacement)
        self._columns[j] = column.where(~where, replacement)

    def table(self):
        columns = [self.column(j) for j in range(self._records.shape[1])]
        if self._frame:
            frame = pd.concat(columns, axis=1)
            frame.columns = self._records.columns
            return frame
        if self._records.dtype == object:
            return np.column_stack([c.to_numpy(dtype=object) for c in columns])
        return np.column_stack([c.to_numpy() for c in columns])


class _Numbers:
    """Random numbers that depend on a record, not on where it stands."""

    def __init__(self, keys, seed, n_copies, stream=0):
        self._keys = keys
        self._seed = np.uint64(seed) + (np.uint64(stream) << np.uint64(32))
        self._copies = np.arange(1, n_copies + 1, dtype=np.uint64)

    def uniform(self, number, purpose):
        """Between 0 and 1, one for each copy of each record, in the copies' order."""
        stream = np.uint64(2 * number + purpose + 1)
        with np.errstate(over="ignore"):
            key = _mix(_mix(np.array([self._seed * _STEP + stream])) ^ self._keys)
            mixed = _mix(key[:, None] + self._copies * _STEP)
        return ((mixed >> np.uint64(11)).ravel() + 0.5) * 2.0**-53


def _mix(x):
    """Scramble 64 bits, so that near numbers have nothing in common afterwards."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _column(table, j):
    if isinstance(table, pd.DataFrame):
        return table.iloc[:, j].reset_index(drop=True)
    column = pd.Series(table[:, j])
    return column.infer_objects() if column.dtype == object else column


def _kind(column):
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return "drawn"
    values = column.dropna().to_numpy(dtype=float)
    n_distinct = len(np.unique(values))
    if n_distinct <= FEW_VALUES:
        return "drawn"
    repeats = n_distinct <= len(values) / 2
    return "whole" if repeats or (values == np.round(values)).all() else "real"


def _grid(column, kind):
    values = column.dropna().drop_duplicates().sort_values().reset_index(drop=True)
    spread = _spread(column.dropna().to_numpy(dtype=float))
    return _Grid(values, values.to_numpy(dtype=float), spread)


def _spread(values):
    """Robust standard deviation, or the plain one where half of the values agree."""
    low, high = np.percentile(values, [25, 75])
    # The quartiles of the standard Gaussian are 1.349 apart.
    return float((high - low) / 1.349 if high > low else values.std())


def _is_high(column):
    """Where a column of two numbers holds the larger one; None if it is none."""
    if not (pd.api.types.is_numeric_dtype(column) or column.dtype == bool):
        return None
    if column.isna().any() or column.nunique() != 2:
        return None
    return (column == column.max()).to_numpy()


def _one_hot_size(highs):
    """Columns, from the first on, of which exactly one is high in each row; or 1."""
    total = np.zeros(len(highs[0]), dtype=int)
    for size, high in enumerate(highs, start=1):
        if high is None:
            return 1
        total += high
        if (total > 1).any():
            return 1
        if (total == 1).all():
            return size
    return 1


def _same_categories(column, replacement):
    """Let two columns of categories know the same ones."""
    both = [isinstance(c.dtype, pd.CategoricalDtype) for c in (column, replacement)]
    if not all(both) or column.dtype == replacement.dtype:
        return column, replacement
    known = column.cat.categories.union(replacement.cat.categories, sort=False)
    return column.cat.set_categories(known), replacement.cat.set_categories(known)


#: A column of numbers with no more distinct values than these is drawn from.
FEW_VALUES = 20

_STEP = np.uint64(0x9E3779B97F4A7C15)
_WHETHER, _DRAW = 0, 1
