"""StandardScaler and MinMaxScaler."""

from math import sqrt

import numpy as np

from skprivacy.federated._learners._columns import (
    NOISE,
    ColumnBounds,
    ColumnMoments,
    coordinates,
    counted,
    sum_error,
)
from skprivacy.federated._learners._learner import Phase, SumLearner
from skprivacy.federated._learners._order_search import OrderSearch

__all__ = ["MIN_MAX_SCALER", "STANDARD_SCALER"]


class SquareSums(Phase):
    """Sums and squares in the coordinates."""

    def vector(self, estimator, X, y, public):
        """Add them up."""
        Z = coordinates(X, public)
        return np.concatenate([[len(Z)], Z.sum(axis=0), (Z**2).sum(axis=0)])

    def record_norm(self, estimator, public):
        """One, coordinates and squares."""
        return sqrt(1 + 2 * len(public["center"]))

    def update(self, estimator, total, public):
        """Return mean and variance in the columns' units."""
        n, (sums, squares) = counted(total[0], public), total[1:].reshape(2, -1)
        mean = sums / n
        var = squares / n - mean**2
        if "noise" in public:
            mean, var = np.clip(mean, -1.0, 1.0), np.clip(var, 0.0, 1.0)
        var[var * n <= NOISE * sum_error(public, n)] = 0.0
        scale = public["scale"]
        with np.errstate(over="ignore"):
            spread = scale**2 * var
        if not np.isfinite(spread).all():
            raise ValueError("X must be smaller: the variance of a column is infinite.")
        return {
            "n": n,
            "mean": public["center"] + scale * mean,
            "var": spread,
        }


def finish_standard_scaler(scaler, public):
    """Set what a fit sets."""
    scaler.n_samples_seen_ = int(public["n"])
    scaler.mean_ = scaler.var_ = scaler.scale_ = None
    if scaler.with_mean or scaler.with_std:
        scaler.mean_ = public["mean"]
    if scaler.with_std:
        scaler.var_ = public["var"]
        scaler.scale_ = np.where(scaler.var_ > 0, np.sqrt(scaler.var_), 1.0)


def finish_min_max_scaler(scaler, public):
    """Fit to two records, which have the ends."""
    scaler.fit(np.stack([public["lower"], public["upper"]]))
    scaler.n_samples_seen_ = int(public["n"])


class ExactEnds(OrderSearch):
    """The exact ends, and how many records there are."""

    def vector(self, estimator, X, y, public):
        """Count beside the search."""
        return np.append(super().vector(estimator, X, y, public), len(X))

    def update(self, estimator, total, public):
        """Keep the count."""
        news = super().update(estimator, total[:-1], public)
        return {**news, "n": np.rint(total[-1])}


STANDARD_SCALER = SumLearner(
    (ColumnBounds(), ColumnMoments(), SquareSums()), finish_standard_scaler
)
MIN_MAX_SCALER = SumLearner((ExactEnds(),), finish_min_max_scaler)
