"""Features as positions on the grid of numbers that trees tell apart."""

import numpy as np

__all__ = ["Grid"]


class Grid:
    """Numbers each feature may take, counted from below.

    scikit-learn's trees compare single-precision numbers, so that between two of them
    that follow each other lies at most one threshold; histogram gradient boosting
    compares double-precision ones. Whole numbers are their own positions.

    Parameters
    ----------
    space : QuerySpace
        What may be asked.

    double : bool, default=False
        Whether numbers of double precision are told apart.

    Attributes
    ----------
    lower, upper : ndarray of int of shape (n_features,)
        Positions of the lowest and the highest number of each feature.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.extraction._space import QuerySpace
    >>> grid = Grid(QuerySpace(np.array([[0.0], [1.0]])))
    >>> one = grid.positions(np.array([[1.0]]))
    >>> grid.values(one - 1)
    array([[0.99999994]])
    """

    def __init__(self, space, double=False):
        self.whole = space.integer
        self._float, self._int = (
            (np.float64, np.int64) if double else (np.float32, np.int32)
        )
        self.lower, self.upper = (
            self._raw(end[None])[0] for end in (space.lower, space.upper)
        )
        # Rounding to single precision may leave the bounds.
        low, high = self.values(self.lower), self.values(self.upper)
        self.lower = self.lower + (low < space.lower)
        self.upper = np.maximum(self.upper - (high > space.upper), self.lower)

    def _raw(self, values):
        # As integers from the start: a double has fewer digits than a position.
        whole = np.where(self.whole, np.round(values), 0).astype(np.int64)
        return np.where(self.whole, whole, self._count(values))

    def positions(self, values):
        """Positions of numbers; what lies outside is taken to be at the end.

        Parameters
        ----------
        values : ndarray of float of shape (n_points, n_features)
            Numbers.

        Returns
        -------
        positions : ndarray of int of shape (n_points, n_features)
        """
        return np.clip(self._raw(values), self.lower, self.upper)

    def values(self, positions):
        """Numbers at positions.

        Parameters
        ----------
        positions : ndarray of int of shape (n_points, n_features) or (n_features,)
            Positions.

        Returns
        -------
        values : ndarray of float
            Of the same shape.
        """
        return self.values_of(positions, self.whole)

    def values_of(self, positions, whole):
        """Numbers at positions, of features that are whole numbers or not."""
        size = np.abs(positions).astype(self._int).view(self._float).astype(float)
        return np.where(whole, positions, np.where(positions < 0, -size, size))

    def _count(self, values):
        """Count the numbers that are told apart from 0 to the nearest of each value."""
        bits = np.asarray(values, dtype=self._float).view(self._int)
        size = (bits & np.iinfo(self._int).max).astype(np.int64)
        return np.where(bits < 0, -size, size)

    def middle(self, low, high, whole):
        """Positions halfway between numbers, at least one step from the lower.

        Parameters
        ----------
        low, high : ndarray of int
            Positions that are at least two steps apart.

        whole : ndarray of bool
            Whether they are of whole numbers.

        Returns
        -------
        middle : ndarray of int
        """
        low_value, high_value = (self.values_of(end, whole) for end in (low, high))
        half = low_value / 2 + high_value / 2
        positions = np.where(whole, (low + high) // 2, self._count(half))
        return np.clip(positions, low + 1, high - 1)

    def is_narrow(self, low, high, whole):
        """Whether numbers at positions differ by single precision or less."""
        low, high = (self.values_of(end, whole) for end in (low, high))
        return ~whole & (high - low <= np.maximum(np.abs(low), np.abs(high)) * 2.0**-23)

    def uniform(self, low, high, n_points, rng):
        """Draw points whose numbers are spread evenly between those of two positions.

        Parameters
        ----------
        low, high : ndarray of int of shape (n_features,)
            Positions of the ends.

        n_points : int
            Number of points.

        rng : RandomState
            Where they come from.

        Returns
        -------
        positions : ndarray of int of shape (n_points, n_features)
        """
        ends = self.values(low), self.values(high)
        values = rng.uniform(*ends, size=(n_points, len(low)))
        return np.clip(self._raw(values), low, high)

    def thresholds(self, last, feature):
        """Numbers halfway between positions and the next ones.

        Parameters
        ----------
        last : ndarray of int of shape (n_thresholds,)
            Last positions below the thresholds.

        feature : int
            Feature.

        Returns
        -------
        thresholds : ndarray of float of shape (n_thresholds,)
        """
        whole = self.whole[feature]
        return self.values_of(last, whole) / 2 + self.values_of(last + 1, whole) / 2

    def thresholds_between(self, records):
        """Thresholds that a tree would use which was trained on records.

        Parameters
        ----------
        records : ndarray of int of shape (n_records, n_features)
            Positions of the records.

        Returns
        -------
        thresholds : list of ndarray of int
            For each feature, the last position below each middle of two numbers that
            follow each other.
        """
        found = []
        for j in range(records.shape[1]):
            at = np.unique(records[:, j])
            value = self.values_of(at, self.whole[j])
            half = value[:-1] / 2 + value[1:] / 2
            if self.whole[j]:
                found.append(np.floor(half).astype(np.int64))
                continue
            position = self._count(half) - (half.astype(self._float) > half)
            found.append(np.unique(np.clip(position, at[:-1], at[1:] - 1)))
        return found
