"""A small network of rectified linear units: forward, backward and its steps."""

from itertools import pairwise

import numpy as np
from scipy.special import softmax

__all__ = ["ReluNetwork", "cross_entropy_slope", "make_stepper", "network_scores"]

#: Adam's means over gradients and over their squares, and what keeps it from 0.
DECAY, SQUARE_DECAY, LEAST = 0.9, 0.999, 1e-8
#: Share of the last step that is taken again by gradient descent.
MOMENTUM = 0.9


def network_scores(coefs, intercepts, X) -> np.ndarray:
    """Score the classes.

    Parameters
    ----------
    coefs : list of ndarray of shape (n_in, n_out)
        Weights of each layer.

    intercepts : list of ndarray of shape (n_out,)
        Constants of each layer.

    X : ndarray of shape (n_records, n_features)
        Records.

    Returns
    -------
    scores : ndarray of shape (n_records, n_classes)
        Logarithms of probabilities, but for a constant of each record.

    Examples
    --------
    >>> coefs = [np.array([[1.0, -1.0]]), np.array([[2.0], [3.0]])]
    >>> intercepts = [np.zeros(2), np.ones(1)]
    >>> network_scores(coefs, intercepts, np.array([[1.0], [-1.0]]))
    array([[3.],
           [4.]])
    """
    for weights, constants in zip(coefs[:-1], intercepts[:-1], strict=True):
        X = X @ weights
        X += constants
        np.maximum(X, 0, out=X)
    return X @ coefs[-1] + intercepts[-1]


def cross_entropy_slope(scores, targets) -> np.ndarray:
    """Differentiate the cross-entropy of each record in its scores.

    Parameters
    ----------
    scores : ndarray of shape (n_records, n_classes)
        Scores.

    targets : ndarray of shape (n_records, n_classes)
        Probabilities that are aimed at.

    Returns
    -------
    slope : ndarray of shape (n_records, n_classes)

    Examples
    --------
    >>> cross_entropy_slope(np.zeros((1, 2)), np.array([[1.0, 0.0]]))
    array([[-0.5,  0.5]])
    """
    slope = softmax(scores, axis=1)
    slope -= targets
    return slope


