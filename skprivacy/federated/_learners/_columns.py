"""Coordinates in which sums of squares are exact enough: centered, of deviation one.

Words of a secure sum have a fixed point. A column of billions and one of millionths
both fit after this; what is learned is carried back to their units.
"""

from math import sqrt

import numpy as np
from scipy import linalg

from skprivacy.federated._learners._learner import Phase
from skprivacy.federated._learners._order_search import OrderSearch

__all__ = [
    "ClassCounts",
    "ColumnBounds",
    "ColumnMoments",
    "GramSums",
    "coordinates",
    "counted",
    "nearest_scatter",
    "sum_error",
    "unpack_symmetric",
    "upper_triangle",
    "with_target",
]

#: Times the rounding error of a sum, below which it is taken for zero.
NOISE = 64
#: Values beyond bounds by so much of their width are within rounding.
SLACK = 1e-9
#: Narrower columns are one value: their width could not be divided by.
NARROWEST = 1e-290


def features(X, y):
    """Leave the target out."""
    return X


def with_target(X, y):
    """Set the target beside the features, as their last column."""
    return np.column_stack([X, y])


def sum_error(public, size) -> float:
    """Return the error that a sum of so many values of about one may have.

    Parameters
    ----------
    public : dict
        With ``resolution``: the error of rounding of a secure sum, 0 of a plain one.

    size : float
        How much was added up.

    Returns
    -------
    error : float
    """
    return max(public["resolution"], size * np.finfo(float).eps)


def coordinates(X, public):
    """Return columns in the coordinates that were agreed on.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_columns)
        Records.

    public : dict
        With ``center`` and ``scale``.

    Returns
    -------
    Z : ndarray of shape (n_records, n_columns)
    """
    return (X - public["center"]) / public["scale"]


def upper_triangle(matrix):
    """Return the upper triangle of a symmetric matrix as one row."""
    return matrix[np.triu_indices(len(matrix))]


def unpack_symmetric(triangle, n):
    """Return the symmetric matrix that an upper triangle is of.

    Examples
    --------
    >>> unpack_symmetric(np.array([1.0, 2.0, 3.0]), 2)
    array([[1., 2.],
           [2., 3.]])
    """
    matrix = np.zeros((n, n))
    matrix[np.triu_indices(n)] = triangle
    return matrix + np.triu(matrix, 1).T


def counted(total, public):
    """Return counts as whole numbers; with noise, 2 at least, as a variance takes.

    Examples
    --------
    >>> counted(np.array([2.9, -4.0]), {"noise": 3.0})
    array([3., 2.])
    """
    counts = np.rint(total)
    return np.maximum(counts, 2.0) if "noise" in public else counts


def nearest_scatter(matrix, least):
    """Return the nearest matrix whose eigenvalues are not below what noise hides.

    Examples
    --------
    >>> nearest_scatter(np.diag([2.0, -1.0]), 0.5).round(12)
    array([[2. , 0. ],
           [0. , 0.5]])
    """
    values, vectors = linalg.eigh(matrix)
    return (vectors * np.maximum(values, least)) @ vectors.T


class ColumnBounds(OrderSearch):
    """Between which values each column lies, roughly; not asked where it is known."""

    is_known_by_bounds = True

    def __init__(self, columns=features):
        super().__init__(2, columns)

    def known(self, estimator, public):
        """Return bounds that were given: of the target too where it is a column."""
        needed = ["bounds", "y_bounds"] if self.columns is with_target else ["bounds"]
        pairs = [public.get(name) for name in needed]
        if any(pair is None for pair in pairs):
            return None
        lower, upper = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
        return {"lower": lower, "upper": upper}


class ColumnMoments(Phase):
    """Mean and deviation of each column, roughly: the coordinates of what follows."""

    is_known_by_bounds = True

    def __init__(self, columns=features):
        self.columns = columns

    def known(self, estimator, public):
        """Where records are to be private, take coordinates from -1 to 1."""
        if public.get("privacy") is None:
            return None
        center, scale = _middle_and_reach(public)
        return {"center": center, "scale": scale}

    def vector(self, estimator, X, y, public):
        """Add up values and squares, scaled to the bounds."""
        middle, reach = _middle_and_reach(public)
        values = self.columns(X, y)
        U = (values - middle) / reach
        beyond = np.flatnonzero((np.abs(U) > 1 + SLACK).any(axis=0))
        if len(beyond):
            raise ValueError(
                f"values are beyond the bounds in the columns {beyond.tolist()[:10]}."
            )
        return np.concatenate([[len(U)], U.sum(axis=0), (U**2).sum(axis=0)])

    def update(self, estimator, total, public):
        """Return center and scale."""
        n, (sums, squares) = total[0], total[1:].reshape(2, -1)
        middle, reach = _middle_and_reach(public)
        mean = sums / n
        # A column that is finer than the sum shows gets what can be told apart: the
        # next sum sees 10,000 times finer.
        var = np.maximum(squares / n - mean**2, NOISE * sum_error(public, n) / n)
        return {"center": middle + mean * reach, "scale": np.sqrt(var) * reach}


def _middle_and_reach(public):
    lower, upper = public["lower"] / 2, public["upper"] / 2
    reach = upper - lower
    return lower + upper, np.where(reach < NARROWEST, 1.0, reach)


class ClassCounts(Phase):
    """How many records each class has; classes without are dropped."""

    def vector(self, estimator, X, y, public):
        """Count."""
        return np.bincount(y, minlength=len(public["classes"])).astype(float)

    def update(self, estimator, total, public):
        """Keep classes with records. Labels are told by position in ``classes``."""
        return {"classes": public["classes"][total > 0.5]}


class GramSums(Phase):
    """Number of records, and mean and scatter of all columns, in the coordinates."""

    def __init__(self, columns=features):
        self.columns = columns

    def vector(self, estimator, X, y, public):
        """Add up values and products."""
        Z = coordinates(self.columns(X, y), public)
        return np.concatenate([[len(Z)], Z.sum(axis=0), upper_triangle(Z.T @ Z)])

    def record_norm(self, estimator, public):
        """One, coordinates, and their products."""
        d = len(public["center"])
        return sqrt(1 + d + d * (d + 1) / 2)

    def update(self, estimator, total, public):
        """Return what was added up."""
        d = len(public["center"])
        n, sums = counted(total[0], public), total[1 : d + 1]
        gram = unpack_symmetric(total[d + 1 :], d)
        scatter = gram - np.outer(sums, sums) / n
        if "noise" in public:
            scatter = nearest_scatter(scatter, public["noise"])
        return {"n": n, "mean": sums / n, "scatter": scatter}
