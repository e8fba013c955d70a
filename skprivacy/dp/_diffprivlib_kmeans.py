"""diffprivlib's k-means, which no longer tells which clusters are empty."""

from numbers import Integral

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    _fit_context,
)
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy.dp._diffprivlib_base import (
    PURE_CONSTRAINTS,
    SoundFitMixin,
)
from skprivacy.dp._diffprivlib_compat import library_model, load_diffprivlib
from skprivacy.dp._public import public_bounds, to_unit_range

__all__ = ["DiffprivlibKMeans", "budget_of_step", "noisy_centers"]


class DiffprivlibKMeans(
    SoundFitMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    r"""K-means with diffprivlib's noise, made sound.

    A few steps from random centers; in each, the counts and the sums of all clusters
    are released.

    Parameters
    ----------
    n_clusters : int, default=8
        How many.

    epsilon : float, default=1.0
        Epsilon of the guarantee, without a delta.

    bounds : pair or None, default=None
        Lower and upper end of each column, numbers or one a column. They must be public
        knowledge.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where `bounds` are not given, and would be read off the data.

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
        Steps; a matter of the number of records, columns and clusters, and of epsilon.

    n_features_in_ : int
        Columns.

    Raises
    ------
    PrivacyLeakError
        If `bounds` are not given.
    PrivacyBudgetExceeded
        If the ledger has not enough left.
    ValueError
        If there are fewer records than clusters.

    See Also
    --------
    skprivacy.dp.DiffprivlibEstimator : All models of the library, by name.

    Notes
    -----
    A record that becomes another leaves one cluster and joins another one, each of
    which has half of epsilon. Clusters without records get noise like all others. The
    clusters of the records it was fitted on, and the inertia, are no part of the model:
    they were not released with noise.

    References
    ----------
    D. Su et al., "Differentially Private K-Means Clustering", CODASPY 2016.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> from skprivacy.dp import DiffprivlibKMeans
    >>> X, _ = make_blobs(1000, centers=[[-5, -5], [5, 5]], random_state=0)
    >>> model = DiffprivlibKMeans(2, epsilon=100.0, bounds=(-10, 10)).fit(X)
    >>> print(model.privacy_guarantee_)
    epsilon=100 (replace)
    >>> model.cluster_centers_.shape
    (2, 2)
    """

    _parameter_constraints = {
        **PURE_CONSTRAINTS,
        "n_clusters": [Interval(Integral, 1, None, closed="left")],
        "bounds": "no_validation",
    }

    def __init__(
        self,
        n_clusters=8,
        *,
        epsilon=1.0,
        bounds=None,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.n_clusters = n_clusters
        self.epsilon = epsilon
        self.bounds = bounds
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Move the centers, by sums with noise.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is outside of the bounds is moved to their ends.

        y : None
            Ignored.

        Returns
        -------
        self : DiffprivlibKMeans
        """
        X = validate_data(self, X, dtype=float)
        if len(X) < self.n_clusters:
            raise ValueError(
                f"n_clusters must be at most the {len(X)} records; got "
                f"{self.n_clusters}."
            )
        ends = public_bounds(self.bounds, X, self.on_leak)
        scaled, center, reach = to_unit_range(X, *ends)
        records = scaled * reach
        _, random_state, _ = self._start_library_fit(" and the bounds")
        # One cluster is left and another one is joined.
        model = library_model(
            "KMeans",
            n_clusters=self.n_clusters,
            epsilon=self.epsilon / 2,
            bounds=(-reach, reach),
        )
        n_iter = model._calc_iters(X.shape[1], len(X))
        budgets = budget_of_step(model, X.shape[1], n_iter)
        centers = model._init_centers(X.shape[1], check_random_state(random_state))
        for _ in range(n_iter):
            _, labels = model._distances_labels(records, centers)
            centers = noisy_centers(
                records, labels, self.n_clusters, reach, budgets, random_state
            )
        self.cluster_centers_ = centers + center
        self.n_iter_ = n_iter
        return self

    @property
    def _n_features_out(self):
        return self.n_clusters

    def transform(self, X):
        """Distances from the centers.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        X_new : ndarray of shape (n_records, n_clusters)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        return np.linalg.norm(X[:, None] - self.cluster_centers_, axis=2)

    def predict(self, X):
        """Return the closest center of each record.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        labels : ndarray of int of shape (n_records,)
        """
        return self.transform(X).argmin(axis=1)


def budget_of_step(model, n_features, n_iter) -> tuple:
    """Split the library's epsilon between steps, counts and columns.

    Parameters
    ----------
    model : diffprivlib.models.KMeans
        With epsilon for one cluster.

    n_features : int
        Columns.

    n_iter : int
        Steps.

    Returns
    -------
    of_count, of_column : float
        ``n_iter * (of_count + n_features * of_column)`` is the model's epsilon.
    """
    # The library returns them in this order, and takes them in the other one.
    of_column, of_count = model._split_epsilon(n_features, n_iter)
    return of_count, of_column


def noisy_centers(
    records, labels, n_clusters, reach, budgets, random_state=None
) -> np.ndarray:
    """Release the centers of all clusters, of those without records too.

    Parameters
    ----------
    records : ndarray of shape (n_records, n_features)
        Records, at most `reach` away from 0 in each column.

    labels : ndarray of int of shape (n_records,)
        Their clusters.

    n_clusters : int
        How many there are.

    reach : ndarray of shape (n_features,)
        Largest absolute values.

    budgets : tuple of float
        Epsilon of a count, and of the sum of a column.

    random_state : RandomState or None, default=None
        None: the operating system.

    Returns
    -------
    centers : ndarray of shape (n_clusters, n_features)
    """
    mechanisms = load_diffprivlib().mechanisms
    of_count, of_column = budgets
    counts = mechanisms.GeometricFolded(
        epsilon=of_count,
        sensitivity=1,
        lower=0.5,
        upper=float("inf"),
        random_state=random_state,
    )
    centers = np.empty((n_clusters, records.shape[1]))
    for cluster in range(n_clusters):
        members = records[labels == cluster]
        count = counts.randomise(len(members))
        for column, end in enumerate(reach):
            sums = mechanisms.LaplaceBoundedDomain(
                epsilon=of_column,
                sensitivity=2 * end,
                lower=-count * end,
                upper=count * end,
                random_state=random_state,
            )
            centers[cluster, column] = sums.randomise(members[:, column].sum()) / count
    return centers
