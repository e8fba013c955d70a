"""A copy of deeper trees: thresholds from lines, values from records."""

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.pipeline import make_pipeline

from skprivacy.extraction._cells import CellCoder
from skprivacy.extraction._line_search import LineSearch
from skprivacy.extraction._query_plan import QueryPlan
from skprivacy.extraction._refitted_boosting import RefittedBoosting
from skprivacy.extraction._surrogate_families import (
    SMALL_OF_TREES,
    Family,
    Surrogate,
    families,
)
from skprivacy.extraction._surrogate_stack import fit_weights
from skprivacy.extraction._table_space import TableSpace

__all__ = ["FEWEST", "CellCopy"]

#: Fewest queries that a copy is learned from.
FEWEST = 30
#: Share of them that goes to lines.
LINE_SHARE = 0.1
#: With fewer queries for lines than this there are none: a line takes dozens.
FEWEST_ON_LINES = 60
#: Features that tell less than this share of the answers get no lines.
LEAST_IMPORTANCE = 0.005
#: Trees that are grown on cells.
N_TREES = 300
#: Parts into which records are split for the race.
N_FOLDS = 3


class CellCopy:
    """Learns from records and lines, with trees that split where the target's do.

    The plain surrogate's families race, on answers to records that they have not seen,
    against boosted trees on cells between the thresholds that lines showed, whose
    leaves are weighed anew.

    Parameters
    ----------
    ask : callable
        Takes points, shape (n_points, n_features); gives answers, shape
        (n_points, n_columns).

    space : QuerySpace
        What may be asked.

    response : {"proba", "decision", "value"}
        What the target answers with.

    rng : RandomState
        Randomness.

    Attributes
    ----------
    thresholds : list of ndarray of float
        For each feature, where an answer changed on a line.

    weights, errors : dict of str to float
        Weight of each family in the copy, and its mean squared error on records that
        it has not seen.
    """

    def __init__(self, ask, space, response, rng):
        self._ask, self._space = ask, space
        self._response, self._rng = response, rng

    def fit(self, points, answers, n_queries):
        """Ask so many more queries, and learn.

        Parameters
        ----------
        points : ndarray of shape (n_points, n_features)
            Points asked before, which are learned from too.

        answers : ndarray of shape (n_points, n_columns)
            Answers to them.

        n_queries : int
            Queries that are spent, all of them.

        Returns
        -------
        self : object
        """
        ask, space, rng = self._ask, self._space, self._rng
        seed = int(rng.randint(2**31 - 1))
        bounds = np.column_stack([space.lower, space.upper])
        pool = TableSpace(space.records, bounds)
        plan = QueryPlan(pool, _as_they_are, "adaptive", self._response, "auto", rng)
        search = LineSearch(ask, space.records, answers.shape[1], rng)
        n_next = max(n_queries // 4, 2 * N_FOLDS)
        batch, end = -(-n_queries // 8), n_queries
        while n_next > 0:
            codes = space.snap(plan.choose(n_next))
            plan.add(codes, ask(codes))
            if end == n_queries:
                on_lines = int(LINE_SHARE * n_queries)
                if on_lines >= FEWEST_ON_LINES:
                    search.scan(self._important(plan, seed), on_lines)
                    end -= len(search.points)
            n_next = min(batch, end - len(plan))
            if n_next > 0:
                plan.learn(seed)
        self.thresholds = search.thresholds
        more = np.vstack([points, search.points])
        told = np.vstack([answers, search.answers])
        self._race(plan, more, told, n_queries, seed)
        # The copy does without the target, which may hold a key.
        self._ask = self._space = self._rng = None
        return self

    def _important(self, plan, seed):
        """Features on which answers depend, the most important first."""
        trees = ExtraTreesRegressor(50, max_features=0.5, random_state=seed)
        y = plan.answers if plan.answers.shape[1] > 1 else plan.answers[:, 0]
        weight = trees.fit(plan.codes, y).feature_importances_
        order = np.argsort(-weight, kind="stable")
        return order[weight[order] > LEAST_IMPORTANCE]

    def _families(self, n_queries):
        known = [part if len(part) else None for part in self.thresholds]
        cells = make_pipeline(CellCoder(known), RefittedBoosting(N_TREES))
        return [
            *families(self._response, n_queries),
            Family("refitted boosting on cells", cells, True, SMALL_OF_TREES),
        ]

    def _race(self, plan, more, more_told, n_queries, seed):
        """Weigh families by what they say of records that they have not seen."""
        raced = self._families(n_queries)
        points, answers = plan.codes, plan.answers
        folds = plan.folds(N_FOLDS)
        told = np.empty((len(raced), *answers.shape))
        for fold in range(N_FOLDS):
            out = folds == fold
            X = np.vstack([points[~out], more])
            y = np.vstack([answers[~out], more_told])
            for i, family in enumerate(raced):
                model = Surrogate(family, self._response, seed + fold).fit(X, y)
                told[i, out] = model.answers(points[out])
        weights = fit_weights(told, answers)
        errors = ((told - answers) ** 2).mean(axis=(1, 2))
        names = [family.name for family in raced]
        self.weights = dict(zip(names, weights.tolist(), strict=True))
        self.errors = dict(zip(names, errors.tolist(), strict=True))
        X, y = np.vstack([points, more]), np.vstack([answers, more_told])
        self._parts = [
            (weight, Surrogate(family, self._response, seed).fit(X, y))
            for weight, family in zip(weights, raced, strict=True)
            if weight > 0
        ]

    def answers(self, points):
        """Answer to points, laid out as the target's answers."""
        return sum(weight * model.answers(points) for weight, model in self._parts)


def _as_they_are(codes):
    return codes
