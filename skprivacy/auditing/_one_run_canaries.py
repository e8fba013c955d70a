"""Canaries of which each has a coin, and the data that the coins lead to."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from skprivacy._validation import as_table
from skprivacy.records import hash_records, make_canaries, stack_tables, take_rows
from skprivacy.records._canaries import other_labels

__all__ = ["Planted", "plant_canaries"]

#: Canaries that are made where no number is asked for.
MOST_CANARIES = 1000


@dataclass(frozen=True)
class Planted:
    """Records, and canaries that are trained on by coins.

    Parameters
    ----------
    X, y : table of shape (n_records, n_features), ndarray of shape (n_records,)
        Records that are trained on however the coins fall.

    X_canaries, y_canaries : table of shape (n_canaries, n_features), ndarray
        Canaries.

    X_others, y_others : table and ndarray of the same shapes, or None
        What is trained on in place of each canary whose coin says no. None: nothing.

    is_pair : bool, default=False
        Whether the others are as telling as the canaries, so that a signal is that of
        the canary less that of the other.
    """

    X: object
    y: np.ndarray
    X_canaries: object
    y_canaries: np.ndarray
    X_others: object = None
    y_others: np.ndarray | None = None
    is_pair: bool = False

    def world(self, included):
        """Return the data that coins lead to.

        With a stand-in each canary has a place of its own, so that a coin that falls
        otherwise changes one row and moves none.

        Parameters
        ----------
        included : ndarray of bool of shape (n_canaries,)
            Which canaries are trained on.

        Returns
        -------
        X : table of shape (n_rows, n_features)
        y : ndarray of shape (n_rows,)
        """
        tables, labels = [self.X_canaries, self.X], [self.y_canaries, self.y]
        n, m = len(self.y), len(self.y_canaries)
        own = np.flatnonzero(included)
        if self.X_others is not None:
            tables, labels = [*tables, self.X_others], [*labels, self.y_others]
            own = np.where(included, np.arange(m), m + n + np.arange(m))
        # Canaries come first: of records that are equally near many models take the
        # first.
        rows = np.concatenate([own, m + np.arange(n)])
        return take_rows(stack_tables(tables), rows), np.concatenate(labels)[rows]


def plant_canaries(X, y, canaries, n_canaries, adjacency, rng) -> Planted:
    """Make canaries of records, or take those that are given.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    y : ndarray of shape (n_records,)
        Their labels.

    canaries : {"mislabeled", "outlier"} or tuple
        As in :class:`OneRunAuditor`.

    n_canaries : int or None
        How many are made. None: 1000, but mislabeled ones of half of the records at
        most.

    adjacency : {"replace", "add_remove"}
        Whether something stands in for a canary that is not trained on.

    rng : RandomState
        Decides what is drawn.

    Returns
    -------
    planted : Planted

    Raises
    ------
    ValueError
        If they can't be made, or those that are given do not fit.
    """
    if n_canaries is None:
        most = len(y) // 2 if canaries == "mislabeled" else MOST_CANARIES
        n_canaries = max(min(MOST_CANARIES, most), 2)
    if not isinstance(canaries, str):
        return _given(X, y, canaries, adjacency, rng)
    make = _mislabeled if canaries == "mislabeled" else _outliers
    planted = make(X, y, n_canaries, rng)
    if adjacency == "replace":
        return planted
    # Whoever is left out leaves nothing behind. The true records of mislabeled canaries
    # stay: a model that has not seen a canary is then sure of the true label, and in
    # what was measured only the more is told by one that has.
    return Planted(X, y, planted.X_canaries, planted.y_canaries)


def _mislabeled(X, y, n, rng):
    pairs, labels = make_canaries(X, y, kind="duplicate", n=2 * n, random_state=rng)
    true, twins = np.arange(0, 2 * n, 2), np.arange(1, 2 * n, 2)
    real = take_rows(pairs, true)
    # The coin is between the true record and its mislabeled twin, so that the true one
    # can't be among the others as well: beside its twin it would be there in both
    # worlds, and the model would see two labels of the same features.
    rest = ~np.isin(hash_records(X), hash_records(real))
    return Planted(
        *(take_rows(X, rest), y[rest]),
        *(take_rows(pairs, twins), labels[twins]),
        *(real, labels[true]),
        is_pair=True,
    )


def _outliers(X, y, n, rng):
    rows, labels = make_canaries(X, y, kind="outlier", n=n, random_state=rng)
    # What stands in is the same outlier with another label, which pulls the model the
    # other way: a real record would not pull at all.
    pool = pd.Series(np.concatenate([y, labels]))
    others = other_labels(pool, np.arange(len(y), len(pool)), rng).to_numpy(y.dtype)
    return Planted(X, y, rows, labels, rows, others, is_pair=True)


def _given(X, y, canaries, adjacency, rng):
    if len(canaries) not in (2, 4):
        raise ValueError(
            "canaries must be a kind, (X_canaries, y_canaries), or (X_canaries, "
            f"y_canaries, X_others, y_others); got {len(canaries)} things."
        )
    rows, labels = _like_records(X, *canaries[:2])
    if len(canaries) == 4:
        if adjacency != "replace":
            raise ValueError(
                "canaries: others stand in for canaries where one record replaces "
                "another; the adjacency is 'add_remove', which leaves them out."
            )
        others, other = _like_records(X, *canaries[2:])
        if len(other) != len(labels):
            raise ValueError(
                "canaries must have one other each; got "
                f"{len(labels)} canaries and {len(other)} others."
            )
        return Planted(X, y, rows, labels, others, other, is_pair=True)
    if adjacency == "add_remove":
        return Planted(X, y, rows, labels)
    if len(labels) > len(y):
        raise ValueError(
            f"a record stands in for each canary that is not trained on; got "
            f"{len(labels)} canaries and {len(y)} records. Give fewer canaries, or "
            "with each what stands in for it."
        )
    # Records that stand in are taken out, or they would be there twice.
    order = rng.permutation(len(y))
    stand_ins, rest = order[: len(labels)], np.sort(order[len(labels) :])
    return Planted(
        *(take_rows(X, rest), y[rest]),
        *(rows, labels),
        *(take_rows(X, stand_ins), y[stand_ins]),
    )


def _like_records(X, rows, labels):
    rows, labels = as_table(rows, "canaries"), np.asarray(labels)
    is_frame = isinstance(X, pd.DataFrame)
    alike = isinstance(rows, pd.DataFrame) == is_frame and rows.shape[1] == X.shape[1]
    if alike and is_frame:
        alike = list(rows.columns) == list(X.columns)
    if not alike:
        raise ValueError(
            "canaries must be a table of the same kind and columns as X; got "
            f"{type(rows).__name__} of shape {rows.shape} beside {type(X).__name__} of "
            f"shape {X.shape}."
        )
    if labels.ndim != 1 or len(rows) != len(labels) or len(labels) < 2:
        raise ValueError(
            "canaries must be at least 2, with one label each; got "
            f"{len(rows)} with labels of shape {labels.shape}."
        )
    return rows, labels
