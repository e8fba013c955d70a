"""What kind of model answers."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import validate_data

from skprivacy.extraction._family_probes import (
    change_on_the_way,
    hybrids,
    is_same,
    nudge,
)
from skprivacy.extraction._family_signs import (
    bend,
    common_denominator,
    interaction,
)
from skprivacy.extraction._inexact import decimals_of
from skprivacy.extraction._links import LINKS, link_noise, scores_of
from skprivacy.extraction._oracle import Oracle
from skprivacy.extraction._space import QuerySpace
from skprivacy.extraction._steps import is_additive
from skprivacy.targets import check_target

__all__ = ["FamilyDetector"]

#: What is less than this is nothing, by what it is compared with.
NOTHING = 1e-6
#: Log-odds that are less sure are asked nearer to the center.
MOST_NOISE = 1e-9
#: How often lines are shortened for that.
N_SHORTER = 8
#: Log-odds that are less sure say nothing of how answers move.
LEAST_NOISE = 1e-3
#: The least probability that support vector machines tell.
CLIPPED = 1.01e-7
#: Records that are asked at once, and points before anything is known, at most.
N_RECORDS, N_LOOKS = 8, 41
#: Points that are touched, and how hard: shares of the ranges.
N_TOUCHES, TOUCH = 3, 1e-6
#: Most that smooth answers change with a touch, by how far answers are apart.
STEEPEST = 1e-3
#: Others are moved by so much to see whether a step moves with them.
NUDGES = 3e-3, 3e-4
#: Share of changes on a way from which on there are several trees.
MANY, SURELY_MANY = 0.45, 0.65
#: Pairs of steps that say more than those changes.
N_PAIRS = 2
#: Most neighbors that are looked for.
MOST_VOTES = 50
#: How often the way to a step is halved.
N_HALVES = 20
#: Points on the way from one record to another.
N_PARTS = 12
#: Records that are tried for a next step.
N_TRIES = 3
#: Mixtures that add up, and are no answer seen before, that are enough.
N_SUMS = 2
#: Whole numbers in a row at which answers are looked at.
N_NEAR = 7
#: Queries that smooth models take at the most.
N_SMOOTH = 120
#: Lines that are followed where answers are smooth; those on which parabolas are tried.
N_WAYS, N_PARABOLAS = 8, 3
#: Length of short pieces, as a share of a line.
PIECE = 1e-3


class FamilyDetector(BaseEstimator):
    """Tells what kind of model a target is from what it answers.

    Answers that jump show where they do: trees at single features, neighbors at
    slanted borders. Two jumps of one tree hinder each other, those of different trees
    add up: in a forest as probabilities, in boosting as log-odds. Answers without jumps
    are followed along lines: linear models are straight there as log-odds, naive Bayes
    and quadratic discriminants are parabolas, networks have corners, kernels bend.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack, with probabilities, decision values or numbers.

    n_lines : int, default=8
        Lines that are followed. Each costs about 70 queries.

    bounds : array-like of shape (n_features, 2) or None, default=None
        Lower and upper end of each feature. None: the range in the ``X`` of `fit`.

    random_state : int, RandomState instance or None, default=None
        Between which records lines go.

    Attributes
    ----------
    family_ : str
        What was found: "constant", "linear", "quadratic" (a quadratic discriminant),
        "naive_bayes", "tree", "stumps" (boosting of trees of depth 1), "forest",
        "boosting", "ensemble" (a forest or boosting of numbers), "neighbors",
        "network", "kernel" (support vectors, Gaussian processes and whatever else is
        smooth), "rounded" (which hides the rest) or "unknown".

    evidence_ : dict of str to float
        The signs: "step", what is left of a change after it was closed in on;
        "axis_parallel", the share of steps that hang on a single feature; "additive"
        and "additive_log_odds", the share of pairs of steps that add up; "multiple_of",
        n if all probabilities are whole multiples of 1 / n; "bend" and "twist",
        distance from a straight line and from a parabola; "straight_pieces", the share
        of short pieces that are straight. Only those that were looked at.

    n_queries_ : int
        Points that were asked.

    n_features_in_ : int
        Features that the target takes.

    Raises
    ------
    ValueError
        If the target answers with labels alone, or the budget is too small.

    See Also
    --------
    AutoExtraction : Picks the attack by what was found.

    References
    ----------
    An addition of this package.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skprivacy.extraction import FamilyDetector
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = RandomForestClassifier(random_state=0).fit(X, y)
    >>> FamilyDetector(BlackBox(model), random_state=0).fit(X).family_
    'forest'
    """

    _parameter_constraints = {
        "target": "no_validation",
        "n_lines": [Interval(Integral, 2, None, closed="left")],
        "bounds": ["array-like", None],
        "random_state": ["random_state"],
    }

    def __init__(self, target, *, n_lines=4, bounds=None, random_state=None):
        self.target = target
        self.n_lines = n_lines
        self.bounds = bounds
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Ask the target, and tell what it is.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            What queries look like, numbers throughout.

        y : object
            Ignored.

        Returns
        -------
        self : object
            The fitted detector.
        """
        box = check_target(self.target)
        checked = validate_data(self, X, dtype="numeric", ensure_min_samples=2)
        table = X if isinstance(X, pd.DataFrame) else checked
        space = QuerySpace(table, self.bounds)
        oracle = Oracle(box, space)
        if oracle.response not in LINKS:
            raise ValueError(
                f"target: families are told by probabilities or numbers; the target "
                f"gives response={oracle.response!r}."
            )
        oracle.need(self._most(space), "telling the family")
        self.evidence_ = {}
        self._rng = check_random_state(self.random_state)
        self.family_ = self._tell(oracle, space)
        self.n_queries_ = oracle.n_queries
        return self

    def _most(self, space):
        """Queries that are needed where no sign is decisive."""
        n_features = int(np.ceil(np.log2(max(space.n_features, 2))))
        return N_LOOKS + N_SMOOTH + self.n_lines * (n_features + N_HALVES + 16)

    def _tell(self, oracle, space):
        if not len(space.free):
            return "unknown"
        self._look_around(oracle, space)
        if is_same(self._answers, self._answers[:1]).all():
            return "constant"
        smooth = self._is_smooth(oracle, space)
        if smooth is None:
            return self._tell_whole(oracle, space)
        if smooth:
            return self._tell_smooth(oracle, space)
        return self._tell_steps(oracle, space)

    def _look_around(self, oracle, space):
        """Ask about the medians and a few records, more where all answer the same."""
        records = self._rng.permutation(np.unique(space.records, axis=0))
        center = space.snap(np.median(space.records, axis=0))
        points, answers = center[None], oracle.ask(center[None])
        for start in range(0, len(records), N_RECORDS):
            new = records[start : start + N_RECORDS]
            points = np.vstack([points, new])
            answers = np.vstack([answers, oracle.ask(new)])
            # Where answers are labels all but in name, a few of each are wanted.
            differ = ~is_same(answers, np.median(answers, axis=0)[None])
            if differ.sum() > 1 or len(points) + N_RECORDS > N_LOOKS:
                break
        self._points, self._answers = points, answers

    def _is_smooth(self, oracle, space):
        """Whether answers change with a touch; None if there are whole numbers alone."""
        if space.integer[space.free].all():
            return None
        link = LINKS[oracle.response][0]
        rows = self._least_sure(link)
        if not len(rows):
            self._cross(oracle, link, space)
            rows = self._least_sure(link)
        rows = rows[:N_TOUCHES]
        if not len(rows):
            self.evidence_["moves"] = 0.0
            return False
        points = nudge(self._points[rows], space, TOUCH, self._rng)
        told, known = oracle.ask(points), self._answers[rows]
        first, second = scores_of(told, link), scores_of(known, link)
        noise = link_noise(told, link) + link_noise(known, link)
        floor = 4 * noise[:, None] + 1e-13 * (1 + np.abs(second))
        # A record may lie on the very border of a step, which is wider than a touch.
        every = scores_of(self._answers, link)
        every = np.where(np.isfinite(every), every, np.nan)
        most = STEEPEST * (np.nanmax(every, axis=0) - np.nanmin(every, axis=0)).max()
        with np.errstate(invalid="ignore"):
            change = np.abs(first - second)
            moved = (change > floor).any(axis=1) & (change <= most).all(axis=1)
        self.evidence_["moves"] = float(moved.mean())
        return bool(moved.mean() > 0.5)

    def _least_sure(self, link):
        """Rows of points where no class is all but certain, the least sure first."""
        noise = link_noise(self._answers, link)
        # Support vector machines tell no probability less than this.
        clipped = (self._answers <= CLIPPED).any(axis=1) & (link == "softmax")
        good = np.flatnonzero((noise < LEAST_NOISE) & ~clipped)
        if link != "softmax":
            return good
        return good[np.argsort(self._answers[good].max(axis=1), kind="stable")]

    def _cross(self, oracle, link, space):
        """Go from one point to one that answers otherwise, till the answer is unsure."""
        low, high = self._most_different()
        first, second = self._points[low], self._points[high]
        ends = self._answers[low], self._answers[high]
        for _ in range(N_HALVES):
            middle = space.snap((first + second) / 2)
            told = oracle.ask(middle[None])
            is_low = is_same(told[0], ends[0])
            if not is_low and not is_same(told[0], ends[1]):
                self._points = np.vstack([self._points, middle])
                self._answers = np.vstack([self._answers, told])
                if len(self._least_sure(link)):
                    return
            near = np.abs(told[0] - ends[0]).max() < np.abs(told[0] - ends[1]).max()
            first, second = (middle, second) if near else (first, middle)

    def _most_different(self):
        """Two points with answers as different as any."""
        distance = np.abs(self._answers[:, None] - self._answers[None]).max(axis=2)
        distance += 1e-9 * self._rng.uniform(size=distance.shape)
        return np.unravel_index(distance.argmax(), distance.shape)

    def _tell_steps(self, oracle, space):
        step = self._walk(oracle, space)
        steps, kept = [step], self._stays(oracle, space, step)
        if not kept.all():
            # The touch may have crossed another border.
            steps.append(self._walk(oracle, space))
            kept = np.append(kept, self._stays(oracle, space, steps[-1]))
        self.evidence_["axis_parallel"] = float(kept.mean())
        if kept.mean() < 0.5:
            return self._tell_slanted(oracle, steps)
        if self._is_sum(oracle):
            return "stumps"
        return self._tell_trees(oracle, space, steps[-1:])

    def _walk(self, oracle, space):
        """Go from one point to another feature by feature, and find a step."""
        low, high = self._most_different()
        base, other = self._points[low], self._points[high]
        order = self._rng.permutation(np.flatnonzero(base != other))
        points, sizes = hybrids(base, other, order, N_PARTS)
        told = np.vstack(
            [
                self._answers[low],
                oracle.ask(points[1:-1]) if len(points) > 2 else self._answers[:0],
                self._answers[high],
            ]
        )
        change = np.flatnonzero(~is_same(told[1:], told[:-1]))
        self.evidence_["changes"] = len(change) / (len(points) - 1)
        at = change[0]
        group = order[sizes[at] : sizes[at + 1]]
        return self._step(
            oracle, space, points[at], points[at + 1], group, told[at], told[at + 1]
        )

    def _step(self, oracle, space, base, other, order, base_answer, other_answer):
        """Find one step near ``base`` on the way to ``other``: feature and both sides."""
        feature, low, answer = change_on_the_way(
            oracle.ask, base, other, order, base_answer
        )
        high = low.copy()
        high[feature] = other[feature]
        high_answer = other_answer if answer is None else answer
        low_answer = base_answer
        for _ in range(N_HALVES):
            middle = space.snap((low + high) / 2)
            if (middle == low).all() or (middle == high).all():
                break
            told = oracle.ask(middle[None])[0]
            if np.abs(told - low_answer).max() >= np.abs(high_answer - told).max():
                high, high_answer = middle, told
            else:
                low, low_answer = middle, told
        return feature, low, high, low_answer, high_answer

    def _next_step(self, oracle, space, steps):
        """Find a step of another feature, from the last one on; None if there is none."""
        _, base, _, base_answer, _ = steps[-1]
        used = [step[0] for step in steps]
        for row in self._rng.permutation(len(self._points))[:N_TRIES]:
            other = self._points[row].copy()
            other[used] = base[used]
            order = self._rng.permutation(np.flatnonzero(base != other))
            if not len(order):
                continue
            told = oracle.ask(other[None])[0]
            if not is_same(told, base_answer):
                return self._step(oracle, space, base, other, order, base_answer, told)
        return None

    def _stays(self, oracle, space, step):
        """Whether a step stays where it is when other features are moved a little."""
        feature, low, high, *_ = step
        moved = np.vstack(
            [nudge(low[None], space, share, self._rng, [feature]) for share in NUDGES]
        )
        beyond = moved.copy()
        beyond[:, feature] = high[feature]
        return ~is_same(oracle.ask(moved), oracle.ask(beyond))

    def _is_sum(self, oracle):
        """Whether scores are sums over the features, as those of stumps are."""
        n_told = 0
        rows = self._rng.permutation(len(self._points))
        for row, other in zip(rows[0::2], rows[1::2], strict=False):
            first, second = self._points[row], self._points[other]
            taken = self._rng.uniform(size=len(first)) < 0.5
            mixed, rest = np.where(taken, first, second), np.where(taken, second, first)
            told = oracle.ask(np.stack([mixed, rest]))
            parts = self._answers[row], self._answers[other], *told
            parts = [part[None] for part in parts]
            with np.errstate(invalid="ignore"):
                if not any(
                    is_additive(*(scores_of(part, link) for part in parts))
                    for link in LINKS[oracle.response]
                ):
                    return False
            # Answers that are those of one of the two add up in any tree.
            n_told += not (
                is_same(told[0], parts[0][0]) | is_same(told[0], parts[1][0])
            )
            if n_told == N_SUMS:
                return True
        return n_told > 0

    def _tell_trees(self, oracle, space, steps):
        if oracle.response == "proba":
            n = common_denominator(self._answers)
            if n is not None:
                self.evidence_["multiple_of"] = float(n)
        pairs = []
        while len(steps) < self.n_lines + 1:
            step = self._next_step(oracle, space, steps)
            if step is None:
                break
            for feature, _, beyond, *_ in steps:
                crossed = np.stack(step[1:3])
                crossed[:, feature] = beyond[feature]
                told = oracle.ask(crossed)
                # Away from where it was found, the first step may be gone.
                if not is_same(told[0], step[3]):
                    pairs.append((step[3], told[0], step[4], told[1]))
            steps.append(step)
            self._note_sums(oracle, pairs)
            plain, odds = self._sums()
            sure = oracle.response != "proba" or self._has_shares()
            if plain != odds or (sure and self.evidence_["changes"] > SURELY_MANY):
                break
        plain, odds = self._sums()
        # Steps of one tree never add up; those of trees that share a split do not.
        least = MANY if len(pairs) < N_PAIRS else SURELY_MANY
        if max(plain, odds) == 0 and self.evidence_["changes"] <= least:
            return "neighbors" if self._has_votes() else "tree"
        if oracle.response != "proba":
            return "boosting" if oracle.response == "decision" else "ensemble"
        if plain == odds:
            # Boosting is never quite sure, and its answers are no shares of trees.
            return "forest" if self._has_shares() else "boosting"
        return "forest" if plain > odds else "boosting"

    def _note_sums(self, oracle, pairs):
        """Note which share of pairs of steps adds up, as they are and as log-odds."""
        if not pairs:
            return
        parts = [np.stack(part) for part in zip(*pairs, strict=True)]
        for link in ("identity", *LINKS[oracle.response]):
            rest = interaction(*(scores_of(part, link) for part in parts))
            name = "additive_log_odds" if link == "softmax" else "additive"
            if link != "log":
                self.evidence_[name] = float((rest < NOTHING).mean())

    def _sums(self):
        names = "additive", "additive_log_odds"
        return tuple(self.evidence_.get(name, 0.0) for name in names)

    def _has_shares(self):
        return "multiple_of" in self.evidence_ or bool((self._answers == 0).any())

    def _has_votes(self):
        """Whether answers are few votes, of which the leaves of a tree know nothing."""
        n_votes = self.evidence_.get("multiple_of", 0.0)
        n_answers = len(np.unique(self._answers.round(12), axis=0))
        return 2 <= n_votes <= MOST_VOTES and n_answers > 2

    def _tell_slanted(self, oracle, steps):
        decimals = decimals_of(self._answers, oracle.response)
        if decimals:
            # A rounded answer goes from one number to the next.
            heights = [np.abs(step[4] - step[3]).max() for step in steps]
            if np.allclose(heights, 10.0**-decimals, rtol=1e-6):
                return "rounded"
        return "neighbors"

    def _tell_whole(self, oracle, space):
        """Tell the family by whole numbers alone, which cannot be touched."""
        is_sum = self._is_sum(oracle)
        base = self._points[0]
        width = space.upper - space.lower
        wide = np.argsort(-width, kind="stable")[:N_WAYS]
        wide = wide[width[wide] > 1]
        if is_sum and not len(wide):
            # Of two values each, all sums are linear.
            return "linear"
        curved = [self._curve(oracle, space, base, j) for j in wide]
        curved = [curve for curve in curved if curve is not None]
        if not curved:
            return "unknown"
        bends, twists = np.array(curved).max(axis=0)
        self.evidence_.update(bend=float(bends), twist=float(twists))
        if is_sum and bends < NOTHING:
            return "linear"
        if twists < NOTHING:
            return "naive_bayes" if is_sum else "quadratic"
        if is_sum:
            return "stumps"
        # Smooth answers change with each whole number.
        j = int(wide[0])
        near = np.tile(base, (N_NEAR, 1))
        start = min(base[j], space.upper[j] - N_NEAR + 1)
        near[:, j] = np.maximum(start + np.arange(N_NEAR), space.lower[j])
        told = oracle.ask(near)
        self.evidence_["moves"] = float((~is_same(told[1:], told[:-1])).mean())
        if self.evidence_["moves"] > 0.8:
            return "unknown"
        return self._tell_trees(oracle, space, [self._walk(oracle, space)])

    def _curve(self, oracle, space, base, feature):
        """Bend and twist along one feature; None where it shows nothing."""
        quarter = np.floor((space.upper - space.lower)[feature] / 4)
        step = max(quarter, 1.0)
        n_points = 5 if quarter else 3
        line = np.tile(base, (n_points, 1))
        line[:, feature] = space.lower[feature] + step * np.arange(n_points)
        answers = oracle.ask(line)[None]
        if is_same(answers[0], answers[0, :1]).all():
            return None
        curves = []
        for link in LINKS[oracle.response]:
            scores = _scores(answers, link)
            if np.isfinite(scores).all():
                even = scores[:, :: 2 if quarter else 1]
                twist = bend(scores, 3)[0] if quarter else 0.0
                curves.append((bend(even, 2)[0], twist))
        return min(curves, default=(np.inf, np.inf))

    def _tell_smooth(self, oracle, space):
        link = LINKS[oracle.response][0]
        rows = self._least_sure(link)
        center = self._points[rows[0]]
        rows = np.append(rows, np.setdiff1d(np.arange(len(self._points)), rows))
        ways = self._points[rows[1:]] - center
        ways[:, space.integer] = 0
        ways = ways[(ways != 0).any(axis=1)][:N_WAYS]
        if not len(ways):
            return "unknown"
        ways, points, answers = self._follow(oracle, space, rows[0], ways)
        for link in LINKS[oracle.response]:
            self.evidence_["bend"] = float(bend(_scores(answers, link), 2).max())
            if self.evidence_["bend"] < NOTHING:
                return "linear"
        # Points on the quarters of a few lines tell parabolas.
        some = slice(0, N_PARABOLAS)
        quarters = center + np.array([0.25, 0.75])[None, :, None] * ways[some][:, None]
        told = np.stack([oracle.ask(part) for part in quarters])
        five = np.concatenate([answers[some], told], axis=1)[:, [0, 3, 1, 4, 2]]
        for link in LINKS[oracle.response]:
            self.evidence_["twist"] = float(bend(_scores(five, link), 3).max())
            if self.evidence_["twist"] < NOTHING:
                return (
                    "naive_bayes"
                    if self._is_sum_near(oracle, space, center, ways[some], link)
                    else "quadratic"
                )
        return self._tell_pieces(oracle, ways, points, answers)

    def _tell_pieces(self, oracle, ways, points, answers):
        """Tell networks, of which short pieces are straight, from what bends."""
        link = LINKS[oracle.response][0]
        # Each piece begins at a point that is known.
        starts = points[:, 1:].reshape(-1, points.shape[-1])
        known = answers[:, 1:].reshape(-1, 1, answers.shape[-1])
        aims = np.repeat(ways, 2, axis=0)
        pieces = (
            starts[:, None] - PIECE * np.arange(1, 3)[None, :, None] * aims[:, None]
        )
        told = oracle.ask(pieces.reshape(-1, points.shape[-1]))
        told = told.reshape(len(starts), 2, -1)
        scores = _scores(np.concatenate([known, told], axis=1), link)
        scores = scores[np.isfinite(scores).all(axis=(1, 2))]
        if not len(scores):
            return "unknown"
        share = float((bend(scores, 2) < NOTHING).mean())
        self.evidence_["straight_pieces"] = share
        return "network" if share > 0.4 else "kernel"

    def _follow(self, oracle, space, row, ways):
        """Ask halfway and at the end of lines, shortened until log-odds are sure."""
        link = LINKS[oracle.response][0]
        center, answer = self._points[row], self._answers[row]
        places = np.array([0.0, 0.5, 1.0])
        points = center + places[None, :, None] * ways[:, None]
        answers = np.tile(answer, (len(ways), 3, 1))
        left = np.ones(len(ways), dtype=bool)
        for i, end in enumerate(points[:, 2]):
            # What was asked already.
            same = np.flatnonzero((self._points == end).all(axis=1))
            if len(same):
                answers[i, 2] = self._answers[same[0]]
            else:
                answers[i, 2] = oracle.ask(end[None])[0]
        answers[:, 1] = oracle.ask(points[:, 1])
        for _ in range(N_SHORTER):
            noise = np.stack([link_noise(part[1:], link).max() for part in answers])
            left = noise > MOST_NOISE
            if not left.any():
                break
            ways[left] /= 4
            points[left] = center + places[None, :, None] * ways[left][:, None]
            for place in (1, 2):
                answers[left, place] = oracle.ask(points[left, place])
        return ways, points, answers

    def _is_sum_near(self, oracle, space, center, ways, link):
        """Whether scores are sums over the features, near the center."""
        taken = self._rng.uniform(size=ways.shape) < 0.5
        parts = ways * 0, ways, np.where(taken, ways, 0), np.where(taken, 0, ways)
        scores = [scores_of(oracle.ask(center + part), link) for part in parts]
        rest = np.abs(scores[0] + scores[1] - scores[2] - scores[3]).max()
        spread = max(np.abs(scores[1] - scores[0]).max(), 1e-300)
        return bool(rest / spread < NOTHING)


def _scores(answers, link):
    """Scores of points on lines, shape (n_lines, n_points, n_scores)."""
    flat = scores_of(answers.reshape(-1, answers.shape[-1]), link)
    return flat.reshape(*answers.shape[:2], -1)
