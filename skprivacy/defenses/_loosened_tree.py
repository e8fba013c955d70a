"""One tree whose thresholds and answers can be loosened by a chosen number of records.

A displaced threshold sends some training records to the other side; noise on the
answer of a leaf is as large as if some records were or were not in it. Both are drawn
once, and scaled afterwards: one number says how far a model is from what was trained.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Gaps", "LoosenedTree", "gaps_of_tree", "public_gaps", "threshold_intervals"]

#: Records past which no threshold moves.
REACH = 64


class Gaps(NamedTuple):
    """Where each threshold can go: one row a gap, those of a node in ascending order.

    Parameters
    ----------
    node : ndarray of int of shape (n_gaps,)
        Node; ascending.

    offset : ndarray of int of shape (n_gaps,)
        Records of the node that come from the right to the left if the threshold moves
        into this gap; negative for the other way round.

    threshold : ndarray of shape (n_gaps,)
        A threshold inside the gap.
    """

    node: np.ndarray
    offset: np.ndarray
    threshold: np.ndarray


def threshold_intervals(X, feature, threshold, left, right, missing_left, numeric):
    """Interval in which each threshold can move without sending a record elsewhere.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Training set.

    feature, threshold, left, right, missing_left : ndarray of shape (n_nodes,)
        The tree; leaves have a negative `left`.

    numeric : ndarray of bool of shape (n_nodes,)
        False where a node compares no number; both its children are then taken to
        have all its records, which makes their intervals smaller and never wrong.

    Returns
    -------
    low, high : ndarray of shape (n_nodes,)
        ``low <= threshold < high``; NaN where no record goes to one of the sides.

    Examples
    --------
    >>> one = np.array([True])
    >>> low, high = threshold_intervals(
    ...     np.array([[1.0], [2.0], [5.0]]), *np.array([[0, -1, -1], [3.5, 0, 0]]),
    ...     np.array([1, -1, -1]), np.array([2, -1, -1]), np.zeros(3, bool),
    ...     np.ones(3, bool),
    ... )
    >>> float(low[0]), float(high[0])
    (2.0, 5.0)
    """
    low, high = np.full((2, len(feature)), np.nan)
    tree = feature, threshold, left, right, missing_left, numeric
    for node, values in _values_at_nodes(X, *tree):
        n_left = np.searchsorted(values, threshold[node], side="right")
        if 0 < n_left < len(values):
            low[node], high[node] = values[n_left - 1], values[n_left]
    return low, high


def _values_at_nodes(X, feature, threshold, left, right, missing_left, numeric):
    """Yield each node that compares numbers, and its records' values in order."""
    waiting = [(0, np.arange(len(X)))]
    while waiting:
        node, rows = waiting.pop()
        if left[node] < 0:
            continue
        if not numeric[node]:
            waiting += [(left[node], rows), (right[node], rows)]
            continue
        values = X[rows, int(feature[node])]
        missing = np.isnan(values)
        yield node, np.sort(values[~missing])
        goes_left = np.where(missing, missing_left[node], values <= threshold[node])
        waiting += [(left[node], rows[goes_left]), (right[node], rows[~goes_left])]


def gaps_of_tree(X, tree, movable, public, rng, reach=REACH) -> Gaps:
    """Find the gaps between the training values around each threshold of a tree.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Training set.

    tree : tuple of ndarray
        As :func:`threshold_intervals` takes it.

    movable : ndarray of bool of shape (n_nodes,)
        Nodes whose threshold may move.

    public : list of ndarray or None
        Values that are no secret, of each column; a gap that has some gets one.

    rng : RandomState
        For thresholds inside gaps.

    reach : int, default=64
        Records that a threshold may pass; 0 for its own gap alone.

    Returns
    -------
    gaps : Gaps
        Of a node without records on one side: none.

    Examples
    --------
    The threshold is between 2 and 5. In the gap between 1 and 2 it sends one record
    less to the left.

    >>> tree = (*np.array([[0, -1, -1], [3.5, 0, 0]]), np.array([1, -1, -1]),
    ...         np.array([2, -1, -1]), np.zeros(3, bool), np.ones(3, bool))
    >>> movable, rng = np.array([True, False, False]), np.random.RandomState(0)
    >>> X = np.array([[1.0], [2.0], [5.0]])
    >>> gaps_of_tree(X, tree, movable, None, rng).offset.tolist()
    [-1, 0]
    """
    columns = [np.unique(column[~np.isnan(column)]) for column in X.T]
    nodes, offsets, lows, highs = [], [], [], []
    threshold = tree[1]
    for node, values in _values_at_nodes(X, *tree):
        n_left = np.searchsorted(values, threshold[node], side="right")
        if not movable[node] or not 0 < n_left < len(values):
            continue
        first = max(n_left - reach, 0)
        near = values[first : n_left + reach + 1]
        if reach:
            # Past all values of the node lie those of other records.
            near = _with_next(columns[int(tree[0][node])], near)
            first -= 1
        steps = np.flatnonzero(near[1:] > near[:-1])
        offset = first + steps + 1 - n_left
        steps, offset = (a[np.abs(offset) <= reach] for a in (steps, offset))
        nodes.append(np.full(len(steps), node))
        offsets.append(offset)
        lows.append(near[steps])
        highs.append(near[steps + 1])
    if not nodes:
        return Gaps(np.zeros(0, int), np.zeros(0, int), np.zeros(0))
    node, offset, low, high = map(np.concatenate, (nodes, offsets, lows, highs))
    drawn = low + rng.uniform(size=len(low)) * (high - low)
    # The rounding must not reach the upper value, which goes right.
    drawn = np.minimum(drawn, np.nextafter(high, -np.inf))
    if public is not None:
        for i, j in enumerate(tree[0][node].astype(int)):
            inside = public[j][(public[j] > low[i]) & (public[j] < high[i])]
            drawn[i] = rng.choice(inside) if len(inside) else drawn[i]
    order = np.lexsort((offset, node))
    return Gaps(node[order], offset[order], drawn[order])


