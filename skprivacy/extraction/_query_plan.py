"""What a surrogate asks next."""

import numpy as np

from skprivacy.extraction._bandit import (
    draw_actions,
    make_actions,
    policy,
    rewards,
    update_preferences,
)
from skprivacy.extraction._jacobian import jacobian_step
from skprivacy.extraction._strategies import (
    ACTIVE,
    committee_spread,
    draw_by_weight,
    k_center,
    margin,
    uncertainty,
)
from skprivacy.extraction._surrogate_families import quick_families
from skprivacy.extraction._surrogate_stack import out_of_fold

__all__ = ["QueryPlan"]

#: Candidates that are looked at in a round, at least.
N_CANDIDATES = 4000
#: Of records that the committee is sure of some are drawn too, with this weight beside
#: that of the least sure, .5 with two classes.
SURE = 0.04
#: Parts into which answers are split for the committee.
N_QUICK_FOLDS = 3
#: Share of a column's spread by which the derivative moves a number.
STEP = 0.5


class QueryPlan:
    """Points asked so far, their answers, and which come next.

    Parameters
    ----------
    space : TableSpace
        What may be asked.

    features : SurrogateFeatures
        What models see of points.

    strategy : str
        One of `STRATEGIES`.

    response : {"proba", "decision", "label", "value"}
        What the target answers with.

    label_response : {"auto", "logit", "label"}
        What is learned.

    rng : RandomState
        Randomness.

    Attributes
    ----------
    codes : ndarray of shape (n_asked, n_features)
        Points asked so far.

    answers : ndarray of shape (n_asked, n_columns)
        Answers to them.

    natural : ndarray of bool of shape (n_asked,)
        Records that were drawn evenly.
    """

    def __init__(self, space, features, strategy, response, label_response, rng):
        self.space, self.features, self.strategy = space, features, strategy
        self.response, self.label_response = response, label_response
        self._rng = rng
        # Missing equals missing, which NaN does not.
        known = np.where(np.isnan(space.records), np.inf, space.records)
        first = np.unique(known, axis=0, return_index=True)[1]
        self._pool = rng.permutation(space.records[first])
        self._free = np.ones(len(self._pool), dtype=bool)
        self.codes = np.empty((0, space.n_features))
        self.answers = None
        self.natural = np.empty(0, dtype=bool)
        self._committee = self._groups = None
        self._baseline, self._direction = 0.0, 1
        scale = features(space.records)
        spread = scale.std(axis=0)
        self._scale = np.where(spread > 0, spread, 1.0)

    def __len__(self):
        return len(self.codes)

    def start(self, codes, answers):
        """Begin with points whose answers are known.

        Parameters
        ----------
        codes : ndarray of shape (n_points, n_features)
            Points.

        answers : ndarray of shape (n_points, n_columns)
            Answers to them.
        """
        pool = {row.tobytes(): i for i, row in enumerate(self._pool)}
        rows = np.array([pool.get(row.tobytes(), -1) for row in codes], dtype=int)
        self._free[rows[rows >= 0]] = False
        self.codes, self.answers = codes, answers
        # Chosen at random by whoever asked them.
        self.natural = rows >= 0

    def choose(self, n_points):
        """Choose the next points, shape (n_points, n_features)."""
        drawn = self._committee is None and self.strategy in ACTIVE
        self._is_natural = drawn or self.strategy == "records"
        if self._is_natural:
            rows = np.flatnonzero(self._free)[:n_points]
            return self._fill(self._take(rows), n_points)
        if self.strategy not in ACTIVE:
            return getattr(self.space, self.strategy)(n_points, self._rng)
        if self.strategy == "bandit":
            return self._fill(self._drawn_by_bandit(n_points), n_points)
        if self.strategy == "jacobian":
            return self._fill(self._along_derivative(n_points), n_points)
        if self.strategy == "boundary":
            candidates, rows = self._between(n_points), None
        else:
            rows = np.flatnonzero(self._free)
            size = max(N_CANDIDATES, 4 * n_points)
            rows = self._rng.permutation(rows)[:size]
            candidates = self._pool[rows]
            # A pool that is nearly used up leaves no choice.
            lack = 2 * n_points - len(rows)
            if lack > 0:
                crafted = self.space.mixup(lack, self._rng)
                candidates = np.vstack([candidates, crafted])
        chosen = self._best(candidates, n_points)
        if rows is not None:
            self._free[rows[chosen[chosen < len(rows)]]] = False
        return self._fill(candidates[chosen], n_points)

    def add(self, codes, answers):
        """Take note of answers to the points that were chosen."""
        self.codes = np.vstack([self.codes, codes])
        self.answers = (
            answers if self.answers is None else np.vstack([self.answers, answers])
        )
        # Points that fill up for records that have run out are none.
        is_record = np.arange(len(codes)) < len(codes) - self._n_filled
        self.natural = np.append(self.natural, is_record & self._is_natural)
        self._n_filled = 0

    def learn(self, seed):
        """Train the committee; return what it says of points it has not learned from.

        Parameters
        ----------
        seed : int
            Seed.

        Returns
        -------
        told : ndarray of shape (n_asked, n_columns)
        """
        families = quick_families(self.response, len(self), self.label_response)
        answers, response = self.answers, self.response
        if self.label_response == "label":
            answers = np.eye(answers.shape[1])[answers.argmax(axis=1)]
            response = "label"
        told, rows = out_of_fold(
            families,
            response,
            self.features(self.codes),
            answers,
            self.folds(N_QUICK_FOLDS),
            seed,
        )
        self._committee = [model for row in rows for model in row]
        self._seed, self._told = seed, told.mean(axis=0)
        return self._told

    def folds(self, n_folds):
        """Folds in the order of the queries, so that each has early and late ones."""
        return np.arange(len(self)) % n_folds

    _n_filled = 0

    def _take(self, rows):
        self._free[rows] = False
        return self._pool[rows]

    def _fill(self, codes, n_points):
        lack = n_points - len(codes)
        self._n_filled = max(lack, 0)
        if lack <= 0:
            return codes
        # Numbers that are whole have few points in between, some of them known.
        crafted = self.space.mixup(4 * lack, self._rng)
        order = np.argsort(~self._is_new(crafted, codes), kind="stable")
        return np.vstack([codes, crafted[order[:lack]]])

    def _is_new(self, codes, also=()):
        """Points that were not asked, are none of some others, and come first."""
        seen = {row.tobytes() for row in (*self.codes, *also)}
        is_new = np.empty(len(codes), dtype=bool)
        for i, row in enumerate(codes):
            key = row.tobytes()
            is_new[i] = key not in seen
            seen.add(key)
        return is_new

    def _between(self, n_points):
        """Points between records of different labels."""
        labels = self.answers.argmax(axis=1)
        first = self._rng.randint(len(self), size=8 * n_points)
        second = self._rng.randint(len(self), size=8 * n_points)
        differ = labels[first] != labels[second]
        if not differ.any():
            return self.space.mixup(2 * n_points, self._rng)
        first, second = first[differ], second[differ]
        return self.space.mixup(
            len(first), self._rng, self.codes[first], self.codes[second]
        )

    def _drawn_by_bandit(self, n_points):
        """Draw records of groups whose answers were worth more than others."""
        if self._groups is None:
            self._groups = make_actions(self._scaled(self._pool), self._seed)
            self._group_of = self._groups.predict(self._scaled(self._pool))
            self._preferences = np.zeros(self._groups.n_clusters)
            self._counts = np.zeros(self._groups.n_clusters, dtype=int)
        # The committee has learned from no answer that it is held against.
        earned = rewards(
            self.answers, self._told, self.response, self.answers.mean(axis=0)
        )
        low, high = earned.min(axis=0), earned.max(axis=0)
        earned = ((earned - low) / np.where(high > low, high - low, 1.0)).mean(axis=1)
        new = slice(int(self._counts.sum()), len(self))
        self._baseline = update_preferences(
            self._preferences,
            self._counts,
            self._baseline,
            self._groups.predict(self._scaled(self.codes[new])),
            earned[new],
        )
        free = np.flatnonzero(self._free)
        n_free = np.bincount(self._group_of[free], minlength=len(self._counts))
        chance = policy(self._preferences)
        n_each = draw_actions(chance, n_free, n_points, self._rng)
        rows = [
            # The pool is in random order.
            free[self._group_of[free] == k][:n]
            for k, n in enumerate(n_each)
        ]
        return self._take(np.concatenate(rows))

    def _along_derivative(self, n_points):
        """Points that were asked, moved where the committee's answer changes."""
        columns = self.answers.argmax(axis=1)

        def tell(codes, rows):
            features = self.features(codes)
            told = np.mean([m.answers(features) for m in self._committee], axis=0)
            return told[np.arange(len(codes)), columns[start[rows]]]

        # Some records are at an end of the space, and do not move.
        start = self._rng.permutation(len(self))[: n_points + n_points // 4]
        # Once towards the label that was answered, once away from it.
        self._direction = -self._direction
        spread = np.nanstd(self.space.records, axis=0)
        moved = jacobian_step(
            tell, self.codes[start], self.space, spread, self._direction * STEP
        )
        return moved[self._is_new(moved)][:n_points]

    def _scaled(self, codes):
        return self.features(codes) / self._scale

    def _best(self, candidates, n_points):
        features = self.features(candidates)
        if self.strategy == "kcenter":
            asked = self._scaled(self.codes)
            return k_center(features / self._scale, asked, n_points)
        told = np.stack([model.answers(features) for model in self._committee])
        mean = told.mean(axis=0)
        is_share = self.response in ("proba", "label")
        if self.strategy == "boundary":
            worth = -margin(mean)
        elif self.strategy == "committee" or self.response == "value":
            worth = committee_spread(told)
        elif is_share:
            worth = uncertainty(mean)
        else:
            # Decision values are unsure near the boundary, by the spread of all.
            worth = np.exp(-margin(mean) / max(margin(mean).mean(), 1e-300))
        if self.strategy == "adaptive":
            floor = SURE if is_share else 0.1 * worth.mean()
            return draw_by_weight(worth + floor, n_points, self._rng)
        return np.argsort(-worth, kind="stable")[:n_points]
