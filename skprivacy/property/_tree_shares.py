"""The share of a value at the root of trees, from splits that tell it further down."""

from typing import NamedTuple

import numpy as np

from skprivacy.inspection import TreeEnsemble
from skprivacy.property._encoding import Encoded, encoded_by, same_value
from skprivacy.property._opened import input_names

__all__ = ["ToldShares", "numbers_apart", "share_at_root", "told_shares"]

#: Thresholds are known so nearly, after scalers.
NEARLY_HALF = 1e-3
#: Bins of each column's thresholds: a step on the way is alike in one bin.
N_BINS = 12
#: Variance of a share for each unit of log(root size / node size): how much farther
#: from the root a node is told about, the less it tells.
DRIFT = 0.003
#: Prior variance of what a step on the way does to the share.
STEP = 0.1
#: Nodes of at least this share of the records are heard, or the largest `N_LARGEST`:
#: in small nodes trees split where chance made a difference.
SMALLEST = 0.05
N_LARGEST = 50


class ToldShares(NamedTuple):
    """What the splits of trees tell of a value.

    Parameters
    ----------
    shares : ndarray of shape (n_splits,)
        Share of the value in each node that a split tells it of.

    sizes : ndarray of shape (n_splits,)
        Records in the node.

    totals : ndarray of shape (n_splits,)
        Records at the root of its tree.

    paths : list of dict
        Steps from the root to the node: for each kind of step, one less the share that
        goes the same way, or less the share that does.

    low, high : ndarray of shape (n_trees,)
        Least and largest share at each root, from leaves where the way decides it.
    """

    shares: np.ndarray
    sizes: np.ndarray
    totals: np.ndarray
    paths: list
    low: np.ndarray
    high: np.ndarray


def share_at_root(told: ToldShares) -> tuple[float, float]:
    """Estimate the share of a value at the root.

    A step that sends a share q of the records to the right changes the share of the
    value by (1 - q) d for those that go right and by -q d for the others, so that the
    mean stays what it was. The d of each kind of step, and the share at the root, where
    no step was taken, are the posterior mean of a linear regression of the told shares
    on the steps, with normal priors and errors.

    Parameters
    ----------
    told : ToldShares
        At least one split.

    Returns
    -------
    share : float
        From 0 to 1.

    deviation : float
        Posterior standard deviation.

    Examples
    --------
    >>> import numpy as np
    >>> halves = ToldShares(  # 0.2 of one half, 0.4 of the other
    ...     shares=np.array([0.2, 0.4]), sizes=np.array([500, 500]),
    ...     totals=np.array([1000, 1000]), paths=[{"x": -0.5}, {"x": 0.5}],
    ...     low=np.array([0.3]), high=np.array([0.3]),
    ... )
    >>> share, deviation = share_at_root(halves)
    >>> round(share, 2)
    0.3
    """
    heard = told.sizes >= _smallest(told)
    shares, sizes, totals = (
        values[heard].astype(float) for values in (told.shares, told.sizes, told.totals)
    )
    paths = [told.paths[i] for i in np.flatnonzero(heard)]
    variance = 0.25 / np.maximum(sizes, 1) + DRIFT * np.log(totals / sizes)
    design = np.column_stack([np.ones(len(shares)), _steps_taken(paths)])
    # The share at the root is somewhere between 0 and 1, steps change it by little.
    precision = np.r_[4.0, np.full(design.shape[1] - 1, 1 / STEP)]
    weighted = design / variance[:, None]
    covariance = np.linalg.inv(weighted.T @ design + np.diag(precision))
    at_root = 0.5 + (covariance @ (weighted.T @ (shares - 0.5)))[0]
    return float(np.clip(at_root, 0, 1)), float(np.sqrt(covariance[0, 0]))


def told_shares(ensemble: TreeEnsemble, source: int, value) -> ToldShares:
    """Find the splits that tell the share of a value in a node.

    Parameters
    ----------
    ensemble : TreeEnsemble
        Trees that tell the counts of their nodes.

    source : int
        Position of the records' column.

    value : object
        Value of the column.

    Returns
    -------
    told : ToldShares
        Without splits where no tree splits the column so that the value is alone.
    """
    inputs = _inputs_of(ensemble)
    columns = [_columns_of(inputs, nodes) for nodes in ensemble.trees]
    bins, different = _bins_of(ensemble)
    rows, low, high = [], [], []
    for nodes, known in zip(ensemble.trees, columns, strict=True):
        found, surely, surely_not = _walk(nodes, known, bins, different, source, value)
        rows += found
        low.append(surely / nodes.n_samples[0])
        high.append(1 - surely_not / nodes.n_samples[0])
    shares, sizes, totals, paths = zip(*rows, strict=True) if rows else ((),) * 4
    return ToldShares(
        np.array(shares, dtype=float),
        np.array(sizes, dtype=float),
        np.array(totals, dtype=float),
        list(paths),
        np.array(low),
        np.array(high),
    )


def _inputs_of(ensemble) -> list[Encoded]:
    """Columns that the ensemble takes, each with the records' column it is made of."""
    columns = [Encoded(j) for j in range(len(input_names(ensemble.outer)))]
    for step in ensemble.steps:
        columns = _after(step, columns)
    return columns


def _columns_of(columns, nodes):
    """Columns that one of the trees compares."""
    if nodes.columns is not None:
        columns = [columns[j] for j in nodes.columns]
    for step in nodes.steps:
        columns = _after(step, columns)
    last = int(nodes.feature.max(initial=-1))
    # What comes out of a step that is not followed can't be counted.
    return columns if last < len(columns) else [Encoded(None)] * (last + 1)


