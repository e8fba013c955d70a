"""LinearRegression and Ridge."""

import numpy as np
from scipy import linalg

from skprivacy.federated._learners._columns import (
    NOISE,
    ColumnBounds,
    ColumnMoments,
    GramSums,
    sum_error,
    with_target,
)
from skprivacy.federated._learners._learner import SumLearner

__all__ = ["LINEAR_REGRESSION", "RIDGE"]


def check_linear(model):
    """Refuse what sums can't serve."""
    if model.positive:
        raise ValueError(f"positive must be False to learn by sums; got {model!r}.")


def check_ridge(model):
    """Refuse what sums can't serve."""
    check_linear(model)
    if np.size(model.alpha) != 1:
        raise ValueError(f"alpha must be one number; got {model.alpha!r}.")


def normal_equations(model, public):
    """Return the two sides of the normal equations, in the coordinates.

    Parameters
    ----------
    model : estimator
        With `fit_intercept`.

    public : dict
        Sums of features and target together.

    Returns
    -------
    A : ndarray of shape (n_features, n_features)
        Products of features, centered if there is an intercept.

    b : ndarray of shape (n_features,)
        Products with the target.
    """
    products = public["scatter"]
    if not model.fit_intercept:
        shift = public["mean"] + public["center"] / public["scale"]
        products = products + public["n"] * np.outer(shift, shift)
    return products[:-1, :-1], products[:-1, -1]


def least_norm(A, b, units, floor):
    """Solve ``A w = b`` where several do so by the one of least norm in units.

    Parameters
    ----------
    A : ndarray of shape (n_features, n_features)
        Positive semi-definite.

    b : ndarray of shape (n_features,)
        Other side.

    units : ndarray of shape (n_features,)
        The norm is that of ``w / units``.

    floor : float
        Eigenvalues up to this are zero.

    Returns
    -------
    w : ndarray of shape (n_features,)

    rank : int
        Eigenvalues that are not zero.

    Examples
    --------
    >>> least_norm(np.ones((2, 2)), np.ones(2), np.ones(2), 1e-9)
    (array([0.5, 0.5]), 1)
    """
    values, vectors = linalg.eigh(A)
    floor = max(floor, len(A) * np.finfo(float).eps * values[-1])
    kept = values > floor
    w = vectors[:, kept] @ (vectors[:, kept].T @ b / values[kept])
    if not kept.all():
        free = vectors[:, ~kept]
        w = w + free @ linalg.lstsq(free / units[:, None], -w / units)[0]
    return w, int(kept.sum())


def zero_below(public):
    """Return up to which eigenvalues can't be told from zero.

    With noise in each product, those of a matrix of nothing but noise end at two
    deviations times the root of its size.
    """
    if "noise" in public:
        return 2 * public["noise"] * np.sqrt(len(public["center"]))
    return NOISE * sum_error(public, public["n"])


def set_line(model, w, public):
    """Set coefficients and intercept in the columns' units."""
    means = public["center"] + public["scale"] * public["mean"]
    model.coef_ = w * public["scale"][-1] / public["scale"][:-1]
    model.intercept_ = 0.0
    if model.fit_intercept:
        model.intercept_ = float(means[-1] - means[:-1] @ model.coef_)


def finish_linear_regression(model, public):
    """Set what a fit sets."""
    A, b = normal_equations(model, public)
    units = public["scale"][:-1]
    w, model.rank_ = least_norm(A, b, units, zero_below(public))
    squares = linalg.eigvalsh(A * np.outer(units, units))[::-1]
    kept = min(len(squares), int(public["n"]))
    model.singular_ = np.sqrt(np.maximum(squares, 0.0))[:kept]
    set_line(model, w, public)


def finish_ridge(model, public):
    """Set what a fit sets."""
    A, b = normal_equations(model, public)
    units = public["scale"][:-1]
    alpha = float(np.ravel(model.alpha)[0])
    if alpha > 0:
        w = linalg.solve(A + np.diag(alpha / units**2), b, assume_a="pos")
    else:
        w, _ = least_norm(A, b, units, zero_below(public))
    model.n_iter_, model.solver_ = None, "cholesky"
    set_line(model, w, public)


PHASES = (ColumnBounds(with_target), ColumnMoments(with_target), GramSums(with_target))
LINEAR_REGRESSION = SumLearner(
    PHASES, finish_linear_regression, "numbers", check_linear
)
RIDGE = SumLearner(PHASES, finish_ridge, "numbers", check_ridge)
