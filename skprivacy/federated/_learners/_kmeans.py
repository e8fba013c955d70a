"""KMeans, by Lloyd's algorithm on sums."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.utils import check_random_state
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads

from skprivacy.federated._learners._columns import (
    ColumnBounds,
    ColumnMoments,
    coordinates,
)
from skprivacy.federated._learners._learner import Phase, SumLearner

__all__ = ["KMEANS", "public_centers"]


def check(model):
    """Refuse starts that are records."""
    if callable(model.init):
        raise ValueError("init must not be a function of the records; got a callable.")
    if model.n_init not in ("auto", 1):
        raise ValueError(
            f"n_init must be 1 or 'auto', as there is one start; got {model.n_init}."
        )


def public_centers(model, public):
    """Return where the clusters start, which all may know.

    Parameters
    ----------
    model : KMeans
        `init` is an array, or a name: centers are drawn then from a normal distribution
        with the mean and deviation of each column, as a record would be shown
        otherwise.

    public : dict
        With ``center``, ``scale`` and ``seed``.

    Returns
    -------
    centers : ndarray of shape (n_clusters, n_features)
    """
    center, scale = public["center"], public["scale"]
    shape = (model.n_clusters, len(center))
    if isinstance(model.init, str):
        drawn = check_random_state(public["seed"]).normal(size=shape)
        return center + scale * drawn
    centers = np.asarray(model.init, dtype=float)
    if centers.shape != shape:
        raise ValueError(f"init must be of shape {shape}; got {centers.shape}.")
    return centers


class StartingCenters(Phase):
    """Where the clusters start; nobody is asked."""

    def known(self, estimator, public):
        """Return the centers."""
        return {"centers": public_centers(estimator, public)}


class LloydSums(Phase):
    """Number, sum and inertia of the records that are nearest to each center."""

    def vector(self, estimator, X, y, public):
        """Assign the records, and add them up."""
        centers = public["centers"]
        squared = euclidean_distances(X, centers, squared=True)
        nearest = squared.argmin(axis=1)
        member = np.eye(len(centers))[nearest]
        inertia = ((X - centers[nearest]) ** 2).sum() / (public["scale"] ** 2).sum()
        sums = member.T @ coordinates(X, public)
        return np.concatenate([[inertia], member.sum(axis=0), sums.ravel()])

    def update(self, estimator, total, public):
        """Move the centers; the last sum is of the inertia alone."""
        scale, centers = public["scale"], public["centers"]
        news = {"inertia": total[0] * (scale**2).sum(), "lloyd_done": True}
        if public.get("lloyd_still"):
            return news
        counts = np.rint(total[1 : len(centers) + 1])
        sums = total[len(centers) + 1 :].reshape(centers.shape)
        full = counts > 0
        if counts.sum() < len(centers):
            raise ValueError(
                f"n_samples={int(counts.sum())} should be >= n_clusters={len(centers)}."
            )
        moved = centers.copy()
        means = sums[full] / counts[full, None]
        moved[full] = public["center"] + scale * means
        n_rounds = public.get("lloyd_rounds", 0) + 1
        is_last = n_rounds >= (public["max_rounds"] or estimator.max_iter)
        still = ((moved - centers) ** 2).sum() <= estimator.tol * (scale**2).mean()
        return {
            "centers": moved,
            "lloyd_rounds": n_rounds,
            "lloyd_still": still or is_last,
            "lloyd_converged": still,
            "n_empty": int((~full).sum()),
            "lloyd_done": False,
        }

    def is_finished(self, estimator, public):
        """Whether the centers stand still and the inertia is known."""
        return public["lloyd_done"]


def finish(model, public):
    """Set what a fit sets, but for labels of records."""
    if public["n_empty"]:
        warnings.warn(
            f"{public['n_empty']} clusters are empty, and stayed where they were: give "
            "another init.",
            UserWarning,
            stacklevel=2,
        )
    if not public["lloyd_converged"]:
        warnings.warn(
            f"the centers still move after {public['lloyd_rounds']} rounds.",
            ConvergenceWarning,
            stacklevel=2,
        )
    model.cluster_centers_ = public["centers"]
    model.inertia_ = float(public["inertia"])
    model.n_iter_ = public["lloyd_rounds"]
    model._n_threads = _openmp_effective_n_threads()
    model._n_features_out = len(model.cluster_centers_)


KMEANS = SumLearner(
    (ColumnBounds(), ColumnMoments(), StartingCenters(), LloydSums()),
    finish,
    check=check,
)
