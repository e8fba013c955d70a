"""PCA."""

from numbers import Integral

import numpy as np
from scipy import linalg

from skprivacy.federated._learners._columns import (
    ColumnBounds,
    ColumnMoments,
    GramSums,
)
from skprivacy.federated._learners._learner import SumLearner

__all__ = ["PCA_LEARNER"]


def check(model):
    """Refuse what sums can't serve."""
    if model.n_components == "mle":
        raise ValueError('n_components="mle" can\'t be learned by sums; give a number.')


def n_components(model, ratios, most):
    """Return how many components are kept.

    Parameters
    ----------
    model : PCA
        With `n_components`: None for all, a number, or a share of the variance.

    ratios : ndarray of shape (n_features,)
        Share of the variance of each component, largest first.

    most : int
        The smaller of the numbers of records and columns.

    Returns
    -------
    n_components : int
    """
    asked = model.n_components
    if asked is None:
        return most
    if not isinstance(asked, Integral) and 0 < asked < 1:
        return int(np.searchsorted(np.cumsum(ratios), asked, side="right")) + 1
    if not isinstance(asked, Integral) or not 0 <= asked <= most:
        raise ValueError(
            f"n_components={asked!r} must be between 0 and "
            f"min(n_samples, n_features)={most}."
        )
    return int(asked)


def finish(model, public):
    """Set what a fit sets."""
    n, scale = int(public["n"]), public["scale"]
    if "noise" in public:
        # Noise may hide how many there are, and components must not depend on that.
        n = max(n, len(scale))
    if n < 2:
        raise ValueError(f"PCA takes 2 records at least; got n_samples = {n}.")
    covariance = public["scatter"] * np.outer(scale, scale) / (n - 1)
    values, vectors = linalg.eigh(covariance)
    values, components = np.maximum(values[::-1], 0.0), vectors[:, ::-1].T
    # The sign that PCA chooses: what is largest in a component is above 0.
    largest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(len(components)), largest])
    components = components * signs[:, None]
    ratios = values / values.sum()
    most = min(n, len(scale))
    kept = n_components(model, ratios, most)
    model.n_samples_, model.n_components_ = n, kept
    model.mean_ = public["center"] + scale * public["mean"]
    model.components_ = components[:kept]
    model.explained_variance_ = values[:kept]
    model.explained_variance_ratio_ = ratios[:kept]
    model.singular_values_ = np.sqrt(values[:kept] * (n - 1))
    model.noise_variance_ = float(values[kept:most].mean()) if kept < most else 0.0


PCA_LEARNER = SumLearner(
    (ColumnBounds(), ColumnMoments(), GramSums()), finish, check=check
)
