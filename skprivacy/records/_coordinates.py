"""Records as points, for distances between them."""

import numpy as np
import pandas as pd

from skprivacy._validation import as_table

__all__ = ["Coordinates"]


class Coordinates:
    """Turn features into points, so that each column counts alike.

    Numbers are divided by their standard deviation, a missing one is taken to be the
    median. Two different texts or categories are as far apart as two random numbers of
    a column usually are.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_rows, n_features)
        Table that says how widely columns are spread and which categories there are.

    Examples
    --------
    >>> import pandas as pd
    >>> points = Coordinates(pd.DataFrame({"size": [0.0, 2.0], "kind": ["a", "b"]}))
    >>> points(pd.DataFrame({"size": [2.0, 0.0], "kind": ["a", "c"]}))
    array([[2., 1., 0.],
           [0., 0., 0.]])
    """

    def __init__(self, X):
        X = _frame(X)
        self._columns = [self._learn(X.iloc[:, j]) for j in range(X.shape[1])]

    def __call__(self, X):
        """Points of records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        points : ndarray of shape (n_records, n_coordinates)
        """
        X = _frame(X)
        parts = [
            self._place(X.iloc[:, j], *known) for j, known in enumerate(self._columns)
        ]
        return np.hstack(parts)

    def _learn(self, column):
        if not pd.api.types.is_numeric_dtype(column):
            return "text", sorted({str(v) for v in column.dropna()}), None
        values = column.to_numpy(dtype=float, na_value=np.nan)
        known = values[~np.isnan(values)]
        if not len(known):
            return "number", 0.0, 1.0
        # Of values near the largest float the spread is infinite: none tell apart.
        with np.errstate(over="ignore", invalid="ignore"):
            spread = float(known.std())
        return "number", float(np.median(known)), spread or 1.0

    def _place(self, column, kind, first, scale):
        if kind == "number":
            values = column.to_numpy(dtype=float, na_value=np.nan)
            return (np.where(np.isnan(values), first, values) / scale)[:, None]
        texts = column.astype(object).where(column.notna(), None).map(str, "ignore")
        # Squared, two of them differ by 2, as two numbers of unit variance do.
        return np.stack([(texts == t).to_numpy(dtype=float) for t in first], axis=1)


def _frame(X):
    X = as_table(X)
    return X if isinstance(X, pd.DataFrame) else pd.DataFrame(X).infer_objects()
