"""Columns of mean 0 and deviation 1, from one private release of their sums."""

import numpy as np
from sklearn.base import (
    BaseEstimator,
    OneToOneFeatureMixin,
    TransformerMixin,
    _fit_context,
)
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._public import public_bounds, to_unit_range
from skprivacy.dp._release import release_gaussian

__all__ = ["DPStandardScaler", "moment_sums", "moments_sensitivity"]

#: How large squares stand beside values: with up to .83 they make no neighbors
#: farther apart than the values alone do, and cost nothing.
SQUARE_WEIGHT = 0.8
#: Variance of a column that is anywhere between -1 and 1, as likely as elsewhere.
UNIFORM_VARIANCE = 1 / 3


class DPStandardScaler(
    PrivateFitMixin, OneToOneFeatureMixin, TransformerMixin, BaseEstimator
):
    r"""Brings columns to mean 0 and deviation 1 with differential privacy.

    Sums and sums of squares of all columns are released at once, with Gaussian noise.

    Parameters
    ----------
    epsilon : float, default=1.0
        Epsilon of the guarantee, at `delta`.

    delta : float, default=1e-5
        Above 0; well below one over the number of records.

    bounds : pair or None, default=None
        Lower and upper end of each column, numbers or one a column. They must be public
        knowledge.

    with_mean : bool, default=True
        Whether to take the mean away.

    with_std : bool, default=True
        Whether to divide by the deviation.

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

    mean_, var_, scale_ : ndarray of shape (n_features,)
        Mean, variance and its root, of each column.

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
    sklearn.preprocessing.StandardScaler : Without privacy.

    Notes
    -----
    Neighbors are data sets of which one record is another; the number of records is
    public. With values scaled to -1 to 1 a record adds :math:`(x, b (2 x^2 - 1))`. Two
    such are farthest apart at the two ends, where only :math:`x` differs: at most
    :math:`2 \sqrt{d}` for :math:`d` columns.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from skprivacy.dp import DPStandardScaler
    >>> X, _ = load_breast_cancer(return_X_y=True)
    >>> # As if these ends were known to everybody.
    >>> bounds = (X.min(axis=0), X.max(axis=0))
    >>> scaler = DPStandardScaler(epsilon=10.0, bounds=bounds).fit(X)
    >>> print(scaler.privacy_guarantee_)
    epsilon=10 at delta=1e-05 (2-GDP, replace)
    >>> bool(abs(scaler.transform(X).mean()) < 0.2)
    True
    """

    _parameter_constraints = {
        **PRIVACY_CONSTRAINTS,
        "bounds": "no_validation",
        "with_mean": ["boolean"],
        "with_std": ["boolean"],
    }

    def __init__(
        self,
        epsilon=1.0,
        delta=1e-5,
        *,
        bounds=None,
        with_mean=True,
        with_std=True,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.epsilon = epsilon
        self.delta = delta
        self.bounds = bounds
        self.with_mean = with_mean
        self.with_std = with_std
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Release the sums.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is outside of the bounds is moved to their ends.

        y : None
            Not used.

        Returns
        -------
        self : DPStandardScaler
        """
        X = validate_data(self, X, dtype=float)
        lower, upper = public_bounds(self.bounds, X, self.on_leak)
        scaled, center, reach = to_unit_range(X, lower, upper)
        mu, noise = self._start_gaussian_fit(
            "the number of records and bounds are public"
        )
        sensitivity = moments_sensitivity(X.shape[1])
        released = release_gaussian(moment_sums(scaled), sensitivity, mu, noise)
        mean, squares = released / len(X)
        mean = np.clip(mean, -1, 1)
        # What noise can make of a variance is no variance: a column would be blown up
        # where it happens to be next to nothing.
        least = sensitivity / mu / (2 * SQUARE_WEIGHT * len(X))
        var = (squares / SQUARE_WEIGHT + 1) / 2 - mean**2
        var = np.clip(var, min(least, UNIFORM_VARIANCE), 1.0)
        self.mean_, self.var_ = mean * reach + center, var * reach**2
        self.scale_ = np.sqrt(self.var_)
        return self

    def transform(self, X):
        """Take the mean away and divide by the deviation.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        scaled : ndarray of shape (n_records, n_features)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        if self.with_mean:
            X = X - self.mean_
        return X / self.scale_ if self.with_std else X

    def inverse_transform(self, X):
        """Undo what `transform` does.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Scaled records.

        Returns
        -------
        records : ndarray of shape (n_records, n_features)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        if self.with_std:
            X = X * self.scale_
        return X + self.mean_ if self.with_mean else X


def moment_sums(scaled) -> np.ndarray:
    """Sum up values, and their squares.

    Parameters
    ----------
    scaled : ndarray of shape (n_records, n_features)
        Records, from -1 to 1.

    Returns
    -------
    sums : ndarray of shape (2, n_features)
        Sums; and sums of ``2 x^2 - 1``, weighted.

    Examples
    --------
    >>> moment_sums(np.array([[1.0], [0.0], [1.0]]))
    array([[2. ],
           [0.8]])
    """
    squares = SQUARE_WEIGHT * (2 * scaled**2 - 1)
    return np.stack([scaled.sum(axis=0), squares.sum(axis=0)])


def moments_sensitivity(n_features) -> float:
    """How far apart the sums of neighbors can be, by the Euclidean norm.

    Parameters
    ----------
    n_features : int
        Columns.

    Returns
    -------
    sensitivity : float
        If all values go from one end to the other.

    Examples
    --------
    >>> moments_sensitivity(4)
    4.0
    """
    return float(2 * np.sqrt(n_features))
