"""What may be asked: the ranges, the whole numbers and the container of queries."""

import numpy as np
import pandas as pd

from skprivacy.records import as_model_input

__all__ = ["QuerySpace"]


class QuerySpace:
    """The box in which points are crafted, and the table in which they are asked.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        What the space looks like, numbers throughout.

    bounds : array-like of shape (n_features, 2) or None, default=None
        Lower and upper end of each feature. None: the range in ``X``.

    Attributes
    ----------
    records : ndarray of float of shape (n_records, n_features)
        ``X`` itself, moved into the bounds.

    lower, upper : ndarray of float of shape (n_features,)
        Ends of each feature.

    integer : ndarray of bool of shape (n_features,)
        Features that take whole numbers alone, by the type of their column.

    free : ndarray of int of shape (n_free,)
        Features that vary.

    Raises
    ------
    ValueError
        If ``X`` holds other than numbers, or bounds do not fit the features, are not
        finite, or are the wrong way around.
    """

    def __init__(self, X, bounds=None):
        self._frame = X if isinstance(X, pd.DataFrame) else None
        kinds = X.dtypes if self._frame is not None else [X.dtype] * X.shape[1]
        self.integer = np.array([_is_whole(kind) for kind in kinds], dtype=bool)
        self._types = list(kinds)
        try:
            records = np.asarray(X, dtype=float)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"X must hold numbers, between which this attack asks: {error}."
            ) from error
        if bounds is None:
            self.lower, self.upper = records.min(axis=0), records.max(axis=0)
        else:
            self.lower, self.upper = check_bounds(bounds, records.shape[1])
        self.lower, self.upper = whole_ends(self.lower, self.upper, self.integer)
        self.records = self.snap(records)
        self.free = np.flatnonzero(self.upper > self.lower)

    @property
    def n_features(self):
        """Number of features."""
        return len(self.lower)

    @property
    def constant(self):
        """Positions of features that do not vary."""
        return np.setdiff1d(np.arange(self.n_features), self.free)

    def snap(self, points):
        """Move points to the nearest ones that may be asked."""
        points = np.where(self.integer, np.round(points), points)
        return np.clip(points, self.lower, self.upper)

    def uniform(self, n_points, rng):
        """Draw points evenly from the box."""
        points = rng.uniform(self.lower, self.upper, (n_points, self.n_features))
        return self.snap(points)

    def table(self, points, box):
        """Lay points out as the target takes them.

        Parameters
        ----------
        points : ndarray of float of shape (n_points, n_features)
            Points.

        box : BlackBox
            The target.

        Returns
        -------
        X : DataFrame or ndarray of shape (n_points, n_features)
            In the container and the types of the attacker's own table.
        """
        if self._frame is None:
            kind = self._types[0]
            X = points.astype(kind) if kind.kind in "biu" else points
        else:
            X = pd.DataFrame(points, columns=self._frame.columns)
            X = X.astype(
                {
                    column: kind
                    for column, kind in zip(X.columns, self._types, strict=True)
                    if _is_whole(kind)
                }
            )
        return as_model_input(X, box)


def check_bounds(bounds, n_features):
    """Split bounds into their lower and upper ends, all finite and in order."""
    bounds = np.asarray(bounds, dtype=float)
    if bounds.shape != (n_features, 2):
        raise ValueError(
            f"bounds must hold a lower and an upper end for each of the {n_features} "
            f"features, shape ({n_features}, 2); got shape {bounds.shape}."
        )
    bad = ~np.isfinite(bounds).all(axis=1) | (bounds[:, 0] > bounds[:, 1])
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise ValueError(
            "bounds must be finite, the lower end first; got "
            f"{bounds[first].tolist()} for feature {first}."
        )
    return bounds.T


def whole_ends(lower, upper, whole):
    """Move the ends of columns of whole numbers to the whole numbers between them.

    Raises
    ------
    ValueError
        If there are none.
    """
    first, last = np.ceil(lower), np.floor(upper)
    bad = np.flatnonzero(whole & (first > last))
    if len(bad):
        j = int(bad[0])
        raise ValueError(
            f"bounds: there is no whole number between {lower[j]} and {upper[j]}, and "
            f"feature {j} takes no other, by the type of its column in X."
        )
    return np.where(whole, first, lower), np.where(whole, last, upper)


def _is_whole(kind):
    return pd.api.types.is_integer_dtype(kind) or pd.api.types.is_bool_dtype(kind)
