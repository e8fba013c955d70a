"""Answers whose largest probabilities alone are told."""

import numpy as np

__all__ = ["keep_largest"]


def keep_largest(proba, top_k):
    """Spread what the smaller probabilities hold evenly over them.

    Parameters
    ----------
    proba : ndarray of shape (n_records, n_classes)
        Probabilities.

    top_k : int
        How many are kept.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)

    Examples
    --------
    >>> keep_largest(np.array([[0.61, 0.29, 0.1]]), 1)
    array([[0.61 , 0.195, 0.195]])
    """
    rank = np.argsort(np.argsort(-proba, axis=1, kind="stable"), axis=1)
    hidden = rank >= top_k
    n_hidden = hidden.sum(axis=1, keepdims=True)
    rest = np.where(hidden, proba, 0).sum(axis=1, keepdims=True)
    return np.where(hidden, rest / np.maximum(n_hidden, 1), proba)
