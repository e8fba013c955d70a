"""diffprivlib's linear regression, without the terms that it releases as they are."""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, _fit_context
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy._validation import check_numbers
from skprivacy.dp._diffprivlib_base import (
    PURE_CONSTRAINTS,
    SoundFitMixin,
)
from skprivacy.dp._diffprivlib_compat import load_diffprivlib
from skprivacy.dp._public import public_bounds, to_unit_range

__all__ = ["DiffprivlibLinearRegression", "noisy_terms", "solve_noisy"]


class DiffprivlibLinearRegression(SoundFitMixin, RegressorMixin, BaseEstimator):
    r"""Linear regression by diffprivlib's functional mechanism, made sound.

    All sums that the squared error consists of are released with Laplace noise, and
    minimized.

    Parameters
    ----------
    epsilon : float, default=1.0
        Epsilon of the guarantee, without a delta.

    bounds : pair or None, default=None
        Lower and upper end of each column, numbers or one a column. They must be public
        knowledge.

    y_bounds : pair of float or None, default=None
        Lower and upper end of what is predicted. They must be public knowledge.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where `bounds` or `y_bounds` are not given, and would be read off
        the data.

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

    coef_ : ndarray of shape (n_features,)
        Coefficients.

    intercept_ : float
        Intercept.

    n_features_in_ : int
        Columns.

    Raises
    ------
    PrivacyLeakError
        If `bounds` or `y_bounds` are not given.
    PrivacyBudgetExceeded
        If the ledger has not enough left.

    See Also
    --------
    skprivacy.dp.DiffprivlibEstimator : All models of the library, by name.

    Notes
    -----
    Columns and `y` are scaled to -1 to 1, where the sensitivities of the library hold,
    and the intercept is the coefficient of a constant column, which is booked with the
    others.

    References
    ----------
    J. Zhang et al., "Functional Mechanism: Regression Analysis under Differential
    Privacy", PVLDB 5(11), 2012.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.dp import DiffprivlibLinearRegression
    >>> X = np.random.RandomState(0).uniform(0, 10, (2000, 1))
    >>> model = DiffprivlibLinearRegression(10.0, bounds=(0, 10), y_bounds=(0, 20))
    >>> print(model.fit(X, 2 * X[:, 0]).privacy_guarantee_)
    epsilon=10 (replace)
    >>> bool(abs(model.predict([[5.0]])[0] - 10) < 2)
    True
    """

    _parameter_constraints = {
        **PURE_CONSTRAINTS,
        "bounds": "no_validation",
        "y_bounds": "no_validation",
    }

    def __init__(
        self,
        epsilon=1.0,
        *,
        bounds=None,
        y_bounds=None,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.epsilon = epsilon
        self.bounds = bounds
        self.y_bounds = y_bounds
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Release the sums, and minimize the error that they make.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is outside of the bounds is moved to their ends.

        y : array-like of shape (n_records,)
            Numbers. What is outside of their bounds is moved to their ends.

        Returns
        -------
        self : DiffprivlibLinearRegression
        """
        X, y = validate_data(self, X, y, dtype=float, y_numeric=True)
        ends = public_bounds(self.bounds, X, self.on_leak)
        column = check_numbers(y)[:, None]
        y_ends = public_bounds(self.y_bounds, column, self.on_leak, name="y_bounds")
        scaled, center, reach = to_unit_range(X, *ends)
        target, y_center, y_reach = to_unit_range(column, *y_ends)
        _, random_state, _ = self._start_library_fit(" and the bounds")
        records = np.column_stack([scaled, np.ones(len(X))])
        products, squares = noisy_terms(records, target, self.epsilon, random_state)
        # What noise does to each sum, about: smaller curvatures are not believed.
        least = len(squares) ** 2.5 / self.epsilon
        found = solve_noisy(squares, products, least) * y_reach[0]
        self.coef_ = found[:-1] / reach
        self.intercept_ = float(found[-1] + y_center[0] - self.coef_ @ center)
        return self

    def predict(self, X):
        """Return the numbers.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        return X @ self.coef_ + self.intercept_


def noisy_terms(records, target, epsilon, random_state=None) -> tuple:
    """Release the sums that the squared error consists of.

    Parameters
    ----------
    records : ndarray of shape (n_records, n_features)
        Records, from -1 to 1.

    target : ndarray of shape (n_records, 1)
        What is predicted, from -1 to 1.

    epsilon : float
        Of all sums together.

    random_state : RandomState or None, default=None
        None: the operating system.

    Returns
    -------
    products : ndarray of shape (n_features,)
        Of columns and what is predicted.

    squares : ndarray of shape (n_features, n_features)
        Of columns and columns.
    """
    library = load_diffprivlib().models.linear_regression
    ends = -np.ones(records.shape[1]), np.ones(records.shape[1])
    _, (_, products, squares) = library._construct_regression_obj(
        records,
        target,
        ends,
        (-np.ones(1), np.ones(1)),
        epsilon=epsilon,
        alpha=0,
        random_state=random_state,
    )
    return products[:, 0], squares


def solve_noisy(squares, products, least) -> np.ndarray:
    """Minimize a squared error whose terms have noise.

    Parameters
    ----------
    squares : ndarray of shape (n_features, n_features)
        Products of columns and columns.

    products : ndarray of shape (n_features,)
        Products of columns and what is predicted.

    least : float
        Smaller curvatures, and negative ones, become this.

    Returns
    -------
    coef : ndarray of shape (n_features,)

    Examples
    --------
    >>> solve_noisy(np.diag([4.0, -1.0]), np.array([8.0, 1.0]), 2.0)
    array([2. , 0.5])
    """
    values, vectors = np.linalg.eigh(squares)
    return vectors @ ((vectors.T @ products) / np.maximum(values, least))
