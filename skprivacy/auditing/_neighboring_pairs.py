"""Pairs of neighboring data sets to compare a fit on."""

from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from sklearn.base import is_regressor

from skprivacy.records import take_rows

__all__ = ["KINDS", "Pair", "Public", "neighboring_pairs", "public_of"]

#: How data sets may be neighbors.
KINDS = ("replace", "remove", "flip")


@dataclass(frozen=True)
class Pair:
    """Two neighboring data sets.

    Attributes
    ----------
    kind : str
        "replace x", "replace x, y", "flip" or "remove".

    record : int
        The row in which they differ, of the first one.

    first, second : tuple
        What ``fit`` takes.
    """

    kind: str
    record: int
    first: tuple
    second: tuple

    @property
    def removed(self):
        """The row that is missing in the second one, or None."""
        return self.record if self.kind == "remove" else None


@dataclass(frozen=True)
class Public:
    """What an estimator is told of the data beforehand, as far as it is.

    Attributes
    ----------
    bounds, y_bounds : pair or None
        Ends of columns.

    norm : float or None
        Length of the longest record.

    classes : ndarray or None
        Labels; None where they are numbers.
    """

    bounds: tuple | None = None
    y_bounds: tuple | None = None
    norm: float | None = None
    classes: np.ndarray | None = None


def public_of(estimator, y=None) -> Public:
    """Find bounds, the norm and classes among the parameters of an estimator.

    Parameters
    ----------
    estimator : estimator
        Its parameters, those of its parts, and a dictionary ``params`` of them.

    y : ndarray or None, default=None
        Labels: classes that are not given are these.

    Returns
    -------
    public : Public

    Examples
    --------
    >>> from skprivacy.dp import DPGaussianNB
    >>> public = public_of(DPGaussianNB(bounds=(0, 1)), np.array([1, 0, 1]))
    >>> public.bounds, public.norm, public.classes
    ((0, 1), None, array([0, 1]))
    """
    given: dict[str, Any] = {}
    for name, value in estimator.get_params(deep=True).items():
        inner = value if name.split("__")[-1] == "params" else None
        for key, one in (inner or {name: value}).items():
            if one is not None:
                given.setdefault(key.split("__")[-1], one)
    bounds = given.get("bounds", given.get("bounds_X"))
    classes = None
    if y is not None and not is_regressor(estimator) and not _is_fractional(y):
        classes = np.unique(np.asarray(given.get("classes", y)))
    return Public(
        tuple(bounds) if _is_pair(bounds) else None,
        given.get("y_bounds", given.get("bounds_y")),
        given.get("data_norm"),
        classes,
    )


def _is_pair(bounds) -> TypeGuard[tuple | list]:
    return isinstance(bounds, tuple | list) and len(bounds) == 2


def _is_fractional(y):
    y = np.asarray(y)
    return y.dtype.kind == "f" and bool((np.floor(y) != y).any())


def neighboring_pairs(X, y, kind, n_pairs, public, rng):
    """Make pairs of neighboring data sets.

    Every second pair is of the data as they are. In the others a record is in one
    corner of the bounds, and in the second data set in another one, of another class.
    The first pair that a label is part of is about a class with a single record, if
    there are three.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    y : ndarray of shape (n_records,) or None
        Labels.

    kind : {"replace", "remove", "flip"}
        A record becomes another one, in turns with its label; is removed; or has its
        label alone become another one.

    n_pairs : int
        How many.

    public : Public
        Where corners are, and which labels there are.

    rng : RandomState
        Where choices come from.

    Yields
    ------
    pair : Pair
        First data sets that are the same are the same objects.
    """
    in_corner = None
    ends = _ends(X, public)
    for number in range(n_pairs):
        with_y = kind == "flip" or (kind == "replace" and number % 4 >= 2)
        with_y &= y is not None
        first = X, y
        record = int(rng.randint(len(X)))
        if number == (2 if kind == "replace" else 0):
            labels, lonely = _lonely(y, public, rng)
            if lonely is not None:
                first, record = (X, labels), lonely
        elif number % 4 == 3 and kind == "replace" and in_corner is not None:
            # Two pairs have their first data set in common: it is fitted on once.
            first, record = in_corner
        elif number % 2 and ends is not None:
            corner = _side(ends, 0) if number < 4 else _corner(ends, rng)
            first = _put(X, record, corner), _at_lower_end(y, record, public)
            in_corner = first, record
        second = first
        if kind == "remove":
            rest = np.delete(np.arange(len(X)), record)
            second = take_rows(X, rest), None if y is None else first[1][rest]
        if kind == "replace":
            # Products of columns are the same in opposite corners: not all are.
            is_opposite = ends is not None and (number < 4 or rng.randint(2))
            other = _side(ends, 1) if is_opposite else _corner(ends, rng)
            from_data = _row(X, (record + 1 + rng.randint(len(X) - 1)) % len(X))
            if ends is None or number % 2 == 0:
                other = from_data
            # Corners say nothing of columns that are no numbers.
            other = [
                d if v is None else v for v, d in zip(other, from_data, strict=True)
            ]
            second = _put(first[0], record, other), first[1]
        if with_y:
            second = second[0], _other_label(first[1], record, public, rng)
        name = "replace x, y" if kind == "replace" and with_y else kind
        name = "replace x" if name == "replace" else name
        yield Pair(name, record, _world(*first), _world(*second))


