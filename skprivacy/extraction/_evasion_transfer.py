"""Whether changes of records that fool a copy fool the target too."""

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval as Range
from sklearn.utils._param_validation import validate_params

from skprivacy._validation import as_table
from skprivacy.metrics import Interval, share_interval
from skprivacy.records import Coordinates, stack_tables, take_rows
from skprivacy.targets import BlackBox, check_target

__all__ = ["EvasionTransfer", "evasion_transfer"]

#: Rows that a copy is asked about at once.
BATCH = 100_000


@dataclass(frozen=True, eq=False)
class EvasionTransfer:
    """Changes that flip the label of a copy, tried on the target.

    Parameters
    ----------
    share : Interval
        Share of the changes that flip the copy which flip the target.

    by_chance : Interval
        Share of random changes, of as many columns of the same records, that flip the
        target: what an attacker without a copy gets.

    changed : DataFrame or ndarray of shape (n_found, n_features)
        Changed records that flip the copy.

    rows : ndarray of int of shape (n_found,)
        Row of each in the table that was given.

    n_changes : ndarray of int of shape (n_found,)
        Columns that were changed.

    flips_target : ndarray of bool of shape (n_found,)
        Whether the target answers with another label than before.

    n_records : int
        Records that a change was looked for of.

    n_queries : int
        Questions that the target was asked, to judge.
    """

    share: Interval
    by_chance: Interval
    changed: Any
    rows: np.ndarray
    n_changes: np.ndarray
    flips_target: np.ndarray
    n_records: int
    n_queries: int

    def __str__(self):
        return (
            f"{len(self.rows)} of {self.n_records} records flip the copy; of these "
            f"{self.share} flip the target, of random changes {self.by_chance}"
        )


