"""diffprivlib's standard scaler."""

import numpy as np
from sklearn.base import (
    BaseEstimator,
    OneToOneFeatureMixin,
    TransformerMixin,
    _fit_context,
)
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy.dp._diffprivlib_base import (
    PURE_CONSTRAINTS,
    SoundFitMixin,
)
from skprivacy.dp._public import public_bounds, to_unit_range

__all__ = ["DiffprivlibStandardScaler"]


class DiffprivlibStandardScaler(
    SoundFitMixin, OneToOneFeatureMixin, TransformerMixin, BaseEstimator
):
    r"""Brings columns to mean 0 and deviation 1 with diffprivlib's noise.

    Parameters
    ----------
    epsilon : float, default=1.0
        Epsilon of the guarantee, without a delta: half for the means, half for the
        variances.

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

    mean_, var_, scale_ : ndarray of shape (n_features,)
        Mean, variance and its root, of each column.

    n_features_in_ : int
        Columns.

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
    Records with missing values are refused: the library takes their number as public.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.dp import DiffprivlibStandardScaler
    >>> X = np.random.RandomState(0).uniform(0, 4, (1000, 2))
    >>> scaler = DiffprivlibStandardScaler(10.0, bounds=(0, 4)).fit(X)
    >>> print(scaler.privacy_guarantee_)
    epsilon=10 (replace)
    >>> bool(abs(scaler.transform(X).mean()) < 0.1)
    True
    """

    _parameter_constraints = {**PURE_CONSTRAINTS, "bounds": "no_validation"}

    def __init__(
        self,
        epsilon=1.0,
        *,
        bounds=None,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.epsilon = epsilon
        self.bounds = bounds
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Release means and variances.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is outside of the bounds is moved to their ends.

        y : None
            Ignored.

        Returns
        -------
        self : DiffprivlibStandardScaler
        """
        X = validate_data(self, X, dtype=float, ensure_min_samples=2)
        ends = public_bounds(self.bounds, X, self.on_leak)
        scaled, center, reach = to_unit_range(X, *ends)
        library, random_state, _ = self._start_library_fit(" and the bounds")
        shared = {
            "epsilon": self.epsilon / 2,
            "bounds": (-np.ones(X.shape[1]), np.ones(X.shape[1])),
            "axis": 0,
            "random_state": random_state,
        }
        mean, var = (
            release(scaled, **shared, accountant=library.BudgetAccountant())
            for release in (library.tools.mean, library.tools.var)
        )
        self.mean_ = center + reach * mean
        self.var_ = reach**2 * var
        # A column that is the same everywhere is left at its size.
        self.scale_ = np.where(self.var_ > 0, np.sqrt(self.var_), 1.0)
        return self

    def transform(self, X):
        """Take the means away, and divide by the deviations.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        X_new : ndarray of shape (n_records, n_features)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        return (X - self.mean_) / self.scale_

    def inverse_transform(self, X):
        """Undo it.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records as :meth:`transform` returns them.

        Returns
        -------
        X_original : ndarray of shape (n_records, n_features)
        """
        check_is_fitted(self)
        return check_array(X, dtype=float) * self.scale_ + self.mean_
