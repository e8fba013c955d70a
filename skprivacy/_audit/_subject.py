"""What is audited: the records with the truth, and the model's plain answers."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, r2_score

from skprivacy._audit._remember import RememberingBox
from skprivacy._validation import as_table
from skprivacy.records import as_model_input, lay_together
from skprivacy.signals import Asked, ask, decision_log_odds, label_log_odds

__all__ = ["Subject", "check_tables", "prepare"]

_FEWEST_RECORDS = 10
#: Keeps the histogram of a model with coarse probabilities in sight.
_HISTOGRAM_SMOOTHING = 1e-3


@dataclass(frozen=True)
class Subject:
    """What is audited.

    Parameters
    ----------
    box : RememberingBox
        The model.

    records : DataFrame or ndarray of shape (n_records, n_features + 1)
        Members, then non-members.

    is_member : ndarray of int of shape (n_records,)
        Truth.

    record_ids : ndarray of shape (n_records,)
        Index label, or row number in the table that the record came from.

    label : str or int
        The label's column.

    features : list of str
        Names of the other columns.

    n_dropped : int
        Holdout records that were left out.

    n_unseen : int
        Records with a label that the model does not know.

    signal : ndarray of shape (n_records,)
        Plain signal of each record.

    signal_name : str
        What it is.

    train_score, holdout_score : float
        The model's own score on both sides.

    score_name : str
        What it is.

    held : FrozenEstimator or None, default=None
        The model itself, for attacks that read what it holds; None where there is only
        a box to ask.

    rows : ndarray of int of shape (n_records,) or None, default=None
        Row of each record in the table that it came from.

    is_canary : ndarray of bool of shape (n_records,) or None, default=None
        Which records were planted to be the worst case.

    has_recipe : bool, default=True
        Whether shadow models can be trained.
    """

    box: RememberingBox
    records: Any
    is_member: np.ndarray
    record_ids: np.ndarray
    label: Any
    features: list
    n_dropped: int
    n_unseen: int
    signal: np.ndarray
    signal_name: str
    train_score: float
    holdout_score: float
    score_name: str
    held: Any = None
    rows: Any = None
    is_canary: Any = None
    has_recipe: bool = True

    def without_canaries(self):
        """Return what is audited, without the planted records."""
        kept = np.flatnonzero(~self.is_canary)
        by_record = ("is_member", "record_ids", "signal", "rows", "is_canary")
        is_frame = isinstance(self.records, pd.DataFrame)
        return replace(
            self,
            records=self.records.iloc[kept] if is_frame else self.records[kept],
            **{name: getattr(self, name)[kept] for name in by_record},
        )


def check_tables(box, X_train, y_train, X_holdout, y_holdout):
    """Refuse what can't be audited, before any work is done.

    Parameters
    ----------
    box : BlackBox
        The model.

    X_train, y_train, X_holdout, y_holdout : tables and arrays
        As `skprivacy.audit` takes them.

    Returns
    -------
    X_train, y_train, X_holdout, y_holdout : tables and arrays

    Raises
    ------
    ValueError
        If a table is too small, its features are not the model's, or labels are
        missing or all the same.
    """
    X_train, y_train = _check_side("train", box, X_train, y_train)
    X_holdout, y_holdout = _check_side("holdout", box, X_holdout, y_holdout)
    classes = pd.unique(np.asarray(y_train))
    if box.response_ != "value" and len(classes) < 2:
        raise ValueError(
            f"y_train holds one class only ({classes[0]!r}); a classifier needs two."
        )
    return X_train, y_train, X_holdout, y_holdout


def prepare(box, X_train, y_train, X_holdout, y_holdout, *, held=None, canaries=None):
    """Lay the records together and ask the model about all of them.

    Parameters
    ----------
    box : RememberingBox
        The model.

    X_train, y_train, X_holdout, y_holdout : tables and arrays
        As :func:`check_tables` returns them.

    held : FrozenEstimator or None, default=None
        The model itself.

    canaries : tuple of two or None, default=None
        Which rows of the training set, and of the holdout, are canaries: masks, or
        row numbers.

    Returns
    -------
    subject : Subject

    Raises
    ------
    ValueError
        If the model can't answer; names the table. If `canaries` do not fit the tables,
        or too few records of either kind are left.
    """
    masks = canary_masks(canaries, len(X_train), len(X_holdout))
    records, is_member, row, n_dropped = lay_together(
        X_train, y_train, X_holdout, y_holdout
    )
    is_canary = np.where(
        is_member == 1,
        masks[0][np.minimum(row, len(X_train) - 1)],
        masks[1][np.minimum(row, len(X_holdout) - 1)],
    )
    _check_enough(is_member, is_canary)
    is_frame = isinstance(records, pd.DataFrame)
    label = records.columns[-1] if is_frame else -1
    train = _ask_side("train", box, records[is_member == 1], label)
    holdout = _ask_side("holdout", box, records[is_member == 0], label)
    asked = Asked(
        *(np.concatenate(parts) for parts in zip(train, holdout, strict=True))
    )
    plain = ~is_canary
    train = Asked(*(part[plain[is_member == 1]] for part in train))
    holdout = Asked(*(part[plain[is_member == 0]] for part in holdout))
    regression = box.response_ == "value"
    signal, signal_name = _plain_signal(box.response_, asked)
    return Subject(
        box=box,
        records=records,
        is_member=is_member,
        record_ids=records.index.to_numpy() if is_frame else row,
        label=label,
        features=[str(c) for c in records.columns[:-1]]
        if is_frame
        else [f"column {j}" for j in range(records.shape[1] - 1)],
        n_dropped=n_dropped,
        n_unseen=0 if regression else int((asked.truth < 0).sum()),
        signal=signal,
        signal_name=signal_name,
        train_score=_own_score(box.response_, train),
        holdout_score=_own_score(box.response_, holdout),
        score_name="R^2" if regression else "accuracy",
        held=held,
        rows=row,
        is_canary=is_canary,
    )


def canary_masks(canaries, n_train, n_holdout):
    """Read which rows of both tables are canaries.

    Parameters
    ----------
    canaries : tuple of two or None
        A mask, or row numbers, for the training set, and for the holdout.

    n_train, n_holdout : int
        Rows of the tables.

    Returns
    -------
    masks : list of two ndarrays of bool

    Raises
    ------
    ValueError
        If they are not two, or do not fit the tables.
    """
    if canaries is None:
        return [np.zeros(n, dtype=bool) for n in (n_train, n_holdout)]
    if not isinstance(canaries, tuple | list) or len(canaries) != 2:
        raise ValueError(
            "canaries must be a pair: which rows of X_train are canaries, and which of "
            f"X_holdout; got {canaries!r:.80}."
        )
    sides = ("X_train", n_train), ("X_holdout", n_holdout)
    return [
        _canary_mask(rows, *side) for rows, side in zip(canaries, sides, strict=True)
    ]


def _canary_mask(rows, table, n):
    rows = np.asarray(rows)
    if rows.dtype == bool and rows.shape == (n,):
        return rows
    if rows.ndim == 1 and (rows.dtype.kind in "iu" or not len(rows)):
        rows = rows.astype(int)
        if not len(rows) or (rows.min() >= -n and rows.max() < n):
            mask = np.zeros(n, dtype=bool)
            mask[rows] = True
            return mask
    raise ValueError(
        f"canaries must hold, for {table}, a mask of {n} truth values or row numbers "
        f"below {n}; got an array of shape {rows.shape} and type {rows.dtype}."
    )


def _check_enough(is_member, is_canary):
    """Refuse populations that are too small to say anything about."""
    if not is_canary.any():
        return
    for name, member in (("X_train", 1), ("X_holdout", 0)):
        side = is_canary[is_member == member]
        for what, number in (
            ("canaries", side.sum()),
            ("other records", (~side).sum()),
        ):
            if number < _FEWEST_RECORDS:
                raise ValueError(
                    f"canaries: {name} has {number} {what}; an audit with canaries "
                    f"needs at least {_FEWEST_RECORDS} of each kind on each side. "
                    "Plant half of the canaries in the training set, and hold out the "
                    "other half."
                )


def _check_side(side, box, X, y):
    X = as_table(X, f"X_{side}")
    if len(X) < _FEWEST_RECORDS:
        raise ValueError(
            f"X_{side} has {len(X)} records; an audit needs at least {_FEWEST_RECORDS} "
            "on each side."
        )
    y = y if isinstance(y, pd.Series) else np.asarray(y)
    if y.ndim != 1 or len(y) != len(X):
        raise ValueError(
            f"y_{side} must hold one label for each of the {len(X)} rows of X_{side}; "
            f"got an array of shape {y.shape}."
        )
    n_missing = int(pd.isna(y).sum())
    if n_missing:
        raise ValueError(f"y_{side} has {n_missing} missing labels of {len(y)}.")
    try:
        as_model_input(X, box)
    except ValueError as error:
        raise ValueError(f"X_{side}: {error}") from error
    return X, y


def _ask_side(side, box, records, label):
    try:
        return ask(box, records, label)
    except NotFittedError as error:
        raise ValueError(f"model must be fitted: {error}") from error
    except ValueError as error:
        raise ValueError(f"X_{side}, y_{side}: {error}") from error


def _plain_signal(response, asked):
    """Return a signal before any attack, and what it is called."""
    answers, truth = asked
    if response == "value":
        return -np.abs(answers[:, 0] - truth), "Minus the absolute residual"
    if response == "label":
        right = answers.argmax(axis=1) == truth
        return right.astype(float), "The predicted label is right"
    name = "Log-odds of the record's own label"
    if response == "decision":
        return decision_log_odds(answers, truth), name
    return label_log_odds(answers, truth, _HISTOGRAM_SMOOTHING), name


def _own_score(response, asked):
    answers, truth = asked
    if response == "value":
        return float(r2_score(truth, answers[:, 0]))
    return float(accuracy_score(truth, answers.argmax(axis=1)))
