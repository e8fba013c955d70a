"""diffprivlib's principal components, which leave the data alone."""

from numbers import Integral, Real

import numpy as np
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
    to_unit_range,
)
from skprivacy.dp._public import public_bounds

__all__ = ["DiffprivlibPCA"]


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

    References
    ----------
    K. Amin et al., "Differentially Private Covariance Estimation", NeurIPS 2019.

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
        library, random_state = self._start_library_fit(
            ", the bounds and the largest norm",
            "directions are drawn from a generator that is seeded by the operating "
            "system, and no cryptographic one",
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
        variances, directions = library.models.utils.covariance_eig(
            away,
            epsilon=self.epsilon / 2,
            norm=1.0,
            dims=n_components,
            random_state=random_state,
        )
        heaviest = np.abs(directions).argmax(axis=0)
        directions = directions * np.sign(directions[heaviest, np.arange(n_components)])
        self.mean_ = center + reach * mean
        self.components_ = directions.T
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
