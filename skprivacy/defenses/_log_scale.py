"""Answers changed on the scale of their logarithms: a temperature, or noise."""

import numpy as np
from scipy.special import softmax

__all__ = ["add_to_logs", "soften"]

#: Probabilities of 0 have the logarithm of this.
LEAST = np.finfo(float).tiny


def soften(proba, temperature):
    """Divide log-probabilities by a temperature.

    Parameters
    ----------
    proba : ndarray of shape (n_records, n_classes)
        Probabilities.

    temperature : float
        Above 1 they get more alike.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)

    Examples
    --------
    >>> soften(np.array([[0.1, 0.9]]), 2).round(2)
    array([[0.25, 0.75]])
    """
    return softmax(np.log(np.maximum(proba, LEAST)) / temperature, axis=1)


def add_to_logs(proba, noise):
    """Add numbers to log-probabilities.

    Parameters
    ----------
    proba : ndarray of shape (n_records, n_classes)
        Probabilities.

    noise : ndarray of shape (n_records, n_classes)
        What is added.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)

    Examples
    --------
    >>> add_to_logs(np.array([[0.5, 0.5]]), np.log([[1.0, 3.0]])).round(2)
    array([[0.25, 0.75]])
    """
    return softmax(np.log(np.maximum(proba, LEAST)) + noise, axis=1)
