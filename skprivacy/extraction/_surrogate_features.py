"""Codes of a table as the features that surrogates learn from."""

import numpy as np

__all__ = ["SurrogateFeatures"]


class SurrogateFeatures:
    """Numbers as they are, categories one column a value, missing ones marked.

    Parameters
    ----------
    space : TableSpace
        Where codes come from.

    Examples
    --------
    >>> import pandas as pd
    >>> from skprivacy.extraction._table_space import TableSpace
    >>> space = TableSpace(pd.DataFrame({"age": [30, 40], "sex": ["m", "f"]}))
    >>> SurrogateFeatures(space)(space.records)
    array([[30.,  0.,  1.],
           [40.,  1.,  0.]])
    """

    def __init__(self, space):
        self._number = np.flatnonzero(~space.is_category)
        self._category = np.flatnonzero(space.is_category)
        self._n_values = [int(space.upper[j]) + 1 for j in self._category]
        self._marked = np.flatnonzero(space.is_missing & ~space.is_category)
        columns = space.records[:, self._number]
        filled = np.where(np.isnan(columns), np.inf, columns)
        # Medians that pass over what is missing, also where everything is.
        middle = np.sort(filled, axis=0)
        n_known = (~np.isnan(columns)).sum(axis=0)
        at = np.maximum(n_known - 1, 0) // 2
        median = middle[at, np.arange(len(self._number))]
        self._fill = np.where(np.isfinite(median), median, 0.0)

    def __call__(self, codes):
        """Features of points, shape (n_points, n_columns), without NaN."""
        numbers = codes[:, self._number]
        parts = [np.where(np.isnan(numbers), self._fill, numbers)]
        for j, n in zip(self._category, self._n_values, strict=True):
            parts.append((codes[:, j, None] == np.arange(n)).astype(float))
        parts.append(np.isnan(codes[:, self._marked]).astype(float))
        return np.hstack(parts)
