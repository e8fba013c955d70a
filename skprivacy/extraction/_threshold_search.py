"""Sums of trees, copied step by step."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from skprivacy.extraction._base import BaseExtractionAttack
from skprivacy.extraction._grid import Grid
from skprivacy.extraction._links import LINKS, link_noise, scores_of, to_answers
from skprivacy.extraction._near import find_center
from skprivacy.extraction._steps import StepScanner, is_additive
from skprivacy.extraction._thresholds import Thresholds

__all__ = ["ThresholdSearchAttack"]


class ThresholdSearchAttack(BaseExtractionAttack):
    _parameter_constraints = {
        **BaseExtractionAttack._parameter_constraints,
        "n_check": [Interval(Integral, 1, None, closed="left")],
        "max_queries": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self, target, *, n_check=5, max_queries=100_000, bounds=None, random_state=None
    ):
        self.target = target
        self.n_check = n_check
        self.max_queries = max_queries
        self.bounds = bounds
        self.random_state = random_state

    def _fit(self, oracle, space):
        self._refuse(oracle, tuple(LINKS), "PathFindingAttack copies trees by labels.")
        rng = check_random_state(self.random_state)
        grid = Grid(space, double=True)
        records = grid.positions(space.records)
        limit = int(min(self.max_queries, oracle.left))

        def ask(points):
            n_left = limit - oracle.n_queries
            return oracle.ask(grid.values(points[:n_left]))

        center = grid.positions(find_center(oracle, space)[0][None])[0]
        base = ask(center[None])
        self.link_ = self._find_link(ask, center, base, records, rng)
        likely = likely_steps(grid, Grid(space), space.records)
        thresholds = Thresholds(grid, likely)
        scanner = StepScanner(ask, grid, thresholds, center, records)
        steps = scanner.scan()
        self._grid, self._base = grid, scores_of(base, self.link_)
        self._edges, self._tables = [], []
        for positions, answers in steps:
            edges, table = self._table(positions, answers)
            self._edges.append(edges)
            self._tables.append(table)
        self.complete = scanner.is_complete

    def _find_link(self, ask, center, base, records, rng):
        rows = rng.randint(len(records), size=self.n_check)
        second = records[rows]
        taken = rng.uniform(size=second.shape) < 0.5
        mixed, rest = np.where(taken, second, center), np.where(taken, center, second)
        answers = np.split(ask(np.concatenate([second, mixed, rest])), 3)
        for link in LINKS[self._shown]:
            with np.errstate(invalid="ignore"):
                parts = [scores_of(part, link) for part in answers]
                first = np.repeat(scores_of(base, link), len(parts[0]), axis=0)
            if is_additive(first, *parts):
                return link
        raise ValueError("not additive")

    def _table(self, positions, answers):
        """Edges of the steps of one feature, and what each adds to the score."""
        if not len(positions):
            return np.empty(0, dtype=np.int64), np.zeros((1, self._base.shape[1]))
        changes = np.flatnonzero((answers[1:] != answers[:-1]).any(axis=1))
        # Where queries ran out, a step is taken to be in the middle of its gap.
        edges = positions[changes] + (positions[changes + 1] - positions[changes] - 1) // 2
        first = np.r_[0, changes + 1]
        return edges, scores_of(answers[first], self.link_) - self._base

    def _answers(self, X):
        points = self._grid.positions(X)
        scores = np.repeat(self._base, len(points), axis=0)
        for j, (edges, table) in enumerate(zip(self._edges, self._tables, strict=True)):
            scores += table[np.searchsorted(edges, points[:, j], side="left")]
        return to_answers(scores, self.link_)


def likely_steps(grid, single, records):
    """Positions of steps that models would have which were trained on records.

    Parameters
    ----------
    grid : Grid
        Positions in double precision.

    single : Grid
        Those in single precision.

    records : ndarray of float of shape (n_records, n_features)
        Records.

    Returns
    -------
    likely : list of ndarray of int
        For each feature, last positions below steps: between numbers that follow each
        other, or at a number; and both ends of what trees of single precision do not
        tell apart there.
    """
    at = grid.positions(records)
    between = grid.thresholds_between(at)
    coarse = single.thresholds_between(single.positions(records))
    likely = []
    for j, last in enumerate(coarse):
        ends = [
            single.values_of(last + step, single.whole[j])[:, None] for step in (0, 1)
        ]
        shape = np.ones((1, len(coarse)))
        below, above = (grid.positions(end * shape)[:, j] for end in ends)
        parts = [between[j], at[:, j], below, above - 1]
        likely.append(np.unique(np.concatenate(parts)))
    return likely
