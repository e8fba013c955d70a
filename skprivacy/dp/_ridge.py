"""Linear regression from one private release of its moments."""

from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, _fit_context
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy._validation import check_numbers
from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._public import (
    clip_norm,
    public_bounds,
    public_norm,
    to_unit_range,
)
from skprivacy.dp._release import release_gaussian
from skprivacy.dp._symmetric import from_triangle, noise_reach, triangle

__all__ = ["DPRidge", "regression_moments", "regression_sensitivity", "solve_lifted"]


class DPRidge(PrivateFitMixin, RegressorMixin, BaseEstimator):
    r"""Linear regression with differential privacy.

    All products of columns with each other and with `y` are released at once, with
    Gaussian noise; weights are made of these, as small as the noise requires.

    Parameters
    ----------
    epsilon : float, default=1.0
        Epsilon of the guarantee, at `delta`.

    delta : float, default=1e-5
        Above 0; well below one over the number of records.

    data_norm : float or None, default=None
        The longest that a record may be, by the Euclidean norm; longer ones are
        shortened. It must be public knowledge. Bring columns to comparable, public
        scales beforehand.

    y_bounds : pair of float or None, default=None
        The least and the largest that `y` may be. They must be public knowledge.

    fit_intercept : bool, default=True
        Whether to learn a constant.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where `data_norm` or `y_bounds` are not given, and would be read off
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
        Weights.

    intercept_ : float
        Constant.

    y_bounds_ : tuple of float
        Predictions are moved to these ends.

    n_features_in_ : int
        Columns.

    Raises
    ------
    PrivacyLeakError
        If `data_norm` or `y_bounds` are not given.
    PrivacyBudgetExceeded
        If the ledger has not enough left.

    See Also
    --------
    DPLogisticRegression : For classes.

    Notes
    -----
    Neighbors are data sets of which one record is another; the number of records is
    public. With :math:`x` the record, scaled to a length of 1 at most, beside a
    constant of 1, and :math:`y` scaled to -1 to 1, the release is :math:`\sum x x^T`
    and :math:`\sum y x`, of which neighbors are at most :math:`\sqrt{12.5}` apart,
    counting both halves of the matrix (:math:`\sqrt{4.5}` without a constant).

    Eigenvalues of the matrix that are less than what noise alone reaches are lifted to
    that. AdaSSP adds the lacking part of the least one to all of them.

    References
    ----------
    Y.-X. Wang. "Revisiting differentially private linear regression: optimal and
    adaptive prediction & estimation in unbounded domain". UAI 2018, Algorithm 2.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.preprocessing import minmax_scale
    >>> from skprivacy.dp import DPRidge
    >>> X, y = load_diabetes(return_X_y=True)
    >>> X = minmax_scale(X, (-1, 1))  # as if the ends were known to everybody
    >>> model = DPRidge(epsilon=10.0, data_norm=2.0, y_bounds=(25, 346)).fit(X, y)
    >>> model.score(X, y) > 0.3
    True
    >>> print(model.privacy_guarantee_)
    epsilon=10 at delta=1e-05 (2-GDP, replace)
    """

    _parameter_constraints = {
        **PRIVACY_CONSTRAINTS,
        "data_norm": [Interval(Real, 0, None, closed="neither"), None],
        "y_bounds": "no_validation",
        "fit_intercept": ["boolean"],
    }

    def __init__(
        self,
        epsilon=1.0,
        delta=1e-5,
        *,
        data_norm=None,
        y_bounds=None,
        fit_intercept=True,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.epsilon = epsilon
        self.delta = delta
        self.data_norm = data_norm
        self.y_bounds = y_bounds
        self.fit_intercept = fit_intercept
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Release the moments, and make the model of them.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is longer than `data_norm` is shortened.

        y : array-like of shape (n_records,)
            Numbers. What is outside of `y_bounds` is moved to their ends.

        Returns
        -------
        self : DPRidge
        """
        X, y = validate_data(self, X, y, dtype=float, y_numeric=True)
        norm = public_norm(self.data_norm, X, self.on_leak)
        column = check_numbers(y)[:, None]
        ends = public_bounds(self.y_bounds, column, self.on_leak, name="y_bounds")
        records = clip_norm(X, norm) / norm
        scaled, (center,), (reach,) = to_unit_range(column, *ends)
        mu, noise = self._start_gaussian_fit(
            "the number of records, data_norm and y_bounds are public"
        )
        sensitivity = regression_sensitivity(self.fit_intercept)
        sums = regression_moments(records, scaled[:, 0], self.fit_intercept)
        released = release_gaussian(sums, sensitivity, mu, noise)
        weights = self._solve(released, len(X), sensitivity / mu)
        n_features = X.shape[1]
        self.coef_ = reach / norm * weights[:n_features]
        constant = weights[-1] if self.fit_intercept else 0.0
        self.intercept_ = float(center + reach * constant)
        self.y_bounds_ = tuple(float(end[0]) for end in ends)
        return self

    def _solve(self, released, n_records, deviation):
        n_columns = self.n_features_in_ + self.fit_intercept
        squares, products = released[:-n_columns], released[-n_columns:]
        if self.fit_intercept:
            # The constant's square is the number of records, and public.
            squares = np.append(squares, n_records)
        least = noise_reach(n_columns, deviation)
        return solve_lifted(from_triangle(squares, n_columns), products, least)

    def predict(self, X):
        """Predict numbers within `y_bounds`.

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
        return np.clip(X @ self.coef_ + self.intercept_, *self.y_bounds_)


def regression_moments(records, y, constant) -> np.ndarray:
    """Sum up what linear regression needs.

    Parameters
    ----------
    records : ndarray of shape (n_records, n_features)
        Records, no longer than 1.

    y : ndarray of shape (n_records,)
        From -1 to 1.

    constant : bool
        Whether there is a constant of 1 beside them.

    Returns
    -------
    moments : ndarray
        The triangle of the sum of products of columns, without the square of the
        constant; and the sums of products with ``y``.

    Examples
    --------
    >>> regression_moments(np.array([[0.5], [1.0]]), np.array([1.0, -1.0]), False)
    array([ 1.25, -0.5 ])
    """
    if constant:
        records = np.column_stack([records, np.ones(len(records))])
    squares = triangle(records.T @ records)
    if constant:
        squares = squares[:-1]
    return np.concatenate([squares, y @ records])


def regression_sensitivity(constant) -> float:
    r"""How far apart the moments of neighbors can be, by the Euclidean norm.

    The square distance of records :math:`x, x'` of length 1 with :math:`a = x \cdot
    x'` and opposite ends of `y` is :math:`2 - 2 a^2 + 2 + 2 a`, and with a constant
    :math:`4 (1 - a) + 4` more: at most 4.5, and 12.5.

    Parameters
    ----------
    constant : bool
        Whether there is a constant.

    Returns
    -------
    sensitivity : float

    Examples
    --------
    >>> round(regression_sensitivity(True) ** 2, 6)
    12.5
    """
    return float(np.sqrt(12.5 if constant else 4.5))


def solve_lifted(matrix, products, least) -> np.ndarray:
    """Solve for weights with all eigenvalues lifted to the least that is believed.

    Parameters
    ----------
    matrix : ndarray of shape (n_columns, n_columns)
        Symmetric.

    products : ndarray of shape (n_columns,)
        Products with ``y``.

    least : float
        Above 0.

    Returns
    -------
    weights : ndarray of shape (n_columns,)

    Examples
    --------
    >>> solve_lifted(np.diag([4.0, -1.0]), np.array([8.0, 1.0]), 2.0)
    array([2. , 0.5])
    """
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ ((vectors.T @ products) / np.maximum(values, least))
