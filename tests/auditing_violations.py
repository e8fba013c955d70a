"""Private estimators, each with an error of the kind that is made, and without it.

Neighbors replace one record. Each claims what it would have without the error.
"""

import zlib

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from skprivacy.dp import PrivacyGuarantee


class PrivateMean(BaseEstimator):
    """The mean of columns with values from 0 to 1, with Laplace noise."""

    def __init__(self, epsilon=1.0, random_state=None):
        self.epsilon = epsilon
        self.random_state = random_state

    def fit(self, X, y=None):
        X = np.clip(np.asarray(X, dtype=float), 0, 1)
        rng = check_random_state(self.random_state)
        scale = self._sensitivity(*X.shape) / self.epsilon
        self.mean_ = X.mean(axis=0) + rng.laplace(scale=scale, size=X.shape[1])
        self.privacy_guarantee_ = PrivacyGuarantee.pure(self.epsilon)
        return self

    def _sensitivity(self, n_records, n_columns):
        return n_columns / n_records


class HalfSensitivityMean(PrivateMean):
    """Takes the distance from the middle for how far a record can move the mean."""

    def _sensitivity(self, n_records, n_columns):
        return 0.5 * n_columns / n_records


class ClippedSum(BaseEstimator):
    """The sum of records, none longer than a norm, with Gaussian noise."""

    def __init__(self, mu=0.25, norm=1.0, random_state=None):
        self.mu = mu
        self.norm = norm
        self.random_state = random_state

    def fit(self, X, y=None):
        X = np.asarray(X, dtype=float)
        rng = check_random_state(self.random_state)
        lengths = np.linalg.norm(X, axis=1)
        norm = self._norm(lengths)
        clipped = X * np.minimum(1, norm / np.maximum(lengths, 1e-12))[:, None]
        noise = rng.normal(scale=2 * norm / self.mu, size=X.shape[1])
        self.sum_ = clipped.sum(axis=0) + noise
        self.privacy_guarantee_ = PrivacyGuarantee.gaussian(self.mu)
        return self

    def _norm(self, lengths):
        return self.norm


class DataNormSum(ClippedSum):
    """Clips at the longest record, so that nothing is cut off."""

    def _norm(self, lengths):
        return lengths.max()


class NoisyCounts(BaseEstimator):
    """How many records each class has, with Laplace noise."""

    def __init__(self, n_classes=2, epsilon=1.0, random_state=None):
        self.n_classes = n_classes
        self.epsilon = epsilon
        self.random_state = random_state

    def fit(self, X, y):
        counts = np.bincount(y, minlength=self.n_classes)
        noise = self._rng(X, y).laplace(scale=2 / self.epsilon, size=self.n_classes)
        self.counts_ = counts + noise
        self.privacy_guarantee_ = PrivacyGuarantee.pure(self.epsilon)
        return self

    def _rng(self, X, y):
        return check_random_state(self.random_state)


class DataSeedCounts(NoisyCounts):
    """Draws the same noise for the same data, so that results can be repeated."""

    def _rng(self, X, y):
        return np.random.RandomState(zlib.crc32(np.asarray(X).tobytes() + y.tobytes()))


class PrivateDescent(BaseEstimator):
    """Steps of gradient descent for a linear model, with noise in the mean gradient."""

    def __init__(self, mu=0.25, norm=1.0, n_iter=4, random_state=None):
        self.mu = mu
        self.norm = norm
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        X = np.asarray(X, dtype=float)
        rng = check_random_state(self.random_state)
        deviation = self._sensitivity(len(X)) * np.sqrt(self.n_iter) / self.mu
        self.coef_ = np.zeros(X.shape[1])
        for _ in range(self.n_iter):
            gradients = (X @ self.coef_ - y)[:, None] * X
            lengths = np.linalg.norm(gradients, axis=1, keepdims=True)
            clipped = gradients * np.minimum(1, self.norm / np.maximum(lengths, 1e-12))
            noise = rng.normal(scale=deviation, size=X.shape[1])
            self.coef_ = self.coef_ - 0.5 * (clipped.mean(axis=0) + noise)
        self.privacy_guarantee_ = PrivacyGuarantee.gaussian(self.mu)
        return self

    def _sensitivity(self, n_records):
        return 2 * self.norm / n_records


class BatchSizeDescent(PrivateDescent):
    """Divides by the number of records once for the mean, and once more for the noise.

    A wrong factor of the batch size in the sensitivity is what Tramèr et al. (2022)
    found by an audit.
    """

    def _sensitivity(self, n_records):
        return super()._sensitivity(n_records) / n_records


def one_replaced(n=5):
    """Two tables whose first record is in opposite corners, with the same targets."""
    rest = np.random.RandomState(0).uniform(0.4, 0.6, size=(n - 1, 1))
    first, second = np.vstack([[[1.0]], rest]), np.vstack([[[0.0]], rest])
    return first, second


def mean_worlds():
    return tuple((X,) for X in one_replaced())


def long_worlds():
    far, near = one_replaced()
    far[0] = 50.0
    return (far,), (near,)


def label_worlds():
    X, _ = one_replaced()
    return (X, np.array([0, 0, 1, 0, 1])), (X, np.array([1, 0, 1, 0, 1]))


def descent_worlds():
    X, _ = one_replaced(8)
    y = np.zeros(8)
    up, down = y.copy(), y.copy()
    up[0], down[0] = 10.0, -10.0
    return (X, up), (X, down)


#: Name, with the error, without it, the two data sets, runs on each.
VIOLATIONS = (
    (
        "noise for half of the sensitivity",
        HalfSensitivityMean,
        PrivateMean,
        mean_worlds,
    ),
    ("a clipping norm of the data", DataNormSum, ClippedSum, long_worlds),
    ("a seed that follows from the data", DataSeedCounts, NoisyCounts, label_worlds),
    (
        "one division by the batch size too many",
        BatchSizeDescent,
        PrivateDescent,
        descent_worlds,
    ),
)
