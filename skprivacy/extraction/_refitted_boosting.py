"""Boosted trees whose leaves are weighed anew, all at once."""

from numbers import Integral, Real

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, RegressorMixin, _fit_context
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["RefittedBoosting", "leaf_columns"]

#: Features that each cut is chosen from, at least; three tenths where that is more.
FEWEST_FEATURES = 4


def leaf_columns(leaves, n_nodes):
    """Mark in which leaf of each tree a record lies.

    Parameters
    ----------
    leaves : ndarray of int of shape (n_records, n_trees)
        Number of the node that is the record's leaf.

    n_nodes : ndarray of int of shape (n_trees,)
        Nodes of each tree.

    Returns
    -------
    columns : sparse matrix of shape (n_records, n_nodes.sum())
        1 for each leaf, 0 elsewhere.

    Examples
    --------
    >>> import numpy as np
    >>> leaf_columns(np.array([[1, 2], [2, 1]]), np.array([3, 3])).toarray()
    array([[0., 1., 0., 0., 0., 1.],
           [0., 0., 1., 0., 1., 0.]])
    """
    n_records, n_trees = leaves.shape
    first = np.concatenate([[0], np.cumsum(n_nodes)])
    at = (leaves + first[:-1]).ravel()
    rows = np.arange(0, n_records * n_trees + 1, n_trees)
    ones = np.ones(n_records * n_trees)
    return sparse.csr_matrix((ones, at, rows), shape=(n_records, first[-1]))


class RefittedBoosting(RegressorMixin, BaseEstimator):
    """Finds cells by boosting, and their values by least squares.

    Boosting gives a leaf its value when the trees after it are not there yet. Answers
    of a target hold no noise, so that the values of all leaves can be solved for
    together: a model that is a sum of trees has an exact solution in its own cells.

    Parameters
    ----------
    n_estimators : int, default=300
        Trees.

    max_depth : int, default=4
        Features that a cell is cut by at most.

    learning_rate : float, default=0.1
        Size of each step, while cells are looked for.

    alpha : float, default=1.0
        Penalty of the squared values.

    random_state : int, RandomState instance or None, default=None
        Which records and features each tree sees.

    Attributes
    ----------
    n_features_in_ : int
        Features.
    """

    _parameter_constraints = {
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "max_depth": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_estimators=300,
        *,
        max_depth=4,
        learning_rate=0.1,
        alpha=1.0,
        random_state=None,
    ):
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.learning_rate = learning_rate
        self.alpha = alpha
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Find cells, then their values.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        y : array-like of shape (n_records,)
            Answers.

        Returns
        -------
        self : object
        """
        X, y = validate_data(self, X, y, y_numeric=True, ensure_min_samples=2)
        n_features = X.shape[1]
        self._trees = GradientBoostingRegressor(
            n_estimators=self.n_estimators,
            max_depth=self.max_depth,
            learning_rate=self.learning_rate,
            # Trees that see different records and features cut different cells.
            subsample=0.5,
            max_features=min(n_features, max(FEWEST_FEATURES, int(0.3 * n_features))),
            random_state=self.random_state,
        ).fit(X, y)
        self._n_nodes = np.array(
            [tree.tree_.node_count for tree in self._trees.estimators_[:, 0]]
        )
        self._values = Ridge(self.alpha, solver="lsqr").fit(self._columns(X), y)
        return self

    def predict(self, X):
        """Add up the values of the cells that records lie in.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        return self._values.predict(self._columns(X))

    def _columns(self, X):
        return leaf_columns(self._trees.apply(X).astype(np.int64), self._n_nodes)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_values")
