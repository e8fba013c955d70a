"""How many records are among the rows that an attack found."""

import numpy as np
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted

__all__ = ["RecoveredRowsMixin", "marginal_rows", "rows_recovered"]


def rows_recovered(rows, X, tolerance=1e-3):
    """Tell which records are among the rows, every value of them.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features)
        What an attack found.

    X : ndarray of shape (n_records, n_features)
        The records.

    tolerance : float, default=1e-3
        The largest error of a value.

    Returns
    -------
    recovered : ndarray of shape (n_records,) of bool
    """
    return np.array(
        [bool((np.abs(rows - x).max(axis=1) <= tolerance).any()) for x in X],
        dtype=bool,
    )


def marginal_rows(X, n_rows, random_state=None):
    """Draw rows each value of which is drawn from its column, by itself.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Records of the same population.

    n_rows : int
        How many to draw.

    random_state : int, RandomState or None, default=None
        What draws them.

    Returns
    -------
    rows : ndarray of shape (n_rows, n_features)
    """
    draw = check_random_state(random_state)
    picks = draw.randint(len(X), size=(n_rows, X.shape[1]))
    return np.take_along_axis(X, picks, axis=0)


class RecoveredRowsMixin:
    """Judges `rows_`, whatever found them."""

    def recovered(self, X, tolerance=1e-3):
        """Tell which records were found, every value of them.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            What the clients trained on.

        tolerance : float, default=1e-3
            The largest error of a value.

        Returns
        -------
        recovered : ndarray of shape (n_records,) of bool
        """
        return rows_recovered(self.rows_, self._checked(X), tolerance)

    def score(self, X, tolerance=1e-3):
        """Return the share of records that were found.

        Parameters
        ----------
        X, tolerance
            As in :meth:`recovered`.

        Returns
        -------
        share : float
        """
        return float(self.recovered(X, tolerance).mean())

    def baseline_score(self, X, X_reference, *, tolerance=1e-3, random_state=None):
        """Return the share that who knows the columns alone would find.

        As many rows as the attack has are drawn, each value from its column.

        Parameters
        ----------
        X, tolerance
            As in :meth:`recovered`.

        X_reference : array-like of shape (n_reference, n_features)
            Other records of the population.

        random_state : int, RandomState or None, default=None
            What draws.

        Returns
        -------
        share : float
        """
        X, X_reference = self._checked(X), self._checked(X_reference)
        rows = marginal_rows(X_reference, len(self.rows_), random_state)
        return float(rows_recovered(rows, X, tolerance).mean())

    def _checked(self, X):
        check_is_fitted(self)
        X = check_array(X, dtype=float)
        if X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"records must have the {self.n_features_in_} features of the network; "
                f"got {X.shape[1]}."
            )
        return X
