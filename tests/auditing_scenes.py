"""Mechanisms that keep what they promise, and some that do not."""

import zlib

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from skprivacy.dp import PrivacyGuarantee


class NoisySum(BaseEstimator):
    """A sum of values from -1 to 1 with Laplace noise, and what goes wrong with it.

    Neighbors replace one record, so that the sensitivity is 2.
    """

    def __init__(self, epsilon=1.0, defect=None, random_state=None):
        self.epsilon = epsilon
        self.defect = defect
        self.random_state = random_state

    def fit(self, X, y=None):
        X = np.asarray(X, dtype=float)
        rng = check_random_state(self.random_state)
        if self.defect == "seed of the data":
            rng = np.random.RandomState(zlib.crc32(X.tobytes()))
        self.total_ = np.clip(X, -1, 1).sum() + rng.laplace(scale=2 / self.epsilon)
        self.privacy_guarantee_ = PrivacyGuarantee.pure(self.epsilon)
        return self


def randomized_response(X, random_state):
    """Tell the first value, 0 or 1, truly with a probability for an epsilon of 1."""
    rng = np.random.RandomState(random_state)
    is_true = rng.uniform() < np.e / (1 + np.e)
    return float(X[0][0] == 1) if is_true else float(X[0][0] != 1)


def total(model):
    return model.total_


def worlds(n=5):
    """Two data sets whose first record is at one end, and at the other."""
    rest = np.random.RandomState(0).uniform(-0.1, 0.1, size=(n - 1, 1))
    return np.vstack([[[1.0]], rest]), np.vstack([[[-1.0]], rest])
