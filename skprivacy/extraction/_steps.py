"""Answers along each feature: where they change, and to what."""

import numpy as np

__all__ = ["StepScanner", "is_additive"]


def is_additive(first, second, mixed, rest):
    """Whether scores add up over two groups of features.

    For x and y, of which two points take each group of features crosswise,
    f(x) + f(y) = f(mixed) + f(rest) if f is a sum over the features.

    Parameters
    ----------
    first, second, mixed, rest : ndarray of shape (n_tests, n_scores)
        Scores of both points, and of both mixtures.

    Returns
    -------
    additive : bool

    Examples
    --------
    >>> import numpy as np
    >>> is_additive(*np.array([[[1.0]], [[5.0]], [[2.0]], [[4.0]]]))
    True
    """
    left = np.abs(first + second - mixed - rest)
    size = np.abs(first) + np.abs(second) + np.abs(mixed) + np.abs(rest)
    return bool((left <= TOLERANCE * (1 + size)).all())


#: Sums that differ by less are the same but for floating-point numbers.
TOLERANCE = 1e-9
#: Places on each line that are asked before it is halved.
N_START = 8


class StepScanner:
    """Finds all steps of the answers on the lines through a point.

    Parameters
    ----------
    ask : callable
        Takes positions, shape (n_points, n_features); gives answers, shape
        (n_points, n_columns), or fewer when queries run out.

    grid : Grid
        Positions.

    thresholds : Thresholds
        What is likely to be a step.

    center : ndarray of int of shape (n_features,)
        The point.

    records : ndarray of int of shape (n_records, n_features)
        Records, between which steps are looked for first.

    Attributes
    ----------
    is_complete : bool
        Whether queries sufficed.
    """

    def __init__(self, ask, grid, thresholds, center, records):
        self.ask, self.grid, self.thresholds = ask, grid, thresholds
        self.center, self.records = center, records
        self.is_complete = True

    def scan(self):
        """Ask until every step lies between two numbers that follow each other.

        Returns
        -------
        steps : list of tuple of ndarray
            For each feature, positions that were asked, in order, and the answers
            there, of shape (n_asked, n_columns).
        """
        free = np.flatnonzero(self.grid.upper > self.grid.lower)
        features, positions = [], []
        for j in free:
            at = np.linspace(0, 1, N_START)
            inner = np.quantile(self.records[:, j], at).astype(np.int64)
            start = np.r_[self.grid.lower[j], inner, self.grid.upper[j], self.center[j]]
            positions.append(np.unique(start))
            features.append(np.full(len(positions[-1]), j))
        features, positions = (
            np.concatenate([np.empty(0, dtype=np.int64), *parts])
            for parts in (features, positions)
        )
        answers = self._ask(features, positions)
        features, positions = features[: len(answers)], positions[: len(answers)]
        while True:
            order = np.lexsort((positions, features))
            features, positions, answers = (
                part[order] for part in (features, positions, answers)
            )
            wide = self._open(features, positions, answers)
            if not len(wide):
                break
            probes = self._probes(features[wide], positions[wide], positions[wide + 1])
            told = self._ask(features[wide], probes)
            features = np.r_[features, features[wide][: len(told)]]
            positions = np.r_[positions, probes[: len(told)]]
            answers = np.concatenate([answers, told])
            if len(told) < len(wide):
                break
        order = np.lexsort((positions, features))
        found = []
        for j in range(len(self.center)):
            rows = order[features[order] == j]
            found.append((positions[rows], answers[rows]))
        return found

    def _open(self, features, positions, answers):
        """Number the gaps that hold a step, the largest steps first."""
        low, high = positions[:-1], positions[1:]
        same = features[1:] == features[:-1]
        change = np.abs(answers[1:] - answers[:-1]).max(axis=1, initial=0)
        gaps = np.flatnonzero(same & (high > low + 1) & (change > 0))
        # Nobody has a number within a gap of single precision, or it would be known.
        narrow = self.grid.is_narrow(
            low[gaps], high[gaps], self.grid.whole[features[gaps]]
        )
        known = [
            self.thresholds.known(features[i], positions[i], positions[i + 1])
            is not None
            for i in gaps[narrow]
        ]
        narrow[narrow] = ~np.array(known, dtype=bool)
        gaps = gaps[~narrow]
        return gaps[np.argsort(-change[gaps], kind="stable")]

    def _probes(self, features, low, high):
        probes = self.grid.middle(low, high, self.grid.whole[features])
        for i, j in enumerate(features):
            known = self.thresholds.known(j, low[i], high[i])
            if known is not None:
                probes[i] = known
        # Next to zero there are more numbers than halves of a range lead to.
        far = self.grid.upper / 2 - self.grid.lower / 2
        slow = high - low.astype(float) > far[features]
        return np.where(slow, (low + high) // 2, probes)

    def _ask(self, features, positions):
        points = np.tile(self.center, (len(features), 1))
        points[np.arange(len(features)), features] = positions
        answers = self.ask(points)
        self.is_complete &= len(answers) == len(points)
        return answers
