"""Logistic regression with so large an epsilon that its guarantee says nothing."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

from skprivacy.dp import DPLogisticRegression

__all__ = ["EPSILONS", "PublicEncoder", "dp_baselines"]

#: From one that still promises something to ones that promise next to nothing.
EPSILONS = (10.0, 30.0, 100.0, 300.0)
#: Quantiles at which numbers are cut off.
_ENDS = (0.01, 0.99)


class PublicEncoder(TransformerMixin, BaseEstimator):
    """Numbers for a private linear model, on scales that come from other records.

    What it is fitted on counts as public. Numbers are cut off at the 1% and 99%
    quantiles, then centered, and scaled to a variance of 1 unless a column has two
    values. Other columns become one column for each value that is known, centered. A
    missing number, or an unknown value, is a 0. Records longer than the median length
    are shortened to it, and lengths are in its units.

    Attributes
    ----------
    columns_ : list of tuple
        What each column is turned into: "number" with lower end, upper end, center and
        scale, or "text" with values and their shares.

    length_ : float
        The length that is taken for 1.

    Examples
    --------
    >>> table = pd.DataFrame({"size": [0.0, 4.0, 8.0], "kind": ["a", "b", "b"]})
    >>> encoder = PublicEncoder().fit(table)
    >>> encoder.transform(table).shape
    (3, 3)
    """

    def fit(self, X, y=None):
        """Learn scales and values from public records."""
        X = _frame(X)
        self.n_features_in_ = X.shape[1]
        self.columns_ = [_learn(X.iloc[:, j]) for j in range(X.shape[1])]
        lengths = np.linalg.norm(self._encoded(X), axis=1)
        self.length_ = float(np.median(lengths)) or 1.0
        return self

    def transform(self, X):
        """Encode records; none is longer than 1."""
        check_is_fitted(self)
        encoded = self._encoded(_frame(X)) / self.length_
        lengths = np.linalg.norm(encoded, axis=1)
        return encoded / np.maximum(lengths, 1.0)[:, None]

    def _encoded(self, X):
        parts = [_place(X.iloc[:, j], *known) for j, known in enumerate(self.columns_)]
        return np.hstack(parts)


def dp_baselines(epsilons, X_public, classes) -> dict:
    """Recipes of a private model for each epsilon.

    Parameters
    ----------
    epsilons : sequence of float
        Epsilons, at a delta of 1e-5.

    X_public : DataFrame or ndarray of shape (n_records, n_features)
        Records of which no model is trained; they count as public.

    classes : ndarray of shape (n_classes,)
        Classes; they count as public.

    Returns
    -------
    recipes : dict of str to Pipeline

    Examples
    --------
    >>> list(dp_baselines([10, 100], np.eye(3), [0, 1]))
    ['DP epsilon=10', 'DP epsilon=100']
    """
    encoder = FrozenEstimator(PublicEncoder().fit(X_public))
    return {
        f"DP epsilon={epsilon:g}": make_pipeline(
            encoder,
            DPLogisticRegression(epsilon, data_norm=1.0, classes=list(classes)),
        )
        for epsilon in epsilons
    }


def _learn(column):
    if not _is_number(column):
        shares = column.dropna().astype(str).value_counts(normalize=True).sort_index()
        return "text", tuple(shares.index), shares.to_numpy()
    values = column.to_numpy(dtype=float, na_value=np.nan)
    values = values[np.isfinite(values)]
    if not len(values):
        return "number", 0.0, 0.0, 0.0, 1.0
    has_two = len(np.unique(values)) <= 2
    # The quantiles of a rare flag are equal, and would cut it off altogether.
    ends = (0.0, 1.0) if has_two else _ENDS
    low, high = np.quantile(values, ends)
    if low == high:
        low, high = values.min(), values.max()
    cut = np.clip(values, low, high)
    # Scaled to a variance of 1, rare flags would be the longest part of a record.
    scale = high - low if has_two else cut.std()
    return "number", low, high, cut.mean(), scale or 1.0


def _place(column, kind, *known):
    if kind == "number":
        low, high, center, scale = known
        values = column.to_numpy(dtype=float, na_value=np.nan)
        return np.nan_to_num((np.clip(values, low, high) - center) / scale)[:, None]
    names, shares = known
    texts = column.astype(object).where(column.notna(), None).map(str, "ignore")
    flags = [(texts == name).to_numpy(dtype=float) for name in names]
    return np.column_stack([*flags, np.zeros(len(column))])[:, : len(names)] - shares


def _is_number(column):
    dtype = column.dtype
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(
        dtype
    )


def _frame(X):
    return X if isinstance(X, pd.DataFrame) else pd.DataFrame(X).infer_objects()
