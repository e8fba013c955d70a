"""Answers of a model as arrays: one row a record, one column a class."""

import numpy as np

from skprivacy._validation import encode_labels

__all__ = ["align_to_classes", "as_answers", "restrict_answers"]


def as_answers(raw, response, classes, n_records):
    """Bring what a model returned into the shape that all attacks read.

    Parameters
    ----------
    raw : array-like of shape (n_records,) or (n_records, n_columns)
        What the model returned.

    response : {"proba", "decision", "label", "value"}
        What it stands for.

    classes : ndarray of shape (n_classes,) or None
        The model's classes.

    n_records : int
        Records that were asked.

    Returns
    -------
    answers : ndarray of shape (n_records, n_classes) or (n_records, 1)

    Raises
    ------
    ValueError
        If an answer is missing, is not a number, or has the wrong shape.

    Examples
    --------
    >>> import numpy as np
    >>> as_answers([0.9, 0.2], "proba", np.array(["no", "yes"]), 2)
    array([[0.1, 0.9],
           [0.8, 0.2]])
    """
    try:
        raw = np.asarray(raw)
    except ValueError as error:  # rows of different lengths
        raise ValueError(
            f"the target must answer with one row a record, all of one length: {error}."
        ) from error
    if raw.ndim == 0 or len(raw) != n_records or raw.ndim > 2:
        raise ValueError(
            f"the target must answer with one row a record: asked for {n_records} "
            f"records, it returned an array of shape {raw.shape}."
        )
    if response == "label":
        return _one_hot(raw.reshape(n_records, -1)[:, 0], classes)
    try:
        raw = raw.astype(float)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"the target must answer with numbers where response={response!r}; it "
            f"returned {raw.ravel()[:3].tolist()!r}."
        ) from error
    if np.isnan(raw).any():
        n_bad = int(np.isnan(raw.reshape(n_records, -1)).any(axis=1).sum())
        raise ValueError(f"the target answered NaN for {n_bad} of {n_records} records.")
    if response == "value":
        return _single_column(raw)
    # A column of a model that knows a single class is what it says of that one.
    if raw.ndim == 1 or (raw.shape[1] == 1 and len(classes) > 1):
        second = raw.reshape(-1)
        first = 1 - second if response == "proba" else np.zeros(n_records)
        raw = np.column_stack([first, second])
    if raw.shape[1] != len(classes):
        raise ValueError(
            f"the target answered with {raw.shape[1]} columns for {len(classes)} "
            "classes."
        )
    return raw


def align_to_classes(answers, known, classes, response):
    """Lay out answers of a model that knows ``known`` by the columns of ``classes``.

    A class that the model has never seen has probability 0.

    Parameters
    ----------
    answers : ndarray of shape (n_records, len(known))
        Answers, one column for each class that the model knows.

    known : ndarray of shape (n_known,)
        Classes of the model.

    classes : ndarray of shape (n_classes,)
        Classes of the result.

    response : {"proba", "decision", "label"}
        What the answers stand for.

    Returns
    -------
    answers : ndarray of shape (n_records, n_classes)

    Raises
    ------
    ValueError
        If the model knows a class that is not in ``classes``.
    """
    columns = encode_labels(known, classes)
    if (columns < 0).any():
        extra = np.asarray(known)[columns < 0].tolist()
        raise ValueError(
            f"classes must hold every class of the model; missing: {extra}."
        )
    if len(known) == len(classes) and (columns == np.arange(len(classes))).all():
        return answers
    # Minus infinity is to a decision value what 0 is to a probability.
    empty = -np.inf if response == "decision" else 0.0
    aligned = np.full((len(answers), len(classes)), empty)
    aligned[:, columns] = answers
    return aligned


def restrict_answers(answers, response, decimals=None, top_k=None):
    """Show answers only as precisely as the target does.

    Parameters
    ----------
    answers : ndarray of shape (n_records, n_columns)
        Full answers.

    response : {"proba", "decision", "label", "value"}
        What they stand for; labels are left alone.

    decimals : int or None, default=None
        Decimals that are shown.

    top_k : int or None, default=None
        Largest probabilities that are shown; the rest of the total is spread evenly
        over the other classes.

    Returns
    -------
    answers : ndarray of shape (n_records, n_columns)

    Examples
    --------
    >>> import numpy as np
    >>> restrict_answers(np.array([[0.61, 0.29, 0.1]]), "proba", top_k=1)
    array([[0.61 , 0.195, 0.195]])
    """
    if response == "label":
        return answers
    if decimals is not None:
        answers = np.round(answers, decimals)
    n_classes = answers.shape[1]
    if top_k is None or response != "proba" or top_k >= n_classes:
        return answers
    order = np.argsort(-answers, axis=1, kind="stable")
    hidden = np.ones_like(answers, dtype=bool)
    np.put_along_axis(hidden, order[:, :top_k], False, axis=1)
    rest = np.clip(1 - np.where(hidden, 0, answers).sum(axis=1), 0, None)
    return np.where(hidden, (rest / (n_classes - top_k))[:, None], answers)


def _one_hot(labels, classes):
    codes = encode_labels(labels, classes)
    if (codes < 0).any():
        unknown = np.unique(labels[codes < 0]).tolist()
        raise ValueError(f"the target answered with labels not in classes: {unknown}.")
    return np.eye(len(classes))[codes]


def _single_column(raw):
    raw = raw.reshape(len(raw), -1)
    if raw.shape[1] != 1:
        raise ValueError(
            f"a target with response='value' must answer with one number a record; it "
            f"returned {raw.shape[1]}. Attacks on several outputs take one at a time."
        )
    return raw
