"""What thresholds in the middle of two training values certify of a column."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skprivacy.inspection._certified_part import Part, fill_up
from skprivacy.inspection._column_units import columns_after
from skprivacy.inspection._half_gaps import (
    Splits,
    largest_half_gaps,
    pairs_of_candidates,
    pairs_on_grid,
)

__all__ = ["all_splits", "evidence_of_splits", "on_grid", "sees_all_rows", "step_of"]

#: Distances between neighboring values of a column that are looked for.
_STEPS = (1.0, 0.1, 0.01, 0.001)
#: Chance at which thresholds may lie on a grid that is none.
_BY_CHANCE = 1e-6


@dataclass
class _Meaning:
    """What the thresholds of a column can mean, one entry a different threshold."""

    at: np.ndarray  # the thresholds, in units in which half gaps are exact
    first: np.ndarray  # smallest half gap that is possible; 0 if not known
    second: np.ndarray  # the next
    unit: float  # of half gaps, in units of the trees
    by: str = ""
    complete: bool = True
    step: float | None = None
    low: Any = None  # the two values of the smallest half gap, in the user's units
    high: Any = None
    half_gaps: tuple | None = None  # of all pairs of candidates: which, half gap


def sees_all_rows(model):
    """Whether each tree was trained on all rows that the model was given."""
    if getattr(model, "bootstrap", False) or getattr(model, "subsample", 1.0) < 1:
        return False
    if getattr(model, "n_iter_no_change", None) is not None:
        return False
    share = getattr(model, "max_samples", None)
    return share is None or (isinstance(share, float) and share == 1.0)


def all_splits(ensemble, inner, values):
    """Put the inner nodes of all trees into one table."""
    columns, places, parts, tables = [], {}, [], []
    start = 0
    for number, nodes in enumerate(ensemble.trees):
        own = inner if nodes.columns is None else [inner[j] for j in nodes.columns]
        for step in nodes.steps:
            own = columns_after(step, own)
        own = fill_up(own, int(nodes.feature.max(initial=-1)) + 1)
        table = None if values is None else ensemble.tree_values(nodes, values)
        codes = np.zeros(len(own), dtype=int)
        for j, column in enumerate(own):
            key = (column.name, column.scale, column.offset, column.kind)
            if key not in places:
                places[key] = len(columns)
                columns.append(column)
                tables.append(None if table is None else table[:, j].astype(float))
            codes[j] = places[key]
        is_inner = ~nodes.is_leaf & (nodes.feature >= 0)
        # Nodes of a kind of their own would break the way up.
        new = np.full(len(nodes.left) + 1, -1)
        new[:-1][is_inner] = start + np.arange(is_inner.sum())
        parent = np.full(len(nodes.left), -1)
        for child in (nodes.left, nodes.right):
            parent[child[is_inner]] = np.flatnonzero(is_inner)
        parts.append(
            (
                codes[nodes.feature[is_inner]] if len(own) else nodes.feature[is_inner],
                nodes.threshold[is_inner].astype(float),
                new[parent[is_inner]],
                np.full(is_inner.sum(), number),
            )
        )
        start += int(is_inner.sum())
    return Splits(*map(np.concatenate, zip(*parts, strict=True))), columns, tables


def evidence_of_splits(splits, columns, tables, X_candidates, scope, most):
    n = len(splits.threshold)
    at, smallest, second = splits.threshold.copy(), np.zeros(n), np.zeros(n)
    largest, unit = np.full(n, np.inf), np.ones(n)
    meanings, own_rows, own_places = [], [], []
    order = np.argsort(splits.column, kind="stable")
    ends = np.searchsorted(splits.column[order], np.arange(len(columns) + 1))
    rough = largest
    if X_candidates is not None:
        rough, _ = largest_half_gaps(splits, at, smallest, largest)
    for j, column in enumerate(columns):
        rows = order[ends[j] : ends[j + 1]]
        rows = rows[np.isfinite(splits.threshold[rows])]
        different, place = np.unique(splits.threshold[rows], return_inverse=True)
        reach = np.zeros(len(different))
        np.maximum.at(reach, place, rough[rows])
        meaning = _meaning(column, different, reach, tables[j], X_candidates, most)
        meanings.append(meaning)
        own_rows.append(rows)
        own_places.append(place)
        at[rows] = meaning.at[place]
        smallest[rows], second[rows] = meaning.first[place], meaning.second[place]
        unit[rows] = meaning.unit
        low, high = _range(column, meaning)
        largest[rows] = np.minimum(at[rows] - low, high - at[rows])
    largest, first = largest_half_gaps(splits, at, smallest, largest)
    refuted = (smallest > largest * (1 + 1e-9) + 1e-12) & np.isfinite(at)
    evidence = []
    for column, meaning, rows, place in zip(
        columns, meanings, own_rows, own_places, strict=True
    ):
        if not len(rows) or (most is not None and column.kind != "number"):
            continue
        reach = largest[rows]
        if refuted[rows].any():
            # The column is not what it was taken for.
            meaning.complete = False
            if meaning.step is not None:
                meaning = _unknown(np.unique(splits.threshold[rows]))
                meaning.complete = False
        if not meaning.complete:
            reach = rough[rows]
        part = _part(
            *(column, meaning, place, splits.tree[rows], reach, first[rows], scope),
            count_only=most is not None,
        )
        evidence.append(part)
    return evidence


def _range(column, meaning):
    """Smallest and largest value, in the units in which half gaps are exact."""
    if meaning.step is not None:
        return 2 * column.low / meaning.step, 2 * column.high / meaning.step
    return (column.low - column.offset) / column.scale, (
        column.high - column.offset
    ) / column.scale


def _meaning(column, thresholds, reach, values, X_candidates, most):
    if values is not None:
        return _by_candidates(column, thresholds, reach, values, X_candidates, most)
    step = 1.0 if column.kind in ("flag", "code") else None
    if column.kind == "number":
        step = step_of(column, thresholds)
    elif step is not None and not on_grid(column, thresholds, step)[0]:
        step = None
    if step is None:
        return _unknown(thresholds)
    sums = on_grid(column, thresholds, step)[1]
    first, second = pairs_on_grid(sums)
    return _Meaning(
        at=sums,
        first=first,
        second=second,
        unit=step / 2 / column.scale,
        by="encoding" if column.kind != "number" else f"steps of {step:g}",
        step=step,
        low=np.round((sums - first) / 2 * step, 10),
        high=np.round((sums + first) / 2 * step, 10),
    )


def _unknown(thresholds):
    none = np.zeros(len(thresholds))
    return _Meaning(thresholds, none, none, 1.0)


def step_of(column, thresholds):
    """Find the distance of neighboring values that explains the thresholds."""
    if not len(thresholds):
        return None
    for step in _STEPS:
        fits, _, tolerance = on_grid(column, thresholds, step)
        if fits and (2 * tolerance / step) ** len(thresholds) < _BY_CHANCE:
            return step
    return None


def on_grid(column, thresholds, step):
    """Whether sums of two values are on a grid, the sums in steps, the tolerance."""
    user = column.to_user(thresholds)
    if not len(user):
        return True, user, 0.0
    sums = np.round(2 * user / step)
    # Single precision rounds what the trees were given.
    rounding = np.abs(thresholds).max() * column.scale * 2.0**-22
    tolerance = rounding + 1e-13 * (abs(column.offset) + np.abs(user).max())
    fits = np.all(np.abs(2 * user - sums * step) <= tolerance)
    return bool(fits and tolerance < step / 20), sums, tolerance


def _by_candidates(column, thresholds, reach, values, X_candidates, most):
    known, where = np.unique(values[~np.isnan(values)], return_index=True)
    rows = np.flatnonzero(~np.isnan(values))[where]
    meaning = _unknown(thresholds)
    meaning.by, meaning.first = "candidates", meaning.first.copy()
    meaning.second = np.full(len(thresholds), np.inf)
    meaning.low, meaning.high = np.full((2, len(thresholds)), np.nan)
    if most is not None and not len(known):
        return meaning
    which, low, high = pairs_of_candidates(thresholds, reach, known, most)
    half_gap = (known[high] - known[low]) / 2
    begins = np.flatnonzero(np.diff(which, prepend=-1))
    meaning.first[which[begins]] = half_gap[begins]
    user = _values_of(column, known, rows, X_candidates)
    meaning.low[which[begins]] = user[low[begins]]
    meaning.high[which[begins]] = user[high[begins]]
    more = begins + 1
    more = more[more < len(which)]
    more = more[which[more] == which[more - 1]]
    meaning.second[which[more]] = half_gap[more]
    cut = np.zeros(len(thresholds), dtype=bool)
    if most is not None:
        # Pairs further out were not looked for.
        end = np.searchsorted(known, thresholds, side="right")
        far = known[np.maximum(end - most, 0)]
        cut = (end > most) & (thresholds - far < reach)
        limit = np.where(cut, thresholds - far, np.inf)
        meaning.second = np.minimum(meaning.second, limit)
    meaning.complete = bool((cut | (meaning.first > 0)).all())
    meaning.half_gaps = which, half_gap
    return meaning


def _values_of(column, known, rows, X_candidates):
    """Give candidates in the user's units, as they are in the table where possible."""
    if column.kind == "number" and column.source is not None:
        if isinstance(X_candidates, pd.DataFrame):
            name = column.name
            if name in X_candidates.columns:
                values = X_candidates[name]
            else:
                values = X_candidates.iloc[:, column.source]
        else:
            values = pd.Series(np.asarray(X_candidates)[:, column.source])
        own = pd.to_numeric(values.iloc[rows], errors="coerce").to_numpy(dtype=float)
        return np.where(np.isnan(own), column.to_user(known), own)
    return column.to_user(known)


