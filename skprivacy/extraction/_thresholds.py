"""Where an answer changes along a feature: known thresholds first, then halves."""

from bisect import bisect_left, insort

import numpy as np

__all__ = ["Thresholds"]

#: Numbers are halved so often, then positions, which ends sooner next to zero.
N_HALVES = 40


class Thresholds:
    """Thresholds of each feature: those that were found, and those that are likely.

    Parameters
    ----------
    grid : Grid
        Positions.

    likely : list of ndarray of int
        For each feature, thresholds that a tree would use.

    Attributes
    ----------
    found : list of list of int
        For each feature, thresholds that answers changed at, in order. A threshold is
        the last position below it.
    """

    def __init__(self, grid, likely):
        self.grid, self.likely = grid, [part.tolist() for part in likely]
        self.found = [[] for _ in likely]

    def search(self, is_same, features, inside, outside):
        """Find where answers change on several ways, all at once.

        Parameters
        ----------
        is_same : callable
            Takes numbers of ways, shape (n,), and positions on them, shape (n,); says
            where the answer is that of the inside.

        features : ndarray of int of shape (n_ways,)
            Feature along which each way goes.

        inside, outside : ndarray of int of shape (n_ways,)
            Positions of its ends, of which the first has the answer.

        Returns
        -------
        inside : ndarray of int of shape (n_ways,)
            Last position with the answer; the next one has it no more.
        """
        inside, outside = inside.copy(), outside.copy()
        n_asked = np.zeros(len(inside), dtype=int)
        while True:
            rows = np.flatnonzero(np.abs(outside - inside) > 1)
            if not len(rows):
                break
            low = np.minimum(inside, outside)[rows]
            high = np.maximum(inside, outside)[rows]
            whole = self.grid.whole[features[rows]]
            probe = self.grid.middle(low, high, whole)
            late = n_asked[rows] >= N_HALVES
            probe[late] = ((low + high) // 2)[late]
            for i, row in enumerate(rows):
                known = self.known(features[row], low[i], high[i])
                if known is not None:
                    probe[i] = known
            same = is_same(rows, probe)
            inside[rows[same]], outside[rows[~same]] = probe[same], probe[~same]
            n_asked[rows] += 1
        for j, t in zip(features, np.minimum(inside, outside), strict=True):
            self.add(j, int(t))
        return inside

    def add(self, feature, threshold):
        """Keep a threshold that was found."""
        _insert(self.found[feature], threshold)

    def expect(self, feature, threshold):
        """Keep a threshold that is likely."""
        _insert(self.likely[feature], threshold)

    def known(self, feature, low, high):
        """Return a position next to the middle one of the thresholds between two."""
        for known in (self.found[feature], self.likely[feature]):
            first, last = bisect_left(known, low), bisect_left(known, high)
            if first < last:
                threshold = known[(first + last) // 2]
                # Both sides of it settle whether it is the one.
                return threshold + 1 if threshold + 1 < high else threshold
        return None


def _insert(known, threshold):
    at = bisect_left(known, threshold)
    if at == len(known) or known[at] != threshold:
        insort(known, threshold)
