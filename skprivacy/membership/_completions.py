"""What a partly known record may be, by the records that are like it."""

import numpy as np
import pandas as pd

from skprivacy.records import ColumnCodes, hash_records

__all__ = ["Completions", "NearestDonors"]

_CHUNK = 256


class NearestDonors:
    """Fill what is unknown of a record from complete records that are near to it.

    Near is by the columns that are known: texts and categories that differ count 1,
    numbers by their difference in standard deviations, 2 at the most. Each donor fills
    all unknown columns of a record, so that the values belong together.

    Parameters
    ----------
    donors : DataFrame or ndarray of shape (n_donors, n_columns)
        Complete records.

    n_completions : int
        Completions of each record, at the most.

    tolerance : dict
        Half-width for the position of each column that is known only about.

    seed : int
        Decides the values within a tolerance.
    """

    def __init__(self, donors, n_completions, tolerance, seed):
        self._donors = donors
        self._n = min(n_completions, len(donors))
        self._n_tolerated = n_completions
        self._tolerance = tolerance
        self._seed = seed
        self._codes = ColumnCodes(donors)
        self._known = self._codes(donors)
        for j in tolerance:
            if self._codes.is_category[j]:
                raise ValueError(
                    f"tolerance names column {_name(donors, j)!r}, which holds no "
                    "numbers; a width has no meaning for it."
                )
        empty = np.isnan(self._known).all(axis=0)
        spread = np.nanstd(np.where(empty, 0.0, self._known), axis=0)
        self._scale = np.where(spread > 0, spread, 1.0)

    def complete(self, records):
        """List the completions of each record.

        Parameters
        ----------
        records : DataFrame or ndarray of shape (n_records, n_columns)
            Records; NaN or None where nothing is known.

        Returns
        -------
        completions : Completions
        """
        unknown = pd.isna(pd.DataFrame(records)).to_numpy()
        codes = self._codes(records)
        vague = unknown.any(axis=1) | bool(self._tolerance)
        n_each = np.where(vague, self._n_tolerated if self._tolerance else self._n, 1)
        record = np.repeat(np.arange(len(records)), n_each)
        completed = _rows(records, record)
        if vague.any():
            self._fill(completed, records, unknown, codes, n_each)
        return Completions(completed, record)

    def _fill(self, completed, records, unknown, codes, n_each):
        start = np.cumsum(n_each) - n_each
        patterns, of = np.unique(unknown, axis=0, return_inverse=True)
        for k, pattern in enumerate(patterns):
            rows = np.flatnonzero(of.ravel() == k)
            if not pattern.any():
                continue
            for part in np.array_split(rows, -(-len(rows) // _CHUNK)):
                donor = self._nearest(codes[part], ~pattern)
                donor = donor[:, np.arange(n_each[part[0]]) % donor.shape[1]]
                at = start[part][:, None] + np.arange(n_each[part[0]])
                for j in np.flatnonzero(pattern):
                    _set(completed, at.ravel(), j, _column(self._donors, j, donor))
        if self._tolerance:
            self._blur(completed, records, start, n_each, unknown)

    def _nearest(self, codes, known):
        """Donors of each record, the nearest first; of equally near ones the first."""
        distance = np.zeros((len(codes), len(self._known)))
        for j in np.flatnonzero(known):
            apart = np.abs(codes[:, j, None] - self._known[:, j])
            if self._codes.is_category[j]:
                apart = (apart > 0).astype(float)
            else:
                apart = np.maximum(apart - self._tolerance.get(j, 0.0), 0)
                apart = np.minimum(apart / self._scale[j], 2.0)
            distance += np.where(np.isnan(apart), 1.0, apart)
        return np.argsort(distance, axis=1, kind="stable")[:, : self._n]

    def _blur(self, completed, records, start, n_each, unknown):
        """Draw values within the tolerances; the first completion is as given."""
        hashes = hash_records(records)
        for j, width in self._tolerance.items():
            values = np.sort(self._known[:, j][~np.isnan(self._known[:, j])])
            whole = np.all(values == np.round(values))
            stated = np.asarray(_column(records, j, slice(None)), dtype=float)
            for i in np.flatnonzero(~unknown[:, j]):
                # A record's own generator: its company must not change its score.
                rng = np.random.default_rng([self._seed, int(hashes[i]), j])
                low, high = stated[i] - width, stated[i] + width
                seen = values[
                    np.searchsorted(values, low) : np.searchsorted(
                        values, high, "right"
                    )
                ]
                n = n_each[i] - 1
                if len(seen):
                    drawn = rng.choice(seen, n)
                else:
                    drawn = rng.uniform(low, high, n)
                    drawn = np.clip(np.round(drawn), low, high) if whole else drawn
                at = start[i] + 1 + np.arange(n)
                _set(completed, at, j, drawn)


class Completions:
    """Completed records, and which record each belongs to.

    Parameters
    ----------
    table : DataFrame or ndarray of shape (n_completions, n_columns)
        Completed records.

    record : ndarray of int of shape (n_completions,)
        Position of the record that each completes, in rising order.
    """

    def __init__(self, table, record):
        self.table, self.record = table, record

    def scores(self, score):
        """Score all completions by one call, equal ones once.

        Parameters
        ----------
        score : callable
            From a table to a score for each row.

        Returns
        -------
        scores : list of ndarray
            For each record, the scores of its completions.
        """
        _, first, back = np.unique(
            hash_records(self.table), return_index=True, return_inverse=True
        )
        # In their order, so that complete records are asked about as they stand.
        order = np.argsort(first, kind="stable")
        rank = np.empty(len(order), int)
        rank[order] = np.arange(len(order))
        scored = score(_rows(self.table, first[order]))[rank[back]]
        ends = np.flatnonzero(np.diff(self.record)) + 1
        return np.split(scored, ends)


def _name(table, j):
    return table.columns[j] if isinstance(table, pd.DataFrame) else j


def _rows(table, rows):
    if isinstance(table, pd.DataFrame):
        return table.iloc[rows].reset_index(drop=True)
    return table[rows]


def _column(table, j, rows):
    column = table.iloc[:, j] if isinstance(table, pd.DataFrame) else table[:, j]
    values = np.asarray(column)[rows]
    return values.ravel()


def _set(table, rows, j, values):
    """Write values into a column, which may have to become wider for them."""
    if not isinstance(table, pd.DataFrame):
        table[rows, j] = values
        return
    column = table.iloc[:, j]
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.cat.add_categories(
            [v for v in pd.unique(values) if v not in column.cat.categories]
        )
    elif not pd.api.types.is_numeric_dtype(column) or column.dtype.kind in "iub":
        column = column.astype(object)
    column = column.copy()
    column.iloc[rows] = values
    table.isetitem(j, column.infer_objects())
