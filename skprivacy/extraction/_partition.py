"""Boxes with one answer each, and the tree that tells in which a point lies."""

import numpy as np

__all__ = ["Partition", "best_cut"]

#: So many comparisons fit into memory at once.
FEW = 2_000_000


class Partition:
    """Boxes that were found, and cells between them that are still open.

    The domain is cut along faces of boxes, at each step along the one that cuts the
    fewest of them, until every cell lies in a box. Of the leaves of a tree there is
    always a face that cuts none, so that once all are known the cells are the leaves.

    Parameters
    ----------
    lower, upper : ndarray of int of shape (n_features,)
        First and last position of each feature.

    Attributes
    ----------
    low, high : ndarray of int of shape (n_boxes, n_features)
        First and last position of each box.

    answers : list of int
        Answer of each box.

    seeds : list of ndarray of int of shape (n_features,)
        A point of each box that was asked.
    """

    def __init__(self, lower, upper):
        self._low = np.empty((64, len(lower)), dtype=np.int64)
        self._high = np.empty_like(self._low)
        self.answers, self.seeds = [], []
        self._feature, self._threshold, self._left, self._right = [-1], [0], [0], [0]
        self._box = [-1]
        self._cells = [(lower, upper)]
        self._open = [0]

    @property
    def low(self):
        """First positions."""
        return self._low[: len(self.answers)]

    @property
    def high(self):
        """Last positions."""
        return self._high[: len(self.answers)]

    def add(self, low, high, answer, seed):
        """Add a box.

        Returns
        -------
        number : int
        """
        n = len(self.answers)
        if n == len(self._low):
            self._low = np.concatenate([self._low, np.empty_like(self._low)])
            self._high = np.concatenate([self._high, np.empty_like(self._high)])
        self._low[n], self._high[n] = low, high
        self.answers.append(answer)
        self.seeds.append(seed)
        return n

    def cut(self, number, feature, last):
        """Cut a box at a threshold; its seed tells which part stays.

        Parameters
        ----------
        number : int
            The box.

        feature, last : int
            Feature, and last position below the threshold.
        """
        if self.seeds[number][feature] <= last:
            self._high[number, feature] = last
        else:
            self._low[number, feature] = last + 1
        for node in np.flatnonzero(np.array(self._box) == number):
            self._box[node] = -1
            self._open.append(int(node))

    def holding(self, points):
        """Which boxes points lie in.

        Parameters
        ----------
        points : ndarray of int of shape (n_points, n_features)
            Positions.

        Returns
        -------
        inside : ndarray of bool of shape (n_points, n_boxes)
        """
        low, high = self.low, self.high
        if len(points) * low.size < FEW:
            at = points[:, None]
            return ((low <= at) & (at <= high)).all(axis=2)
        inside = np.ones((len(points), len(low)), dtype=bool)
        for j in range(points.shape[1]):
            at = points[:, j, None]
            inside &= (low[:, j] <= at) & (at <= high[:, j])
        return inside

    def overlapping(self, low, high):
        """Numbers of the boxes that have something of a box."""
        apart = (self.low > high) | (self.high < low)
        return np.flatnonzero(~apart.any(axis=1))

    def settle(self):
        """Cut cells until one is found of which nothing is known.

        Returns
        -------
        cell : tuple of ndarray of shape (n_features,) or None
            Its first and last positions; None once all is known.
        """
        while self._open:
            node = self._open[-1]
            low, high = self._cells[node]
            boxes = self.overlapping(low, high)
            if not len(boxes):
                return low, high
            self._open.pop()
            lows, highs = self.low[boxes], self.high[boxes]
            covers = ((lows <= low) & (highs >= high)).all(axis=1)
            if covers.any():
                self._box[node] = int(boxes[covers.argmax()])
                continue
            self._split(node, *best_cut(low, high, lows, highs))
        return None

    def _split(self, node, feature, last):
        low, high = self._cells[node]
        left_high, right_low = high.copy(), low.copy()
        left_high[feature], right_low[feature] = last, last + 1
        self._feature[node], self._threshold[node] = feature, last
        for side, cell in (
            (self._left, (low, left_high)),
            (self._right, (right_low, high)),
        ):
            side[node] = len(self._feature)
            for part, empty in (
                (self._feature, -1),
                (self._threshold, 0),
                (self._left, 0),
                (self._right, 0),
                (self._box, -1),
            ):
                part.append(empty)
            self._open.append(len(self._cells))
            self._cells.append(cell)

    @property
    def n_cells(self):
        """Number of cells."""
        return (len(self._cells) + 1) // 2

    def rebuilt(self):
        """Return the boxes, which fill the domain, cut again now that all are known."""
        new = Partition(*self._cells[0])
        for row in zip(self.low, self.high, self.answers, self.seeds, strict=True):
            new.add(*row)
        new.settle()
        return new if new.n_cells <= self.n_cells else self

    def find(self, points):
        """Box that each point lies in.

        Parameters
        ----------
        points : ndarray of int of shape (n_points, n_features)
            Positions within the domain.

        Returns
        -------
        boxes : ndarray of int of shape (n_points,)
            -1 in cells that are open.
        """
        feature, threshold = np.array(self._feature), np.array(self._threshold)
        left, right = np.array(self._left), np.array(self._right)
        node = np.zeros(len(points), dtype=int)
        rows = np.flatnonzero(feature[node] >= 0)
        while len(rows):
            at = node[rows]
            below = points[rows, feature[at]] <= threshold[at]
            node[rows] = np.where(below, left[at], right[at])
            rows = rows[feature[node[rows]] >= 0]
        return np.array(self._box)[node]


def best_cut(low, high, lows, highs):
    """Face of a box along which a cell is best cut.

    Parameters
    ----------
    low, high : ndarray of int of shape (n_features,)
        First and last positions of the cell.

    lows, highs : ndarray of int of shape (n_boxes, n_features)
        Those of the boxes in it, none of which holds all of it.

    Returns
    -------
    feature, last : int
        Feature, and last position below the cut: of those that cut the fewest boxes,
        the one that parts them most evenly.

    Examples
    --------
    >>> import numpy as np
    >>> low, high = np.array([0, 0]), np.array([9, 9])
    >>> lows = np.array([[0, 0], [0, 5], [6, 5]])
    >>> highs = np.array([[9, 4], [5, 9], [9, 9]])
    >>> best_cut(low, high, lows, highs)
    (1, 4)
    """
    best = None
    for j in range(len(low)):
        first, last = np.sort(lows[:, j]), np.sort(highs[:, j])
        faces = np.unique(np.concatenate([first - 1, last]))
        faces = faces[(faces >= low[j]) & (faces < high[j])]
        if not len(faces):
            continue
        begun = np.searchsorted(first, faces, side="right")
        ended = np.searchsorted(last, faces, side="right")
        n_cut = begun - ended
        uneven = np.abs(ended - (len(lows) - begun))
        at = int(np.lexsort((uneven, n_cut))[0])
        rank = (int(n_cut[at]), int(uneven[at]), j, int(faces[at]))
        if best is None or rank < best:
            best = rank
    return best[2:]
