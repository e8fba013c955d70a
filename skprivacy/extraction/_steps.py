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
    return bool((np.isfinite(left) & (left <= TOLERANCE * (1 + size))).all())


#: Sums that differ by less are the same but for floating-point numbers.
TOLERANCE = 1e-9
#: Data with so many digits, or middles between them, are where steps may be exactly.
N_DIGITS = 7
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
        self._features = self._positions = np.empty(0, dtype=np.int64)
        self._answers = np.empty((0, 0))

    def scan(self, more=()):
        """Ask until every step lies between two numbers that follow each other.

        Parameters
        ----------
        more : array-like of int of shape (n_points, n_features), default=()
            Points whose numbers are asked too.

        Returns
        -------
        steps : list of tuple of ndarray
            For each feature, positions that were asked, in order, and the answers
            there, of shape (n_asked, n_columns).
        """
        self._start(np.reshape(more, (-1, len(self.center))).astype(np.int64))
        while len(wide := self._open()):
            features = self._features[wide]
            probes = self._probes(
                features, self._positions[wide], self._positions[wide + 1]
            )
            if not self._add(features, probes):
                break
        found = []
        for j in range(len(self.center)):
            rows = self._features == j
            found.append((self._positions[rows], self._answers[rows]))
        return found

    def _start(self, more):
        """Ask at both ends, at records in between, and at what is wanted besides."""
        for j in np.flatnonzero(self.grid.upper > self.grid.lower):
            at = more[:, j]
            known = self._positions[self._features == j]
            if not len(known):
                order = np.sort(self.records[:, j])
                inner = order[np.linspace(0, len(order) - 1, N_START).astype(int)]
                ends = self.grid.lower[j], self.grid.upper[j], self.center[j]
                at = np.r_[at, inner, ends]
            at = np.setdiff1d(at, known)
            self._add(np.full(len(at), j), at)

    def _add(self, features, positions):
        """Ask on the lines; whether queries sufficed."""
        points = np.tile(self.center, (len(features), 1))
        points[np.arange(len(features)), features] = positions
        told = self.ask(points)
        n = len(told)
        self.is_complete &= n == len(points)
        if n:
            features = np.r_[self._features, features[:n]]
            positions = np.r_[self._positions, positions[:n]]
            answers = np.vstack([self._answers.reshape(-1, told.shape[1]), told])
            order = np.lexsort((positions, features))
            self._features, self._positions = features[order], positions[order]
            self._answers = answers[order]
        return n == len(points)

    def _open(self):
        """Return numbers of the gaps that hold a step, the largest steps first."""
        features, low, high = (
            self._features[1:],
            self._positions[:-1],
            self._positions[1:],
        )
        same = features == self._features[:-1]
        change = np.abs(self._answers[1:] - self._answers[:-1]).max(axis=1, initial=0)
        gaps = np.flatnonzero(same & (high > low + 1) & (change > 0))
        # Nobody has a number within a gap of single precision, or it would be known.
        whole = self.grid.whole[features[gaps]]
        narrow = self.grid.is_narrow(low[gaps], high[gaps], whole)
        for i in np.flatnonzero(narrow):
            j, first, last = (part[gaps[i]] for part in (features, low, high))
            self._expect_decimal(j, first, last)
            narrow[i] = self.thresholds.known(j, first, last) is None
        gaps = gaps[~narrow]
        return gaps[np.argsort(-change[gaps], kind="stable")]

    def _expect_decimal(self, feature, low, high):
        """Expect the step at a number of few digits, if one lies in a narrow gap."""
        values = self.grid.values_of(np.array([low, high]), False)
        for n_digits in range(1, N_DIGITS + 1):
            short = float(f"{values.mean():.{n_digits}g}")
            if values[0] <= short < values[1]:
                point = np.zeros((1, len(self.center)))
                point[0, feature] = short
                self.thresholds.expect(
                    feature, int(self.grid.positions(point)[0, feature])
                )
                return

    def _probes(self, features, low, high):
        probes = self.grid.middle(low, high, self.grid.whole[features])
        for i, j in enumerate(features):
            known = self.thresholds.known(j, low[i], high[i])
            if known is not None:
                probes[i] = known
        # Next to zero there are more numbers than halves of a range lead to.
        far = self.grid.upper / 2 - self.grid.lower / 2
        slow = high - low.astype(float) > far[features]
        # Their sum may be too large for an integer.
        return np.where(slow, low // 2 + high // 2 + (low & high & 1), probes)
