"""How much of what each kind of number says is believed."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

__all__ = ["BelievingClassifier", "fit_weights"]


def fit_weights(scores, worlds) -> tuple:
    """Weigh several scores of worlds, so that their sum is a log-probability.

    By maximum likelihood, with a penalty of half the square of each weight, which is of
    scores with a standard deviation of 1. No weight is below 0: what goes wrong on
    models of other records does so by chance, as it was learned to go right. To turn it
    around would be to trust that chance.

    Parameters
    ----------
    scores : ndarray of shape (n_models, n_kinds, n_worlds)
        Scores of models that had no part in what made them; their sum over worlds is 0.

    worlds : ndarray of int of shape (n_models,)
        World of each.

    Returns
    -------
    weights : ndarray of shape (n_kinds,)
        On the scale of the scores as they are.

    offsets : ndarray of shape (n_worlds,)
        What is added to the weighed sum.

    Examples
    --------
    >>> import numpy as np
    >>> right = np.array([-1.0, 1.0, -2.0, 2.0])
    >>> scores = np.stack([right, -right], axis=1)[:, :, None] * [-0.5, 0.5]
    >>> weights, offsets = fit_weights(scores, np.array([0, 1, 0, 1]))
    >>> weights.round(2)
    array([0.63, 0.  ])
    """
    n_kinds, n_worlds = scores.shape[1:]
    mean = scores.mean(axis=0)
    # Twice: of two worlds that is the standard deviation of their difference.
    scale = 2 * np.sqrt(((scores - mean) ** 2).mean(axis=(0, 2)))
    scale = np.maximum(scale, 1e-12)
    scaled = (scores - mean) / scale[:, None]
    own = np.eye(n_worlds)[worlds]

    def cost(values):
        weights = values[:n_kinds]
        offsets = np.append(0.0, values[n_kinds:])
        logs = log_softmax(np.tensordot(scaled, weights, (1, 0)) + offsets, axis=1)
        wrong = np.exp(logs) - own
        slope = np.tensordot(scaled, wrong, ((0, 2), (0, 1))) + weights
        gradient = np.append(slope, wrong.sum(axis=0)[1:])
        return -(own * logs).sum() + (weights**2).sum() / 2, gradient

    bounds = [(0, None)] * n_kinds + [(None, None)] * (n_worlds - 1)
    start = np.append(np.full(n_kinds, 0.5), np.zeros(n_worlds - 1))
    found = minimize(cost, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    weights = found[:n_kinds] / scale
    return weights, np.append(0.0, found[n_kinds:]) - weights @ mean


class BelievingClassifier(ClassifierMixin, BaseEstimator):
    """Adds up scores of several learners, each as far as it can be believed.

    Attributes
    ----------
    weights_ : ndarray of shape (n_learners,)
        None is below 0.
    """

    def fit(self, X, y):
        """Learn the weights; see :func:`fit_weights`.

        Parameters
        ----------
        X : ndarray of shape (n_models, n_learners * n_columns)
            What each learner's ``decision_function`` says out of fold: one column for
            two worlds, else one for each world.

        y : ndarray of shape (n_models,)
            World of each.

        Returns
        -------
        self : BelievingClassifier
        """
        self.classes_, worlds = np.unique(y, return_inverse=True)
        self.weights_, self.offsets_ = fit_weights(self._scores(X), worlds)
        return self

    def decision_function(self, X):
        """Score worlds; with two of them, above 0 stands for the second."""
        logits = self._logits(X)
        return logits[:, 1] - logits[:, 0] if logits.shape[1] == 2 else logits

    def predict_proba(self, X):
        """Probability of each world."""
        return softmax(self._logits(X), axis=1)

    def predict(self, X):
        """Return the likeliest world."""
        return self.classes_[self._logits(X).argmax(axis=1)]

    def _logits(self, X):
        check_is_fitted(self)
        return np.tensordot(self._scores(X), self.weights_, (1, 0)) + self.offsets_

    def _scores(self, X):
        n_worlds = len(self.classes_)
        if n_worlds == 2:
            return np.asarray(X)[:, :, None] * [-0.5, 0.5]
        scores = np.asarray(X).reshape(len(X), -1, n_worlds)
        return scores - scores.mean(axis=2, keepdims=True)
