"""Which records every model of a canary evaluation sees, and which are canaries."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from skprivacy.records import (
    find_records,
    hash_records,
    join_records,
    make_canaries,
    stack_tables,
    take_rows,
)

__all__ = ["KINDS", "CanarySetting", "plan_canaries"]

KINDS = ("clean", "mislabeled", "outlier", "duplicate")
#: Kinds that take records out of the training set.
_TAKEN_OUT = ("clean", "mislabeled")
#: Names the label's column while hashes are taken of whole records.
_LABEL = ("label of canaries",)


@dataclass(frozen=True)
class CanarySetting:
    """What all models of an evaluation have in common.

    Parameters
    ----------
    X, y : table of shape (n_fixed + n_canaries, n_features) and ndarray
        Records to train on: those that every model has, then the canaries.

    n_fixed : int
        Records that every model has.

    kind : ndarray of str of shape (n_canaries,)
        Kind of each canary.

    X_test, y_test : table and ndarray
        Records that no model has.
    """

    X: pd.DataFrame | np.ndarray
    y: np.ndarray
    n_fixed: int
    kind: np.ndarray
    X_test: pd.DataFrame | np.ndarray
    y_test: np.ndarray

    @property
    def X_canaries(self):
        """Features of the canaries."""
        return take_rows(self.X, np.arange(self.n_fixed, len(self.y)))

    @property
    def y_canaries(self):
        """Labels of the canaries, as they are trained on."""
        return self.y[self.n_fixed :]

    def rows(self, inside):
        """Rows of `X` that a model with these canaries is trained on.

        Parameters
        ----------
        inside : ndarray of bool of shape (n_canaries,)
            Canaries that it has.

        Returns
        -------
        rows : ndarray of int
        """
        fixed = np.arange(self.n_fixed)
        return np.concatenate([fixed, self.n_fixed + np.flatnonzero(inside)])


def plan_canaries(X, y, kinds, n_canaries, test_size, rng) -> CanarySetting:
    """Hold records out, and make canaries of the others.

    "clean" canaries are records that occur once in the table. "mislabeled" ones take
    the place of the record that they were made of. "outlier" and "duplicate" ones are
    added; the record with the features of a duplicate, and its right label, is in
    every training set.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Features.

    y : ndarray of shape (n_records,)
        Classes.

    kinds : sequence of str
        Kinds of canaries.

    n_canaries : int
        Canaries of each kind.

    test_size : float or int
        Share, or number, of the records that are held out.

    rng : RandomState
        Source of randomness.

    Returns
    -------
    setting : CanarySetting

    Raises
    ------
    ValueError
        If there are too few records for so many canaries.
    """
    train, test = _split(y, test_size, rng)
    n_taken = n_canaries * sum(kind in _TAKEN_OUT for kind in kinds)
    if 2 * n_taken > len(train) or len(train) < 4:
        raise ValueError(
            f"n_canaries={n_canaries} of {len(kinds)} kinds take {n_taken} of the "
            f"{len(train)} records that are not held out of X (n_samples = {len(y)}), "
            "and may take half of them at the most. Ask for fewer, or give more "
            "records."
        )
    fixed = free = train
    features, labels, kind = [], [], []
    # What is made of records comes first, so that no canary is made of another.
    for name in sorted(kinds, key=KINDS.index, reverse=True):
        if name == "clean":
            rows = _that_occur_once(X, y, free, n_canaries, rng)
            made, of_made = take_rows(X, rows), y[rows]
        else:
            made, of_made, rows = _make(name, X, y, free, n_canaries, rng)
        free = np.setdiff1d(free, rows)
        if name in _TAKEN_OUT:
            fixed = np.setdiff1d(fixed, rows)
        features.append(made)
        labels.append(of_made)
        kind += [name] * n_canaries
    return CanarySetting(
        stack_tables([take_rows(X, fixed), *features]),
        np.concatenate([y[fixed], *labels]),
        len(fixed),
        np.array(kind),
        take_rows(X, test),
        y[test],
    )


def _split(y, test_size, rng):
    rows = np.arange(len(y))
    seed = rng.randint(np.iinfo(np.int32).max)
    try:
        return train_test_split(
            rows, test_size=test_size, random_state=seed, stratify=y
        )
    except ValueError:  # a class of one record, or more classes than are held out
        return train_test_split(rows, test_size=test_size, random_state=seed)


def _make(kind, X, y, free, n, rng):
    """Make canaries of the records that are free; say which have their features."""
    X_free = take_rows(X, free)
    # Each duplicate is the second of a pair, whose first is in the table already.
    n_made = 2 * n if kind == "duplicate" else n
    made, labels = make_canaries(X_free, y[free], kind=kind, n=n_made, random_state=rng)
    if kind == "duplicate":
        second = np.arange(1, n_made, 2)
        made, labels = take_rows(made, second), labels[second]
    sources = find_records(hash_records(made), hash_records(X_free)) >= 0
    return made, np.asarray(labels), free[sources]


def _that_occur_once(X, y, free, n, rng):
    """Rows of records of which there is no copy that would stay in training."""
    hashes = pd.Series(hash_records(join_records(X, y, _LABEL)))
    once = free[~hashes.duplicated(keep=False).to_numpy()[free]]
    if len(once) < n:
        raise ValueError(
            f"n_canaries={n} clean canaries need as many records that occur once in "
            f"X and y; {len(once)} do. Ask for fewer, or give more records."
        )
    return np.sort(rng.permutation(once)[:n])
