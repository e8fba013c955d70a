"""The scores of random inputs in the place of an answer's own."""

import numpy as np
import pandas as pd

from skprivacy.records import take_rows

__all__ = ["descending_scores", "random_records", "replace_scores"]

#: By how much the first score is larger than the second, at least.
LEAST_LEAD = 1e-6


def random_records(X, n_records, random_state):
    """Draw records each of whose columns is drawn by itself.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_rows, n_features)
        Where values come from.

    n_records : int
        Records to draw.

    random_state : RandomState
        Which.

    Returns
    -------
    records : DataFrame or ndarray of shape (n_records, n_features)
        With the columns and types of ``X``.

    Examples
    --------
    >>> random = np.random.RandomState(1)
    >>> random_records(np.array([[1, 10], [2, 20], [3, 30]]), 2, random)
    array([[ 2, 10],
           [ 1, 20]])
    """
    rows = random_state.randint(len(X), size=(n_records, X.shape[1]))
    if not isinstance(X, pd.DataFrame):
        return X[rows, np.arange(X.shape[1])]
    records = take_rows(X, rows[:, 0]).reset_index(drop=True)
    for j, name in enumerate(X.columns):
        # Assigned as a whole, a column keeps its type and categories.
        records[name] = X.iloc[rows[:, j], j].reset_index(drop=True)
    return records


def descending_scores(proba):
    """Order the probabilities of each answer, the first being ahead.

    Parameters
    ----------
    proba : ndarray of shape (n_records, n_classes)
        Probabilities.

    Returns
    -------
    scores : ndarray of shape (n_records, n_classes)
        From the largest on. Where two are the largest, one gets a hair of the other,
        so that the answer still has a label.

    Examples
    --------
    >>> descending_scores(np.array([[0.1, 0.9], [0.5, 0.5]])).round(3)
    array([[0.9, 0.1],
           [0.5, 0.5]])
    """
    scores = -np.sort(-proba, axis=1)
    if scores.shape[1] > 1:
        close = scores[:, 0] - scores[:, 1] < LEAST_LEAD
        scores[close, 0] += LEAST_LEAD / 2
        scores[close, 1] -= LEAST_LEAD / 2
    return scores


def replace_scores(proba, scores):
    """Give the scores of others to the classes, in the order that they have.

    Parameters
    ----------
    proba : ndarray of shape (n_records, n_classes)
        Probabilities, of which the order is kept.

    scores : ndarray of shape (n_records, n_classes)
        Of other records, from the largest on.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)

    References
    ----------
    Z. Chen, K. Pattabiraman. "Overconfidence is a dangerous thing: mitigating
    membership inference attacks by enforcing less confident prediction". NDSS 2024: the
    part at test time.

    Examples
    --------
    >>> replace_scores(np.array([[0.05, 0.9, 0.05]]), np.array([[0.5, 0.3, 0.2]]))
    array([[0.3, 0.5, 0.2]])
    """
    order = np.argsort(-proba, axis=1, kind="stable")
    told = np.empty_like(scores)
    np.put_along_axis(told, order, scores, axis=1)
    return told