class ReluNetwork:
    """Weights of a network, all in one row of numbers so that steps are cheap.

    Parameters
    ----------
    sizes : sequence of int
        Columns, units of each hidden layer, classes.

    random : RandomState
        Draws the first weights, evenly from both sides of 0 up to
        ``sqrt(6 / (n_in + n_out))``; constants start at 0.

    Attributes
    ----------
    values : ndarray
        Weights of all layers, then the constants of all layers.

    n_weights : int
        How many of them are weights.

    coefs, intercepts : list of ndarray
        The same numbers, by layer.
    """

    def __init__(self, sizes, random):
        self.layers = list(pairwise(sizes))
        self.n_weights = sum(n_in * n_out for n_in, n_out in self.layers)
        self.values = np.zeros(self.n_weights + sum(n for _, n in self.layers))
        self.coefs, self.intercepts = self._by_layer(self.values)
        for weights in self.coefs:
            reach = np.sqrt(6.0 / sum(weights.shape))
            weights[:] = random.uniform(-reach, reach, weights.shape)

    @classmethod
    def of(cls, coefs, intercepts):
        """Make a network of given weights and constants.

        Parameters
        ----------
        coefs, intercepts : list of ndarray
            Of each layer.

        Returns
        -------
        network : ReluNetwork
        """
        network = cls.__new__(cls)
        network.layers = [weights.shape for weights in coefs]
        network.n_weights = sum(weights.size for weights in coefs)
        network.values = np.concatenate(
            [part.ravel() for part in [*coefs, *intercepts]]
        )
        network.coefs, network.intercepts = network._by_layer(network.values)
        return network

    def _by_layer(self, values):
        coefs, intercepts, at, end = [], [], 0, self.n_weights
        for n_in, n_out in self.layers:
            coefs.append(values[at : at + n_in * n_out].reshape(n_in, n_out))
            intercepts.append(values[end : end + n_out])
            at, end = at + n_in * n_out, end + n_out
        return coefs, intercepts

    def forward(self, X):
        """Give what each layer passes on, the records first and the scores last.

        Parameters
        ----------
        X : ndarray of shape (n_records, n_features)
            Records.

        Returns
        -------
        passed : list of ndarray
        """
        passed = [X]
        last = len(self.coefs) - 1
        for at, (weights, constants) in enumerate(
            zip(self.coefs, self.intercepts, strict=True)
        ):
            X = X @ weights
            X += constants
            if at < last:
                np.maximum(X, 0, out=X)
            passed.append(X)
        return passed

    def scores(self, X):
        """Score the classes.

        Parameters
        ----------
        X : ndarray of shape (n_records, n_features)
            Records.

        Returns
        -------
        scores : ndarray of shape (n_records, n_classes)
        """
        return network_scores(self.coefs, self.intercepts, X)

    def gradient(self, passed, slope, out=None) -> np.ndarray:
        """Differentiate a sum over records in all weights and constants.

        Parameters
        ----------
        passed : list of ndarray
            Of :meth:`forward`.

        slope : ndarray of shape (n_records, n_classes)
            Derivative of each summand in the scores.

        out : ndarray or None, default=None
            Where to write it.

        Returns
        -------
        gradient : ndarray
            As long as ``values``.
        """
        out = np.empty_like(self.values) if out is None else out
        coefs, intercepts = self._by_layer(out)
        for at in reversed(range(len(coefs))):
            np.dot(passed[at].T, slope, out=coefs[at])
            slope.sum(axis=0, out=intercepts[at])
            if at:
                slope = slope @ self.coefs[at].T
                slope *= passed[at] > 0
        return out

    def input_slope(self, passed, slope) -> np.ndarray:
        """Differentiate each summand in the columns of its record.

        Parameters
        ----------
        passed : list of ndarray
            Of :meth:`forward`.

        slope : ndarray of shape (n_records, n_classes)
            Derivative of each summand in the scores.

        Returns
        -------
        slope : ndarray of shape (n_records, n_features)
        """
        for at in reversed(range(len(self.coefs))):
            slope = slope @ self.coefs[at].T
            if at:
                slope *= passed[at] > 0
        return slope


def make_stepper(solver, values, learning_rate):
    """Return a function that moves ``values``, in place, against a gradient.

    Parameters
    ----------
    solver : {"adam", "sgd"}
        Adam, or gradient descent with a momentum of 0.9.

    values : ndarray
        What is moved.

    learning_rate : float
        Length of a step: of Adam in each number, of descent by the gradient's.

    Returns
    -------
    step : callable
        ``step(gradient)``.

    References
    ----------
    D. P. Kingma, J. Ba. "Adam: a method for stochastic optimization". ICLR 2015.

    Examples
    --------
    >>> values = np.array([1.0, 1.0])
    >>> step = make_stepper("adam", values, 0.1)
    >>> step(np.array([3.0, -4.0]))
    >>> values.round(6)
    array([0.9, 1.1])
    """
    mean = np.zeros_like(values)
    if solver == "sgd":

        def descend(gradient):
            np.multiply(mean, MOMENTUM, out=mean)
            np.subtract(mean, learning_rate * gradient, out=mean)
            np.add(values, mean, out=values)

        return descend

    square, move, steps = np.zeros_like(values), np.empty_like(values), [0]

    def adam(gradient):
        steps[0] += 1
        np.multiply(mean, DECAY, out=mean)
        np.multiply(gradient, 1 - DECAY, out=move)
        np.add(mean, move, out=mean)
        np.multiply(square, SQUARE_DECAY, out=square)
        np.multiply(gradient, gradient, out=move)
        np.multiply(move, 1 - SQUARE_DECAY, out=move)
        np.add(square, move, out=square)
        # Both means start at 0, and are as much too small.
        size = np.sqrt(1 - SQUARE_DECAY ** steps[0])
        np.sqrt(square, out=move)
        np.add(move, LEAST * size, out=move)
        np.divide(mean, move, out=move)
        np.multiply(move, learning_rate * size / (1 - DECAY ** steps[0]), out=move)
        np.subtract(values, move, out=values)

    return adam