def _world(X, y):
    return (X,) if y is None else (X, y)


def _ends(X, public):
    """Lower and upper ends of columns that are numbers, or None without any."""
    numeric = _numeric(X)
    if not numeric.any():
        return None
    if public.bounds is not None:
        ends = [
            np.broadcast_to(np.asarray(e, float), X.shape[1]) for e in public.bounds
        ]
        return ends[0], ends[1], numeric
    if public.norm is not None:
        reach = np.full(X.shape[1], public.norm / np.sqrt(X.shape[1]))
        return -reach, reach, numeric
    lower, upper = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for j in np.flatnonzero(numeric):
        column = X.iloc[:, j].to_numpy() if isinstance(X, pd.DataFrame) else X[:, j]
        column = np.asarray(column, dtype=float)
        if not np.isnan(column).all():
            lower[j], upper[j] = np.nanmin(column), np.nanmax(column)
    return lower, upper, numeric


def _numeric(X):
    if isinstance(X, pd.DataFrame):
        return np.array([is_numeric_dtype(X.iloc[:, j]) for j in range(X.shape[1])])
    return np.full(X.shape[1], X.dtype.kind in "biuf")


def _row(X, record):
    return list(X.iloc[record]) if isinstance(X, pd.DataFrame) else list(X[record])


def _side(ends, side):
    """Corner where all columns are smallest, or largest."""
    numeric = ends[2]
    return [
        v if is_one else None for v, is_one in zip(ends[side], numeric, strict=True)
    ]


def _corner(ends, rng):
    """Any corner; often one of the two where all columns are alike."""
    if ends is None or rng.randint(2):
        return None if ends is None else _side(ends, rng.randint(2))
    lower, upper, numeric = ends
    sides = np.where(rng.randint(2, size=len(lower)), upper, lower)
    return _side((sides, sides, numeric), 0)


def _put(X, record, values):
    """Return the table with another record; None leaves a value as it is."""
    table = X.copy()
    for j, value in enumerate(values):
        if value is None:
            continue
        if isinstance(table, pd.DataFrame):
            column = table.columns[j]
            if is_numeric_dtype(table[column]) and float(value) % 1 != 0:
                table[column] = table[column].astype(float)
            table.iloc[record, j] = _as_type(value, table.dtypes.iloc[j])
        else:
            if table.dtype.kind in "biu" and float(value) % 1 != 0:
                table = table.astype(float)
            table[record, j] = value
    return table


def _as_type(value, dtype):
    is_whole = isinstance(dtype, np.dtype) and dtype.kind in "iu"
    return dtype.type(value) if is_whole else value


def _ends_of_y(y, public):
    ends = public.y_bounds or (np.min(y), np.max(y))
    return [float(np.ravel(end)[0]) for end in ends]


def _at_lower_end(y, record, public):
    """Let the label be at the lower end of its range, if labels are numbers."""
    if y is None or public.classes is not None:
        return y
    numbers = np.array(y, dtype=float)
    numbers[record] = _ends_of_y(y, public)[0]
    return numbers


def _other_label(y, record, public, rng):
    if public.classes is None:
        lower, upper = _ends_of_y(y, public)
        numbers = np.array(y, dtype=float)
        is_low = numbers[record] - lower < upper - numbers[record]
        numbers[record] = upper if is_low else lower
        return numbers
    labels = y.copy()
    others = public.classes[public.classes != y[record]]
    if len(others):
        # Texts of a fixed length would cut off a longer one.
        labels = labels.astype(np.result_type(labels, others))
        labels[record] = others[rng.randint(len(others))]
    return labels


def _lonely(y, public, rng):
    """Labels of which the rarest class has a single record, and which that is."""
    if public.classes is None or y is None:
        return y, None
    present, counts = np.unique(y, return_counts=True)
    if len(present) < 3:
        return y, None
    order = np.argsort(counts, kind="stable")
    members = np.flatnonzero(y == present[order[0]])
    labels = y.copy()
    labels[members[1:]] = present[order[-1]]
    return labels, int(members[0])
