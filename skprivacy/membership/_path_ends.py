"""Similar records of another label, towards which a label is lost."""

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from skprivacy.records import Coordinates, split_records

__all__ = ["PathEnds", "take"]


class PathEnds:
    """The attacker's records to which paths from other records lead.

    Parameters
    ----------
    records : DataFrame or ndarray of shape (n_records, n_features + 1)
        Records of the attacker.

    label : str or int
        The label's column.

    n_paths : int
        Paths from each record.
    """

    def __init__(self, records, label, n_paths):
        self._records, self._label = records, label
        X, self._y = split_records(records, label)
        self._place = Coordinates(X)
        self._points = self._place(X)
        self.n_paths = min(n_paths, len(records))

    def of(self, records):
        """For each record `n_paths` others, the nearest first."""
        X, y = split_records(records, self._label)
        points = self._place(X)
        found = np.zeros((len(y), self.n_paths), dtype=int)
        # For a regressor, the other half of the values.
        middle = np.median(self._y) if _is_continuous(self._y) else None
        own = y if middle is None else y > middle
        all_own = self._y if middle is None else self._y > middle
        for value in pd.unique(own):
            candidates = np.flatnonzero(all_own != value)
            if not len(candidates):
                candidates = np.arange(len(self._y))
            n = min(self.n_paths, len(candidates))
            search = NearestNeighbors(n_neighbors=n).fit(self._points[candidates])
            rows = np.flatnonzero(own == value)
            near = candidates[search.kneighbors(points[rows], return_distance=False)]
            found[rows] = near[:, np.arange(self.n_paths) % n]
        return take(self._records, found.ravel())


def _is_continuous(y):
    return np.asarray(y).dtype.kind == "f" and len(np.unique(y)) > len(y) / 2


def take(table, rows):
    """Rows of a table, by position."""
    return table.iloc[rows] if isinstance(table, pd.DataFrame) else table[rows]
