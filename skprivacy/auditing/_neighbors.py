"""Pairs of neighboring data sets in which a mechanism may give one record away."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils import check_consistent_length, check_random_state

from skprivacy._validation import as_table
from skprivacy.auditing._corners import Corners
from skprivacy.auditing._labels import Labels
from skprivacy.records import Coordinates, stack_tables

__all__ = ["KINDS", "NeighborPair", "neighboring_tables"]

#: All kinds of pairs.
KINDS = (
    "corner",
    "replace",
    "flip",
    "rare_class",
    "empty_cluster",
    "duplicates",
    "extreme",
    "tiny",
    "missing",
    "remove",
)
#: Columns that are looked at one by one.
MOST_COLUMNS = 3
#: How far records lie apart that are gathered at one place, beside the bounds.
CLOSE = 0.02


class NeighborPair(NamedTuple):
    """Two data sets that differ in one record.

    Parameters
    ----------
    kind : str
        One of `KINDS`.

    detail : str
        What differs.

    first, second : tuple
        ``(X, y)``, or ``(X,)`` where there are no labels. The record is the first one.
    """

    kind: str
    detail: str
    first: tuple
    second: tuple


class Record(NamedTuple):
    """A table of one row, and its label."""

    row: pd.DataFrame
    label: object = None


def neighboring_tables(
    X,
    y=None,
    kinds="all",
    *,
    bounds=None,
    norm=None,
    classes=None,
    y_bounds=None,
    is_regression=None,
    adjacency="replace",
    random_state=None,
):
    """Yield pairs of neighboring data sets, made of a table and of what is public.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_records, n_features)
        A table as the mechanism is used on: numbers, texts, categories.

    y : array-like of shape (n_records,) or None, default=None
        Labels: classes, or numbers.

    kinds : "all" or sequence of str, default="all"
        - "corner": one record goes from one corner of the bounds to another: all low
          and all high, alternating, one column high.
        - "replace": one record becomes another of the table.
        - "flip": one label becomes another; of numbers, the other extreme.
        - "rare_class": the only record of a class becomes one of another, or goes.
        - "empty_cluster": all records are at one place, and one is far off, or not.
        - "duplicates": all records are equal, but for one.
        - "extreme": all records are in a corner of the bounds, and one is in the
          opposite one, or not.
        - "tiny": two or three records, of which one differs.
        - "missing": a cell of one record is missing, or infinite.
        - "remove": one record goes. With "all" only if neighbors are such.

    bounds : pair or None, default=None
        Lower and upper ends of the columns of numbers: numbers, or one each. None: what
        is in the table.

    norm : float or None, default=None
        Largest Euclidean norm of a record, in place of the bounds.

    classes : array-like or None, default=None
        All classes. None: those in `y`.

    y_bounds : pair or None, default=None
        Lower and upper end of labels that are numbers. None: those of `y`.

    is_regression : bool or None, default=None
        Whether labels are numbers. None: where they look like it.

    adjacency : {"replace", "add_remove"}, default="replace"
        With "add_remove" the record is there in the first data set and not in the
        second, in place of being another one.

    random_state : int, RandomState instance or None, default=None
        Which records and columns are taken.

    Yields
    ------
    pair : NeighborPair

    Raises
    ------
    ValueError
        If a kind is unknown, a table has too few records, or bounds fit no columns.

    Examples
    --------
    >>> pairs = neighboring_tables([[0.0], [1.0], [2.0]], kinds=["extreme"])
    >>> for pair in pairs:
    ...     print(pair.detail, pair.first[0].ravel(), pair.second[0].ravel())
    others low, one high [2. 0. 0.] [0. 0. 0.]
    others high, one low [0. 2. 2.] [2. 2. 2.]
    """
    kinds = check_kinds(kinds, adjacency)
    scenes = _Scenes(X, y, bounds, norm, classes, y_bounds, is_regression, random_state)
    for kind in kinds:
        for detail, record, other, others in getattr(scenes, kind)():
            first = scenes.lay(record, others)
            if adjacency == "add_remove" or other is None:
                second = scenes.lay(None, others)
            else:
                second = scenes.lay(other, others)
            yield NeighborPair(kind, detail, first, second)


def check_kinds(kinds, adjacency="replace") -> list:
    """Return the kinds that are meant.

    Parameters
    ----------
    kinds : "all", str or sequence of str
        Kinds.

    adjacency : {"replace", "add_remove"}, default="replace"
        What neighbors are.

    Returns
    -------
    kinds : list of str

    Raises
    ------
    ValueError
        If one is unknown.

    Examples
    --------
    >>> check_kinds("all")[-1], check_kinds("all", "add_remove")[-1]
    ('missing', 'remove')
    """
    if isinstance(kinds, str):
        if kinds == "all":
            # What is about n is no claim of those who replace a record.
            return list(KINDS if adjacency == "add_remove" else KINDS[:-1])
        kinds = [kinds]
    kinds = list(kinds)
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        raise ValueError(
            f'kinds must be "all" or some of {list(KINDS)}; got {kinds!r}.'
        )
    return kinds


class _Scenes:
    """The kinds of pairs: each yields a detail, a record, another, and all others."""

    def __init__(self, X, y, bounds, norm, classes, y_bounds, is_regression, seed):
        given = as_table(X)
        self.is_frame = isinstance(given, pd.DataFrame)
        X = given if self.is_frame else pd.DataFrame(given).infer_objects()
        self.X = X.reset_index(drop=True)
        if len(X) < 3:
            raise ValueError(f"X must have at least 3 records; got n_samples={len(X)}.")
        self.is_numeric = not self.is_frame and given.dtype.kind in "biuf"
        self.rng = check_random_state(seed)
        self.corners = Corners(self.X, bounds, norm)
        self.y_name = getattr(y, "name", None)
        self.y_is_series = isinstance(y, pd.Series)
        self.labels = Labels(y, classes, y_bounds, is_regression)
        self.y = self.labels.y
        check_consistent_length(X, self.y)
        points = Coordinates(self.X)(self.X)
        distance = np.linalg.norm(points - points.mean(axis=0), axis=1)
        self.farthest = int(np.argmax(distance))

    def lay(self, record, others):
        """Return a data set, the record first, in the container that X came in."""
        rows, labels = others
        if record is not None:
            rows = stack_tables([record.row, rows])
            if labels is not None:
                labels = np.array([record.label, *labels.tolist()], dtype=labels.dtype)
        if not self.is_frame:
            rows = rows.to_numpy(dtype=float if self.is_numeric else object)
        if self.y is None:
            return (rows,)
        if self.y_is_series:
            labels = pd.Series(labels, name=self.y_name)
        return rows, labels

    def own(self, i):
        """Record of the table."""
        return Record(self.X.iloc[[i]], None if self.y is None else self.y[i])

    def without(self, i):
        """All other records of the table."""
        keep = np.arange(len(self.X)) != i
        return self.X[keep], None if self.y is None else self.y[keep]

    def gathered(self, row, n=None, spread=0.0):
        """Others at one place, with labels as in the table."""
        n = len(self.X) - 1 if n is None else n
        rows = stack_tables([row] * n)
        if spread:
            rows = self.corners.jittered(rows, spread, self.rng)
        return rows, self.labels.cycle(n)

    # ------------------------------------------------------------------ kinds

    def corner(self):
        i = self.rng.randint(len(self.X))
        label, others = self.own(i).label, self.without(i)
        for detail, one, other in self.corners.opposites(MOST_COLUMNS, self.rng):
            yield detail, Record(one, label), Record(other, label), others

    def replace(self):
        n = len(self.X)
        for detail, i in (
            ("a record", self.rng.randint(n)),
            ("farthest", self.farthest),
        ):
            j = (i + 1 + self.rng.randint(n - 1)) % n
            becomes = f"{detail} becomes another, of its own class"
            record, other = self.own(i), self.own(j)
            others = self.without(i)
            if self.y is None:
                yield f"{detail} becomes another", record, other, others
                continue
            yield becomes, record, Record(other.row, record.label), others
            different = np.flatnonzero(self.y != self.y[i])
            if len(different):
                j = self.rng.choice(different)
                yield (
                    f"{detail} becomes one of another label",
                    record,
                    self.own(j),
                    others,
                )

    def flip(self):
        if not self.labels.can_differ:
            return
        low, high = self.corners.all_low, self.corners.all_high
        own = self.own(self.farthest)
        others = self.without(self.farthest)
        a, b = self.labels.ends(own.label)
        for detail, row in (
            ("of the farthest record", own.row),
            ("of a record with all low", low),
            ("of a record with all high", high),
            ("of a record in the middle", self.corners.middle),
        ):
            yield f"label {detail}", Record(row, b), Record(row, a), others
        yield "all low to all high and label", Record(high, b), Record(low, a), others

    def rare_class(self):
        if not self.labels.can_differ or self.labels.is_regression:
            return
        rare, common = self.labels.rare_and_common()
        X, y = self.without(self.farthest)
        y = np.where(y == rare, common, y).astype(self.y.dtype)
        for detail, row in (
            ("the farthest record", self.own(self.farthest).row),
            ("a record with all high", self.corners.all_high),
        ):
            yield (
                f"{detail} is the only one of class {rare!r}",
                Record(row, rare),
                Record(row, common),
                (X, y),
            )

    def empty_cluster(self):
        low, high = self.corners.all_low, self.corners.all_high
        for name, home, far_name, far in (
            ("low", low, "high", high),
            ("high", high, "low", low),
            ("in the middle", self.corners.middle, "high", high),
        ):
            others = self.gathered(home, spread=CLOSE)
            label = None if self.y is None else others[1][0]
            detail = f"others close together {name}, one {far_name}"
            yield detail, Record(far, label), Record(home, label), others

    def duplicates(self):
        low, high = self.corners.all_low, self.corners.all_high
        for name, home in (
            ("in the middle", self.corners.middle),
            ("as a record of the table", self.own(self.rng.randint(len(self.X))).row),
        ):
            others = self.gathered(home)
            label = None if self.y is None else others[1][0]
            detail = f"others equal, {name}, one low or high"
            yield detail, Record(high, label), Record(low, label), others

    def extreme(self):
        low, high = self.corners.all_low, self.corners.all_high
        for detail, home, far in (
            ("others low, one high", low, high),
            ("others high, one low", high, low),
        ):
            others = self.gathered(home)
            label = None if self.y is None else others[1][0]
            yield detail, Record(far, label), Record(home, label), others

    def tiny(self):
        low, high = self.corners.all_low, self.corners.all_high
        for n in (2, 3):
            for name, home in (("high", high), ("in the middle", self.corners.middle)):
                others = self.gathered(home, n=n - 1)
                a, b = self.labels.ends(None if self.y is None else others[1][0])
                detail = f"{n} records, others {name}, one"
                yield f"{detail} low or high", Record(high, b), Record(low, b), others
                if self.labels.can_differ:
                    yield (
                        f"{detail} high with another label",
                        Record(high, b),
                        Record(high, a),
                        others,
                    )

    def missing(self):
        i = self.rng.randint(len(self.X))
        own, others = self.own(i), self.without(i)
        for detail, row, like in self.corners.holes(own.row):
            # A column that can't hold a hole is made one that can, in both worlds.
            types = like.dtypes.to_dict()
            rest = others[0].astype(types), others[1]
            yield detail, Record(row, own.label), Record(like, own.label), rest

    def remove(self):
        n = len(self.X)
        for detail, i in (
            ("the first record goes", 0),
            ("a record goes", self.rng.randint(n)),
            ("the farthest record goes", self.farthest),
        ):
            yield detail, self.own(i), None, self.without(i)
