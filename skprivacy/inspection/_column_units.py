"""From the columns that trees compare back to the columns of the user's table."""

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
)

__all__ = ["Column", "columns_after", "input_columns"]


@dataclass(frozen=True)
class Column:
    """A column that trees compare, and how its numbers become the user's.

    Parameters
    ----------
    name : str
        Column of the user's table; "town=York" for one of one-hot columns.

    scale, offset : float
        The user's number is ``number * scale + offset``; `scale` is positive.

    source : int or None
        Position in the user's table; None where several columns went in.

    kind : {"number", "flag", "code", "opaque"}
        "flag": 0 or 1, made by an encoder. "code": position in an encoder's list.
        "opaque": numbers of a transformer that is not understood.

    low, high : float
        Range in the user's units that the transformer itself sets.

    imputed : float
        What stands for missing values, in the user's units; NaN for none.
    """

    name: str
    scale: float = 1.0
    offset: float = 0.0
    source: int | None = None
    kind: str = "number"
    low: float = -np.inf
    high: float = np.inf
    imputed: float = np.nan

    def to_user(self, numbers):
        """Give numbers of the column in the user's units."""
        return np.asarray(numbers) * self.scale + self.offset


def input_columns(ensemble, feature_names=None):
    """Columns of the table that a model takes.

    Parameters
    ----------
    ensemble : TreeEnsemble
        The trees of the model.

    feature_names : sequence of str or None, default=None
        Names of the features; None: the model's own, or x0, x1, ...

    Returns
    -------
    columns : list of Column
    """
    outer = ensemble.outer
    names = getattr(outer, "feature_names_in_", None)
    n_features = getattr(outer, "n_features_in_", None)
    if n_features is None and names is not None:
        n_features = len(names)
    if feature_names is not None:
        if isinstance(feature_names, str) or not np.iterable(feature_names):
            raise TypeError(
                f"feature_names must be a list of names; got {feature_names!r}."
            )
        names = list(feature_names)
        if n_features is not None and len(names) != n_features:
            raise ValueError(
                f"feature_names must name the {n_features} features of the model; got "
                f"{len(names)} names."
            )
    if names is None:
        names = [f"x{j}" for j in range(n_features)]
    return [Column(str(name), source=j) for j, name in enumerate(names)]


def columns_after(step, columns: list[Column]) -> list[Column]:
    """Columns that a fitted transformer makes of others.

    Parameters
    ----------
    step : fitted transformer
        Monotone transformers of single columns, encoders, selectors, and pipelines and
        column transformers of them are understood.

    columns : list of Column
        What goes in.

    Returns
    -------
    columns : list of Column
        What comes out; of kind "opaque" behind any other transformer.

    Examples
    --------
    >>> from sklearn.preprocessing import MinMaxScaler
    >>> scaler = MinMaxScaler().fit([[20], [60]])
    >>> float(columns_after(scaler, [Column("age")])[0].to_user(0.5))
    40.0
    """
    if isinstance(step, str) or step is None:
        return columns  # passthrough
    for kind, rule in _RULES.items():
        if type(step) is kind:
            found = rule(step, columns)
            return _opaque(step, columns) if found is None else found
    if isinstance(step, SelectorMixin):
        return [columns[j] for j in step.get_support(indices=True)]
    return _opaque(step, columns)


def _rescaled(column, scale, shift):
    """Undo one more step: what was, is number * scale + shift."""
    if column.kind == "opaque":
        return column
    return replace(
        column,
        scale=float(column.scale * scale),
        offset=float(column.offset + column.scale * shift),
    )


def _each(columns, scales, shifts):
    n = len(columns)
    scales = np.ones(n) if scales is None else np.broadcast_to(scales, n)
    shifts = np.zeros(n) if shifts is None else np.broadcast_to(shifts, n)
    return [_rescaled(*given) for given in zip(columns, scales, shifts, strict=True)]


def _standard(step, columns):
    return _each(columns, step.scale_, step.mean_ if step.with_mean else None)