def _after(step, columns):
    if hasattr(step, "model"):  # categories of histogram boosting come first
        inner = getattr(step.model, "_preprocessor", None)
        return columns if inner is None else encoded_by(inner, columns)
    return encoded_by(step, columns)


def _walk(nodes, columns, bins, different, source, value):
    """Go down a tree, as far as it is open which records have the value."""
    n, is_leaf = nodes.n_samples, nodes.is_leaf
    rows, surely, surely_not = [], 0, 0
    # A node, the steps to it, and which values of the column are left there.
    stack = [(0, {}, None)]
    while stack:
        node, path, left_over = stack.pop()
        if is_leaf[node]:
            continue
        children = (nodes.left[node], nodes.right[node])
        values = _values_of_sides(
            nodes, node, columns, different, source, value, left_over
        )
        sides = [_content(part, value) for part in values]
        for child, side in zip(children, sides, strict=True):
            surely += n[child] if side == "all" else 0
            surely_not += n[child] if side == "none" else 0
        if "some" not in sides:
            with_it = n[children[0 if sides[0] == "all" else 1]]
            rows.append((with_it / n[node], n[node], n[0], path))
            continue
        share_right = n[children[1]] / n[node]
        column = _label(nodes, node)
        at = np.searchsorted(bins[column], nodes.threshold[node])
        steps = (-share_right, 1 - share_right)
        for child, side, step, part in zip(children, sides, steps, values, strict=True):
            longer = dict(path)
            for kind in (column, (column, int(at))):
                longer[kind] = longer.get(kind, 0.0) + step
            if side == "some":
                stack.append((child, longer, part))
            else:
                # What the step does to the share is told by both of its sides.
                rows.append((float(side == "all"), n[child], n[0], longer))
    return rows, surely, surely_not


def _values_of_sides(nodes, node, columns, different, source, value, left_over):
    """Values of the column that go left and right; None where that is not told."""
    column = columns[nodes.feature[node]]
    if column.source != source or np.isnan(column.code(value)):
        return left_over, left_over
    values = column.known
    if values is None:
        values = numbers_apart(column, different[_label(nodes, node)], value)
        if values is None:
            return left_over, left_over
    if left_over is not None:
        values = [one for one in values if any(same_value(one, v) for v in left_over)]
    goes_left = _goes_left(nodes, node)
    sides: dict[bool, list] = {True: [], False: []}
    for one in values:
        sides[bool(goes_left(column.code(one)))].append(one)
    return sides[True], sides[False]


def numbers_apart(column: Encoded, thresholds, value):
    """List the values of a column of numbers, as far as its thresholds show them.

    A column that all trees split in one place has two values, as far as they know; one
    that they split halfway between whole numbers has whole numbers.

    Parameters
    ----------
    column : Encoded
        A column of numbers.

    thresholds : ndarray
        All different thresholds of the column, ascending.

    value : object
        Value of the records' column.

    Returns
    -------
    values : list or None
        The value, then the others; None for a column of other numbers.

    Examples
    --------
    >>> import numpy as np
    >>> numbers_apart(Encoded(0), np.array([0.5, 1.5]), 1)
    [1, 0, 2]
    >>> numbers_apart(Encoded(0), np.array([-0.31, 0.22]), 1) is None
    True
    """
    zero = column.code(0)
    ends = (thresholds - zero) / (column.code(1) - zero)
    if len(ends) == 1:
        return [value, float(ends[0]) + (1 if value <= ends[0] else -1)]
    halves = np.abs(2 * ends - np.round(2 * ends)).max()
    if len(ends) > N_BINS or halves > NEARLY_HALF:
        return None
    ends = np.round(2 * ends) / 2
    whole = range(int(np.ceil(ends.min())) - 1, int(np.floor(ends.max())) + 2)
    return [value, *(k for k in whole if k != value)]


def _content(values, value):
    """Say whether all, some or none of the records of a side have the value."""
    if values is None:
        return "some"
    if not any(same_value(one, value) for one in values):
        return "none"
    return "all" if len(values) == 1 else "some"


def _goes_left(nodes, node):
    if node in nodes.categories_left:
        left = nodes.categories_left[node]
        return lambda number: number in left
    threshold = nodes.threshold[node]
    return lambda number: number <= threshold


def _label(nodes, node):
    """Column of a split, by one and the same number in all trees."""
    column = int(nodes.feature[node])
    plain = nodes.columns is not None and not nodes.steps
    return int(nodes.columns[column]) if plain else column


def _bins_of(ensemble):
    """Edges of the bins of each column's thresholds, and the thresholds themselves."""
    thresholds: dict[int, list] = {}
    for nodes in ensemble.trees:
        split = np.flatnonzero(~nodes.is_leaf)
        finite = np.isfinite(nodes.threshold)
        for column in np.unique(nodes.feature[split]):
            here = split[nodes.feature[split] == column]
            of_column = thresholds.setdefault(_label(nodes, here[0]), [])
            of_column.append(nodes.threshold[here[finite[here]]])
    bins, different = {}, {}
    for column, parts in thresholds.items():
        values = np.concatenate(parts)
        known = different[column] = np.unique(values)
        inner = np.arange(1, N_BINS) / N_BINS
        bins[column] = (
            (known[1:] + known[:-1]) / 2
            if len(known) <= N_BINS
            else np.unique(np.quantile(values, inner))
        )
    return bins, different


def _smallest(told):
    nth = np.sort(told.sizes)[::-1][:N_LARGEST][-1]
    return min(SMALLEST * told.totals.max(), nth)


def _steps_taken(paths):
    places: dict = {}
    for path in paths:
        for kind in path:
            places.setdefault(kind, len(places))
    steps = np.zeros((len(paths), len(places)))
    for row, path in zip(steps, paths, strict=True):
        for kind, step in path.items():
            row[places[kind]] = step
    return steps
