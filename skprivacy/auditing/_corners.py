"""Records at the ends of what columns can hold."""

import numpy as np
import pandas as pd

__all__ = ["Corners"]


class Corners:
    """Make records of one row, at the corners of the bounds of a table's columns.

    A column of texts or categories is at its low end with the first value in order, and
    at its high end with the last. Whole numbers stay whole.

    Parameters
    ----------
    X : DataFrame
        Table.

    bounds : pair or None, default=None
        Lower and upper ends of the columns of numbers. None: those of the table.

    norm : float or None, default=None
        Largest Euclidean norm of the numbers of a record, in place of bounds.

    Examples
    --------
    >>> X = pd.DataFrame({"size": [1.0, 2.0], "kind": ["a", "b"]})
    >>> Corners(X, bounds=(0, 9)).all_high
       size kind
    0   9.0    b
    """

    def __init__(self, X, bounds=None, norm=None):
        self.X = X
        self.numbers = [
            j
            for j, dtype in enumerate(X.dtypes)
            if pd.api.types.is_numeric_dtype(dtype)
            and not pd.api.types.is_bool_dtype(dtype)
        ]
        self.texts = {
            j: sorted(X.iloc[:, j].dropna().unique().tolist(), key=str) or [None]
            for j in range(X.shape[1])
            if j not in set(self.numbers)
        }
        self.norm = norm
        self.low, self.high = self._ends(bounds)

    def _ends(self, bounds):
        n = len(self.numbers)
        if self.norm is not None:
            reach = np.full(n, self.norm / np.sqrt(max(n, 1)))
            return -reach, reach
        if bounds is None:
            values = self.X.iloc[:, self.numbers].to_numpy(dtype=float, na_value=np.nan)
            empty = np.isnan(values).all(axis=0)
            values = np.where(empty, 0.0, values)
            if np.isinf(values).any():
                raise ValueError("X must not hold infinite numbers.")
            return np.nanmin(values, axis=0), np.nanmax(values, axis=0)
        if not isinstance(bounds, tuple | list | np.ndarray) or len(bounds) != 2:
            raise ValueError(f"bounds must be a pair (lower, upper); got {bounds!r}.")
        try:
            low, high = (
                np.broadcast_to(np.asarray(end, dtype=float), n).copy()
                for end in bounds
            )
        except ValueError:
            raise ValueError(
                f"bounds must have two ends, each a number or one for each of the {n} "
                f"columns of numbers; got {bounds!r}."
            ) from None
        if not (np.isfinite([low, high]).all() and (low <= high).all()):
            raise ValueError(
                f"bounds must be finite, lower ends below upper ones; got {bounds!r}."
            )
        return low, high

    @property
    def all_low(self):
        """A record with every column at its low end."""
        return self.at(self.low, 0)

    @property
    def all_high(self):
        """A record with every column at its high end."""
        return self.at(self.high, -1)

    @property
    def middle(self):
        """A record in the middle of the bounds."""
        return self.at((self.low + self.high) / 2, 0)

    def at(self, values, text=0) -> pd.DataFrame:
        """Make a record.

        Parameters
        ----------
        values : ndarray of shape (n_columns_of_numbers,)
            Numbers; moved inside of the bounds to whole ones where a column has these.

        text : int or list of int, default=0
            Position among the values of a column of texts; one for all, or one each.

        Returns
        -------
        record : DataFrame of one row
        """
        row = self.X.iloc[[0]].reset_index(drop=True).copy()
        for j, value, low in zip(self.numbers, values, self.low, strict=True):
            dtype = row.dtypes.iloc[j]
            if pd.api.types.is_integer_dtype(dtype):
                value = int(np.ceil(value) if value <= low else np.floor(value))
            row.isetitem(j, pd.Series([value], dtype=dtype))
        positions = np.broadcast_to(text, len(self.texts))
        for (j, known), position in zip(self.texts.items(), positions, strict=True):
            row.isetitem(j, pd.Series([known[position]], dtype=row.dtypes.iloc[j]))
        return row

    def opposites(self, most_columns, rng):
        """Yield corners that are far from each other.

        Parameters
        ----------
        most_columns : int
            Columns of which one by one is low or high.

        rng : RandomState
            Which columns.

        Yields
        ------
        detail : str

        one, other : DataFrame of one row
        """
        yield "all high or all low", self.all_high, self.all_low
        n = len(self.numbers)
        if n > 1:
            odd = np.arange(n) % 2 == 0
            yield (
                "alternating, or the other way round",
                self.at(np.where(odd, self.high, self.low)),
                self.at(np.where(odd, self.low, self.high)),
            )
        middle = (self.low + self.high) / 2
        for i in np.sort(rng.permutation(n)[:most_columns]):
            high, low = middle.copy(), middle.copy()
            high[i], low[i] = self.high[i], self.low[i]
            if self.norm is not None:
                high[i], low[i] = self.norm, -self.norm
            name = self.X.columns[self.numbers[i]]
            yield f"column {name!r} high or low", self.at(high), self.at(low)
        for i in rng.permutation(len(self.texts))[:1]:
            text = np.zeros(len(self.texts), dtype=int)
            text[i] = -1
            name = self.X.columns[list(self.texts)[i]]
            yield f"column {name!r} another", self.at(middle, text), self.at(middle)

    def jittered(self, rows, spread, rng) -> pd.DataFrame:
        """Move numbers a little, within the bounds.

        Parameters
        ----------
        rows : DataFrame
            Records.

        spread : float
            Largest distance, beside that of the bounds.

        rng : RandomState
            How far.

        Returns
        -------
        rows : DataFrame
        """
        rows = rows.copy()
        for j, low, high in zip(self.numbers, self.low, self.high, strict=True):
            if pd.api.types.is_float_dtype(rows.dtypes.iloc[j]):
                moved = rng.uniform(-1, 1, len(rows)) * spread * (high - low)
                values = np.clip(rows.iloc[:, j].to_numpy() + moved, low, high)
                rows.isetitem(j, values)
        return rows

    def holes(self, row):
        """Yield copies of a record with a missing or an infinite value.

        Parameters
        ----------
        row : DataFrame of one row
            Record.

        Yields
        ------
        detail : str

        hole, like : DataFrame of one row
            The record with the value, and without, both of types that can hold it.
        """
        if self.numbers:
            row = row.astype({row.columns[j]: float for j in self.numbers})
            j = self.numbers[0]
            for name, value in (("NaN", np.nan), ("infinity", np.inf)):
                hole = row.copy()
                hole.isetitem(j, [value])
                yield f"{name} in column {row.columns[j]!r}", hole, row
            hole = row.copy()
            for j in self.numbers:
                hole.isetitem(j, [np.nan])
            yield "NaN in all columns of numbers", hole, row
        if self.texts:
            j = next(iter(self.texts))
            hole = row.copy()
            hole.isetitem(
                j, pd.Series([None], index=row.index, dtype=row.dtypes.iloc[j])
            )
            yield f"nothing in column {row.columns[j]!r}", hole, row
