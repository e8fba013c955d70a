"""How the values of a column become the numbers that a model compares."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from skprivacy.property._opened import positions

__all__ = ["Encoded", "as_number", "encoded_by", "same_value"]


def as_number(value) -> float:
    """Return a number as it is, and NaN for anything else.

    Examples
    --------
    >>> as_number(1), as_number("f")
    (1.0, nan)
    """
    if isinstance(value, int | float | np.number | np.bool_):
        return float(value)
    return np.nan


@dataclass(frozen=True)
class Encoded:
    """A column of numbers, and what it says of a column of the records.

    Parameters
    ----------
    source : int or None
        Position of the records' column; None where several went in, or one that is
        not followed any further.

    code : callable
        From a value of the records' column to the number in this one; NaN where it has
        none.

    known : tuple or None
        All values of the records' column, where an encoder lists them.
    """

    source: int | None
    code: Callable[[Any], float] = as_number
    known: tuple | None = None


def encoded_by(step, columns: list[Encoded]) -> list[Encoded]:
    """Follow columns through a fitted transformer.

    Parameters
    ----------
    step : fitted transformer, None or "passthrough"
        Scalers, encoders, imputers and selectors are followed, and pipelines and column
        transformers of them.

    columns : list of Encoded
        What goes in.

    Returns
    -------
    columns : list of Encoded
        What comes out; without source behind any other transformer.

    Examples
    --------
    >>> from sklearn.preprocessing import OneHotEncoder
    >>> encoder = OneHotEncoder().fit([["f"], ["m"]])
    >>> [column.code("m") for column in encoded_by(encoder, [Encoded(0)])]
    [0.0, 1.0]
    """
    if step is None or isinstance(step, str):
        return columns
    for kind, rule in _RULES.items():
        if type(step) is kind:
            return rule(step, columns)
    if isinstance(step, SelectorMixin):
        return [columns[j] for j in step.get_support(indices=True)]
    return _unknown(step, len(columns))


def same_value(one, other) -> bool:
    """Say whether two values of a column are the same; missing ones are.

    Examples
    --------
    >>> same_value(None, float("nan")), same_value("f", "m"), same_value(1, 1.0)
    (True, False, True)
    """
    if pd.isna(one) or pd.isna(other):
        return bool(pd.isna(one) and pd.isna(other))
    return bool(one == other)


def _unknown(step, n_columns):
    for name in ("_n_features_out", "n_components_", "n_features_out_"):
        if hasattr(step, name):
            return [Encoded(None)] * int(getattr(step, name))
    try:
        return [Encoded(None)] * len(step.get_feature_names_out())
    except Exception:  # a transformer of one's own may not name its columns
        return [Encoded(None)] * n_columns


def _scaled(columns, scales, shifts):
    """Follow columns through ``number * scale + shift``."""
    scales = np.broadcast_to(scales, len(columns))
    shifts = np.broadcast_to(shifts, len(columns))
    return [
        replace(column, code=_affine(column.code, scale, shift))
        for column, scale, shift in zip(columns, scales, shifts, strict=True)
    ]


def _affine(code, scale, shift):
    return lambda value: float(code(value) * scale + shift)


def _standard(step, columns):
    scale = 1.0 if step.scale_ is None else 1 / step.scale_
    mean = step.mean_ if step.with_mean else 0.0
    return _scaled(columns, scale, -mean * scale)


def _robust(step, columns):
    scale = 1.0 if step.scale_ is None else 1 / step.scale_
    return _scaled(
        columns, scale, 0.0 if step.center_ is None else -step.center_ * scale
    )


def _one_hot(step, columns):
    made = []
    for j, (column, known) in enumerate(zip(columns, step.categories_, strict=True)):
        groups = _groups(step, j)
        for group in groups:
            made.append(
                replace(column, code=_indicator(known[group]), known=tuple(known))
            )
    return made if len(made) == len(_names_out(step)) else _unknown(step, len(columns))


def _groups(step, j):
    """Categories that share an output column, one list for each column."""
    known = step.categories_[j]
    infrequent = (getattr(step, "_infrequent_indices", None) or [None] * (j + 1))[j]
    rare = [] if infrequent is None else list(infrequent)
    groups = [[k] for k in range(len(known)) if k not in rare]
    groups += [rare] if rare else []
    dropped = None if step.drop_idx_ is None else step.drop_idx_[j]
    if dropped is not None:
        # Where some are rare, the dropped one is named by its place among all.
        groups = [group for group in groups if int(dropped) not in group]
    return groups


def _names_out(step):
    return step.get_feature_names_out()


def _indicator(values):
    return lambda value: float(any(same_value(value, one) for one in values))


def _ordinal(step, columns):
    return [
        replace(column, code=_place_in(known, range(len(known))), known=tuple(known))
        for column, known in zip(columns, step.categories_, strict=True)
    ]


def _place_in(known, numbers):
    table = list(zip(known, numbers, strict=True))

    def code(value):
        for one, number in table:
            if same_value(value, one):
                return float(number)
        return np.nan

    return code


def _target_encoded(step, columns):
    n_classes = len(step.encodings_) // len(columns)
    made = []
    for i, means in enumerate(step.encodings_):
        j = i // n_classes
        known = step.categories_[j]
        made.append(
            replace(columns[j], code=_place_in(known, means), known=tuple(known))
        )
    return made


def _imputed(step, columns):
    made = []
    for column, value in zip(columns, step.statistics_, strict=True):
        if pd.isna(value) and not step.keep_empty_features:
            continue
        made.append(column)
    if step.indicator_ is not None:
        made += [
            replace(columns[j], code=_indicator([np.nan]), known=None)
            for j in step.indicator_.features_
        ]
    return made


def _function(step, columns):
    return columns if step.func is None else [Encoded(None)] * len(columns)


def _pipeline(step, columns):
    for _, part in step.steps:
        columns = encoded_by(part, columns)
    return columns


def _column_transformer(step, columns):
    out = {}
    for name, part, key in step.transformers_:
        if isinstance(part, str) and part == "drop":
            continue
        taken = [columns[j] for j in positions(step, key, len(columns))]
        out[name] = encoded_by(part, taken) if taken else []
    made: list[Encoded] = []
    for name, where in sorted(
        step.output_indices_.items(), key=lambda item: item[1].start or 0
    ):
        width = where.stop - (where.start or 0)
        part = out.get(name, [])
        made += part if len(part) == width else [Encoded(None)] * width
    return made


_RULES = {
    StandardScaler: _standard,
    MinMaxScaler: lambda step, columns: _scaled(columns, step.scale_, step.min_),
    MaxAbsScaler: lambda step, columns: _scaled(columns, 1 / step.scale_, 0.0),
    RobustScaler: _robust,
    SimpleImputer: _imputed,
    OneHotEncoder: _one_hot,
    OrdinalEncoder: _ordinal,
    TargetEncoder: _target_encoded,
    FunctionTransformer: _function,
    Pipeline: _pipeline,
    ColumnTransformer: _column_transformer,
}
