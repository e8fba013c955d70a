"""GaussianNB."""

from math import sqrt

import numpy as np

from skprivacy.federated._learners._columns import (
    ColumnBounds,
    ColumnMoments,
    coordinates,
    counted,
)
from skprivacy.federated._learners._learner import Phase, SumLearner

__all__ = ["GAUSSIAN_NB"]


class ClassSquares(Phase):
    """Counts, sums and sums of squares of each class, in the coordinates."""

    def vector(self, estimator, X, y, public):
        """Add them up."""
        Z = coordinates(X, public)
        member = np.eye(len(public["classes"]))[y]
        parts = [member.sum(axis=0), member.T @ Z, member.T @ Z**2]
        return np.concatenate([part.ravel() for part in parts])

    def record_norm(self, estimator, public):
        """One, coordinates and squares, all in the record's class."""
        return sqrt(1 + 2 * len(public["center"]))

    def update(self, estimator, total, public):
        """Return the counts, and means and variances within the classes."""
        n_classes = len(public["classes"])
        counts = counted(total[:n_classes], public)
        sums, squares = total[n_classes:].reshape(2, n_classes, -1)
        per_class = np.maximum(counts, 1)[:, None]
        means = sums / per_class
        overall = sums.sum(axis=0) / counts.sum()
        variances = squares / per_class - means**2
        total_var = squares.sum(axis=0) / counts.sum() - overall**2
        if "noise" in public:
            # Coordinates end at 1, and noise hides what is smaller than itself.
            means = np.clip(means, -1.0, 1.0)
            least = np.minimum(public["noise"] / per_class, 1.0)
            variances = np.clip(variances, least, 1.0)
            total_var = np.clip(total_var, 0.0, 1.0)
        return {
            "counts": counts,
            "means": means,
            "vars": np.maximum(variances, 0.0),
            "total_var": total_var,
        }


def finish(model, public):
    """Set what a fit sets."""
    present = public["counts"] > 0
    counts, scale = public["counts"][present], public["scale"]
    model.classes_ = public["classes"][present]
    model.epsilon_ = model.var_smoothing * (scale**2 * public["total_var"]).max()
    model.theta_ = public["center"] + scale * public["means"][present]
    model.var_ = scale**2 * public["vars"][present] + model.epsilon_
    model.class_count_ = counts
    model.class_prior_ = counts / counts.sum()
    if model.priors is not None:
        model.class_prior_ = checked_priors(model.priors, len(counts))


def checked_priors(priors, n_classes):
    """Return priors as an array.

    Raises
    ------
    ValueError
        If they are not one a class, are negative, or don't sum to 1.
    """
    priors = np.asarray(priors, dtype=float)
    if len(priors) != n_classes:
        raise ValueError(
            f"Number of priors must match number of classes: got {len(priors)} priors "
            f"for {n_classes} classes."
        )
    if not np.isclose(priors.sum(), 1.0):
        raise ValueError(f"The sum of the priors should be 1; got {priors.sum()}.")
    if (priors < 0).any():
        raise ValueError("Priors must be non-negative.")
    return priors


GAUSSIAN_NB = SumLearner(
    (ColumnBounds(), ColumnMoments(), ClassSquares()), finish, "classes"
)
