"""LinearDiscriminantAnalysis."""

from math import sqrt

import numpy as np
from scipy import linalg
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from skprivacy.federated._learners._columns import (
    ColumnBounds,
    ColumnMoments,
    coordinates,
    counted,
    nearest_scatter,
    unpack_symmetric,
    upper_triangle,
)
from skprivacy.federated._learners._gaussian_nb import checked_priors
from skprivacy.federated._learners._learner import Phase, SumLearner

__all__ = ["LDA"]


def check(model):
    """Refuse what sums can't serve."""
    if model.solver != "svd" or model.covariance_estimator is not None:
        raise ValueError(
            'solver must be "svd", without a covariance_estimator, to learn by sums; '
            f"got {model!r}."
        )
    if model.store_covariance and model.priors is not None:
        raise ValueError("store_covariance with priors can't be learned by sums.")


class ClassScatter(Phase):
    """Counts and sums of each class, and products over all, in the coordinates."""

    def vector(self, estimator, X, y, public):
        """Add them up."""
        Z = coordinates(X, public)
        member = np.eye(len(public["classes"]))[y]
        parts = [member.sum(axis=0), (member.T @ Z).ravel(), upper_triangle(Z.T @ Z)]
        return np.concatenate(parts)

    def record_norm(self, estimator, public):
        """One and coordinates in the record's class, and products."""
        d = len(public["center"])
        return sqrt(1 + d + d * (d + 1) / 2)

    def update(self, estimator, total, public):
        """Return counts, means and the scatter within classes."""
        n_classes, d = len(public["classes"]), len(public["center"])
        counts, total = counted(total[:n_classes], public), total[n_classes:]
        sums = total[: n_classes * d].reshape(n_classes, d)
        means = sums / np.maximum(counts, 1)[:, None]
        gram = unpack_symmetric(total[n_classes * d :], d)
        within = gram - sums.T @ means
        if "noise" in public:
            within = nearest_scatter(within, public["noise"])
        return {"counts": counts, "means": means, "within": within}


def divides_by(n, n_classes):
    """Return what the installed scikit-learn divides the scatter within classes by.

    It was the degrees of freedom, and became the number of records; scores differ.
    """
    probe = LinearDiscriminantAnalysis().fit(
        [[0.0], [2.0], [10.0], [12.0]], [0, 0, 1, 1]
    )
    # Both classes have the variance 1, or 2 by degrees of freedom.
    return n if probe.coef_[0, 0] > 7.5 else n - n_classes


def finish(model, public):
    """Do what the solver does, from the eigenvalues of the scatter."""
    present = public["counts"] > 0
    counts, means = public["counts"][present], public["means"][present]
    n, n_classes, d = int(counts.sum()), len(counts), means.shape[1]
    if n == n_classes:
        raise ValueError(
            "The number of samples must be more than the number of classes."
        )
    priors = counts / n
    if model.priors is not None:
        priors = checked_priors(model.priors, n_classes)
    most = min(n_classes - 1, d)
    if model.n_components is not None and model.n_components > most:
        raise ValueError(
            "n_components cannot be larger than min(n_features, n_classes - 1)."
        )
    within, scale = public["within"], public["scale"]
    std = np.sqrt(np.maximum(np.diag(within), 0.0) / n)
    std[std == 0] = 1.0
    squares, axes = linalg.eigh(within / np.outer(std, std) / divides_by(n, n_classes))
    sizes = np.sqrt(np.maximum(squares, 0.0))
    kept = sizes > model.tol
    scalings = axes[:, kept] / std[:, None] / sizes[kept]
    center = priors @ means
    weights = np.sqrt(n * priors / max(n_classes - 1, 1))
    between = weights[:, None] * (means - center) @ scalings
    _, sizes, directions = linalg.svd(between, full_matrices=False)
    scalings = scalings @ directions[sizes > model.tol * sizes[0]].T
    scores = (means - center) @ scalings
    coef = scores @ scalings.T / scale
    intercept = np.log(priors) - (scores**2).sum(axis=1) / 2
    model.classes_, model.priors_ = public["classes"][present], priors
    model.means_ = public["center"] + scale * means
    model.xbar_ = priors @ model.means_
    model.scalings_ = scalings / scale[:, None]
    intercept -= coef @ model.xbar_
    if n_classes == 2:
        coef, intercept = coef[[1]] - coef[[0]], intercept[[1]] - intercept[[0]]
    model.coef_, model.intercept_ = coef, intercept
    model._max_components = most if model.n_components is None else model.n_components
    model._n_features_out = model._max_components
    model.explained_variance_ratio_ = (sizes**2 / (sizes**2).sum())[
        : model._max_components
    ]
    if model.store_covariance:
        model.covariance_ = within * np.outer(scale, scale) / n


LDA = SumLearner(
    (ColumnBounds(), ColumnMoments(), ClassScatter()), finish, "classes", check, 2
)
