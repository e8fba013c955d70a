"""Which cells of records an attack has found."""

import numpy as np
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted

__all__ = ["RecoveredCellsMixin"]


class RecoveredCellsMixin:
    """Judges `rows_` by cells, whatever found them."""

    def cells_recovered(self, X):
        """Tell which cells of records were found.

        Rows stand for those records with which most of all cells are equal.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            What was trained on, at most as many records as rows.

        Returns
        -------
        recovered : ndarray of shape (n_records, n_cells) of bool
            Categories first, then numbers.
        """
        check_is_fitted(self)
        return self._compared(self.rows_, X)

    def score(self, X):
        """Return the share of cells that were found.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            As in :meth:`cells_recovered`.

        Returns
        -------
        share : float
        """
        return float(self.cells_recovered(X).mean())

    def baseline_score(self, X, *, method="likeliest", random_state=None):
        """Return the share of cells that who knows the columns alone would find.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            As in :meth:`cells_recovered`.

        method : {"likeliest", "drawn"}, default="likeliest"
            Rows of the likeliest value of each cell, or of values that are drawn cell
            by cell from the reference records.

        random_state : int, RandomState or None, default=None
            What draws.

        Returns
        -------
        share : float
        """
        check_is_fitted(self)
        if method not in ("likeliest", "drawn"):
            raise ValueError(f"method must be 'likeliest' or 'drawn'; got {method!r}.")
        if method == "likeliest":
            rows = self._likeliest(len(self.rows_))
        else:
            draw = check_random_state(random_state)
            rows = self._cells.drawn_rows(len(self.rows_), draw)
        return float(self._compared(rows, X).mean())

    def _compared(self, rows, X):
        X = check_array(X, dtype=float)
        if X.shape[1] != self.n_features_in_ or len(X) > len(rows):
            raise ValueError(
                f"records must have the {self.n_features_in_} features of the network, "
                f"and be at most {len(rows)}, as many as were searched for; got an "
                f"array of shape {X.shape}."
            )
        picks = self._cells.match(rows, X, self.tolerance)
        return self._cells.equal(rows[picks], X, self.tolerance)

    def _likeliest(self, n_rows):
        return np.tile(self._cells.likeliest_row(self.tolerance), (n_rows, 1))