def _with_next(column, values):
    """Put the next value of a column on each side; repeat the end where none is."""
    below = np.searchsorted(column, values[0]) - 1
    above = np.searchsorted(column, values[-1], side="right")
    return np.concatenate(
        [
            [column[max(below, 0)]],
            values,
            [column[min(above, len(column) - 1)]],
        ]
    )


def public_gaps(feature, threshold, movable, public) -> Gaps:
    """Give each threshold the nearest public value of its column.

    Parameters
    ----------
    feature, threshold : ndarray of shape (n_nodes,)
        The tree.

    movable : ndarray of bool of shape (n_nodes,)
        Nodes whose threshold may move.

    public : list of ndarray
        Values of each column.

    Returns
    -------
    gaps : Gaps
        One a node, and none where the column has no public value.
    """
    node = np.array(
        [i for i in np.flatnonzero(movable) if len(public[int(feature[i])])], dtype=int
    )
    moved = np.zeros(len(node))
    for place, i in enumerate(node):
        values = public[int(feature[i])]
        moved[place] = values[np.abs(values - threshold[i]).argmin()]
    return Gaps(node, np.zeros(len(node), dtype=int), moved)


class LoosenedTree:
    """Thresholds and answers of one tree, for each scale of the noise.

    Parameters
    ----------
    threshold : ndarray of shape (n_nodes,)
        As trained.

    value : ndarray of shape (n_nodes, ...)
        Answers of the nodes. Inner nodes lose theirs: with their children's they
        tell the counts.

    is_leaf : ndarray of bool of shape (n_nodes,)
        Which nodes answer.

    influence : ndarray of shape (n_nodes,)
        What a record more or less changes a node's answer by.

    gaps : Gaps
        Where thresholds can go.

    rng : RandomState
        For the noise.

    is_share : bool, default=False
        Whether answers are shares of classes, along the last axis.
    """

    def __init__(
        self, threshold, value, is_leaf, influence, gaps, rng, *, is_share=False
    ):
        self._threshold, self._gaps, self._is_share = threshold, gaps, is_share
        around = (len(is_leaf),) + (1,) * (value.ndim - 1)
        self._value = np.where(is_leaf.reshape(around), value, 0.0)
        influence = np.where(is_leaf, influence, 0.0).reshape(around)
        self._noise = influence * rng.laplace(size=value.shape)
        self._steps = rng.laplace(size=len(threshold))

    def thresholds(self, scale):
        """Return thresholds, each displaced past some of its node's records.

        Parameters
        ----------
        scale : float
            Mean number of records that a threshold passes, before rounding.

        Returns
        -------
        threshold : ndarray of shape (n_nodes,)
        """
        moved = self._threshold.copy()
        node, offset, drawn = self._gaps
        if not len(node):
            return moved
        which, start = np.unique(node, return_index=True)
        stop = np.append(start[1:], len(node))
        wanted = np.clip(scale * self._steps[which], -REACH, REACH)
        key = node * (4.0 * REACH) + offset
        above = np.searchsorted(key, which * (4.0 * REACH) + wanted)
        below = np.clip(above - 1, start, stop - 1)
        above = np.clip(above, start, stop - 1)
        nearer = np.abs(offset[above] - wanted) < np.abs(offset[below] - wanted)
        moved[which] = drawn[np.where(nearer, above, below)]
        return moved

    def values(self, scale):
        """Return answers with noise.

        Parameters
        ----------
        scale : float
            Mean size of the noise, in what one record more or less changes.

        Returns
        -------
        value : ndarray of shape (n_nodes, ...)
        """
        noisy = self._value + scale * self._noise
        if not self._is_share:
            return noisy
        noisy = np.maximum(noisy, 0)
        total = noisy.sum(axis=-1, keepdims=True)
        return np.where(total > 0, noisy / np.where(total > 0, total, 1), self._value)
