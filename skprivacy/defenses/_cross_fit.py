"""Answers to members and to others, of models without a part of the records each."""

import warnings

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedKFold
from sklearn.utils import _safe_indexing, column_or_1d

from skprivacy._validation import encode_labels
from skprivacy.records import take_rows

__all__ = ["member_and_other_answers"]


def member_and_other_answers(recipe, X, y, classes, cv, random_state, fit_params=None):
    """Train the recipe without each part, and ask about it and about as many members.

    Parameters
    ----------
    recipe : estimator
        A classifier with ``predict_proba``.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Features.

    y : array-like of shape (n_records,)
        Labels.

    classes : ndarray of shape (n_classes,)
        Columns of the answers.

    cv : int
        Parts, in each of which are as many of each class as can be.

    random_state : RandomState
        How the parts are drawn, and which members are asked about.

    fit_params : dict or None, default=None
        For ``fit``; what has one item for each record is divided like the records.

    Returns
    -------
    proba : ndarray of shape (n_answers, n_classes)
        Answers.

    is_member : ndarray of bool of shape (n_answers,)
        Whether the model that gave an answer was trained on the record. About half.

    Raises
    ------
    ValueError
        If a class has a single record, or the recipe can't be trained.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = np.arange(8.0)[:, None], np.array([0, 1] * 4)
    >>> proba, is_member = member_and_other_answers(
    ...     DecisionTreeClassifier(), X, y, [0, 1], 4, np.random.RandomState(0)
    ... )
    >>> proba.shape, int(is_member.sum()), proba[is_member].max(axis=1).min()
    ((16, 2), 8, np.float64(1.0))
    """
    if isinstance(recipe, FrozenEstimator):
        raise ValueError(
            "method='memguard' trains the estimator anew, to learn how it answers "
            "records that it does not know; a FrozenEstimator can't be. Give the "
            "estimator that is inside."
        )
    y = column_or_1d(y)
    codes = encode_labels(y, classes)
    counts = np.bincount(codes, minlength=len(classes))
    if counts.min() < 2:
        alone = classes[counts.argmin()]
        raise ValueError(
            "method='memguard' needs 2 records of each class, one to train on and one "
            f"to ask about; class {alone!r} has {counts.min()}."
        )
    cv = min(cv, int(counts.max()))
    parts = StratifiedKFold(cv, shuffle=True, random_state=random_state)
    answers, is_member = [], []
    with warnings.catch_warnings():
        # A class may have fewer records than there are parts.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        splits = list(parts.split(np.zeros(len(y)), codes))
    for inside, outside in splits:
        params = {
            name: _part_of(value, inside, len(y))
            for name, value in (fit_params or {}).items()
        }
        model = clone(recipe).fit(take_rows(X, inside), y[inside], **params)
        members = random_state.permutation(inside)[: len(outside)]
        asked = np.concatenate([members, outside])
        proba = np.zeros((len(asked), len(classes)))
        columns = encode_labels(model.classes_, classes)
        proba[:, columns] = model.predict_proba(take_rows(X, asked))
        answers.append(proba)
        is_member.append(np.arange(len(asked)) < len(members))
    return np.concatenate(answers), np.concatenate(is_member)


def _part_of(value, rows, n_records):
    is_column = np.ndim(value) > 0 and len(value) == n_records
    return _safe_indexing(value, rows) if is_column else value
