"""What the answers to the nearest other records say of a record."""

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skprivacy.records import take_rows

__all__ = ["Company", "RecordSpace", "neighbor_evidence"]


class RecordSpace:
    """Records as points: numbers standardized, texts as standardized indicators.

    Parameters
    ----------
    table : DataFrame or ndarray of shape (n_records, n_features)
        Features of the records that settle the scales.
    """

    def __init__(self, table):
        table = _as_frame(table)
        numeric = [pd.api.types.is_numeric_dtype(t) for t in table.dtypes]
        self._numeric = np.array(numeric, dtype=bool)
        self._encoder = None
        if not self._numeric.all():
            self._encoder = OneHotEncoder(
                handle_unknown="infrequent_if_exist",
                max_categories=50,
                sparse_output=False,
            ).fit(self._texts(table))
        self._scaler = StandardScaler().fit(self._columns(table))

    def points(self, table):
        """Return points, shape (n_records, n_dimensions); what is missing is 0."""
        points = self._scaler.transform(self._columns(_as_frame(table)))
        return np.clip(np.nan_to_num(points), -_FARTHEST, _FARTHEST)

    def _columns(self, table):
        numbers = table.loc[:, self._numeric].to_numpy(dtype=float, na_value=np.nan)
        if self._encoder is None:
            return numbers
        return np.column_stack([numbers, self._encoder.transform(self._texts(table))])

    def _texts(self, table):
        return table.loc[:, ~self._numeric].astype(str).to_numpy(dtype=object)


def _as_frame(table):
    if isinstance(table, pd.DataFrame):
        return table
    return pd.DataFrame(np.asarray(table)).infer_objects()


class Company:
    """Nearest records among those that an attacker holds.

    Of very many, only some are looked at: the time to find one record's neighbors
    grows nearly as their number does.

    Parameters
    ----------
    table : DataFrame or ndarray of shape (n_records, n_features)
        Features of the attacker's records.

    hashes : ndarray of shape (n_records,)
        Equal for equal records.

    n_neighbors : int
        Neighbors of each record.
    """

    def __init__(self, table, hashes, n_neighbors):
        self._space = RecordSpace(table)
        self._rows = np.arange(len(hashes))
        if len(hashes) > MOST_RECORDS:
            # By chance, and whatever the order of the records.
            self._rows = np.sort(np.argpartition(hashes, MOST_RECORDS)[:MOST_RECORDS])
        self._hashes = hashes[self._rows]
        self._n_neighbors = min(n_neighbors, len(self._rows) - 1)
        points = self._space.points(take_rows(table, self._rows))
        self._index = NearestNeighbors().fit(points)

    def of(self, table, hashes):
        """Return positions of the nearest records, nearest first; -1 for none.

        A record is not its own neighbor, nor is its equal.
        """
        # One more than asked for, as the record itself is mostly among them.
        neighbors = self._index.kneighbors(
            self._space.points(table), self._n_neighbors + 1, return_distance=False
        )
        itself = self._hashes[neighbors] == hashes[:, None]
        order = np.argsort(itself, axis=1, kind="stable")
        neighbors = np.where(itself, -1, self._rows[neighbors])
        return np.take_along_axis(neighbors, order, axis=1)[:, : self._n_neighbors]


def neighbor_evidence(neighbors, evidence, direction, pool_direction):
    r"""Weighted mean of evidence over the neighbors of each record.

    The ``r``-th neighbor has weight :math:`1/r`, or :math:`1/r^2`. A record pulls the
    answers to its neighbors towards its own label, so that the evidence of a neighbor
    whose label is another counts the other way round.

    Parameters
    ----------
    neighbors : ndarray of int of shape (n_records, n_neighbors)
        Positions in the pool, nearest first; -1 for none.

    evidence : ndarray of shape (n_pool, n_columns)
        Of the records of the pool.

    direction, pool_direction : ndarray of shape (n_records,), (n_pool,)
        Where a member's answer moves to; neighbors of equal direction move together.

    Returns
    -------
    columns : ndarray of shape (n_records, 2 * n_columns)
        Means with the first weights, then with the second.

    Examples
    --------
    The first neighbor counts 1, the second, of another label, minus 1/2:
    (6 - 3 / 2) / (1 + 1 / 2) = 3, and (6 - 3 / 4) / (1 + 1 / 4) = 4.2.

    >>> import numpy as np
    >>> evidence = np.array([[6.0], [3.0]])
    >>> neighbor_evidence(
    ...     np.array([[0, 1]]), evidence, np.array([1]), np.array([1, 0])
    ... )
    array([[3. , 4.2]])
    """
    n_neighbors = neighbors.shape[1]
    sign = np.where(pool_direction[neighbors] == direction[:, None], 1.0, -1.0)
    sign = np.where(neighbors >= 0, sign, 0.0)
    means = []
    for power in (1, 2):
        weight = 1 / np.arange(1, n_neighbors + 1) ** power
        weight = sign * (weight / weight.sum())
        means += [(weight * part[neighbors]).sum(axis=1) for part in evidence.T]
    return np.column_stack(means)


_FARTHEST = 1e6

#: Records at the most among which neighbors are looked for.
MOST_RECORDS = 100_000
