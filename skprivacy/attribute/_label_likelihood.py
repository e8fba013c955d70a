"""How likely a model's answers make the labels of records."""

import numpy as np
from scipy.special import softmax

from skprivacy.signals import decision_probabilities

__all__ = ["log_likelihood_of_answers", "log_likelihood_of_layers"]

#: Chances of 0 and 1 are finite: as far as one record in a hundred goes.
SMOOTHING = 0.01


def log_likelihood_of_answers(answers, truth, response, scale=1.0):
    """How likely answers make the labels.

    Parameters
    ----------
    answers : ndarray of shape (..., n_records, n_columns)
        Answers.

    truth : ndarray of shape (n_records,)
        Labels: positions among the classes, -1 for one that the target does not know;
        or numbers.

    response : {"proba", "decision", "label", "value"}
        What the answers are.

    scale : float, default=1.0
        Standard deviation of a regressor's error.

    Returns
    -------
    log_likelihood : ndarray of shape (..., n_records)

    Examples
    --------
    >>> answers = np.array([[[0.99, 0.01]]])
    >>> log_likelihood_of_answers(answers, np.array([0]), "proba")
    array([[0.]])
    """
    if response == "value":
        return -0.5 * ((answers[..., 0] - truth) / scale) ** 2
    if response == "decision":
        answers = decision_probabilities(answers)
    own = answers[..., np.arange(len(truth)), np.maximum(truth, 0)]
    return np.log(np.where(truth >= 0, own, 0) + SMOOTHING)


def log_likelihood_of_layers(layers, X, truth, response, scale=1.0):
    """Log-likelihood of labels, and its gradient by the features.

    Parameters
    ----------
    layers : Layers
        The model.

    X : ndarray of shape (n_records, n_features)
        Features.

    truth : ndarray of shape (n_records,)
        Labels: positions among the classes, -1 for one that the model does not know;
        or numbers.

    response : {"proba", "value"}
        Whether outputs are scores of classes, or a value.

    scale : float, default=1.0
        Standard deviation of a regressor's error.

    Returns
    -------
    value : ndarray of shape (n_records,)
        Log-likelihood.

    gradient : ndarray of shape (n_records, n_features)

    Examples
    --------
    A line of slope 2 is 4 below the label 5 at 0.5:

    >>> from skprivacy.attribute._layers import Layers
    >>> line = Layers([np.array([[2.0]])], [np.array([0.0])])
    >>> log_likelihood_of_layers(line, np.array([[0.5]]), np.array([5.0]), "value")
    (array([-8.]), array([[8.]]))
    """
    if response == "value":
        residual = truth - layers.outputs(X)[:, 0]

        def slope(outputs):
            return (truth[:, None] - outputs) / scale**2

        return -0.5 * (residual / scale) ** 2, layers.gradient(X, slope)
    rows, told = np.arange(len(X)), truth >= 0
    own = np.where(told, softmax(layers.outputs(X), axis=1)[rows, truth], 0.0)

    def slope(outputs):
        back = -softmax(outputs, axis=1)
        back[rows, truth] += 1
        share = np.divide(own, own + SMOOTHING, out=np.zeros_like(own), where=told)
        return back * share[:, None]

    return np.log(own + SMOOTHING), layers.gradient(X, slope)
