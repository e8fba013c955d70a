"""Sums of steps along single features, copied step by step."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from skprivacy.extraction._answer_store import MEMORY
from skprivacy.extraction._base import BaseExtractionAttack
from skprivacy.extraction._cell_copy import FEWEST, CellCopy
from skprivacy.extraction._grid import Grid
from skprivacy.extraction._links import LINKS, scores_of, to_answers
from skprivacy.extraction._near import find_center
from skprivacy.extraction._steps import TOLERANCE, StepScanner, is_additive
from skprivacy.extraction._thresholds import Thresholds

__all__ = ["ThresholdSearchAttack", "likely_steps"]

#: How often steps that were passed over are looked for.
N_ROUNDS = 5


class ThresholdSearchAttack(BaseExtractionAttack):
    """Finds every step of a model that is a sum of steps, as boosted stumps are.

    Trees of a single split make a score that is a sum of one function for each feature,
    each of which jumps at thresholds and is level in between. On the line through a
    point along a feature all jumps of its function are seen, and bisection finds where
    they are. The lines through one point are enough: scores elsewhere are sums of what
    was seen on them.

    Deeper trees make scores that are no such sums. Of those a copy is learned: a tenth
    of the queries finds thresholds on lines through several records, the rest asks
    records, and models that split where the target does race against the families of
    `SurrogateAttack`.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack: gradient boosting, histogram gradient boosting or
        AdaBoost of trees of depth 1, or any other sum of steps, that answers with
        probabilities, decision values or numbers.

    n_check : int, default=10
        Records on which it is tried beforehand, with three queries each, whether scores
        are sums, and afterwards, without any, whether all steps were found.

    max_queries : int, default=100_000
        Most queries. When they, or the target's budget, run out, the places of the
        smallest steps are known the least.

    memory : str, path-like or None, default=None
        Folder in which answers are kept as soon as they are there. Where the target
        goes down, `fit` with the same `random_state`, a number, goes on where it ended,
        and pays for nothing twice. One folder a target, for any attacks.

    deeper : {"cells", "error"}, default="cells"
        What is done when scores are no sums: a copy is learned from cells between
        thresholds, or the target is refused.

    deeper_budget : int, default=2000
        Queries in all when a copy is learned; fewer if `max_queries`, or the target's
        budget, is smaller.

    bounds : array-like of shape (n_features, 2) or None, default=None
        Lower and upper end of each feature, between which points are crafted. None: the
        range in the ``X`` of `fit`.

    random_state : int, RandomState instance or None, default=None
        On which records it is tried, and how a copy of deeper trees is learned.

    Attributes
    ----------
    thresholds_ : list of ndarray of float
        For each feature, where the answer changes; of deeper trees, where it was seen
        to change.

    link_ : {"softmax", "identity", "log"} or None
        The scale on which steps add up: log-odds, the answers or their logarithms. None
        if they do on none.

    is_exact_ : bool
        Whether scores are sums of steps, so that the copy is the target, but for steps
        that were passed over or not followed to the end. False: it was learned.

    is_complete_ : bool
        Whether each step was followed to its place.

    weights_ : dict of str to float
        Weight of each family of models in the copy; only where it was learned.

    errors_ : dict of str to float
        Mean squared error of each on records that it has not seen; only there.

    classes_ : ndarray of shape (n_classes,)
        The target's classes; only where it is a classifier.

    is_deterministic_ : bool or None
        True where the first three points got the same answers twice; with labels, or
        fewer than 200 queries left, they are not asked again, and it is None.

    n_queries_ : int
        Points that were asked; without those whose answers `memory` had.

    n_features_in_ : int
        Features that the target takes.

    Raises
    ------
    ValueError
        If the budget is too small, or scores are no sums over the features, as with
        deeper trees, and ``deeper="error"``.

    Warns
    -----
    UserWarning
        If queries ran out before all steps were followed.

    See Also
    --------
    PathFindingAttack : For single trees of any depth.
    SurrogateAttack : Learns a copy of any target.

    Notes
    -----
    Bisection goes on until the place of a step is known to single precision, and to
    double precision where one of the attacker's records, or a number of few digits,
    lies in between.

    References
    ----------
    An addition of this package to path finding in F. Tramèr, F. Zhang, A. Juels,
    M. K. Reiter, T. Ristenpart. "Stealing machine learning models via prediction APIs".
    USENIX Security 2016.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import GradientBoostingClassifier
    >>> from skprivacy.extraction import ThresholdSearchAttack
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = GradientBoostingClassifier(max_depth=1, random_state=0).fit(X, y)
    >>> copy = ThresholdSearchAttack(BlackBox(model), random_state=0).fit(X)
    >>> bool(abs(copy.predict_proba(X) - model.predict_proba(X)).max() < 1e-9)
    True
    """

    _asks_twice = True

    _parameter_constraints: dict = {
        **BaseExtractionAttack._parameter_constraints,
        "memory": MEMORY,
        "n_check": [Interval(Integral, 1, None, closed="left")],
        "max_queries": [Interval(Integral, 1, None, closed="left")],
        "deeper": [StrOptions({"cells", "error"})],
        "deeper_budget": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        target,
        *,
        n_check=10,
        max_queries=100_000,
        memory=None,
        deeper="cells",
        deeper_budget=2000,
        bounds=None,
        random_state=None,
    ):
        self.target = target
        self.n_check = n_check
        self.max_queries = max_queries
        self.memory = memory
        self.deeper = deeper
        self.deeper_budget = deeper_budget
        self.bounds = bounds
        self.random_state = random_state

    def _fit(self, oracle, space):
        self._refuse(oracle, tuple(LINKS), "PathFindingAttack copies trees by labels.")
        self._grid = grid = Grid(space, double=True)
        # A line needs its two ends and its center.
        least = 3 * self.n_check + 2 + 3 * len(space.free)
        limit = int(min(self.max_queries, oracle.left))
        if limit < least:
            raise ValueError(
                f"max_queries, and the target's budget, must allow for {least} queries "
                f"to see the lines along {len(space.free)} features, with "
                f"n_check={self.n_check}; got {limit}."
            )

        def ask(points):
            points = points[: limit - oracle.n_queries]
            if not len(points):
                return np.empty((0, 1))
            return oracle.ask(grid.values(points))

        records = grid.positions(space.records)
        center = grid.positions(find_center(oracle, space)[0][None])[0]
        base = ask(center[None])
        rng = check_random_state(self.random_state)
        points, answers = self._try_sums(ask, center, base, records, rng)
        self.is_exact_ = self.link_ is not None
        if not self.is_exact_:
            self._learn(oracle, space, limit, grid.values(points), answers, rng)
            return
        likely = likely_steps(grid, Grid(space), space.records)
        scanner = StepScanner(ask, grid, Thresholds(grid, likely), center, records)
        self._base = scores_of(base, self.link_)
        self._set(scanner.scan())
        for _ in range(N_ROUNDS):
            # Up and down by the same is no change between the ends of a gap.
            error = np.abs(self._told(points) - answers).max(axis=1)
            wrong = error > TOLERANCE * (1 + np.abs(answers).max())
            if not wrong.any() or not scanner.is_complete:
                break
            self._set(scanner.scan(points[wrong]))
        self.is_complete_ = scanner.is_complete
        self.thresholds_ = [
            grid.thresholds(edges, j) for j, edges in enumerate(self._edges)
        ]
        if not self.is_complete_:
            warnings.warn(
                f"queries ran out after {oracle.n_queries}: the places of some steps "
                "are known in part.",
                UserWarning,
                stacklevel=4,
            )

    def _try_sums(self, ask, center, base, records, rng):
        """Find the scale on which scores are sums over two groups of features."""
        second = records[rng.randint(len(records), size=self.n_check)]
        taken = rng.uniform(size=second.shape) < 0.5
        mixed, rest = np.where(taken, second, center), np.where(taken, center, second)
        points = np.concatenate([second, mixed, rest])
        answers = ask(points)
        for link in LINKS[self._shown]:
            with np.errstate(invalid="ignore"):
                parts = np.split(scores_of(answers, link), 3)
                if is_additive(scores_of(base, link), *parts):
                    self.link_ = link
                    return points, answers
        if self.deeper == "error":
            raise ValueError(
                "target: its scores are no sums over the features, as those of trees "
                "of depth 1 are. PathFindingAttack copies single trees of any depth, "
                "and deeper='cells' learns a copy."
            )
        self.link_ = None
        return points, answers

    def _learn(self, oracle, space, limit, points, answers, rng):
        """Learn a copy of deeper trees within what is left."""
        budget = min(self.deeper_budget, limit)
        least = oracle.n_queries + FEWEST
        if budget < least:
            raise ValueError(
                f"deeper_budget, max_queries, and the target's budget, must allow for "
                f"{least} queries to learn a copy of deeper trees; got {budget}."
            )
        copy = CellCopy(oracle.ask, space, oracle.response, rng)
        self._copy = copy.fit(points, answers, budget - oracle.n_queries)
        self.thresholds_, self.is_complete_ = copy.thresholds, False
        self.weights_, self.errors_ = copy.weights, copy.errors

    def _set(self, steps):
        """Keep the edges of steps, and what the score is between them."""
        self._edges, self._tables = [], []
        for positions, answers in steps:
            edges = np.empty(0, dtype=np.int64)
            table = np.zeros((1, self._base.shape[1]))
            if len(positions):
                at = np.flatnonzero((answers[1:] != answers[:-1]).any(axis=1))
                # Where a gap was left, the step is taken to be in its middle.
                edges = positions[at] + (positions[at + 1] - positions[at] - 1) // 2
                first = answers[np.r_[0, at + 1]]
                table = scores_of(first, self.link_) - self._base
            self._edges.append(edges)
            self._tables.append(table)

    def _told(self, points):
        scores = np.repeat(self._base, len(points), axis=0)
        for j, (edges, table) in enumerate(zip(self._edges, self._tables, strict=True)):
            scores += table[np.searchsorted(edges, points[:, j], side="left")]
        return to_answers(scores, self.link_)

    def _answers(self, X):
        if not self.is_exact_:
            return self._copy.answers(X)
        return self._told(self._grid.positions(X))


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
