"""Linear classifiers that tell labels alone."""

import warnings
from itertools import combinations
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skprivacy.extraction._answer_store import MEMORY
from skprivacy.extraction._base import BaseExtractionAttack
from skprivacy.extraction._boundaries import (
    boundaries_from_points,
    spanning_pairs,
    weights_by_sides,
)
from skprivacy.extraction._forms import Frame
from skprivacy.extraction._labels import bisect_labels, find_labels

__all__ = ["LowdMeekAttack"]

#: A feature is moved half as far so many times before it is let go.
N_HALVINGS = 16
#: Each way is halved so often, where n_per_feature allows for less.
N_STEPS = 12
#: With fewer halvings a boundary is too unsure.
N_LEAST_STEPS = 8
#: Rounds of further segments, where those of single features left something open.
N_ROUNDS = 8
#: Ways in each round, for each solution that there is.
N_OPEN = 4
#: Records may lie on the wrong side by so little: as far as the boundary is unsure.
UNSURE = 1e-4


class LowdMeekAttack(BaseExtractionAttack):
    """Finds the boundaries of a linear classifier from its labels alone.

    A label changes where two classes are equally likely. Bisection finds such a point
    on the way from a record of one class to one of another, then one after each feature
    has been moved. Each is an equation in the coefficients, and together they give them
    up to their common scale, which labels do not tell.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack, a classifier; nothing but its labels is used.

    n_per_feature : int, default=40
        Most queries for each feature that varies, and each boundary: that of two
        classes, one less than there are classes where there are more.

    memory : str, path-like or None, default=None
        Folder in which answers are kept as soon as they are there. Where the target
        goes down, `fit` with the same `random_state`, a number, goes on where it ended,
        and pays for nothing twice. One folder a target, for any attacks.

    bounds : array-like of shape (n_features, 2) or None, default=None
        Lower and upper end of each feature, between which points are crafted. None: the
        range in the ``X`` of `fit`.

    random_state : int, RandomState instance or None, default=None
        Which records are asked first.

    Attributes
    ----------
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        Coefficients up to one positive factor for all; those of two classes have
        length 1, those of more sum to zero.

    intercept_ : ndarray of shape (1,) or (n_classes,)
        Intercepts, up to the same factor.

    classes_ : ndarray of shape (n_classes,)
        The target's classes.

    n_queries_ : int
        Points that were asked; without those whose answers `memory` had.

    n_features_in_ : int
        Features that the target takes.

    See Also
    --------
    EquationSolvingAttack : Needs fewer queries where the target tells more than labels.
    PathFindingAttack : For decision trees, also by their labels.

    Notes
    -----
    Regions of a linear classifier are convex, so that the mean of records with one
    label has that label too, and lies far inside.

    References
    ----------
    D. Lowd, C. Meek. "Adversarial learning". ACM SIGKDD 2005; there for two classes.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skprivacy.extraction import LowdMeekAttack
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    >>> box = BlackBox(model, response="label")
    >>> copy = LowdMeekAttack(box, random_state=0).fit(X[:100])
    >>> copy.score(X)
    1.0
    >>> copy.n_queries_ <= 40 * 30
    True
    """

    _parameter_constraints: dict = {
        **BaseExtractionAttack._parameter_constraints,
        "memory": MEMORY,
        "n_per_feature": [Interval(Integral, 12, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self, target, *, n_per_feature=40, memory=None, bounds=None, random_state=None
    ):
        self.target = target
        self.n_per_feature = n_per_feature
        self.memory = memory
        self.bounds = bounds
        self.random_state = random_state

    def _fit(self, oracle, space):
        self._refuse(
            oracle,
            ("label", "proba", "decision"),
            "EquationSolvingAttack copies linear models that answer with numbers.",
        )
        self._oracle, self._space = oracle, space
        oracle.need(
            self.n_per_feature * len(space.free),
            f"one boundary in {len(space.free)} features, with "
            f"n_per_feature={self.n_per_feature},",
        )
        rng = check_random_state(self.random_state)
        records, labels = find_labels(oracle, space, rng)
        seen = np.unique(labels)
        if len(seen) < 2:
            self._copy_constant(seen[0], len(labels))
            return
        means = np.array([records[labels == k].mean(axis=0) for k in seen])
        middle = means.mean(axis=0)
        self._frame = Frame(space, middle)
        pairs = spanning_pairs(self._frame(means))
        budget = oracle.n_queries + self._left(len(pairs))
        low, high = self._segments(means, pairs, records, labels, rng)
        equations = self._cross(low, high, budget)
        solutions = self._settle(equations, records, labels, seen, rng)
        self._choose(solutions, records, labels, seen)
        self._show()
        self._finish()

    def _copy_constant(self, label, n_asked):
        warnings.warn(
            f"the target gave the label {self.classes_.tolist()[label]!r} to all "
            f"{n_asked} points that were asked, and so does the copy; its boundary, if "
            "it has one, lies outside the bounds.",
            UserWarning,
            stacklevel=5,
        )
        self._frame = Frame(self._space, self._space.lower)
        self._keep(np.zeros((1, len(self._space.free) + 1)), [label])
        self._show()
        self._finish()

    def _finish(self):
        del self._oracle, self._space
        self._shown = "label"

    def _left(self, n_pairs):
        """Return the queries that may still be spent."""
        in_all = self.n_per_feature * len(self._space.free) * n_pairs
        return in_all - self._oracle.n_queries

    def _labels(self, points):
        return self._oracle.ask(points).argmax(axis=1)

    def _segments(self, means, pairs, records, labels, rng):
        """Ways between two labels: between means, then with each feature moved."""
        lows, highs = [], []
        for first, second in pairs:
            low, high = self._base(means[first], means[second], records, labels, rng)
            lows.append(low[None])
            highs.append(high[None])
            moved = self._moved(low, high)
            lows.append(moved[0])
            highs.append(moved[1])
        # One point between two others tells how their scales compare.
        others = set(combinations(range(len(means)), 2))
        others -= {tuple(sorted(pair)) for pair in pairs}
        for first, second in sorted(others):
            low, high = self._base(means[first], means[second], records, labels, rng)
            lows.append(low[None])
            highs.append(high[None])
        return np.vstack(lows), np.vstack(highs)

    def _base(self, low, high, records, labels, rng):
        """Two points of different labels that differ in no whole number."""
        integer = self._space.integer
        if not integer.any():
            return low, high
        held = self._space.snap(np.median(records, axis=0))[integer]
        pairs = [(low, high)]
        first, second = rng.randint(len(records), size=(2, 200))
        differ = labels[first] != labels[second]
        pairs += list(zip(records[first[differ]], records[second[differ]], strict=True))
        if not integer.all():
            for low, high in pairs[:20]:
                ends = np.array([low, high])
                ends[:, integer] = held
                found = self._labels(ends)
                if found[0] != found[1]:
                    return ends
        raise ValueError(
            "X: with the columns of whole numbers held, the target's label does not "
            "change, and between whole numbers nothing can be asked. Give them as "
            "floating-point numbers, if the target takes those."
        )

    def _moved(self, low, high):
        """Move each feature of both ends as far as their labels allow."""
        space, free = self._space, self._space.free
        middle = ((low + high) / 2)[free]
        up = space.upper[free] - middle >= middle - space.lower[free]
        end = np.where(up, space.upper[free], space.lower[free])
        lows, highs = (np.tile(point, (len(free), 1)) for point in (low, high))
        at = np.arange(len(free))
        open_, share = np.ones(len(free), dtype=bool), 1.0
        for _ in range(N_HALVINGS):
            rows = at[open_]
            value = middle[rows] + share * (end - middle)[rows]
            whole = space.integer[free[rows]]
            value = np.where(whole, np.round(value), value)
            lows[rows, free[rows]] = highs[rows, free[rows]] = value
            found = self._labels(np.vstack([lows[rows], highs[rows]]))
            same = found[: len(rows)] == found[len(rows) :]
            open_[rows] = same
            share /= 2
            if not open_.any() or self._oracle.left < 2 * open_.sum():
                break
        return lows[~open_], highs[~open_]

    def _cross(self, low, high, budget):
        """Bisect all ways, and say between which labels they cross."""
        # Labels that were hard to find leave little; but for a few features only.
        n_steps = max((budget - self._oracle.n_queries) // len(low) - 2, N_STEPS)
        n_steps = int(min(n_steps, self._oracle.left // len(low) - 2))
        if n_steps < N_LEAST_STEPS:
            raise ValueError(
                f"budget: {len(low)} ways between labels were found, and only "
                f"{self._oracle.left} queries are left to follow them."
            )
        ends = self._labels(np.vstack([low, high]))
        return bisect_labels(self._labels, low, high, *np.split(ends, 2), n_steps)

    def _settle(self, equations, records, labels, seen, rng):
        """Follow ways between records until one solution is left."""
        for _ in range(N_ROUNDS):
            points, first, second = equations
            codes = self._codes(first, second, seen=seen)
            found = boundaries_from_points(self._terms(points), *codes, len(seen))
            if len(found) == 1:
                break
            low, high, ends = self._open_ways(found, records, labels, seen, rng)
            n_steps = int(
                min(self.n_per_feature, self._oracle.left // max(len(low), 1))
            )
            if not len(low) or n_steps < N_LEAST_STEPS:
                break
            more = bisect_labels(self._labels, low, high, *ends, n_steps)
            equations = [
                np.concatenate(both) for both in zip(equations, more, strict=True)
            ]
        return found

    def _open_ways(self, solutions, records, labels, seen, rng):
        """Ways between records, with a feature moved whose coefficient is open."""
        n_ways = int(min(N_OPEN * len(solutions), self._oracle.left // 4))
        weight = (solutions[:, :, 1:] ** 2).sum(axis=0)
        drawn = rng.choice(weight.size, size=n_ways, p=weight.ravel() / weight.sum())
        classes, features = np.unravel_index(drawn, weight.shape)
        start, end = np.empty((2, n_ways), dtype=int)
        for i, k in enumerate(classes):
            start[i] = rng.choice(np.flatnonzero(labels == seen[k]))
            end[i] = rng.choice(np.flatnonzero(labels != seen[k]))
        low, high = records[start], records[end]
        free = self._space.free[features]
        at = np.arange(n_ways)
        low[at, free] = high[at, free] = self._space.uniform(n_ways, rng)[at, free]
        # Between whole numbers nothing can be asked.
        high[:, self._space.integer] = low[:, self._space.integer]
        ends = np.split(self._labels(np.vstack([low, high])), 2)
        good = ends[0] != ends[1]
        return low[good], high[good], [labels[good] for labels in ends]

    def _terms(self, points):
        return np.hstack([np.ones((len(points), 1)), self._frame(points)])

    @staticmethod
    def _codes(*labels, seen):
        return [np.searchsorted(seen, label) for label in labels]

    def _choose(self, solutions, records, labels, seen):
        """Of all that solve the equations, the one with records on their side."""
        terms = self._terms(records)
        codes = self._codes(labels, seen=seen)[0]
        # Of the solutions only what is common to classes without a boundary is open.
        theta = solutions[0]
        if len(solutions) > 1:
            theta = np.tensordot(
                weights_by_sides(solutions, terms, codes), solutions, 1
            )
        scores = terms @ theta.T
        if (scores.argmax(axis=1) == codes).mean() < 0.5:
            theta, scores = -theta, -scores
        at = np.arange(len(records))
        short = scores.max(axis=1) - scores[at, codes]
        wrong = short > UNSURE * np.abs(scores).max()
        if wrong.any():
            raise ValueError(
                f"target: {int(wrong.sum())} of {len(wrong)} points that were asked "
                "lie on the wrong side of the lines that fit its boundaries. It is not "
                f"linear within the bounds, or n_per_feature={self.n_per_feature} "
                "leaves its boundaries too unsure."
            )
        self._keep(theta, seen)

    def _keep(self, theta, seen):
        self._theta = np.zeros((len(self.classes_), theta.shape[1]))
        self._theta[seen] = theta
        self._unseen = np.setdiff1d(np.arange(len(self.classes_)), seen)

    def _show(self):
        inner = np.zeros((len(self._theta), self._space.n_features))
        inner[:, self._space.free] = self._theta[:, 1:] / self._frame.width
        outer = self._theta[:, 0] - inner @ self._frame.center
        if len(inner) == 2:
            inner, outer = inner[1:] - inner[:1], outer[1:] - outer[:1]
            length = np.linalg.norm(inner) or 1.0
            inner, outer = inner / length, outer / length
        self.coef_, self.intercept_ = inner, outer

    def _answers(self, X):
        scores = self._terms(X) @ self._theta.T
        # What was never seen is never answered.
        scores[:, self._unseen] = -np.inf
        return scores

    @available_if(lambda attack: attack._response_of_copy() == "label")
    def decision_function(self, X):
        """How far records lie from the boundaries, up to one positive factor.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        decision : ndarray of shape (n_records,) or (n_records, n_classes)
            One number a record where there are two classes. Infinite for classes that
            were never answered.
        """
        check_is_fitted(self)
        scores = self._answers(self._checked(X))
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores

    def _response_of_copy(self):
        shown = super()._response_of_copy()
        return "label" if shown in ("proba", "decision") else shown
