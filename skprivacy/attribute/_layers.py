"""Models that can be differentiated, read as layers of sums."""

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.frozen import FrozenEstimator
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)

from skprivacy.signals import decision_probabilities

__all__ = ["Layers", "layers_that_answer", "read_layers"]

#: Answers that differ by more than this are not those of the model.
SAME_ANSWER = 1e-6


class Layers:
    """Sums of features, through an activation, again and again: a network.

    A linear model is a network of one layer.

    Parameters
    ----------
    weights : list of ndarray of shape (n_in, n_out)
        Weights of each layer.

    intercepts : list of ndarray of shape (n_out,)
        Intercepts of each layer.

    activation : {"identity", "logistic", "tanh", "relu"}, default="identity"
        What the hidden layers go through.

    Examples
    --------
    >>> line = Layers([np.array([[2.0], [1.0]])], [np.array([3.0])])
    >>> line.outputs(np.array([[1.0, 10.0]]))
    array([[15.]])
    >>> line.gradient(np.array([[1.0, 10.0]]), lambda out: np.ones_like(out))
    array([[2., 1.]])
    """

    def __init__(self, weights, intercepts, activation="identity"):
        self.weights = weights
        self.intercepts = intercepts
        self.activation = activation

    def outputs(self, X):
        """Return what the last layer says.

        Parameters
        ----------
        X : ndarray of shape (n_records, n_features)
            Features.

        Returns
        -------
        outputs : ndarray of shape (n_records, n_outputs)
            Values, or scores of classes of which the softmax is the probabilities.
        """
        return self._forward(X)[-1]

    def gradient(self, X, slope):
        """Gradient of a function of the outputs by the features.

        Parameters
        ----------
        X : ndarray of shape (n_records, n_features)
            Features.

        slope : callable
            Derivative of the function by each output, at outputs.

        Returns
        -------
        gradient : ndarray of shape (n_records, n_features)
        """
        passed = self._forward(X)
        back = slope(passed[-1])
        for i in range(len(self.weights) - 1, 0, -1):
            back = (back @ self.weights[i].T) * _SLOPES[self.activation](passed[i])
        return back @ self.weights[0].T

    def scaled(self, factor, shift):
        """Take features that are multiplied and shifted before they come in."""
        first = self.weights[0]
        weights = [first * factor[:, None], *self.weights[1:]]
        intercepts = [self.intercepts[0] + shift @ first, *self.intercepts[1:]]
        return Layers(weights, intercepts, self.activation)

    def _forward(self, X):
        passed = [X]
        last = len(self.weights) - 1
        for i, (w, b) in enumerate(zip(self.weights, self.intercepts, strict=True)):
            out = passed[-1] @ w + b
            passed.append(out if i == last else _ACTIVATIONS[self.activation](out))
        return passed


def read_layers(model):
    """Read a model as layers, if it is one of those that can be.

    Parameters
    ----------
    model : fitted estimator
        A linear model or a multi-layer perceptron; also at the end of a pipeline of
        scalers.

    Returns
    -------
    layers : Layers or None
        None for any other model. Two classes have two scores, the first always 0.
        Whether the answers are the same is not looked at.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> line = LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0])
    >>> read_layers(line).outputs(np.array([[2.0]])).round(6)
    array([[5.]])
    """
    if isinstance(model, FrozenEstimator):
        return read_layers(model.estimator)
    if isinstance(model, Pipeline):
        return _read_pipeline(model)
    if isinstance(model, MLPClassifier | MLPRegressor):
        layers = Layers(list(model.coefs_), list(model.intercepts_), model.activation)
        # Two classes share one score in both kinds of model.
        two_classes = isinstance(model, MLPClassifier) and len(model.classes_) == 2
        return _with_first_class(layers) if two_classes else layers
    if hasattr(model, "coef_") and hasattr(model, "intercept_"):
        return _read_linear(model)
    return None


def layers_that_answer(model, box, X):
    """Read a model as layers, if they answer as it does.

    Parameters
    ----------
    model : fitted estimator
        As :func:`read_layers` takes it.

    box : BlackBox
        The same model.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Records, as the model takes them, on which the answers are compared.

    Returns
    -------
    layers : Layers or None
        None for a model that cannot be read, or has a link function or a calibration
        of its own behind its sums.
    """
    layers = read_layers(model)
    if layers is None or box.response_ not in ("proba", "value"):
        return None
    answers, read = box.query(X), layers.outputs(np.asarray(X, dtype=float))
    if box.response_ == "proba":
        read = decision_probabilities(read)
    if read.shape != answers.shape or np.abs(read - answers).max() > SAME_ANSWER:
        return None
    return layers


def _read_pipeline(model):
    steps = [step for _, step in model.steps if step not in (None, "passthrough")]
    if not steps:
        return None
    layers = read_layers(steps[-1])
    for step in reversed(steps[:-1]):
        affine = _affine(step)
        if layers is None or affine is None:
            return None
        layers = layers.scaled(*affine)
    return layers


def _affine(scaler):
    """Factor and shift of a scaler; None for what is no scaler."""
    if isinstance(scaler, FrozenEstimator):
        return _affine(scaler.estimator)
    known = (StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler)
    if not isinstance(scaler, known) or getattr(scaler, "clip", False):
        return None
    ends = np.repeat([[0.0], [1.0]], scaler.n_features_in_, axis=1)
    if hasattr(scaler, "feature_names_in_"):
        ends = pd.DataFrame(ends, columns=scaler.feature_names_in_)
    shift, one = np.asarray(scaler.transform(ends))
    return one - shift, shift


def _read_linear(model):
    try:
        coef = np.atleast_2d(np.asarray(model.coef_, dtype=float))
        intercept = np.broadcast_to(model.intercept_, len(coef)).astype(float)
    except (TypeError, ValueError):
        return None
    if coef.ndim != 2 or coef.shape[1] != getattr(model, "n_features_in_", None):
        return None
    layers = Layers([coef.T], [intercept])
    classes = getattr(model, "classes_", None)
    if classes is None or len(classes) == len(coef):
        return layers
    return _with_first_class(layers)


def _with_first_class(layers):
    last, b = layers.weights[-1], layers.intercepts[-1]
    return Layers(
        [*layers.weights[:-1], np.hstack([np.zeros_like(last), last])],
        [*layers.intercepts[:-1], np.hstack([np.zeros_like(b), b])],
        layers.activation,
    )


_ACTIVATIONS = {
    "identity": lambda x: x,
    "logistic": expit,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
}
#: Derivatives, from what comes out.
_SLOPES = {
    "identity": np.ones_like,
    "logistic": lambda a: a * (1 - a),
    "tanh": lambda a: 1 - a**2,
    "relu": lambda a: (a > 0).astype(float),
}
