"""The leaves of a tree, one after the other."""

import numpy as np

from skprivacy.extraction._partition import Partition
from skprivacy.extraction._thresholds import Thresholds

__all__ = ["LeafFinder"]

#: The share of the checks that each new box gets at once is one in so many.
CHECKED_AT_ONCE = 4
#: One query in so many is put by for records, in case the others do not suffice.
RESERVE = 4
#: A target whose first boxes are so narrow as to be points is no tree.
N_SLOPES = 3


class OutOfQueries(Exception):
    """The queries that may be spent are spent."""


class LeafFinder:
    """Finds boxes with one answer each until they fill the domain.

    Parameters
    ----------
    oracle : Oracle
        The target.

    grid : Grid
        Positions of numbers.

    records : ndarray of int of shape (n_records, n_features)
        Positions of records, from which the search begins.

    n_check : int
        Points of each box that are asked where others have the same answer.

    max_queries : int
        Most queries.

    rng : RandomState
        Which points are tried.

    Attributes
    ----------
    partition : Partition
        The boxes.

    thresholds : Thresholds
        What they are bounded by.

    told : list of ndarray of shape (n_columns,)
        The answers that there are; boxes refer to them by number.
    """

    def __init__(self, oracle, grid, records, n_check, max_queries, rng):
        self.oracle, self.grid, self.records = oracle, grid, records
        self.n_check, self.max_queries, self.rng = n_check, max_queries, rng
        self.free = np.flatnonzero(grid.upper > grid.lower)
        self.thresholds = Thresholds(grid, grid.thresholds_between(records))
        self.partition = Partition(grid.lower, grid.upper)
        self.told, self._code_of = [], {}
        self._points, self._codes = [], []
        self._conflicts = []
        self._n_slopes = 0
        # Where queries run out, records tell more than leaves that nobody lies in.
        self._reserve = min(max_queries // RESERVE, len(records))

    def run(self):
        """Find all boxes.

        Returns
        -------
        is_complete : bool
            False if queries ran out before.
        """
        try:
            self._refuse_noise()
            left = self.records
            while len(left):
                self._find(left[0])
                left = left[~self.partition.holding(left).any(axis=1)]
            while True:
                while (cell := self.partition.settle()) is not None:
                    self._find(self.grid.uniform(*cell, 1, self.rng)[0])
                if not self._sweep():
                    break
        except OutOfQueries:
            self._ask_rest()
            return False
        return True

    def _ask_rest(self):
        """Spend what was put by on records of which nothing is known."""
        left = self.records[~self.partition.holding(self.records).any(axis=1)]
        self._reserve = 0
        n_left = int(self.max_queries - self.oracle.n_queries)
        if n_left and len(left):
            self.ask(self.rng.permutation(left)[:n_left])

    def _refuse_noise(self):
        first, again = self.ask(np.repeat(self.records[:1], 2, axis=0))
        if first != again:
            raise ValueError(
                "target: it answered the same question in two ways, as a tree does not."
            )

    def ask(self, points):
        """Ask about points, and see whether boxes are wrong about them.

        Parameters
        ----------
        points : ndarray of int of shape (n_points, n_features)
            Positions.

        Returns
        -------
        codes : ndarray of int of shape (n_points,)
            Numbers of the answers.
        """
        if self.oracle.n_queries + len(points) > self.max_queries - self._reserve:
            raise OutOfQueries
        answers = self.oracle.ask(self.grid.values(points))
        codes = np.empty(len(points), dtype=int)
        for i, answer in enumerate(answers + 0.0):
            key = answer.tobytes()
            if key not in self._code_of:
                self._code_of[key] = len(self.told)
                self.told.append(answer)
            codes[i] = self._code_of[key]
        self._points.append(points)
        self._codes.append(codes)
        self._compare(points, codes)
        return codes

    def _compare(self, points, codes):
        """Note which boxes points contradict."""
        inside = self.partition.holding(points)
        wrong = inside & (codes[:, None] != np.array(self.partition.answers, dtype=int))
        for i, box in zip(*np.nonzero(wrong), strict=True):
            self._conflicts.append((int(box), points[i]))

    def _find(self, seed):
        """Find the box around a point: as far as its answer goes along each feature."""
        code = int(self.ask(seed[None])[0])
        low, high = self.grid.lower.copy(), self.grid.upper.copy()
        features = np.r_[self.free, self.free]
        ends = np.r_[low[self.free], high[self.free]]
        moves = seed[features] != ends
        features, ends = features[moves], ends[moves]
        changed = self.ask(self._along(seed, features, ends)) != code
        features, ends = features[changed], ends[changed]

        def is_same(ways, positions):
            return self.ask(self._along(seed, features[ways], positions)) == code

        inside = self.thresholds.search(is_same, features, seed[features], ends)
        upward = ends > seed[features]
        high[features[upward]] = inside[upward]
        low[features[~upward]] = inside[~upward]
        self._refuse_slope(low, high, features)
        box = self.partition.add(low, high, code, seed)
        self._recall(box)
        self._resolve()
        self._part(box)
        if self.n_check:
            self.ask(self._inside(box, max(self.n_check // CHECKED_AT_ONCE, 1)))
            self._resolve()

    def _refuse_slope(self, low, high, features):
        """Refuse a target whose answers change from one number to the next."""
        is_point = (low == high)[features] & ~self.grid.whole[features]
        self._n_slopes = self._n_slopes + 1 if is_point.any() else -np.inf
        if self._n_slopes == N_SLOPES:
            raise ValueError(
                "target: its answers change from one number to the next, and not at "
                "thresholds, so that it is no tree. The other attacks of this family "
                "copy other models."
            )

    def _part(self, box):
        """Settle to whom belongs what a box and others with other answers share."""
        low, high = self.partition.low, self.partition.high
        for other in self.partition.overlapping(low[box], high[box]):
            if self.partition.answers[other] == self.partition.answers[box]:
                continue
            first = np.maximum(low[box], low[other])
            last = np.minimum(high[box], high[other])
            # One of them may have been cut in the meantime.
            if (first <= last).all():
                self.ask(self.grid.uniform(first, last, 1, self.rng))
                self._resolve()

    def _sweep(self):
        """Ask about points of boxes that share answers; whether some were wrong."""
        if not self.n_check:
            return False
        answers = np.array(self.partition.answers)
        shared = np.flatnonzero(np.bincount(answers)[answers] > 1)
        if not len(shared):
            return False
        points = [self._inside(box, self.n_check) for box in shared]
        self.ask(np.concatenate(points))
        n_wrong = len(self._conflicts)
        self._resolve()
        return n_wrong > 0

    def _inside(self, box, n_points):
        """Points of a box: anywhere, where records are, and between thresholds."""
        low, high = self.partition.low[box], self.partition.high[box]
        spread = self.grid.uniform(low, high, n_points, self.rng)
        rows = self.rng.randint(len(self.records), size=spread.shape)
        near = self.records[rows, np.arange(spread.shape[1])]
        between = spread.copy()
        for j in self.free:
            known = np.array(self.thresholds.found[j], dtype=np.int64)
            known = known[(known >= low[j]) & (known < high[j])]
            if len(known):
                first = np.r_[low[j], known + 1]
                last = np.r_[known, high[j]]
                at = self.rng.randint(len(first), size=n_points)
                between[:, j] = np.where(
                    self.rng.randint(2, size=n_points), first[at], last[at]
                )
        kind = self.rng.randint(3, size=spread.shape)
        kind = np.where((near < low) | (near > high), 2 * (kind // 2), kind)
        return np.choose(kind, [spread, near, between])

    @property
    def asked(self):
        """Points that were asked, and the numbers of their answers."""
        if len(self._points) > 1:
            self._points = [np.concatenate(self._points)]
            self._codes = [np.concatenate(self._codes)]
        return self._points[0], self._codes[0]

    def _recall(self, box):
        """Look for points asked before that a new box is wrong about."""
        points, codes = self.asked
        low, high = self.partition.low[box], self.partition.high[box]
        rows = np.flatnonzero(codes != self.partition.answers[box])
        for j in self.free:
            at = points[rows, j]
            rows = rows[(low[j] <= at) & (at <= high[j])]
        for i in rows:
            self._conflicts.append((box, points[i]))

    @staticmethod
    def _along(seed, features, positions):
        points = np.tile(seed, (len(features), 1))
        points[np.arange(len(features)), features] = positions
        return points

    def _resolve(self):
        """Cut boxes so that they hold no point that contradicts them."""
        while self._conflicts:
            box, point = self._conflicts.pop()
            low, high = self.partition.low[box], self.partition.high[box]
            if ((point < low) | (point > high)).any():
                continue
            self._cut_off(box, point)

    def _cut_off(self, box, point):
        """Cut a box along the feature whose change turns its answer into another's."""
        seed, code = self.partition.seeds[box], self.partition.answers[box]
        order = self.rng.permutation(np.flatnonzero(seed != point))
        same, other = 0, len(order)
        while other - same > 1:
            middle = (same + other) // 2
            mixed = seed.copy()
            mixed[order[:middle]] = point[order[:middle]]
            if self.ask(mixed[None])[0] == code:
                same = middle
            else:
                other = middle
        base = seed.copy()
        base[order[:same]] = point[order[:same]]
        feature = order[same : same + 1]

        def is_same(ways, positions):
            return self.ask(self._along(base, feature[ways], positions)) == code

        inside = self.thresholds.search(is_same, feature, seed[feature], point[feature])
        j = int(feature[0])
        last = int(inside[0]) if point[j] > seed[j] else int(inside[0]) - 1
        self.partition.cut(box, j, last)