def _part(column, meaning, place, tree, largest, first, scope, count_only):
    gap, more = meaning.first[place], meaning.second[place]
    limit = largest * (1 + 1e-9) + 1e-12
    pinned = (gap > 0) & (gap <= limit) & ((more > limit) | np.isinf(more))
    if count_only:
        known = np.unique(place[pinned])
        ends = [] if meaning.low is None else [meaning.low[known], meaning.high[known]]
        return column, np.unique(ends) if meaning.complete else np.zeros(0)
    nodes = pd.DataFrame({"place": place, "tree": tree})
    return Part(
        column,
        meaning.by,
        scope,
        _pinned_values(column, meaning, nodes[pinned]),
        _open_pairs(column, meaning, nodes, pinned, largest),
        _empty_intervals(column, meaning, nodes[first & (gap > 0)]),
    )


def _pinned_values(column, meaning, nodes):
    kind = "value" if meaning.complete else "match"
    if meaning.low is None or not len(nodes):
        return pd.DataFrame(columns=["value", "kind", "n_thresholds", "n_trees"])
    ends = [
        pd.DataFrame({"value": end[nodes["place"]], "tree": nodes["tree"].to_numpy()})
        for end in (meaning.low, meaning.high)
    ]
    both = pd.concat(ends, ignore_index=True)
    told = _counted(both, ["value"])
    if np.isfinite(column.imputed):
        told = told[~np.isclose(told["value"], column.imputed, rtol=1e-6, atol=1e-9)]
    return told.assign(kind=kind)


