"""Decision trees, copied leaf by leaf."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from skprivacy.extraction._answer_store import MEMORY
from skprivacy.extraction._base import BaseExtractionAttack
from skprivacy.extraction._grid import Grid
from skprivacy.extraction._leaf_finder import LeafFinder

__all__ = ["PathFindingAttack"]

#: Pairs of a point and a box that are compared at once.
CHUNK = 1_000_000
#: More than any tree needs.
NO_LIMIT = 10**12


class PathFindingAttack(BaseExtractionAttack):
    """Finds the leaves of a decision tree, and the thresholds between them.

    The answer of a tree is the same throughout a leaf. From a point of it, bisection
    along each feature finds where the leaf ends: at the very threshold, as
    scikit-learn's trees compare single-precision numbers, between two of which that
    follow each other there is at most one. Leaves are looked for around records, then
    in whatever the leaves that are known leave open, until they fill the bounds.

    Where several leaves have the same answer, which labels alone and pure leaves do,
    what was taken for one leaf may hold others. Points inside are asked, and a box that
    was wrong is cut at the threshold on the way to them.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack, a decision tree that answers with probabilities, labels
        or numbers.

    n_check : int, default=20
        Points that are asked within each box whose answer others have too, again and
        again until none is wrong; a quarter as many are asked of any new box. 0: boxes
        are taken on trust, which is right where no two leaves have the same answer.

    max_queries : int or None, default=200_000
        Most queries. When they, or the target's budget, run out, the copy knows part of
        the tree.

    memory : str, path-like or None, default=None
        Folder in which answers are kept as soon as they are there. Where the target
        goes down, `fit` with the same `random_state`, a number, goes on where it ended,
        and pays for nothing twice. One folder a target, for any attacks.

    bounds : array-like of shape (n_features, 2) or None, default=None
        Lower and upper end of each feature, between which points are crafted. None: the
        range in the ``X`` of `fit`.

    random_state : int, RandomState instance or None, default=None
        Which points are tried.

    Attributes
    ----------
    n_leaves_ : int
        Leaves of the copy. They may be fewer than the target's where neighbors have the
        same answer, or more where they were cut otherwise.

    thresholds_ : list of ndarray of float
        For each feature, thresholds at which answers were seen to change.

    is_complete_ : bool
        Whether the leaves fill the bounds. If not, the answer to a point that lies in
        none is guessed by a tree trained on all points that were asked.

    classes_ : ndarray of shape (n_classes,)
        The target's classes; only where it is a classifier.

    is_deterministic_ : bool or None
        True where the first three points got the same answers twice; with labels, or
        fewer than 200 queries left, they are not asked again, and it is None.

    n_queries_ : int
        Points that were asked; without those whose answers `memory` had.

    n_features_in_ : int
        Features that the target takes.

    Warns
    -----
    UserWarning
        If queries ran out.

    See Also
    --------
    EquationSolvingAttack : For linear models.

    Notes
    -----
    Thresholds that are known are tried before others, then the middles between numbers
    of the attacker's records: a tree that was trained on such numbers splits there.

    References
    ----------
    F. Tramèr, F. Zhang, A. Juels, M. K. Reiter, T. Ristenpart. "Stealing machine
    learning models via prediction APIs". USENIX Security 2016. There every leaf has an
    answer of its own.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.extraction import PathFindingAttack
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)
    >>> copy = PathFindingAttack(BlackBox(model), random_state=0).fit(X)
    >>> bool((copy.predict_proba(X) == model.predict_proba(X)).all())
    True
    >>> copy.thresholds_[3]
    array([0.8..., 1.75...])
    """

    _asks_twice = True

    _parameter_constraints: dict = {
        **BaseExtractionAttack._parameter_constraints,
        "memory": MEMORY,
        "n_check": [Interval(Integral, 0, None, closed="left")],
        "max_queries": [Interval(Integral, 1, None, closed="left"), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        target,
        *,
        n_check=20,
        max_queries=200_000,
        memory=None,
        bounds=None,
        random_state=None,
    ):
        self.target = target
        self.n_check = n_check
        self.max_queries = max_queries
        self.memory = memory
        self.bounds = bounds
        self.random_state = random_state

    def _fit(self, oracle, space):
        oracle.need(2 * len(space.free) + 2, "a first leaf")
        grid = Grid(space)
        records = grid.positions(space.records)
        limit = NO_LIMIT if self.max_queries is None else self.max_queries
        finder = LeafFinder(
            oracle,
            grid,
            records,
            self.n_check,
            int(min(limit, oracle.left, NO_LIMIT)),
            check_random_state(self.random_state),
        )
        self.is_complete_ = finder.run()
        partition = finder.partition
        if self.is_complete_:
            partition = partition.rebuilt()
        else:
            share = partition.holding(records).any(axis=1).mean()
            self._guess = DecisionTreeClassifier(random_state=0).fit(
                grid.values(finder.asked[0]), finder.asked[1]
            )
            warnings.warn(
                f"queries ran out after {oracle.n_queries}: the copy knows "
                f"{len(partition.answers)} leaves, in which {share:.0%} of the records "
                "lie, and guesses what lies in none from the points that were asked.",
                UserWarning,
                stacklevel=4,
            )
        self._grid, self._partition = grid, partition
        self._told = np.array(finder.told)
        self.n_leaves_ = (
            partition.n_cells if self.is_complete_ else len(partition.answers)
        )
        self.thresholds_ = [
            grid.thresholds(np.array(found, dtype=np.int64), j)
            for j, found in enumerate(finder.thresholds.found)
        ]

    def _answers(self, X):
        points = self._grid.positions(X)
        boxes = self._partition.find(points)
        # What is in no box takes the last place, until it is guessed.
        codes = np.array([*self._partition.answers, 0])[boxes]
        rows = np.flatnonzero(boxes < 0)
        size = max(CHUNK // max(len(self._partition.answers), 1), 1)
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            codes[part] = self._guessed(points[part])
        return self._told[codes]

    def _guessed(self, points):
        """Answers in cells that were not settled, of a box where one is known."""
        if not self._partition.answers:
            return self._guess.predict(self._grid.values(points))
        inside = self._partition.holding(points)
        codes = np.array(self._partition.answers)[inside.argmax(axis=1)]
        outside = ~inside.any(axis=1)
        if outside.any():
            codes[outside] = self._guess.predict(self._grid.values(points[outside]))
        return codes
