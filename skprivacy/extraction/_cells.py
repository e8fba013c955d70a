"""Features as numbers of the cells that thresholds cut them into."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["CellCoder", "cell_codes"]


def cell_codes(X, thresholds):
    """Count the thresholds below each number.

    Parameters
    ----------
    X : ndarray of float of shape (n_records, n_features)
        Records.

    thresholds : list of (ndarray of float or None)
        Thresholds of each feature, in order; None leaves a feature as it is. As in
        trees, a number that is a threshold lies below it.

    Returns
    -------
    codes : ndarray of float of shape (n_records, n_features)

    Examples
    --------
    >>> import numpy as np
    >>> cell_codes(np.array([[1.0, 7.5], [2.5, 8.5]]), [np.array([1.0, 2.0]), None])
    array([[0. , 7.5],
           [2. , 8.5]])
    """
    codes = np.array(X, dtype=float)
    for j, known in enumerate(thresholds):
        if known is not None:
            codes[:, j] = np.searchsorted(known, codes[:, j], side="left")
    return codes


class CellCoder(TransformerMixin, BaseEstimator):
    """Turns features into numbers of cells, between which trees then split.

    Parameters
    ----------
    thresholds : list of (ndarray of float or None)
        As in `cell_codes`.

    Attributes
    ----------
    n_features_in_ : int
        Features.
    """

    _parameter_constraints = {"thresholds": [list]}

    def __init__(self, thresholds):
        self.thresholds = thresholds

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Check that there are thresholds for each feature.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        y : object
            Ignored.

        Returns
        -------
        self : object
        """
        X = validate_data(self, X)
        if len(self.thresholds) != X.shape[1]:
            raise ValueError(
                f"thresholds must be given for each of the {X.shape[1]} features of "
                f"X; got {len(self.thresholds)}."
            )
        return self

    def transform(self, X):
        """Code records.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        codes : ndarray of float of shape (n_records, n_features)
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        return cell_codes(X, self.thresholds)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "n_features_in_")
