"""Gradients of softmax regression and of networks, in numpy."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from sklearn.utils import check_array, check_consistent_length, check_random_state

__all__ = ["DenseNetwork", "chances"]


@dataclass(frozen=True)
class DenseNetwork:
    """Dense layers with ReLU between them and softmax at the end.

    With no hidden layer it is softmax regression; with one output, logistic.
    Parameters and gradients are one vector, as clients send them: all weight matrices,
    row by row (a row an input), then all biases.

    Parameters
    ----------
    sizes : tuple of int
        Features, units of each hidden layer, and outputs: one a class, or a single one
        for two classes.

    Examples
    --------
    >>> from skprivacy.federated.attacks import DenseNetwork
    >>> network = DenseNetwork((3, 2))
    >>> network.n_values
    8
    >>> gradient = network.gradient(network.initial(0), [[1.0, 0.0, 2.0]], [1])
    >>> weights, biases = network.layers(gradient)[0]
    >>> weights[:, 0] / biases[0]
    array([1., 0., 2.])
    """

    sizes: tuple

    def __post_init__(self):
        sizes = tuple(self.sizes)
        if len(sizes) < 2 or any(
            not isinstance(size, Integral) or isinstance(size, bool) for size in sizes
        ):
            raise TypeError(
                f"sizes must be two whole numbers at least; got {self.sizes!r}."
            )
        if min(sizes) < 1:
            raise ValueError(f"sizes must be above 0; got {sizes}.")
        object.__setattr__(self, "sizes", sizes)

    @property
    def n_values(self) -> int:
        """Values of a vector of parameters."""
        return sum((n + 1) * m for n, m in self._shapes)

    @property
    def _shapes(self):
        return list(zip(self.sizes[:-1], self.sizes[1:], strict=True))

    def layers(self, vector):
        """Return weights and biases of each layer, as views of the vector.

        Parameters
        ----------
        vector : array-like of shape (n_values,)
            Parameters, a gradient or an update.

        Returns
        -------
        layers : list of (ndarray of shape (n_inputs, n_units), ndarray of (n_units,))

        Raises
        ------
        ValueError
            If the vector has another length.
        """
        vector = np.asarray(vector, dtype=float)
        if vector.shape != (self.n_values,):
            raise ValueError(
                f"a network of sizes {self.sizes} has {self.n_values} values; got an "
                f"array of shape {vector.shape}."
            )
        weights, biases, start = [], [], 0
        for n, m in self._shapes:
            weights.append(vector[start : start + n * m].reshape(n, m))
            start += n * m
        for _, m in self._shapes:
            biases.append(vector[start : start + m])
            start += m
        return list(zip(weights, biases, strict=True))

    def pack(self, layers):
        """Return the vector of weights and biases of each layer."""
        return np.concatenate(
            [np.ravel(w) for w, _ in layers] + [np.ravel(b) for _, b in layers]
        )

    def initial(self, random_state=None):
        """Draw parameters: uniform up to ``sqrt(6 / (n_inputs + n_units))``.

        Parameters
        ----------
        random_state : int, RandomState or None, default=None
            What draws them.

        Returns
        -------
        parameters : ndarray of shape (n_values,)
        """
        draw = check_random_state(random_state)
        layers = []
        for n, m in self._shapes:
            bound = np.sqrt(6 / (n + m))
            weights = draw.uniform(-bound, bound, (n, m))
            layers.append((weights, draw.uniform(-bound, bound, m)))
        return self.pack(layers)

    def losses(self, parameters, X, y):
        """Return the log loss of each record.

        Parameters
        ----------
        parameters : array-like of shape (n_values,)
            The model.

        X : array-like of shape (n_records, n_features)
            Records.

        y : array-like of shape (n_records,)
            Class of each, a whole number from 0.

        Returns
        -------
        losses : ndarray of shape (n_records,)
        """
        X, y = self._checked(X, y)
        scores = self._forward(self.layers(parameters), X)[-1]
        return -_log_chances(scores)[np.arange(len(y)), y]

    def gradient(self, parameters, X, y):
        """Return the gradient of the mean loss.

        Parameters
        ----------
        parameters, X, y
            As in :meth:`losses`.

        Returns
        -------
        gradient : ndarray of shape (n_values,)
        """
        inputs, errors = self._backward(parameters, X, y)
        return self.pack(
            [
                (values.T @ error / len(error), error.mean(axis=0))
                for values, error in zip(inputs, errors, strict=True)
            ]
        )

    def record_gradients(self, parameters, X, y):
        """Return the gradient of each record's loss.

        Parameters
        ----------
        parameters, X, y
            As in :meth:`losses`.

        Returns
        -------
        gradients : ndarray of shape (n_records, n_values)
        """
        inputs, errors = self._backward(parameters, X, y)
        weights = [
            (values[:, :, None] * error[:, None, :]).reshape(len(error), -1)
            for values, error in zip(inputs, errors, strict=True)
        ]
        return np.concatenate(weights + errors, axis=1)

    def _checked(self, X, y):
        X = check_array(X, dtype=float)
        check_consistent_length(X, y)
        if X.shape[1] != self.sizes[0]:
            raise ValueError(
                f"X must have the {self.sizes[0]} features of the network; got "
                f"{X.shape[1]}."
            )
        y, last = np.asarray(y), max(self.sizes[-1], 2) - 1
        if not np.isin(y, np.arange(last + 1)).all():
            raise ValueError(
                f"y must be classes from 0 to {last}; got {np.unique(y)[:5]}."
            )
        return X, y.astype(int)

    def _forward(self, layers, X):
        """Return the inputs of each layer, and the scores."""
        values = [X]
        for number, (weights, biases) in enumerate(layers, 1):
            out = values[-1] @ weights + biases
            values.append(np.maximum(out, 0) if number < len(layers) else out)
        return values

    def _backward(self, parameters, X, y):
        """Return inputs of each layer, and derivatives of the loss by its outputs."""
        X, y = self._checked(X, y)
        layers = self.layers(parameters)
        *inputs, scores = self._forward(layers, X)
        error = chances(scores)
        error[np.arange(len(y)), y] -= 1
        # Of a single output, the first class has none.
        errors = [error[:, -self.sizes[-1] :]]
        for (weights, _), values in zip(layers[:0:-1], inputs[:0:-1], strict=True):
            errors.append((errors[-1] @ weights.T) * (values > 0))
        return inputs, errors[::-1]


def chances(scores):
    """Return the chances of classes, of two where there is one score.

    Parameters
    ----------
    scores : ndarray of shape (n_records, n_outputs)
        What the last layer puts out.

    Returns
    -------
    chances : ndarray of shape (n_records, n_classes)
    """
    return np.exp(_log_chances(scores))


def _log_chances(scores):
    """Logarithms of the chances of classes; of two where there is one score."""
    if scores.shape[1] == 1:
        scores = np.hstack([np.zeros_like(scores), scores])
    scores = scores - scores.max(axis=1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
