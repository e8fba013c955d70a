"""Values that were in the training set for certain, from the thresholds of trees."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from skprivacy._validation import as_table
from skprivacy.inspection._column_units import Column, columns_after, input_columns
from skprivacy.inspection._edge_values import first_values, values_from
from skprivacy.inspection._half_gaps import (
    Splits,
    largest_half_gaps,
    pairs_of_candidates,
    pairs_on_grid,
)
from skprivacy.inspection._read_trees import read_trees

__all__ = ["certified_share", "recover_training_values"]

COLUMNS = [
    *("feature", "kind", "low", "high", "middle", "n_pairs"),
    *("n_thresholds", "n_trees", "by", "scope"),
]
#: Distances between neighboring values of a column that are looked for.
_STEPS = (1.0, 0.1, 0.01, 0.001)
#: Chance at which thresholds may lie on a grid that is none.
_BY_CHANCE = 1e-6


def recover_training_values(
    model, X_candidates=None, *, feature_names=None
) -> pd.DataFrame:
    """Read off a fitted tree model which values were in its training set.

    scikit-learn puts a threshold exactly in the middle of two neighboring training
    values of the node. The middle alone does not tell the two values, but other
    thresholds above and below leave little room, and a column of whole numbers less
    still: often a single pair is left.

    Parameters
    ----------
    model : fitted estimator
        A tree, a forest, boosted or bagged trees, or a pipeline that ends in one.

    X_candidates : table of shape (n_candidates, n_features) or None, default=None
        The values that each column may have, as records in the columns of the model.
        Which values stand in a row together does not matter. None: only the model is
        read, and columns whose thresholds look like whole numbers, or numbers with
        up to three decimals, are taken for such.

    feature_names : sequence of str or None, default=None
        Names of the model's features; None: its own, or x0, x1, ...

    Returns
    -------
    found : DataFrame
        One row a finding, sorted by feature, kind and value:

        - ``feature``: a column of the table; "town=York" for a category that is
          encoded as a column of its own; with the name of the transformer in brackets
          where numbers could not be brought back to the user's units;
        - ``kind``: "value": `low` (and `high`) was in the training set;
          "pair": two values were, one on each side of `middle`, equally far from it
          and no further out than `low` and `high`; "empty": no value strictly between
          `low` and `high` was there; "match": `low` is in the only pair of candidates
          that fits, but other thresholds of the column show that some of its values
          are missing among the candidates, so that it may be a coincidence;
        - ``low``, ``high``, ``middle``: numbers in the user's units, or positions in
          the list of an ordinal encoder;
        - ``n_pairs``: pairs that are possible; missing if endless;
        - ``n_thresholds``, ``n_trees``: how many nodes, in how many trees, tell it;
        - ``by``: what it rests on beside the thresholds: "encoding" (the column is
          made of whole numbers by an encoder), "steps of 1" (the column has been taken
          for one of whole numbers), "candidates", or nothing;
        - ``scope``: "training set"; of empty intervals "rows of these trees" where
          each tree saw only a part of the training set.

    Raises
    ------
    TypeError
        If the model has no trees that can be read.
    ValueError
        If names or candidates do not fit the model.

    See Also
    --------
    leak_scan : What else a fitted object holds of its training set.
    skprivacy.membership.SplitPointAttack : Scores records by the same evidence.
    skprivacy.defenses.sanitize : Moves thresholds away from the middles.

    Notes
    -----
    Assumes that the attacker holds the model file, and nothing else.

    "Certified" is a conclusion, not a likelihood, and no better than what it rests on.
    With "steps of 1" this is that the values of the column are whole numbers. The
    thresholds speak for it by being whole or halves without exception; a column of
    which all values end in .5 looks the same. With candidates it is that every value
    of the column is among them; where a threshold shows that one is not, values are
    called "match".

    Empty intervals are read from nodes above which no other column is compared, as
    others have seen a part of the records only. A forest with bootstrap draws the rows
    of each tree: one tree sees 63% of them, and a value that a single record has can
    escape from n trees with chance 0.37 to the n. Rows of weight zero are never seen.

    Trees with random thresholds (extra trees, isolation forests) give an empty table.
    Histogram-based boosting keeps the edges of its bins. Where a column has no more
    different values than bins, the edges are the middles of all neighboring values:
    one value gives all others, so that either all are certified or none is. With more
    values they are quantiles, and nothing is said. The file does not tell which: a
    column counts as one of few values if an encoder or the candidates say so, or if it
    is of whole numbers and most edges are halves, which quantiles hardly ever are.
    (The edges are of up to 200,000 rows, without those held out for early stopping.)

    A value that stands for missing ones in a :class:`~sklearn.impute.SimpleImputer` is
    left out, because nobody may have had it.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.inspection import recover_training_values
    >>> ages = [[31], [32], [34], [35], [52]]
    >>> tree = DecisionTreeClassifier().fit(ages, [0, 1, 0, 1, 0])
    >>> found = recover_training_values(tree, feature_names=["age"])
    >>> found.loc[found["kind"] == "value", ["feature", "low", "n_thresholds"]]
      feature   low  n_thresholds
    0     age  31.0             1
    1     age  32.0             2
    2     age  34.0             2
    3     age  35.0             1
    >>> found.loc[found["kind"] != "value", ["kind", "low", "high", "middle"]]
       kind   low  high  middle
    4  pair  35.0  52.0    43.5
    5 empty  32.0  34.0     NaN
    """
    evidence = _evidence(read_trees(model), X_candidates, feature_names)
    return _table(evidence)


def certified_share(model, X_train, *, max_splits=None) -> pd.DataFrame:
    """Count the training values that a tree model certifies.

    Parameters
    ----------
    model : fitted estimator
        As for :func:`recover_training_values`.

    X_train : table of shape (n_records, n_features)
        Its training set.

    max_splits : int or None, default=None
        Trees are read until they have that many inner nodes; None: all trees.

    Returns
    -------
    counts : DataFrame
        One row a numeric column of the training set: ``feature``; ``n_values``, its
        different values; ``n_from_file``, how many of them the file alone certifies;
        ``n_from_list``, how many fit if the choice is among these values alone, which
        is the most that any list of candidates can give. No value is in it.
        ``counts.attrs["n_trees"]`` is the number of trees that were read.
    """
    ensemble = read_trees(model)
    if max_splits is not None:
        ensemble = _first_trees(ensemble, max_splits)
    X = as_table(X_train, "X_train")
    frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
    columns = input_columns(ensemble)
    own = getattr(ensemble.outer, "feature_names_in_", None)
    rows = {}
    numeric = {}
    for j, column in enumerate(columns):
        named = own is not None and isinstance(X, pd.DataFrame)
        values = frame[own[j]] if named else frame.iloc[:, j]
        if pd.api.types.is_numeric_dtype(values) and values.dtype != bool:
            known = np.unique(values.dropna().to_numpy(dtype=float))
            numeric[column.name] = known
            rows[column.name] = [len(known), 0, 0]
    for place, candidates in ((1, None), (2, X)):
        certified = {}
        for part in _evidence(ensemble, candidates, None, most=_MOST):
            if isinstance(part, _Part):
                column = part.column
                told = part.values["value"][part.values["kind"] == "value"]
            else:
                column, told = part
            if column.kind == "number" and column.name in rows:
                certified.setdefault(column.name, []).append(told)
        for name, told in certified.items():
            told = np.unique(np.concatenate(told).astype(float))
            rows[name][place] = _close_to(numeric[name], told)
    counts = pd.DataFrame(
        [[name, *numbers] for name, numbers in rows.items()],
        columns=["feature", "n_values", "n_from_file", "n_from_list"],
    )
    counts.attrs["n_trees"] = len(ensemble.trees)
    return counts


#: Candidates that are tried below each threshold when values are only counted.
_MOST = 500


def _close_to(known, found):
    """Count known numbers that were found, up to what rounding does."""
    if not len(found) or not len(known):
        return 0
    at = np.searchsorted(known, found)
    places = [np.clip(at + shift, 0, len(known) - 1) for shift in (-1, 0)]
    near = [place[np.isclose(known[place], found, 1e-6, 0)] for place in places]
    return len(np.unique(np.concatenate(near)))


def _first_trees(ensemble, max_splits):
    sizes = np.cumsum([np.sum(~nodes.is_leaf) for nodes in ensemble.trees])
    n_trees = max(int(np.searchsorted(sizes, max_splits, side="right")), 1)
    return replace(ensemble, trees=ensemble.trees[:n_trees])


@dataclass
class _Part:
    """What is known of one column: tables of values, pairs and empty intervals."""

    column: Column
    by: str
    scope: str
    values: pd.DataFrame
    pairs: pd.DataFrame
    empty: pd.DataFrame


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


def _evidence(ensemble, X_candidates, feature_names, most=None):
    columns = input_columns(ensemble, feature_names)
    if X_candidates is not None:
        X_candidates = as_table(X_candidates, "X_candidates")
    inner = columns
    for step in ensemble.steps:
        inner = columns_after(step, inner)
    if ensemble.edges is not None:
        return _evidence_of_edges(ensemble, inner, X_candidates)
    if ensemble.splits != "midpoint":
        return []
    values = None if X_candidates is None else ensemble.transform(X_candidates)
    splits, columns, tables = _all_splits(ensemble, inner, values)
    scope = "training set" if _sees_all_rows(ensemble.model) else "rows of these trees"
    return _evidence_of_splits(splits, columns, tables, X_candidates, scope, most)


def _sees_all_rows(model):
    """Whether each tree was trained on all rows that the model was given."""
    if getattr(model, "bootstrap", False) or getattr(model, "subsample", 1.0) < 1:
        return False
    if getattr(model, "n_iter_no_change", None) is not None:
        return False
    share = getattr(model, "max_samples", None)
    return share is None or (isinstance(share, float) and share == 1.0)


def _all_splits(ensemble, inner, values):
    """Put the inner nodes of all trees into one table."""
    columns, places, parts, tables = [], {}, [], []
    start = 0
    for number, nodes in enumerate(ensemble.trees):
        own = inner if nodes.columns is None else [inner[j] for j in nodes.columns]
        for step in nodes.steps:
            own = columns_after(step, own)
        own = _fill_up(own, int(nodes.feature.max(initial=-1)) + 1)
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


def _fill_up(columns, n_columns):
    """Give names to the columns of a transformer that does not name its own."""
    if len(columns) >= n_columns and all(c.name != "*" for c in columns):
        return columns
    return [
        Column(f"column {j} (transformed)", kind="opaque") for j in range(n_columns)
    ]


def _evidence_of_splits(splits, columns, tables, X_candidates, scope, most):
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
        step = _step_of(column, thresholds)
    elif step is not None and not _on_grid(column, thresholds, step)[0]:
        step = None
    if step is None:
        return _unknown(thresholds)
    sums = _on_grid(column, thresholds, step)[1]
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


def _step_of(column, thresholds):
    """Find the distance of neighboring values that explains the thresholds."""
    if not len(thresholds):
        return None
    for step in _STEPS:
        fits, _, tolerance = _on_grid(column, thresholds, step)
        if fits and (2 * tolerance / step) ** len(thresholds) < _BY_CHANCE:
            return step
    return None


def _on_grid(column, thresholds, step):
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
    return _Part(
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


def _evidence_of_edges(ensemble, columns, X_candidates):
    """Read the bins of histogram-based boosting."""
    n_bins = int(getattr(ensemble.model, "max_bins", 255))
    values = None if X_candidates is None else ensemble.transform(X_candidates)
    columns = _fill_up(columns, len(ensemble.edges))
    evidence = []
    for j, edges in enumerate(ensemble.edges):
        edges = np.asarray(edges, dtype=float)
        if not len(edges) or not np.isfinite(edges).all():
            continue
        low, high = first_values(edges)
        if len(edges) >= n_bins or not low < high:
            continue
        if values is None:
            found = _chains_on_grid(columns[j], edges, low, high, n_bins)
        else:
            known = np.unique(values[~np.isnan(values[:, j]), j].astype(float))
            found = _chains_of_candidates(columns[j], edges, low, high, known, n_bins)
        if found is not None:
            evidence.append(_part_of_edges(columns[j], edges, low, high, *found))
    return evidence


def _chains_of_candidates(column, edges, low, high, known, n_bins):
    """All values of the column: a row for each choice of the smallest that is left."""
    if len(known) > n_bins:
        return None  # the edges may be quantiles
    first = known[(known > low) & (known < high)]
    chains = np.array([values_from(edges, value) for value in first])
    chains = chains.reshape(len(first), len(edges) + 1)
    fits = np.ones(chains.shape, dtype=bool)
    if len(known):
        apart = np.abs(chains[:, :, None] - known)
        fits = (apart <= 1e-12 * (1 + np.abs(known))).any(axis=2)
    return column.to_user(chains[fits.all(axis=1)]), "candidates"


def _chains_on_grid(column, edges, low, high, n_bins):
    coded = column.kind in ("flag", "code")
    if coded:
        step = 1.0 if _on_grid(column, edges, 1.0)[0] else None
    else:
        step = _step_of(column, edges) if column.kind == "number" else None
    if step is None or not np.isfinite(low):
        return None
    sums = _on_grid(column, edges, step)[1]
    # Quantiles are values themselves, and so their sums are even.
    middles = column.high - column.low < n_bins or np.mean(sums % 2) > 0.5
    if not middles:
        return None
    low, high = first_values(sums / 2)
    low, high = max(low, column.low / step - 1), min(high, column.high / step + 1)
    start = np.arange(np.floor(low) + 1, np.ceil(high))[:1000]
    chains = np.array([values_from(sums / 2, value) for value in start])
    chains = chains.reshape(len(start), len(edges) + 1)
    chains = chains[chains.max(axis=1, initial=-np.inf) * step <= column.high]
    return np.round(chains * step, 10), "encoding" if coded else f"steps of {step:g}"


def _part_of_edges(column, edges, low, high, chains, by):
    pinned = chains is not None and len(chains) == 1
    values = pd.DataFrame(columns=["value", "kind", "n_thresholds", "n_trees"])
    empty = pd.DataFrame(columns=["low", "high", "n_thresholds", "n_trees"])
    pairs = pd.DataFrame(
        columns=["low", "high", "middle", "n_pairs", "n_thresholds", "n_trees"]
    )
    if pinned:
        told = chains[0]
        values = pd.DataFrame({"value": told, "kind": "value", "n_trees": 0})
        values["n_thresholds"] = np.where(
            np.isin(np.arange(len(told)), [0, len(told) - 1]), 1, 2
        )
        if np.isfinite(column.imputed):
            values = values[~np.isclose(told, column.imputed, rtol=1e-6, atol=1e-9)]
        empty = pd.DataFrame(
            {"low": told[:-1], "high": told[1:], "n_thresholds": 1, "n_trees": 0}
        )
    else:
        ends = np.abs(edges - [values_from(edges, end)[:-1] for end in (low, high)])
        width = ends.max(axis=0) * column.scale
        middle = column.to_user(edges)
        number = np.nan if chains is None or not len(chains) else len(chains)
        pairs = pd.DataFrame(
            {
                "low": middle - width,
                "high": middle + width,
                "middle": middle,
                "n_pairs": number,
                "n_thresholds": 1,
                "n_trees": 0,
            }
        )
    return _Part(column, by, "training set", values, pairs, empty)


def _table(evidence):
    parts = []
    for part in evidence:
        values = part.values.rename(columns={"value": "low"})
        values = values.assign(high=values["low"], n_pairs=1.0, middle=np.nan)
        pairs = part.pairs.assign(kind="pair")
        empty = part.empty.assign(kind="empty", n_pairs=np.nan)
        empty["middle"] = np.nan
        for table, scope in (
            (values, "training set"),
            (pairs, "training set"),
            (empty, part.scope),
        ):
            if len(table):
                parts.append(
                    table.assign(feature=part.column.name, by=part.by, scope=scope)
                )
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    found = pd.concat([part[COLUMNS] for part in parts], ignore_index=True)
    names = list(dict.fromkeys(part.column.name for part in evidence))
    kinds = ["value", "match", "pair", "empty"]
    order = np.lexsort(
        (
            found["high"],
            found["low"],
            found["kind"].map(kinds.index),
            found["feature"].map({name: j for j, name in enumerate(names)}),
        )
    )
    found = found.iloc[order].reset_index(drop=True)
    whole = {name: "Int64" for name in ("n_pairs", "n_thresholds", "n_trees")}
    numbers = {name: float for name in ("low", "high", "middle")}
    return found.astype({**whole, **numbers})
