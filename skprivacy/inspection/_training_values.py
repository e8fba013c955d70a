"""Values that were in the training set for certain, from the trees of a model."""

from dataclasses import replace

import numpy as np
import pandas as pd

from skprivacy._validation import as_table
from skprivacy.inspection._certified_by_edges import evidence_of_edges
from skprivacy.inspection._certified_by_splits import (
    all_splits,
    evidence_of_splits,
    sees_all_rows,
)
from skprivacy.inspection._certified_part import Part
from skprivacy.inspection._column_units import columns_after, input_columns
from skprivacy.inspection._hist_trees import HIST_MODELS
from skprivacy.inspection._read_trees import read_trees

__all__ = ["certified_share", "recover_training_values"]

COLUMNS = [
    *("feature", "kind", "low", "high", "middle", "n_pairs"),
    *("n_thresholds", "n_trees", "by", "scope"),
]


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
    is_table = isinstance(X, pd.DataFrame)
    own = getattr(ensemble.outer, "feature_names_in_", None) if is_table else None
    rows = {}
    numeric = {}
    for j, column in enumerate(columns):
        values = frame.iloc[:, j] if own is None else frame[own[j]]
        if pd.api.types.is_numeric_dtype(values) and values.dtype != bool:
            known = np.unique(values.dropna().to_numpy(dtype=float))
            numeric[column.name] = known
            rows[column.name] = [len(known), 0, 0]
    for place, candidates in ((1, None), (2, X)):
        certified: dict[str, list] = {}
        for part in _evidence(ensemble, candidates, None, most=_MOST):
            if isinstance(part, Part):
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


def _evidence(ensemble, X_candidates, feature_names, most=None):
    columns = input_columns(ensemble, feature_names)
    if X_candidates is not None:
        X_candidates = as_table(X_candidates, "X_candidates")
    inner = columns
    for step in ensemble.steps:
        inner = columns_after(step, inner)
    if isinstance(ensemble.model, HIST_MODELS):
        return evidence_of_edges(ensemble, inner, X_candidates)
    if ensemble.splits != "midpoint":
        return []
    values = None if X_candidates is None else ensemble.transform(X_candidates)
    splits, columns, tables = all_splits(ensemble, inner, values)
    scope = "training set" if sees_all_rows(ensemble.model) else "rows of these trees"
    return evidence_of_splits(splits, columns, tables, X_candidates, scope, most)


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
