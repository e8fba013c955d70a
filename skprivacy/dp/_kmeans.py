"""k-means from private releases of sums and counts."""

from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin, _fit_context
from sklearn.metrics import pairwise_distances_argmin, pairwise_distances_argmin_min
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._public import clip_to_bounds, public_bounds
from skprivacy.dp._release import release_gaussian

__all__ = ["DPKMeans", "cluster_sums", "clusters_sensitivity", "spread_points"]

#: Fewest and most steps that are chosen.
STEPS = 2, 6
#: Starting points are in the middle half: a corner of many columns is far from all.
REACH_OF_STARTS = 0.5
#: Candidates for each starting point.
CANDIDATES = 100
#: Old centers count as many records as this many deviations of the noise of a sum.
INERTIA = 0.3
#: How far two centers are moved apart, in each column, where one becomes two.
SPLIT = 0.1


class DPKMeans(PrivateFitMixin, ClusterMixin, BaseEstimator):
    r"""k-means with differential privacy.

    A few steps, each of which releases how many records are nearest to each center, and
    their sum, with Gaussian noise.

    Parameters
    ----------
    n_clusters : int, default=8
        Centers.

    epsilon : float, default=1.0
        Epsilon of the guarantee, at `delta`.

    delta : float, default=1e-5
        Above 0; well below one over the number of records.

    bounds : pair or None, default=None
        Lower and upper end of each column, numbers or one a column. They must be public
        knowledge. Distances are those of columns as they are.

    n_iter : int or "auto", default="auto"
        Steps. "auto": 2 to 6, as many as the noise permits for clusters of equal size;
        it depends on what is public alone.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where bounds are not given, and would be read off the data.

    ledger : PrivacyLedger or None, default=None
        Books the fit. None: that of the block around it, if any.

    random_state : int, RandomState instance or None, default=None
        None: noise that nobody can draw again. With a seed it hides nothing from who
        knows it.

    Attributes
    ----------
    privacy_guarantee_ : PrivacyGuarantee
        What the fit promises.

    reproducible_ : bool
        Whether the noise can be drawn again.

    cluster_centers_ : ndarray of shape (n_clusters, n_features)
        Centers.

    n_iter_ : int
        Steps; public.

    n_features_in_ : int
        Columns.

    Raises
    ------
    PrivacyLeakError
        If bounds are not given.
    PrivacyBudgetExceeded
        If the ledger has not enough left.

    See Also
    --------
    sklearn.cluster.KMeans : Without privacy.

    Notes
    -----
    There is no ``labels_``: which center a record is nearest to is told by the record,
    and would stay on the model. `fit_predict` returns it to who has the records.

    Neighbors are data sets of which one record is another; the number of records is
    public. With values scaled to -1 to 1, a record adds :math:`(\sqrt{d}, x)` to its
    cluster. Neighbors are at most :math:`2 \sqrt{d}` apart, in each of :math:`T` steps,
    all of which together are :math:`\mu`-GDP with noise of :math:`2 \sqrt{d T} / \mu`.

    A center to which few records are nearest, or none, has its noise like all others.
    Where the count with noise is below twice the noise, the center is moved beside that
    with the most records.

    References
    ----------
    A. Blum, C. Dwork, F. McSherry, K. Nissim. "Practical privacy: the SuLQ framework".
    PODS 2005.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> from skprivacy.dp import DPKMeans
    >>> X, _ = make_blobs(2000, centers=[[-5, -5], [0, 5], [5, 0]], random_state=0)
    >>> model = DPKMeans(3, epsilon=5.0, bounds=(-10, 10)).fit(X)
    >>> model.cluster_centers_.shape, model.predict(X).shape
    ((3, 2), (2000,))
    >>> print(model.privacy_guarantee_)
    epsilon=5 at delta=1e-05 (1.121-GDP, replace)
    """

    _parameter_constraints = {
        **PRIVACY_CONSTRAINTS,
        "n_clusters": [Interval(Integral, 1, None, closed="left")],
        "bounds": "no_validation",
        "n_iter": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
    }

    def __init__(
        self,
        n_clusters=8,
        *,
        epsilon=1.0,
        delta=1e-5,
        bounds=None,
        n_iter="auto",
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.n_clusters = n_clusters
        self.epsilon = epsilon
        self.delta = delta
        self.bounds = bounds
        self.n_iter = n_iter
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Move centers by sums with noise.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is outside of the bounds is moved to their ends.

        y : None
            Not used.

        Returns
        -------
        self : DPKMeans
        """
        X = validate_data(self, X, dtype=float)
        n, d = X.shape
        lower, upper = public_bounds(self.bounds, X, self.on_leak)
        middle, reach = (lower + upper) / 2, np.maximum(upper - lower, 1e-12) / 2
        records = clip_to_bounds(X, lower, upper)
        mu, noise = self._start_gaussian_fit(
            "the number of records and bounds are public"
        )
        self.n_iter_ = self._steps(mu, n, d)
        deviation = clusters_sensitivity(d) * np.sqrt(self.n_iter_) / mu
        # Nearness is that of columns as they are, noise that of their bounds.
        centers = spread_points(self.n_clusters, d, noise)
        for step in range(self.n_iter_):
            nearest = pairwise_distances_argmin(records, middle + reach * centers)
            sums = cluster_sums((records - middle) / reach, nearest, self.n_clusters)
            released = release_gaussian(
                sums, clusters_sensitivity(d), mu / np.sqrt(self.n_iter_), noise
            )
            centers = _moved(
                centers, released, deviation, noise, step + 1 < self.n_iter_
            )
        self.cluster_centers_ = middle + reach * centers
        return self

    def _steps(self, mu, n_records, n_features):
        if self.n_iter != "auto":
            return int(self.n_iter)
        # A tenth of a cluster's size over the noise of a single step in its sum.
        worth = n_records * mu / (10 * self.n_clusters * np.sqrt(n_features))
        return int(np.clip(worth, *STEPS))

    def predict(self, X):
        """Return the nearest center.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        labels : ndarray of shape (n_records,)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        return pairwise_distances_argmin(X, self.cluster_centers_)

    def fit_predict(self, X, y=None):
        """Fit, and return the nearest center of each record to who has them.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        y : None
            Not used.

        Returns
        -------
        labels : ndarray of shape (n_records,)
            No guarantee covers them: each tells of its record.
        """
        return self.fit(X).predict(X)

    def score(self, X, y=None):
        """Sum of square distances to the nearest center, below 0.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        y : None
            Not used.

        Returns
        -------
        score : float
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        away = pairwise_distances_argmin_min(X, self.cluster_centers_)[1]
        return -float((away**2).sum())


def spread_points(n_points, n_features, noise) -> np.ndarray:
    """Draw points far from each other, whatever the data are.

    Parameters
    ----------
    n_points : int
        How many.

    n_features : int
        Columns.

    noise : NoiseSource
        Where candidates come from.

    Returns
    -------
    points : ndarray of shape (n_points, n_features)
        In the middle half of -1 to 1; each the candidate farthest from those before.
    """
    drawn = noise.uniform((CANDIDATES * n_points, n_features))
    candidates = REACH_OF_STARTS * (2 * drawn - 1)
    points = candidates[:1]
    away = np.full(len(candidates), np.inf)
    while len(points) < n_points:
        away = np.minimum(away, ((candidates - points[-1]) ** 2).sum(axis=1))
        points = np.vstack([points, candidates[away.argmax()]])
    return points


def cluster_sums(scaled, nearest, n_clusters) -> np.ndarray:
    """Count records of each cluster, and sum them up.

    Parameters
    ----------
    scaled : ndarray of shape (n_records, n_features)
        Records, from -1 to 1.

    nearest : ndarray of int of shape (n_records,)
        Clusters.

    n_clusters : int
        How many there are.

    Returns
    -------
    sums : ndarray of shape (n_clusters, 1 + n_features)
        The count, in units of the square root of the number of columns; and sums.

    Examples
    --------
    >>> cluster_sums(np.array([[1.0], [0.5]]), np.array([1, 1]), 2)
    array([[0. , 0. ],
           [2. , 1.5]])
    """
    n, d = scaled.shape
    sums = np.zeros((n_clusters, 1 + d))
    np.add.at(sums, nearest, np.column_stack([np.full(n, np.sqrt(d)), scaled]))
    return sums


def clusters_sensitivity(n_features) -> float:
    """How far apart the sums of neighbors can be, by the Euclidean norm.

    Parameters
    ----------
    n_features : int
        Columns.

    Returns
    -------
    sensitivity : float
        If all values go to the other end, within a cluster or from one to another.

    Examples
    --------
    >>> clusters_sensitivity(4)
    4.0
    """
    return float(2 * np.sqrt(n_features))


def _moved(centers, released, deviation, noise, more_to_come):
    """Move centers; it reads what was released and nothing else."""
    d = centers.shape[1]
    counts, sums = released[:, 0] / np.sqrt(d), released[:, 1:]
    uncertain = deviation / np.sqrt(d)
    inertia = INERTIA * deviation
    weight = np.maximum(counts, uncertain) + inertia
    moved = np.clip((sums + inertia * centers) / weight[:, None], -1, 1)
    few = counts < 2 * uncertain
    moved[few] = centers[few]
    if more_to_come:
        left = counts.copy()
        for one in np.flatnonzero(few):
            largest = left.argmax()
            left[largest] /= 2
            left[one] = left[largest]
            beside = moved[largest] + SPLIT * noise.normal(d)
            moved[one] = np.clip(beside, -1, 1)
    return moved
