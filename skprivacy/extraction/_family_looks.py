"""First looks at a model: whether it changes smoothly, whether features add up."""

import numpy as np

from skprivacy.extraction._family_probes import is_same, nudge
from skprivacy.extraction._links import LINKS, scores_of
from skprivacy.extraction._steps import is_additive

__all__ = ["N_HALVES", "NOTHING", "Looks"]

#: What is less than this is nothing, by what it is compared with.
NOTHING = 1e-6
#: Probabilities larger than this say nothing of how answers move.
SURE = 1 - 1e-4
#: The least probability that support vector machines tell.
CLIPPED = 1e-7
#: Records that are asked at once, and points before anything is known, at most.
N_RECORDS, N_LOOKS = 8, 41
#: Points that are asked twice.
N_TWICE = 2
#: Points that are touched, and how hard: shares of the ranges.
N_TOUCHES, TOUCH = 3, 1e-6
#: Most that smooth answers change with a touch, by how far answers are apart.
STEEPEST = 1e-3
#: How often the way to a step is halved.
N_HALVES = 20
#: Mixtures that add up, and are no answer seen before, that are enough.
N_SUMS = 4


class Looks:
    """What has been asked of a model, and the first signs.

    Parameters
    ----------
    oracle : Oracle
        The target.

    space : QuerySpace
        What may be asked.

    rng : RandomState
        Randomness.

    Attributes
    ----------
    points : ndarray of shape (n_points, n_features)
        The medians, records, and what else tells models apart.

    answers : ndarray of shape (n_points, n_columns)
        Answers to them.

    evidence : dict of str to float
        Signs.
    """

    def __init__(self, oracle, space, rng):
        self.oracle, self.space, self.rng = oracle, space, rng
        self.evidence = {}

    def look_around(self):
        """Ask about the medians and a few records, more where all answer the same."""
        records = self.rng.permutation(np.unique(self.space.records, axis=0))
        center = self.space.snap(np.median(self.space.records, axis=0))
        points, answers = center[None], self.oracle.ask(center[None])
        for start in range(0, len(records), N_RECORDS):
            new = records[start : start + N_RECORDS]
            points = np.vstack([points, new])
            answers = np.vstack([answers, self.oracle.ask(new)])
            # Where answers are labels all but in name, a few of each are wanted.
            differ = ~is_same(answers, np.median(answers, axis=0)[None])
            if differ.sum() > 1 or len(points) + N_RECORDS > N_LOOKS:
                break
        self.points, self.answers = points, answers

    def is_constant(self):
        """Whether all answers so far are the same."""
        return bool(is_same(self.answers, self.answers[:1]).all())

    def is_noisy(self):
        """Whether the target contradicts itself."""
        gap = self.oracle.repeat(self.points[:N_TWICE], self.answers[:N_TWICE])
        if gap > 0:
            self.evidence["noise"] = gap
        return gap > 0

    def is_smooth(self):
        """Whether answers change with a touch."""
        rows = self.least_sure()
        if not len(rows):
            self.cross()
            rows = self.least_sure()
        rows = rows[:N_TOUCHES]
        change = self.touch(rows, TOUCH)
        moved = change > 0
        # A record may lie on the very border of a step, which no touch is too small
        # for; smooth answers change the less, the softer they are touched.
        most = STEEPEST * np.ptp(self.answers, axis=0).max()
        if (much := change > most).any():
            moved[much] = False
            softer = self.touch(rows[much], TOUCH / 1000)
            moved[much] = (softer > 0) & (softer < change[much] / 10)
        self.evidence["moves"] = float(moved.mean()) if len(moved) else 0.0
        return self.evidence["moves"] > 0.5

    def touch(self, rows, share):
        """How much answers change when all features are moved by next to nothing."""
        if not len(rows):
            return np.zeros(0)
        told = self.oracle.ask(nudge(self.points[rows], self.space, share, self.rng))
        known = self.answers[rows]
        change = np.abs(told - known).max(axis=1)
        return np.where(change > 1e-14 * (1 + np.abs(known).max(axis=1)), change, 0)

    def least_sure(self):
        """Rows of points where no class is all but certain, the least sure first."""
        if self.oracle.response != "proba":
            return np.arange(len(self.points))
        largest = self.answers.max(axis=1)
        # Support vector machines tell no probability less than this.
        clipped = np.isclose(self.answers, CLIPPED, rtol=1e-6, atol=0).any(axis=1)
        good = np.flatnonzero((largest < SURE) & ~clipped)
        return good[np.argsort(largest[good], kind="stable")]

    def cross(self):
        """Go from one point to another that answers otherwise, to an unsure answer."""
        low, high = self.most_different()
        first, second = self.points[low], self.points[high]
        ends = self.answers[low], self.answers[high]
        for _ in range(N_HALVES):
            middle = self.space.snap((first + second) / 2)
            told = self.oracle.ask(middle[None])
            is_low = is_same(told[0], ends[0])
            if not is_low and not is_same(told[0], ends[1]):
                self.points = np.vstack([self.points, middle])
                self.answers = np.vstack([self.answers, told])
                if len(self.least_sure()):
                    return
            near = np.abs(told[0] - ends[0]).max() < np.abs(told[0] - ends[1]).max()
            first, second = (middle, second) if near else (first, middle)

    def most_different(self):
        """Two points with answers as different as any."""
        distance = np.abs(self.answers[:, None] - self.answers[None]).max(axis=2)
        distance += 1e-9 * self.rng.uniform(size=distance.shape)
        return np.unravel_index(distance.argmax(), distance.shape)

    def is_sum(self):
        """Whether scores are sums over the features, as those of stumps are."""
        n_told = 0
        n_pairs = len(self.points) // 2
        rows = np.concatenate(
            [self.rng.permutation(len(self.points))[: 2 * n_pairs] for _ in range(2)]
        )
        for row, other in zip(rows[0::2], rows[1::2], strict=False):
            first, second = self.points[row], self.points[other]
            taken = self.rng.uniform(size=len(first)) < 0.5
            mixed, rest = np.where(taken, first, second), np.where(taken, second, first)
            told = self.oracle.ask(np.stack([mixed, rest]))
            parts = self.answers[row], self.answers[other], *told
            parts = [part[None] for part in parts]
            with np.errstate(invalid="ignore"):
                if not any(
                    is_additive(*(scores_of(part, link) for part in parts))
                    for link in LINKS[self.oracle.response]
                ):
                    return False
            # Answers that are those of one of the two add up in any tree.
            n_told += not (
                is_same(told[0], parts[0][0]) | is_same(told[0], parts[1][0])
            )
            if n_told == N_SUMS:
                return True
        return n_told >= N_SUMS / 2