@validate_params(
    {
        "max_changes": [Range(Integral, 1, None, closed="left")],
        "margin": [Range(Real, 0, 1, closed="left")],
        "n_values": [Range(Integral, 2, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def evasion_transfer(
    target,
    copy,
    X,
    *,
    max_changes: int = 2,
    margin: float = 0.0,
    n_values: int = 10,
    random_state=None,
) -> EvasionTransfer:
    """Find small changes that flip a copy's label, and try them on the target.

    The search asks the copy as often as it likes, unseen; the target is asked once a
    record, to judge.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model that was copied; a classifier.

    copy : fitted classifier
        The copy: a fitted attack of this package, or any classifier.

    X : DataFrame or array-like of shape (n_records, n_features)
        Records to change. Columns take values that other records here have.

    max_changes : int, default=2
        Columns that may be changed.

    margin : float, default=0.0
        How much likelier than the old label the copy must find the new one; 0 takes
        the smallest change that flips it. It needs a copy with probabilities.

    n_values : int, default=10
        Values that are tried of each column: quantiles of numbers, the most frequent
        of others.

    random_state : int, RandomState instance or None, default=None
        Which random changes the found ones are compared with.

    Returns
    -------
    transfer : EvasionTransfer

    Raises
    ------
    ValueError
        If the target is no classifier, or there is a `margin` and the copy has no
        ``predict_proba``.

    See Also
    --------
    membership_transfer : Whether a copy tells who is in the training set.

    Notes
    -----
    For each record, all changes of one column are tried on the copy. If some flip it,
    the nearest is taken, distances being those between records in which each column is
    divided by its standard deviation. If none does, the change that makes the old label
    the least likely is kept, and a further column is changed.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skprivacy.extraction import EquationSolvingAttack, evasion_transfer
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    >>> box = BlackBox(model)
    >>> copy = EquationSolvingAttack(box).fit(X)
    >>> told = evasion_transfer(box, copy, X[:100], random_state=0)
    >>> told.share.estimate
    1.0
    """
    box = check_target(target)
    if box.response_ == "value":
        raise ValueError("target must be a classifier: numbers have no label to flip.")
    if margin and not hasattr(copy, "predict_proba"):
        raise ValueError(
            f"margin={margin!r} needs a copy with predict_proba; "
            f"{type(copy).__name__} has none. margin=0 needs none."
        )
    X = as_table(X)
    rng = check_random_state(random_state)
    values = [_values(_column(X, j), n_values) for j in range(X.shape[1])]
    changed, columns = _search(copy, X, values, max_changes, margin)
    rows = np.flatnonzero(columns.any(axis=1))
    n_changes = columns[rows].sum(axis=1)
    if not len(rows):
        none = share_interval(np.zeros(0, dtype=bool))
        flips = np.zeros(0, dtype=bool)
        return EvasionTransfer(
            none, none, take_rows(X, rows), rows, n_changes, flips, len(X), 0
        )
    found, drawn = take_rows(changed, rows), take_rows(X, rows)
    before = box.n_queries_
    old = box.predict(drawn)
    chosen = _as_many_columns(n_changes, X.shape[1], rng)
    for j, known in enumerate(values):
        at = np.flatnonzero(chosen[:, j])
        now = _column(drawn, j).to_numpy()[at]
        which = rng.randint(len(known), size=len(at))
        which = np.where(known[which] == now, (which + 1) % len(known), which)
        drawn = _with(drawn, at, j, known[which])
    flips, by_chance = box.predict(found) != old, box.predict(drawn) != old
    return EvasionTransfer(
        share=share_interval(flips),
        by_chance=share_interval(by_chance),
        changed=found,
        rows=rows,
        n_changes=n_changes,
        flips_target=flips,
        n_records=len(X),
        n_queries=box.n_queries_ - before,
    )


def _search(copy, X, values, max_changes, margin):
    """Change records until the copy flips.

    Returns
    -------
    changed : DataFrame or ndarray of shape (n_records, n_features)

    columns : ndarray of bool of shape (n_records, n_features)
        Which were changed; none of a record that does not flip.
    """
    box = BlackBox(copy)
    old = box.query(X).argmax(axis=1)
    place = Coordinates(X)
    origin, changed = place(X), X
    columns = np.zeros(X.shape, dtype=bool)
    is_open = np.ones(len(X), dtype=bool)
    for _ in range(max_changes):
        for part in _parts(np.flatnonzero(is_open), sum(map(len, values))):
            tried, of, which, is_same = _all_changes(take_rows(changed, part), values)
            answers = box.query(tried)
            here = np.arange(len(of))
            kept = answers[here, old[part][of]]
            answers[here, old[part][of]] = -np.inf
            gain = answers.max(axis=1) - kept
            gain[is_same | columns[part][of, which]] = -np.inf
            far = ((place(tried) - origin[part][of]) ** 2).sum(axis=1)
            flips = gain >= margin if margin else gain > 0
            # The nearest that flips; before all others, and among those the best.
            order = np.lexsort((np.where(flips, far, -gain), ~flips, of))
            best = order[np.searchsorted(of[order], np.arange(len(part)))]
            changed = _with_rows(changed, part, take_rows(tried, best))
            columns[part, which[best]] = True
            is_open[part[flips[best]]] = False
    columns[is_open] = False
    return changed, columns


def _all_changes(X, values):
    """Lay out each record with each value of each column."""
    n = len(X)
    tables, of, which, is_same = [], [], [], []
    for j, known in enumerate(values):
        rows = np.repeat(np.arange(n), len(known))
        new = known[np.tile(np.arange(len(known)), n)]
        tables.append(_with(take_rows(X, rows), np.arange(len(rows)), j, new))
        of.append(rows)
        which.append(np.full(len(rows), j))
        is_same.append(np.asarray(_column(X, j).to_numpy()[rows] == new, dtype=bool))
    return stack_tables(tables), *map(np.concatenate, (of, which, is_same))


def _as_many_columns(n_changes, n_columns, rng):
    """Draw so many columns for each record."""
    rank = rng.uniform(size=(len(n_changes), n_columns)).argsort(axis=1).argsort(axis=1)
    return rank < n_changes[:, None]


def _values(column, n_values):
    """Values that a column may take, in its own type, all of them seen in it."""
    known = column.dropna()
    if not len(known):
        return column.iloc[:1].to_numpy()
    if pd.api.types.is_numeric_dtype(known) and not pd.api.types.is_bool_dtype(known):
        sorted_ = np.sort(known.to_numpy())
        at = np.linspace(0, len(sorted_) - 1, n_values).round().astype(int)
        return np.unique(sorted_[at])
    return known.value_counts().index[:n_values].to_numpy()


def _column(X, j):
    if isinstance(X, pd.DataFrame):
        return X.iloc[:, j]
    return pd.Series(X[:, j]).infer_objects()


def _with(X, rows, j, new):
    """Return a table with other values in some rows of a column, its types kept."""
    if not isinstance(X, pd.DataFrame):
        X = X.copy()
        X[rows, j] = new
        return X
    column = X.iloc[:, j].copy()
    column.iloc[rows] = new
    return X.assign(**{X.columns[j]: column})


def _with_rows(X, rows, new):
    at = np.arange(len(X))
    at[rows] = len(X) + np.arange(len(rows))
    replaced = take_rows(stack_tables([X, new]), at)
    return replaced.set_axis(X.index) if isinstance(X, pd.DataFrame) else replaced


def _parts(rows, n_each):
    """Cut rows into parts whose changes fit into one batch."""
    n_parts = -(-len(rows) * n_each // BATCH)
    return np.array_split(rows, n_parts) if len(rows) else []
