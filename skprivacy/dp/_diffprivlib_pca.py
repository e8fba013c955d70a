"""diffprivlib's principal components, which leave the data alone."""

from functools import partial
from numbers import Integral, Real

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import brentq
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    _fit_context,
)
from sklearn.utils import check_array
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy.dp._diffprivlib_base import (
    PURE_CONSTRAINTS,
    SoundFitMixin,
)
from skprivacy.dp._observed import Release, observed
from skprivacy.dp._public import public_bounds, to_unit_range

__all__ = ["DiffprivlibPCA", "draw_bingham", "draw_directions"]


class DiffprivlibPCA(
    SoundFitMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    r"""Principal components with diffprivlib's noise.

    Means, variances and directions are released one after the other.

    Parameters
    ----------
    n_components : int or None, default=None
        How many. None: as many as there are columns.

    epsilon : float, default=1.0
        Epsilon of the guarantee, without a delta: half for the means, half for the
        directions and their variances.

    bounds : pair or None, default=None
        Lower and upper end of each column, numbers or one a column. They must be public
        knowledge.

    data_norm : float or None, default=None
        Distance from the means, at most, beyond which records are moved closer. It must
        be public knowledge. None: half of the diagonal of the bounds.

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

    components_ : ndarray of shape (n_components, n_features)
        Directions.

    explained_variance_ : ndarray of shape (n_components,)
        Variances along them.

    mean_ : ndarray of shape (n_features,)
        Means.

    n_components_, n_features_in_ : int
        Directions, and columns.

    Raises
    ------
    PrivacyLeakError
        If `bounds` are not given.
    PrivacyBudgetExceeded
        If the ledger has not enough left.

    See Also
    --------
    skprivacy.dp.DiffprivlibEstimator : All models of the library, by name.

    Notes
    -----
    Means and variances have the library's noise. Directions do not: its sampler divides
    where it would have to multiply, so that it draws from another distribution than
    that of the proof, and does not come to an end where there are many records.

    References
    ----------
    K. Amin et al., "Differentially Private Covariance Estimation", NeurIPS 2019;
    directions are drawn as by J. T. Kent, A. M. Ganeiber and K. V. Mardia,
    arXiv:1310.8110.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.dp import DiffprivlibPCA
    >>> along = np.random.RandomState(0).uniform(-1, 1, (5000, 1))
    >>> pca = DiffprivlibPCA(1, epsilon=10.0, bounds=(-1, 1))
    >>> print(pca.fit(np.hstack([along, along])).privacy_guarantee_)
    epsilon=10 (replace)
    >>> bool(pca.components_.min() > 0.6)
    True
    """

    _parameter_constraints = {
        **PURE_CONSTRAINTS,
        "n_components": [Interval(Integral, 1, None, closed="left"), None],
        "bounds": "no_validation",
        "data_norm": [Interval(Real, 0, None, closed="neither"), None],
    }

    def __init__(
        self,
        n_components=None,
        *,
        epsilon=1.0,
        bounds=None,
        data_norm=None,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.n_components = n_components
        self.epsilon = epsilon
        self.bounds = bounds
        self.data_norm = data_norm
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Release means, variances and directions.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is outside of the bounds is moved to their ends.

        y : None
            Ignored.

        Returns
        -------
        self : DiffprivlibPCA
        """
        X = validate_data(self, X, dtype=float, ensure_min_samples=2)
        n, d = X.shape
        n_components = d if self.n_components is None else self.n_components
        if n_components > d:
            raise ValueError(
                f"n_components must be at most the {d} columns; got {n_components}."
            )
        ends = public_bounds(self.bounds, X, self.on_leak)
        scaled, center, reach = to_unit_range(X, *ends)
        norm = self.data_norm
        norm = float(np.sqrt(reach @ reach)) if norm is None else float(norm)
        library, random_state, noise = self._start_library_fit(
            ", the bounds and the largest norm"
        )
        mean = library.tools.mean(
            scaled,
            epsilon=self.epsilon / 2,
            bounds=(-np.ones(d), np.ones(d)),
            axis=0,
            random_state=random_state,
            accountant=library.BudgetAccountant(),
        )
        away = (scaled - mean) * (reach / norm)
        # With norm 1 at most, whatever the means have become.
        away /= np.maximum(np.linalg.norm(away, axis=1), 1.0)[:, None]
        # The last one of all directions follows from the others.
        share = self.epsilon / 2 / (n_components + (n_components < d))
        variances = library.models.utils.covariance_eig(
            away, share, norm=1.0, eigvals_only=True, random_state=random_state
        )
        directions = draw_directions(away.T @ away, n_components, share, noise)
        heaviest = np.abs(directions).argmax(axis=1)
        signs = np.sign(directions[np.arange(n_components), heaviest])
        self.mean_ = center + reach * mean
        self.components_ = directions * signs[:, None]
        ordered = np.sort(variances)[::-1]
        self.explained_variance_ = ordered[:n_components] * norm**2 / (n - 1)
        self.n_components_ = n_components
        return self

    @property
    def _n_features_out(self):
        return self.n_components_

    def transform(self, X):
        """Return where records are along the directions.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        X_new : ndarray of shape (n_records, n_components)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        return (X - self.mean_) @ self.components_.T

    def inverse_transform(self, X):
        """Return the records that are there along the directions.

        Parameters
        ----------
        X : array-like of shape (n_records, n_components)
            Records as :meth:`transform` returns them.

        Returns
        -------
        X_original : ndarray of shape (n_records, n_features)
        """
        check_is_fitted(self)
        return check_array(X, dtype=float) @ self.components_ + self.mean_


def draw_directions(products, n_components, epsilon, noise) -> np.ndarray:
    """Release directions one after the other, each across those before it.

    Parameters
    ----------
    products : ndarray of shape (n_features, n_features)
        Sum of the products of columns, of records no longer than 1.

    n_components : int
        How many.

    epsilon : float
        Of each direction but the last of all.

    noise : NoiseSource
        Where noise comes from.

    Returns
    -------
    directions : ndarray of shape (n_components, n_features)
    """
    directions = np.empty((0, len(products)))
    for _ in range(n_components):
        across = null_space(directions) if len(directions) else np.eye(len(products))
        # Products with a direction change by at most 1 from neighbor to neighbor, and
        # their normalization as much.
        left = epsilon / 2 * across.T @ products @ across
        release = Release("bingham", left, epsilon / 2, 1.0)
        drawn = observed(release, partial(draw_bingham, left, noise), noise)
        direction = across @ drawn
        directions = np.vstack([directions, direction])
    return directions


def draw_bingham(matrix, noise) -> np.ndarray:
    """Draw a direction whose density is the exponential of a quadratic form.

    Parameters
    ----------
    matrix : ndarray of shape (n_features, n_features)
        The form, symmetric.

    noise : NoiseSource
        Where noise comes from.

    Returns
    -------
    direction : ndarray of shape (n_features,)

    Examples
    --------
    >>> from skprivacy.dp._noise import NoiseSource
    >>> np.abs(draw_bingham(np.diag([0.0, 1e9]), NoiseSource(None))).round(2)
    array([0., 1.])
    """
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    below = values.max() - values
    d = len(values)

    def excess(width):
        return (1 / (width + 2 * below)).sum() - 1

    width = d if excess(d) >= 0 else brentq(excess, 1e-9, d)
    spread = 1 + 2 * below / width
    while True:
        drawn = noise.normal(d) / np.sqrt(spread)
        direction = drawn / np.linalg.norm(drawn)
        # Density over that of what is drawn, and over the largest such ratio.
        log_ratio = -below @ direction**2 + d / 2 * np.log(spread @ direction**2)
        log_largest = -(d - width) / 2 + d / 2 * np.log(d / width)
        if np.log(noise.uniform()) <= log_ratio - log_largest:
            return vectors @ direction
