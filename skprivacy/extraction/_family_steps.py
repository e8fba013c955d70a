"""Signs of models whose answers jump: trees, their sums, neighbors, rounded ones."""

import numpy as np

from skprivacy.extraction._family_looks import N_HALVES, NOTHING, Looks
from skprivacy.extraction._family_probes import (
    change_on_the_way,
    hybrids,
    is_same,
    nudge,
)
from skprivacy.extraction._family_signs import common_denominator, interaction
from skprivacy.extraction._inexact import decimals_of
from skprivacy.extraction._links import LINKS, scores_of

__all__ = ["StepLooks"]

#: Others are moved by so much to see whether a step moves with them.
NUDGES = 3e-3, 3e-4
#: Share of changes on a way from which on there are several trees.
MANY, SURELY_MANY = 0.45, 0.65
#: Pairs of steps that say more than those changes.
N_PAIRS = 2
#: Most neighbors that are looked for.
MOST_VOTES = 50
#: Points on the way from one record to another.
N_PARTS = 12
#: Fewest features on it for its changes to tell trees apart.
LEAST_WAY = 6
#: Records that are tried for a next step.
N_TRIES = 3


class StepLooks(Looks):
    """Follows single steps of the answers.

    Parameters
    ----------
    oracle, space, rng
        As of `Looks`.

    n_steps : int
        Steps that are looked at beside the first, at most.
    """

    def __init__(self, oracle, space, rng, n_steps):
        super().__init__(oracle, space, rng)
        self.n_steps = n_steps

    def tell_steps(self):
        """Tell the family of a model whose answers jump."""
        self._note_shares()
        step = self.walk()
        steps, kept = [step], self._stays(step)
        if not kept.all():
            # The touch may have crossed another border.
            steps.append(self.walk())
            kept = np.append(kept, self._stays(steps[-1]))
        self.evidence["axis_parallel"] = float(kept.mean())
        if kept.mean() < 0.5:
            return self._tell_slanted(steps)
        if self.is_sum():
            return "stumps"
        return self.tell_trees(steps[-1:])

    def walk(self):
        """Go from one point to another feature by feature, and find a step."""
        low, high = self.most_different()
        base, other = self.points[low], self.points[high]
        order = self.rng.permutation(np.flatnonzero(base != other))
        points, sizes = hybrids(base, other, order, N_PARTS)
        told = np.vstack(
            [
                self.answers[low],
                self.oracle.ask(points[1:-1]) if len(points) > 2 else self.answers[:0],
                self.answers[high],
            ]
        )
        change = np.flatnonzero(~is_same(told[1:], told[:-1]))
        if len(order) >= LEAST_WAY:
            self.evidence["changes"] = len(change) / (len(points) - 1)
        at = change[0]
        group = order[sizes[at] : sizes[at + 1]]
        return self._step(points[at], points[at + 1], group, told[at], told[at + 1])

    def _step(self, base, other, order, base_answer, other_answer):
        """Find a step near ``base`` on the way to ``other``: feature and both sides."""
        feature, low, answer = change_on_the_way(
            self.oracle.ask, base, other, order, base_answer
        )
        high = low.copy()
        high[feature] = other[feature]
        high_answer = other_answer if answer is None else answer
        low_answer = base_answer
        for _ in range(N_HALVES):
            middle = self.space.snap((low + high) / 2)
            if (middle == low).all() or (middle == high).all():
                break
            told = self.oracle.ask(middle[None])[0]
            if np.abs(told - low_answer).max() >= np.abs(high_answer - told).max():
                high, high_answer = middle, told
            else:
                low, low_answer = middle, told
        return feature, low, high, low_answer, high_answer

    def _next_step(self, steps):
        """Find a step of another feature, from the last one on; None if none is met."""
        _, base, _, base_answer, _ = steps[-1]
        used = [step[0] for step in steps]
        for row in self.rng.permutation(len(self.points))[:N_TRIES]:
            other = self.points[row].copy()
            other[used] = base[used]
            order = self.rng.permutation(np.flatnonzero(base != other))
            if not len(order):
                continue
            told = self.oracle.ask(other[None])[0]
            if not is_same(told, base_answer):
                return self._step(base, other, order, base_answer, told)
        return None

    def _stays(self, step):
        """Whether a step stays where it is when other features are moved a little."""
        feature, low, high, *_ = step
        moved = np.vstack(
            [
                nudge(low[None], self.space, share, self.rng, [feature])
                for share in NUDGES
            ]
        )
        beyond = moved.copy()
        beyond[:, feature] = high[feature]
        return ~is_same(self.oracle.ask(moved), self.oracle.ask(beyond))

    def tell_trees(self, steps):
        """Tell one tree from many, by steps that hang on single features."""
        pairs, changes = [], self.evidence.get("changes", 0.0)
        while len(steps) < self.n_steps + 1:
            step = self._next_step(steps)
            if step is None:
                break
            for feature, _, beyond, *_ in steps:
                crossed = np.stack(step[1:3])
                crossed[:, feature] = beyond[feature]
                told = self.oracle.ask(crossed)
                # Away from where it was found, the first step may be gone.
                if not is_same(told[0], step[3]):
                    pairs.append((step[3], told[0], step[4], told[1]))
            steps.append(step)
            self._note_sums(pairs)
            plain, odds = self._sums()
            sure = self.oracle.response != "proba" or self._has_shares()
            if plain != odds or (sure and changes > SURELY_MANY):
                break
        plain, odds = self._sums()
        # Steps of one tree never add up; those of trees that share a split do not.
        least = MANY if len(pairs) < N_PAIRS else SURELY_MANY
        if max(plain, odds) == 0 and changes <= least:
            return "neighbors" if self._has_votes() else "tree"
        if self.oracle.response != "proba":
            return "boosting" if self.oracle.response == "decision" else "ensemble"
        if plain == odds:
            # Boosting is never quite sure, and its answers are no shares of trees.
            return "forest" if self._has_shares() else "boosting"
        return "forest" if plain > odds else "boosting"

    def _note_shares(self):
        """Note of what all probabilities are whole multiples."""
        if self.oracle.response != "proba":
            return
        n = common_denominator(self.answers)
        if n is not None:
            self.evidence["multiple_of"] = float(n)

    def _note_sums(self, pairs):
        """Note which share of pairs of steps adds up, as they are and as log-odds."""
        if not pairs:
            return
        parts = [np.stack(part) for part in zip(*pairs, strict=True)]
        for link in ("identity", *LINKS[self.oracle.response]):
            rest = interaction(*(scores_of(part, link) for part in parts))
            name = "additive_log_odds" if link == "softmax" else "additive"
            if link != "log":
                self.evidence[name] = float((rest < NOTHING).mean())

    def _sums(self):
        names = "additive", "additive_log_odds"
        return tuple(self.evidence.get(name, 0.0) for name in names)

    def _has_shares(self):
        return "multiple_of" in self.evidence or bool((self.answers == 0).any())

    def _has_votes(self):
        """Whether answers are few votes, of which the leaves of a tree know nothing."""
        n_votes = self.evidence.get("multiple_of", 0.0)
        n_answers = len(np.unique(self.answers.round(12), axis=0))
        return 2 <= n_votes <= MOST_VOTES and n_answers > 2

    def _tell_slanted(self, steps):
        decimals = decimals_of(self.answers, self.oracle.response)
        if decimals:
            # A rounded answer goes from one number to the next.
            heights = [np.abs(step[4] - step[3]).max() for step in steps]
            if np.allclose(heights, 10.0**-decimals, rtol=1e-6):
                return "rounded"
        return "neighbors"
