"""Decision trees, copied leaf by leaf."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from skprivacy.extraction._base import BaseExtractionAttack
from skprivacy.extraction._grid import Grid
from skprivacy.extraction._partition import Partition
from skprivacy.extraction._thresholds import Thresholds
from skprivacy.targets import QueryBudgetExceeded

__all__ = ["PathFindingAttack"]


class PathFindingAttack(BaseExtractionAttack):
    _parameter_constraints = {
        **BaseExtractionAttack._parameter_constraints,
        "n_check": [Interval(Integral, 0, None, closed="left")],
        "max_queries": [Interval(Integral, 1, None, closed="left"), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self, target, *, n_check=20, max_queries=200_000, bounds=None, random_state=None
    ):
        self.target = target
        self.n_check = n_check
        self.max_queries = max_queries
        self.bounds = bounds
        self.random_state = random_state

    def _fit(self, oracle, space):
        self._grid = Grid(space)
        finder = LeafFinder(
            oracle,
            self._grid,
            self._grid.positions(space.records),
            self.n_check,
            np.inf if self.max_queries is None else self.max_queries,
            check_random_state(self.random_state),
        )
        self.is_complete_ = finder.run()
        self.finder = finder
        self._partition = finder.partition.rebuilt()
        while (cell := self._partition.settle()) is not None:
            if not self._fill(cell): break
        self._told = np.array(finder.told)
        self.n_leaves_ = len(self._partition.answers)

    def _fill(self, cell):
        return False

    def _answers(self, X):
        boxes = self._partition.find(self._grid.positions(X))
        return self._told[np.array(self._partition.answers)[boxes]]


class OutOfQueries(Exception):
    """The queries that may be spent are spent."""


class LeafFinder:
    def __init__(self, oracle, grid, records, n_check, max_queries, rng):
        self.oracle, self.grid, self.records = oracle, grid, records
        self.n_check, self.max_queries, self.rng = n_check, max_queries, rng
        self.free = np.flatnonzero(grid.upper > grid.lower)
        self.thresholds = Thresholds(grid, grid.thresholds_between(records))
        self.partition = Partition(grid.lower, grid.upper)
        self.told, self._code_of = [], {}
        self._points, self._codes = [], []
        self._conflicts = []

    def run(self):
        try:
            left = self.records
            while len(left):
                self._find(left[0])
                left = left[~self.partition.holding(left).any(axis=1)]
            while True:
                while (cell := self.partition.settle()) is not None:
                    self._find(self.grid.uniform(*cell, 1, self.rng)[0])
                if not self._sweep():
                    break
        except (OutOfQueries, QueryBudgetExceeded):
            return False
        return True

    def ask(self, points):
        if self.oracle.n_queries + len(points) > self.max_queries:
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
        code = int(self.ask(seed[None])[0])
        d = len(self.free)
        features = np.r_[self.free, self.free]
        ends = np.r_[self.grid.lower[self.free], self.grid.upper[self.free]]
        at_end = seed[features] == ends
        features, ends = features[~at_end], ends[~at_end]
        rows = self._along(seed, features, ends)
        out = np.flatnonzero(self.ask(rows) != code) if len(rows) else []
        low, high = self.grid.lower.copy(), self.grid.upper.copy()
        if len(out):
            features, ends = features[out], ends[out]

            def is_same(ways, positions):
                return self.ask(self._along(seed, features[ways], positions)) == code

            inside = self.thresholds.search(is_same, features, seed[features], ends)
            upward = ends > seed[features]
            high[features[upward]] = inside[upward]
            low[features[~upward]] = inside[~upward]
        box = self.partition.add(low, high, code, seed)
        self._recall(box)
        self._resolve()
        for other in self.partition.overlapping(self.partition.low[box], self.partition.high[box]):
            if self.partition.answers[other] != code:
                low = np.maximum(self.partition.low[box], self.partition.low[other])
                high = np.minimum(self.partition.high[box], self.partition.high[other])
                if (low <= high).all():
                    self.ask(self.grid.uniform(low, high, 1, self.rng))
                    self._resolve()
        if self.n_check:
            self.ask(self._inside(box, max(self.n_check // 4, 1)))
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

    def _recall(self, box):
        """Look for points asked before that a new box is wrong about."""
        if len(self._points) > 1:
            self._points = [np.concatenate(self._points)]
            self._codes = [np.concatenate(self._codes)]
        points, codes = self._points[0], self._codes[0]
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

        inside = self.thresholds.search(
            is_same, feature, seed[feature], point[feature]
        )
        j = int(feature[0])
        last = int(inside[0]) if point[j] > seed[j] else int(inside[0]) - 1
        self.partition.cut(box, j, last)
