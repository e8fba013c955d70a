"""Columns of records that hold what the target answers to the true record."""

from numbers import Integral

import numpy as np
import pandas as pd

from skprivacy._validation import encode_labels
from skprivacy.targets import BlackBox

__all__ = ["AnswerColumns", "as_answers_of", "check_answer"]


class AnswerColumns:
    """Takes the answer out of records, which the target does not take.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_columns)
        The attacker's own records without the secret; label and answer are among their
        columns.

    answer : tuple of str or int
        Columns of the answer: names or positions.

    label : str, int or None
        The label's column; None where there is none.

    box : BlackBox or None
        The target, none of whose features the answer may be.

    Attributes
    ----------
    label_beside : str, int or None
        The label's column in what is left.

    Raises
    ------
    ValueError
        If a column is not there, is a feature of the target, or is the label's.
    """

    def __init__(self, X, answer, label, box=None):
        is_frame = isinstance(X, pd.DataFrame)
        self._n_columns = X.shape[1]
        self._places = [_place(X, column) for column in answer]
        label_place = _place(X, label, default=None)
        if len(set(self._places)) < len(self._places):
            raise ValueError(f"answer names a column twice: {list(answer)}.")
        if label is not None and label_place in self._places:
            raise ValueError(
                f"answer={list(answer)} holds the label's column, label={label!r}: the "
                "answer is what the target says, the label what is true of the person. "
                "Give each a column of its own, or label=None."
            )
        self._names = [X.columns[p] for p in self._places] if is_frame else None
        self._label_place = label_place
        self.label_beside = label
        if is_frame:
            taken = set(getattr(box, "feature_names_in_", ()))
            both = [name for name in self._names if name in taken]
            if both:
                raise ValueError(
                    f"answer: {both} are features of the target; name the columns "
                    "that hold its answer."
                )
            if label_place is not None:
                self.label_beside = X.columns[label_place]
        elif label_place is not None:
            before = sum(place < label_place for place in self._places)
            self.label_beside = label_place - before

    def split(self, X):
        """Part records from the answer.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_records, n_columns)
            Records; an array may come without the column of the label.

        Returns
        -------
        rest : DataFrame or ndarray
            The other columns.

        answer : DataFrame or ndarray of shape (n_records, n_answer_columns)

        Raises
        ------
        ValueError
            If a column is not there.
        """
        if self._names is not None:
            absent = [name for name in self._names if name not in X.columns]
            if absent:
                raise ValueError(_absent(absent, X))
            return X.drop(columns=self._names), X[self._names]
        places = self._places
        if self._label_place is not None and X.shape[1] == self._n_columns - 1:
            places = [p - (p > self._label_place) for p in places]
        if max(places) >= X.shape[1]:
            raise ValueError(_absent(self._places, X))
        rest, answer = np.delete(X, places, axis=1), X[:, places]
        return rest, answer


def check_answer(answer):
    """Columns of the answer as a tuple of names or positions.

    Parameters
    ----------
    answer : str, int or list
        As the attack takes it.

    Returns
    -------
    columns : tuple of str or int

    Raises
    ------
    TypeError
        If a column is neither a name nor a position.
    ValueError
        If there is none, or one twice.

    Examples
    --------
    >>> check_answer("score")
    ('score',)
    """
    columns = tuple(answer) if isinstance(answer, list | tuple) else (answer,)
    for column in columns:
        if isinstance(column, bool) or not isinstance(column, str | Integral):
            raise TypeError(
                "answer must be the name of the column with the target's answer to the "
                "true record, its position among the columns of X, or a list of them; "
                f"got {column!r}."
            )
    if not columns or len(set(columns)) < len(columns):
        raise ValueError(
            f"answer must name one column or several different ones; got {answer!r}."
        )
    return columns


def as_answers_of(box: BlackBox, answer):
    """Lay known answers out as the target's own.

    Parameters
    ----------
    box : BlackBox
        The target.

    answer : DataFrame or ndarray of shape (n_records, n_answer_columns)
        Of a classifier the number of the second of two classes, or a number for each
        class in the order of ``classes_``, or the label that it names; of a regressor
        its value.

    Returns
    -------
    known : ndarray of shape (n_records, n_columns)
        In the columns of ``box.query``; a label as a one among zeros.

    Raises
    ------
    ValueError
        If there are not as many columns as the target has classes, an answer is missing
        or infinite, is not a number, or is a label that is no class of the target.

    Examples
    --------
    >>> box = BlackBox(lambda X: X[:, 0], classes=["no", "yes"])
    >>> as_answers_of(box, np.array([[0.25], [1.0]]))
    array([[0.75, 0.25],
           [0.  , 1.  ]])
    """
    n_given, response = answer.shape[1], box.response_
    missing = np.asarray(pd.isna(answer)).any(axis=1)
    if missing.any():
        raise ValueError(
            f"answer: {int(missing.sum())} of {len(answer)} records have no answer "
            "(NaN). Leave them to an attack that does without."
        )
    n_columns = 1 if response in ("label", "value") else len(box.classes_)
    if n_given != n_columns and not (n_given == 1 and n_columns == 2):
        of_two = ", or one for the second of the two" if n_columns == 2 else ""
        wanted = {
            "label": "the one column with the label that the target names",
            "value": "the one column with the value that the target answers with",
        }.get(response, f"a column for each of its {n_columns} classes{of_two}")
        raise ValueError(
            f"answer must name {wanted}, as the target has response={response!r}; got "
            f"{n_given} columns."
        )
    if response == "label":
        return _one_hot(np.asarray(answer)[:, 0], box.classes_)
    numbers = _as_numbers(answer)
    if n_given == n_columns:
        return numbers
    first = 1 - numbers if response == "proba" else -numbers * 0
    return np.hstack([first, numbers])


def _one_hot(labels, classes):
    codes = encode_labels(labels, classes)
    if (codes < 0).any():
        unknown = list(dict.fromkeys(labels[codes < 0].tolist()))
        raise ValueError(
            f"answer: {unknown[:5]} are no classes of the target, "
            f"which has {classes.tolist()[:20]}."
        )
    return np.eye(len(classes))[codes]


def _as_numbers(answer):
    try:
        numbers = np.asarray(answer).astype(float)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "answer must be numbers, as the target's answers are; got "
            f"{np.asarray(answer)[0].tolist()}."
        ) from error
    if not np.isfinite(numbers).all():
        raise ValueError("answer must be finite; it holds infinity.")
    return numbers


_RAISE = object()


def _place(X, column, default=_RAISE):
    """Position of a column among those of X."""
    if isinstance(X, pd.DataFrame) and column in X.columns:
        return X.columns.get_loc(column)
    if isinstance(column, Integral) and -X.shape[1] <= column < X.shape[1]:
        return int(column) % X.shape[1]
    if default is not _RAISE:
        return default
    raise ValueError(_absent([column], X))


def _absent(columns, X):
    there = (
        list(X.columns)
        if isinstance(X, pd.DataFrame)
        else f"{X.shape[1]} feature(s) (an array has positions alone)"
    )
    return (
        f"answer: {columns} are no columns of X, which has {there}. X must hold the "
        "target's answer to the true record, of the attacker's own records too."
    )
