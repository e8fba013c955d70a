"""Answers bent by a reversed sigmoid, against copying."""

import numpy as np
from scipy.special import expit, logit

__all__ = ["largest_beta", "reverse_sigmoid"]

#: Probabilities nearer to 0 or 1 than this have the log-odds of this.
LEAST = 1e-9


def reverse_sigmoid(proba, beta, gamma):
    """Subtract from each probability a sigmoid of its log-odds.

    Parameters
    ----------
    proba : ndarray of shape (n_records, n_classes)
        Probabilities.

    beta : float
        How much is subtracted.

    gamma : float
        How steeply it grows with the log-odds.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)
        ``p - beta * (sigmoid(gamma * logit(p)) - 1/2)``, at least 0, and divided by
        their sum. Of the certain more is taken than of the nearly certain, so that one
        answer stands for several.

    References
    ----------
    T. Lee, B. Edwards, I. Molloy, D. Su. "Defending against neural network model
    stealing attacks using deceptive perturbations". IEEE Security and Privacy
    Workshops, 2019.

    Examples
    --------
    >>> proba = np.array([[0.6, 0.4], [0.9, 0.1], [1.0, 0.0]])
    >>> reverse_sigmoid(proba, beta=0.9, gamma=0.1).round(2)
    array([[0.59, 0.41],
           [0.85, 0.15],
           [0.65, 0.35]])
    """
    bent = expit(gamma * logit(np.clip(proba, LEAST, 1 - LEAST)))
    told = np.clip(proba - beta * (bent - 0.5), 0, 1)
    return told / told.sum(axis=1, keepdims=True)


def largest_beta(gamma, n_classes) -> float:
    """Bound of `beta`, under which the largest probability stays the largest.

    Parameters
    ----------
    gamma : float
        Above 0.

    n_classes : int
        At least 2.

    Returns
    -------
    beta : float

    Notes
    -----
    With ``s(p) = sigmoid(gamma * logit(p))``, what is told is ``f(p) = p - beta *
    (s(p) - 1/2)``. For ``gamma >= 1``, ``s`` is the steepest at 1/2, with a slope of
    gamma: ``f`` grows everywhere where ``beta * gamma < 1``, and keeps the whole
    order.

    For ``gamma < 1``, ``s`` is concave below 1/2, so that no smaller probability is
    told as more than the larger of ``f(0) = beta / 2`` and ``f`` of the largest, if
    this is below 1/2. So ``beta < p / s(p)`` is enough, which grows with ``p``, and the
    largest of `n_classes` is at least ``1 / n_classes``. Above 1/2, ``s(p) <= p``, and
    ``beta < 1`` is enough. The smaller ones may change places.

    Examples
    --------
    >>> largest_beta(0.1, 2), largest_beta(2.0, 10)
    (1.0, 0.5)
    >>> round(largest_beta(0.1, 10), 3)
    0.225
    """
    if gamma >= 1:
        return 1.0 / gamma
    least = 1.0 / n_classes
    return float(least / expit(gamma * logit(least)))