def _min_max(step, columns):
    return _each(columns, 1 / step.scale_, -step.min_ / step.scale_)


def _max_abs(step, columns):
    return _each(columns, step.scale_, None)


def _robust(step, columns):
    return _each(columns, step.scale_, step.center_)


def _imputed(step, columns):
    made = []
    for column, value in zip(columns, step.statistics_, strict=True):
        if not isinstance(value, str) and pd.isna(value):
            if not getattr(step, "keep_empty_features", False):
                continue  # an empty column is left out
            value = 0.0
        known = isinstance(value, (int, float, np.number)) and column.kind != "opaque"
        made.append(
            replace(column, imputed=float(column.to_user(value))) if known else column
        )
    if step.indicator_ is not None:
        made += [
            Column(f"{columns[j].name} is missing", kind="flag", low=0.0, high=1.0)
            for j in step.indicator_.features_
        ]
    return made


def _one_hot(step, columns):
    names = [column.name for column in columns]
    plain = step.drop_idx_ is None and not getattr(step, "_infrequent_enabled", False)
    if plain:
        made = [
            f"{name}={category}"
            for name, known in zip(names, step.categories_, strict=True)
            for category in known
        ]
    else:
        own = getattr(step, "feature_names_in_", None)
        made = list(step.get_feature_names_out(names if own is None else None))
    return [Column(name, kind="flag", low=0.0, high=1.0) for name in made]


def _ordinal(step, columns):
    made = []
    for column, known in zip(columns, step.categories_, strict=True):
        low = 0.0
        for other in (step.encoded_missing_value, step.unknown_value):
            if isinstance(other, (int, float)) and not np.isnan(other):
                low = min(low, float(other))
        made.append(
            Column(
                column.name,
                source=column.source,
                kind="code",
                low=low,
                high=max(len(known) - 1.0, low),
            )
        )
    return made


def _function(step, columns):
    return columns if step.func is None else None


def _pipeline(step, columns):
    for _, part in step.steps:
        columns = columns_after(part, columns)
    return columns


def _column_transformer(step, columns):
    names = getattr(step, "feature_names_in_", range(len(columns)))
    places = pd.DataFrame([np.arange(len(columns))], columns=list(names))
    made = {}
    for name, part, key in step.transformers_:
        if not isinstance(part, str) or part != "drop":
            taken = [columns[j] for j in _taken(places, key)]
            made[name] = columns_after(part, taken) if taken else []
    out: list[Any] = []
    for name, where in sorted(
        step.output_indices_.items(), key=lambda item: item[1].start or 0
    ):
        if where.stop - (where.start or 0) != len(made.get(name, ())):
            if name in made or where.stop != (where.start or 0):
                return None
        out += made.get(name, [])
    return out


def _taken(places, key):
    def is_text(item):
        return isinstance(item, str)

    if is_text(key):
        key = [key]
    if isinstance(key, slice):
        by_name = is_text(key.start) or is_text(key.stop)
    elif np.isscalar(key):
        key, by_name = [key], False
    else:
        key = list(key)
        by_name = bool(key) and is_text(key[0])
    chosen = places.loc[:, key] if by_name else places.iloc[:, key]
    return chosen.iloc[0].tolist()


def _opaque(step, columns):
    kind = type(step).__name__
    try:
        own = getattr(step, "feature_names_in_", None)
        names = [column.name for column in columns] if own is None else None
        made = [str(name) for name in step.get_feature_names_out(names)]
    except Exception:  # a transformer of one's own may not name its columns
        return [Column("*", kind="opaque")]
    return [Column(f"{name} ({kind})", kind="opaque") for name in made]


_RULES = {
    StandardScaler: _standard,
    MinMaxScaler: _min_max,
    MaxAbsScaler: _max_abs,
    RobustScaler: _robust,
    SimpleImputer: _imputed,
    OneHotEncoder: _one_hot,
    OrdinalEncoder: _ordinal,
    FunctionTransformer: _function,
    Pipeline: _pipeline,
    ColumnTransformer: _column_transformer,
}
