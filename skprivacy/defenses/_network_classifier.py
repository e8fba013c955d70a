"""What classifiers that train a network share: their loop, checks and answers."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    validate_data,
)

from skprivacy.defenses._relu_network import (
    ReluNetwork,
    cross_entropy_slope,
    make_stepper,
    network_scores,
)
from skprivacy.dp._class_answers import ClassAnswersMixin

__all__ = ["BaseNetworkClassifier", "Objective", "hold_out", "train_network"]


class Objective:
    """What a batch is trained on: here the cross-entropy of the records as they are.

    A subclass changes what it needs to.
    """

    def prepare(self, network, X, targets, weight, random):
        """Change a batch before the network sees it.

        Parameters
        ----------
        network : ReluNetwork
            The network as it is.

        X : ndarray of shape (n_batch, n_features)
            Records.

        targets : ndarray of shape (n_batch, n_classes)
            Probabilities that are aimed at.

        weight : ndarray of shape (n_batch,)
            Weights, with a mean of 1 over all records.

        random : RandomState
            Where random numbers come from.

        Returns
        -------
        X, targets, weight : ndarray
        """
        return X, targets, weight

    def slope(self, scores, targets, weight, epoch):
        """Differentiate each record's loss, before its weight, in its scores.

        Parameters
        ----------
        scores, targets : ndarray of shape (n_batch, n_classes)
            Scores, and the probabilities that are aimed at.

        weight : ndarray of shape (n_batch,)
            Weights.

        epoch : int
            Epoch, from 0.

        Returns
        -------
        slope : ndarray of shape (n_batch, n_classes)
        """
        return cross_entropy_slope(scores, targets)

    def is_over(self, network) -> bool:
        """Tell, after an epoch, whether to stop.

        Parameters
        ----------
        network : ReluNetwork
            The network after the epoch.

        Returns
        -------
        is_over : bool
        """
        return False


def train_network(
    network,
    objective,
    X,
    targets,
    weight,
    *,
    solver,
    learning_rate,
    alpha,
    batch_size,
    max_iter,
    random,
) -> int:
    """Move the weights of a network along gradients of batches.

    Parameters
    ----------
    network : ReluNetwork
        Trained in place.

    objective : Objective
        What is trained on.

    X : ndarray of shape (n_records, n_features)
        Records.

    targets : ndarray of shape (n_records, n_classes)
        Probabilities that are aimed at.

    weight : ndarray of shape (n_records,)
        Weights, with a mean of 1.

    solver : {"adam", "sgd"}
        How steps are made.

    learning_rate : float
        Length of a step.

    alpha : float
        Half of it times the sum of the squared weights is added to the mean loss.

    batch_size : int
        Records of a batch.

    max_iter : int
        Epochs.

    random : RandomState
        Order of the records.

    Returns
    -------
    n_iter : int
        Epochs that were made.

    Raises
    ------
    ValueError
        If weights get too large to be numbers.
    """
    step = make_stepper(solver, network.values, learning_rate)
    gradient = np.empty_like(network.values)
    weights = network.values[: network.n_weights]
    n_records = len(X)
    for epoch in range(max_iter):
        order = random.permutation(n_records)
        for start in range(0, n_records, batch_size):
            rows = order[start : start + batch_size]
            batch, aims, shares = objective.prepare(
                network, X[rows], targets[rows], weight[rows], random
            )
            passed = network.forward(batch)
            slope = objective.slope(passed[-1], aims, shares, epoch)
            slope *= (shares / len(rows))[:, None]
            network.gradient(passed, slope, out=gradient)
            if alpha:
                gradient[: network.n_weights] += alpha * weights
            step(gradient)
        if not np.isfinite(network.values).all():
            raise ValueError(
                f"The weights got too large to be numbers with "
                f"learning_rate={learning_rate!r}: take a smaller one, and bring "
                "columns to similar scales."
            )
        if objective.is_over(network):
            break
    return epoch + 1


def hold_out(codes, fraction, random) -> np.ndarray:
    """Choose a share of the records of each class, but never all of one.

    Parameters
    ----------
    codes : ndarray of int of shape (n_records,)
        Classes.

    fraction : float
        Share, below 1. Of each class it is rounded down.

    random : RandomState
        Which ones.

    Returns
    -------
    is_out : ndarray of bool of shape (n_records,)

    Examples
    --------
    >>> import numpy as np
    >>> random = np.random.RandomState(0)
    >>> codes = np.array([0, 0, 0, 0, 1, 1, 2])
    >>> np.bincount(codes[hold_out(codes, 0.5, random)], minlength=3)
    array([2, 1, 0])
    """
    is_out = np.zeros(len(codes), dtype=bool)
    order = random.permutation(len(codes))
    for code in np.unique(codes):
        own = order[codes[order] == code]
        is_out[own[: int(fraction * len(own))]] = True
    return is_out


class BaseNetworkClassifier(ClassAnswersMixin, ClassifierMixin, BaseEstimator):
    """A network of rectified linear units; a subclass says what it is trained on.

    That is ``_train(network, X, codes, weight, random)``, where ``codes`` are positions
    in ``classes_``: it trains the network, with ``_run``, and returns the epochs.
    """

    _parameter_constraints = {
        "hidden_layer_sizes": [
            "array-like",
            Interval(Integral, 1, None, closed="left"),
        ],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "solver": [StrOptions({"adam", "sgd"})],
        "random_state": ["random_state"],
    }

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None):
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. Columns should be of similar scales.

        y : array-like of shape (n_records,)
            Classes, at least two.

        sample_weight : array-like of shape (n_records,) or None, default=None
            How much each record counts; those of 0 are left out.

        Returns
        -------
        self : object
            The fitted classifier.
        """
        return self._fit(X, y, sample_weight)

    def _fit(self, X, y, sample_weight, **reference):
        sizes = checked_sizes(self.hidden_layer_sizes)
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        X, y, weight = weighted(X, y, sample_weight)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs records of at least 2 classes; y has one "
                f"class alone: {self.classes_[0]!r}."
            )
        random = check_random_state(self.random_state)
        sizes = [X.shape[1], *sizes, len(self.classes_)]
        network = ReluNetwork(sizes, random)
        self.n_iter_ = self._train(network, X, codes, weight, random, **reference)
        self.coefs_, self.intercepts_ = (
            [part.copy() for part in parts]
            for parts in (network.coefs, network.intercepts)
        )
        self.privacy_guarantee_ = None
        return self

    def _run(self, network, objective, X, targets, weight, random):
        return train_network(
            network,
            objective,
            X,
            targets,
            weight,
            solver=self.solver,
            learning_rate=self.learning_rate,
            alpha=self.alpha,
            batch_size=self.batch_size,
            max_iter=self.max_iter,
            random=random,
        )

    def _one_hot(self, codes):
        return np.eye(len(self.classes_))[codes]

    def _log_scores(self, X):
        return network_scores(self.coefs_, self.intercepts_, X)


def checked_sizes(hidden_layer_sizes) -> list:
    """Return the units of each hidden layer, or say what is wrong with them."""
    sizes = np.atleast_1d(np.asarray(hidden_layer_sizes)).tolist()
    if not all(isinstance(size, int) and size > 0 for size in sizes):
        raise ValueError(
            "hidden_layer_sizes must be whole numbers above 0, one a hidden layer, or "
            f"() for none; got {hidden_layer_sizes!r}."
        )
    return sizes


def weighted(X, y, sample_weight):
    """Return the records that count, with weights of a mean of 1."""
    if sample_weight is None:
        return X, y, np.ones(len(X))
    weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
    if weight.min() < 0 or not weight.any():
        raise ValueError(
            "sample_weight must not be negative, nor 0 for all records; got values "
            f"from {weight.min():g} to {weight.max():g}."
        )
    counts = weight > 0
    weight = weight[counts]
    return X[counts], y[counts], weight / weight.mean()
