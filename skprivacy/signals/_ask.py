"""From records to a target's answers."""

from typing import NamedTuple

import numpy as np

from skprivacy._validation import encode_labels
from skprivacy.records import as_model_input, split_records
from skprivacy.targets import BlackBox

__all__ = ["Asked", "ask", "truth_of"]


class Asked(NamedTuple):
    """Answers to records, beside what the records say themselves.

    Parameters
    ----------
    answers : ndarray of shape (n_records, n_columns)
        The target's answers.

    truth : ndarray of shape (n_records,)
        Position of the label among the target's classes, or the true value.
    """

    answers: np.ndarray
    truth: np.ndarray


def ask(box: BlackBox, records, label=-1) -> Asked:
    """Ask a target about records.

    Parameters
    ----------
    box : BlackBox
        The target.

    records : DataFrame or ndarray of shape (n_records, n_features + 1)
        Records.

    label : str or int, default=-1
        The label's column.

    Returns
    -------
    asked : Asked
        Answers and truth.

    Raises
    ------
    ValueError
        If the features are not the target's, or it knows none of the labels.
    TypeError
        If ``box`` is no BlackBox.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.targets import BlackBox
    >>> box = BlackBox(lambda X: X.sum(axis=1))
    >>> ask(box, np.array([[1.0, 2.0, 5.0]])).answers
    array([[3.]])
    """
    _check_box(box)
    X, y = split_records(records, label)
    # Before the query, so that a label of the wrong kind spends no budget.
    truth = truth_of(y, box)
    return Asked(box.query(as_model_input(X, box)), truth)


def truth_of(y: np.ndarray, box: BlackBox) -> np.ndarray:
    """Labels as attacks read them: positions among the classes, or numbers.

    Parameters
    ----------
    y : ndarray of shape (n_records,)
        Labels.

    box : BlackBox
        The target.

    Returns
    -------
    truth : ndarray of shape (n_records,)

    Raises
    ------
    ValueError
        If the target knows none of the labels, or a value is missing or not a number.
    TypeError
        If ``box`` is no BlackBox.
    """
    _check_box(box)
    if box.response_ != "value":
        codes = encode_labels(y, box.classes_)
        if len(codes) and (codes < 0).all():
            raise ValueError(
                "label: none of the records' labels is a class of the target; the "
                f"labels are {_first(y)}, the classes {_first(box.classes_)}."
            )
        return codes
    values = np.asarray(y)
    if values.ndim != 1:
        raise ValueError(f"label: a column was expected; got shape {values.shape}.")
    try:
        if values.dtype.kind == "c":
            raise TypeError("complex numbers have no order")
        values = values.astype(float)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "label: the target answers with values, so the labels must be numbers; "
            f"got {_first(y)}."
        ) from error
    if np.isnan(values).any():
        raise ValueError(
            f"label: {int(np.isnan(values).sum())} of {len(values)} records have no "
            "label (NaN)."
        )
    return values


def _check_box(box):
    if not isinstance(box, BlackBox):
        raise TypeError(f"box must be a BlackBox, as BlackBox(model); got {box!r}.")


def _first(labels, n=5):
    shown = list(dict.fromkeys(np.asarray(labels).tolist()))
    return str(shown[:n]) if len(shown) <= n else f"{shown[:n]} and others"
