"""What kind of model answers."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import validate_data

from skprivacy.extraction._family_signs import (
    bend,
    bisect_jumps,
    common_denominator,
    find_feature,
    interaction,
)
from skprivacy.extraction._links import LINKS, link_noise, scores_of
from skprivacy.extraction._near import find_center
from skprivacy.extraction._oracle import Oracle
from skprivacy.extraction._space import QuerySpace
from skprivacy.extraction._steps import is_additive
from skprivacy.targets import check_target

__all__ = ["FamilyDetector"]

#: A change that is left after halving is a step, if it is more than this of the whole.
LEAST_STEP = 1e-6
#: What is less than this is nothing, by what it is compared with.
NOTHING = 1e-6
#: Log-odds that are less sure are asked nearer to the center.
MOST_NOISE = 1e-9
#: Share of pairs of steps that add up, from which on there are several trees.
ENSEMBLE = 0.25
#: How often lines are shortened for that.
N_SHORTER = 8


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

    def __init__(self, target, *, n_lines=8, bounds=None, random_state=None):
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
        # Ends, halves, features, second steps and lines, at the most.
        n_binary = int(np.ceil(np.log2(max(space.n_features, 2)))) + 4
        oracle.need(self.n_lines * (2 * 34 + n_binary + 30) + 200, "telling the family")
        self.evidence_ = {}
        self._rng = check_random_state(self.random_state)
        self.family_ = self._tell(oracle, space)
        self.n_queries_ = oracle.n_queries
        return self

    def _tell(self, oracle, space):
        if not len(space.free) or space.integer.all():
            return "unknown"
        low, high, ends = self._lines(oracle, space)
        if not len(low):
            return "constant"
        whole = np.abs(ends[1] - ends[0]).max(axis=1)
        jumps = bisect_jumps(oracle.ask, low, high, *ends)
        height = np.abs(jumps[3] - jumps[2]).max(axis=1)
        self.evidence_["step"] = float(np.median(height / whole))
        if self.evidence_["step"] > LEAST_STEP:
            return self._tell_steps(oracle, space, jumps, np.vstack(ends))
        return self._tell_smooth(oracle, space)

    def _lines(self, oracle, space):
        """Lines between records with different answers, the most different first."""
        n_pairs = 3 * self.n_lines
        rows = self._rng.randint(len(space.records), size=(2, n_pairs))
        low, high = space.records[rows]
        # Whole numbers have no place between them.
        high = np.where(space.integer, low, high)
        first, second = oracle.ask(low), oracle.ask(high)
        change = np.abs(second - first).max(axis=1)
        order = np.argsort(-change, kind="stable")[: self.n_lines]
        order = order[change[order] > 0]
        return low[order], high[order], (first[order], second[order])

    def _tell_steps(self, oracle, space, jumps, ends):
        if oracle.response == "proba":
            n = common_denominator(np.vstack([ends, jumps[2], jumps[3]]))
            if n is not None:
                self.evidence_["multiple_of"] = float(n)
        found = [
            self._feature_of(oracle, space, low, high, first, second)
            for low, high, first, second in zip(*jumps, strict=True)
        ]
        along = np.array([feature is not None for feature in found])
        self.evidence_["axis_parallel"] = float(along.mean())
        if along.mean() < 0.5:
            return self._tell_slanted(oracle, space, jumps)
        features = np.array([feature for feature in found if feature is not None])
        low, high, *_ = (part[along] for part in jumps)
        pairs = self._second_steps(oracle, space, features, low, high)
        if pairs is None:
            return "tree"
        share = {
            link: float(
                (interaction(*(scores_of(p, link) for p in pairs)) < NOTHING).mean()
            )
            for link in ("identity", *LINKS[oracle.response])
        }
        self.evidence_["additive"] = share["identity"]
        if "softmax" in share:
            self.evidence_["additive_log_odds"] = share["softmax"]
        # Steps of one tree never add up; of several trees, those that share a split
        # do not.
        if max(share.values()) < ENSEMBLE:
            return "tree"
        if self._is_sum(oracle, space):
            return "stumps"
        if oracle.response == "proba":
            is_forest = share["identity"] >= share["softmax"]
            return "forest" if is_forest else "boosting"
        return "boosting" if oracle.response == "decision" else "ensemble"

    def _feature_of(self, oracle, space, low, high, first, second):
        """Find the feature of a step, if it stays where others are moved a little."""
        feature = find_feature(oracle.ask, low, high, second)
        if feature is None:
            return None
        others = self._rng.uniform(-1, 1, len(low)) * 1e-5 * (space.upper - space.lower)
        others[feature] = 0
        moved = np.clip(np.stack([low, high]) + others, space.lower, space.upper)
        moved[1] = moved[0]
        moved[1, feature] = high[feature]
        moved[0, feature] = low[feature]
        told = oracle.ask(moved)
        kept = np.allclose(told[1] - told[0], second - first, rtol=1e-3, atol=1e-12)
        return feature if kept else None

    def _second_steps(self, oracle, space, features, low, high):
        """Answers around pairs of steps: before both, beyond each, beyond both."""
        n = len(features)
        target = space.records[self._rng.randint(len(space.records), size=n)]
        target = np.where(space.integer, low, target)
        target[np.arange(n), features] = low[np.arange(n), features]
        start, end = oracle.ask(low), oracle.ask(target)
        differ = (start != end).any(axis=1)
        if not differ.any():
            return None
        low, high, features = low[differ], high[differ], features[differ]
        rows = np.arange(len(low))
        near, far, first, second = bisect_jumps(
            oracle.ask, low, target[differ], start[differ], end[differ]
        )
        crossed = near.copy(), far.copy()
        for points in crossed:
            points[rows, features] = high[rows, features]
        beyond, both = oracle.ask(crossed[0]), oracle.ask(crossed[1])
        # Away from where it was found, the first step may be gone.
        still = (beyond != first).any(axis=1) & (second != first).any(axis=1)
        if not still.any():
            return None
        return first[still], beyond[still], second[still], both[still]

    def _is_sum(self, oracle, space):
        """Whether scores are sums over the features, as those of stumps are."""
        rows = self._rng.randint(len(space.records), size=(2, self.n_lines))
        first, second = space.records[rows]
        taken = self._rng.uniform(size=first.shape) < 0.5
        mixed, rest = np.where(taken, first, second), np.where(taken, second, first)
        answers = [oracle.ask(part) for part in (first, second, mixed, rest)]
        with np.errstate(invalid="ignore"):
            return any(
                is_additive(*(scores_of(part, link) for part in answers))
                for link in LINKS[oracle.response]
            )

    def _tell_slanted(self, oracle, space, jumps):
        shift = 1e-6 * self._rng.uniform(-1, 1, jumps[0].shape)
        moved = jumps[0] + shift * (space.upper - space.lower)
        told = oracle.ask(np.clip(moved, space.lower, space.upper))
        either = (told == jumps[2]).all(axis=1) | (told == jumps[3]).all(axis=1)
        if either.mean() < 0.5:
            # Level nowhere: the jump is one of several that vote.
            return "kernel"
        heights = np.abs(jumps[3] - jumps[2]).max(axis=1)
        answers = np.vstack([jumps[2], jumps[3]])
        for decimals in range(1, 9):
            unit = 10.0**-decimals
            is_round = np.abs(answers - np.round(answers, decimals)).max() < 1e-12
            if is_round and np.allclose(heights, unit, rtol=1e-6):
                return "rounded"
        return "neighbors"

    def _tell_smooth(self, oracle, space):
        center, _ = find_center(oracle, space)
        rows = self._rng.randint(len(space.records), size=self.n_lines)
        ways = space.records[rows] - center
        ways[:, space.integer] = 0
        ways = ways[(ways != 0).any(axis=1)]
        if not len(ways):
            return "unknown"
        places = np.linspace(0, 1, 5)
        ways, answers = self._ask_sure(oracle, space, center, ways, places)
        for link in LINKS[oracle.response]:
            scores = scores_of(answers.reshape(-1, answers.shape[-1]), link)
            scores = scores.reshape(*answers.shape[:2], -1)
            if not np.isfinite(scores).all():
                continue
            straight, parabola = bend(scores, 2).max(), bend(scores, 3).max()
            self.evidence_["bend"] = float(straight)
            self.evidence_["twist"] = float(parabola)
            if straight < NOTHING:
                return "linear"
            if parabola < NOTHING:
                return (
                    "naive_bayes"
                    if self._is_sum_near(oracle, space, center, ways, link)
                    else "quadratic"
                )
        link = LINKS[oracle.response][0]
        # Short pieces, several on each line, of which few have a corner.
        starts = np.array([0.2, 0.5, 0.8])
        pieces = (starts[:, None] + 1e-3 * np.arange(3)).ravel()
        points = center + pieces[None, :, None] * ways[:, None]
        told = oracle.ask(points.reshape(-1, points.shape[-1]))
        scores = scores_of(told, link).reshape(len(ways) * len(starts), 3, -1)
        scores = scores[np.isfinite(scores).all(axis=(1, 2))]
        if not len(scores):
            return "unknown"
        share = float((bend(scores, 2) < NOTHING).mean())
        self.evidence_["straight_pieces"] = share
        return "network" if share > 0.4 else "kernel"

    def _ask_sure(self, oracle, space, center, ways, places):
        """Ask along lines, shortened until log-odds are sure."""
        link = LINKS[oracle.response][0]
        points = space.snap(center + places[None, :, None] * ways[:, None])
        answers = np.stack([oracle.ask(part) for part in points])
        for _ in range(N_SHORTER):
            noise = np.stack([link_noise(a, link).max() for a in answers])
            bad = noise > MOST_NOISE
            if not bad.any() or oracle.left < bad.sum() * len(places):
                break
            ways[bad] /= 4
            points = center + places[None, :, None] * ways[bad][:, None]
            answers[bad] = np.stack([oracle.ask(part) for part in points])
        return ways, answers

    def _is_sum_near(self, oracle, space, center, ways, link):
        """Whether scores are sums over the features, near the center."""
        taken = self._rng.uniform(size=ways.shape) < 0.5
        parts = ways * 0, ways, np.where(taken, ways, 0), np.where(taken, 0, ways)
        scores = [scores_of(oracle.ask(center + part), link) for part in parts]
        rest = np.abs(scores[0] + scores[1] - scores[2] - scores[3]).max()
        spread = max(np.abs(scores[1] - scores[0]).max(), 1e-300)
        return bool(rest / spread < NOTHING)