def _counted(nodes, by):
    return (
        nodes.groupby(by, sort=True)["tree"]
        .agg(n_thresholds="size", n_trees="nunique")
        .reset_index()
    )


def _open_pairs(column, meaning, nodes, pinned, largest):
    known = np.zeros(len(meaning.at), dtype=bool)
    known[nodes["place"].to_numpy()[pinned]] = True
    reach = np.full(len(meaning.at), np.inf)
    np.minimum.at(reach, nodes["place"].to_numpy(), largest)
    told = _counted(nodes, ["place"])
    told = told[~known[told["place"]]]
    place = told["place"].to_numpy()
    reach, n_pairs = reach[place], np.full(len(place), np.nan)
    middle = column.to_user(meaning.at[place] * meaning.unit)
    if meaning.step is not None:
        middle = meaning.at[place] * meaning.step / 2
        gap = meaning.first[place]
        n_pairs = np.floor((reach - gap) / 2) + 1
        reach = gap + 2 * (n_pairs - 1)
        n_pairs[~np.isfinite(n_pairs)] = np.nan
    elif meaning.half_gaps is not None:
        which, half_gap = meaning.half_gaps
        all_reach = np.full(len(meaning.at), -1.0)
        all_reach[place] = reach * (1 + 1e-9) + 1e-12
        inside = half_gap <= all_reach[which]
        n_pairs = np.bincount(which[inside], minlength=len(meaning.at))[place]
        n_pairs = n_pairs.astype(float)
    width = reach * meaning.unit * column.scale
    return told.assign(
        low=middle - width, high=middle + width, middle=middle, n_pairs=n_pairs
    ).drop(columns="place")


def _empty_intervals(column, meaning, nodes):
    """Intervals in which a value could have been, and none was."""
    place = nodes["place"].to_numpy()
    if meaning.step is not None:
        some = meaning.first[place] > 1
    elif meaning.complete:
        some = np.ones(len(place), dtype=bool)
    else:
        some = np.zeros(len(place), dtype=bool)
    if not some.any():
        return pd.DataFrame(columns=["low", "high", "n_thresholds", "n_trees"])
    told = _counted(nodes[some], ["place"])
    place = told.pop("place").to_numpy()
    return told.assign(low=meaning.low[place], high=meaning.high[place])
