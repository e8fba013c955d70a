"""Read the columns that a pipeline makes of a table, for many training sets at once.

Steps that treat each column by itself (scaling, filling gaps, one column for each
category) differ between models in a few numbers for each column. These are computed
from the records of each model, as ``fit`` would.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.utils import _safe_indexing

from skprivacy.shadow.engines._design import SharedDesign

__all__ = ["NotColumnwise", "read_columns", "shared_designs"]

#: Values of all columns that are held at a time; the generic engine needs less memory.
MOST_VALUES = 5 * 10**7


class NotColumnwise(Exception):
    """A step does more than to scale, fill or encode columns one by one."""


@dataclass
class Columns:
    """Columns of records and of those that are asked, and what models do to them.

    Parameters
    ----------
    values, asked : ndarray of shape (n_records, n_columns)
        NaN where a value is missing.

    fill, center, scale : ndarray of shape (n_models, n_columns)
        What a model puts for a missing value (NaN if it can't), and what it takes off
        and divides by afterwards.
    """

    values: np.ndarray
    asked: np.ndarray
    fill: np.ndarray
    center: np.ndarray
    scale: np.ndarray


def read_columns(steps, X, X_asked, membership) -> Columns:
    """Apply steps to a table, by the records of each model.

    Parameters
    ----------
    steps : list of transformers
        Unfitted, in their order.

    X, X_asked : table of shape (n_records, n_features) and (n_asked, n_features)
        Records to train on, and to ask about.

    membership : ndarray of bool of shape (n_models, n_records)
        Which record is in which training set.

    Returns
    -------
    columns : Columns

    Raises
    ------
    NotColumnwise
        If the steps, or the records, are not of the kind that is known here.
    """
    columns = None
    for step in steps:
        if type(step) is ColumnTransformer and columns is None:
            columns = _column_transformer(step, X, X_asked, membership)
        elif type(step) is OneHotEncoder and columns is None:
            columns = _one_hot(step, X, X_asked, len(membership))
        elif step is None or step == "passthrough" or _does_nothing(step):
            continue
        else:
            if columns is None:
                columns = _numbers(X, X_asked, len(membership))
            if type(step) is SimpleImputer:
                columns = _filled(step, columns, membership)
            elif type(step) is StandardScaler:
                columns = _scaled(step, columns, membership)
            else:
                raise NotColumnwise
    columns = _numbers(X, X_asked, len(membership)) if columns is None else columns
    missing = _missing(columns)
    if np.isnan(columns.fill[:, missing]).any():
        raise NotColumnwise
    return columns


def shared_designs(columns, intercept):
    """Make the designs of the records and of those that are asked.

    Columns are standardized by all records, so that solvers meet numbers near 1.

    Parameters
    ----------
    columns : Columns

    intercept : bool
        Whether models have one.

    Returns
    -------
    design, asked : SharedDesign

    offset, unit : ndarray of shape (n_columns,)
        What was taken off the columns, and what they were divided by.
    """
    gaps = np.flatnonzero(_missing(columns))
    offset, unit = _moments_of_all(columns.values)
    offset = offset if intercept else np.zeros_like(offset)
    fill = (columns.fill[:, gaps] - offset[gaps]) / unit[gaps]
    scale = columns.scale / unit

    def design(values):
        missing = np.isnan(values[:, gaps]).astype(float)
        base = (values - offset) / unit
        np.nan_to_num(base, copy=False)
        return SharedDesign(base, missing, gaps, fill, scale, intercept)

    own = design(columns.values)
    same = columns.asked is columns.values
    return own, own if same else design(columns.asked), offset, unit


def _missing(columns):
    if columns.asked is columns.values:
        return np.isnan(columns.values).any(axis=0)
    return np.isnan(columns.values).any(axis=0) | np.isnan(columns.asked).any(axis=0)


def _moments_of_all(values):
    present = ~np.isnan(values)
    if present.all():
        unit = values.std(axis=0)
        return values.mean(axis=0), np.where(unit > 0, unit, 1.0)
    n = np.maximum(present.sum(axis=0), 1)
    center = np.where(present, values, 0.0).sum(axis=0) / n
    apart = np.where(present, values - center, 0.0)
    unit = np.sqrt((apart**2).sum(axis=0) / n)
    return center, np.where(unit > 0, unit, 1.0)


def _does_nothing(step):
    return type(step) is FunctionTransformer and step.func is None


def _numbers(X, X_asked, n_models):
    values = _floats(X)
    return _plain(values, values if X_asked is X else _floats(X_asked), n_models)


def _floats(X):
    kinds = X.dtypes if isinstance(X, pd.DataFrame) else [np.asarray(X).dtype]
    # scikit-learn computes with the precision that it is given.
    if any(kind in (np.float32, np.float16) for kind in kinds):
        raise NotColumnwise
    try:
        values = np.asarray(X, dtype=float)
    except (TypeError, ValueError) as error:
        raise NotColumnwise from error
    if values.ndim != 2 or np.isinf(values).any():
        raise NotColumnwise
    return values


def _plain(values, asked, n_models):
    if values.size + asked.size > MOST_VALUES:
        raise NotColumnwise
    shape = n_models, values.shape[1]
    return Columns(
        values, asked, np.full(shape, np.nan), np.zeros(shape), np.ones(shape)
    )


def _one_hot(step, X, X_asked, n_models):
    """One column for each category of all records.

    A model that never met one has no such column. Here it has one of zeros, and a
    penalized coefficient of 0 for it.
    """
    plain = OneHotEncoder(handle_unknown="ignore", sparse_output=step.sparse_output)
    if str(step.get_params()) != str(plain.get_params()):
        raise NotColumnwise
    try:
        encoder = clone(step).fit(X)
        values = encoder.transform(X)
        asked = values if X_asked is X else encoder.transform(X_asked)
    except (TypeError, ValueError) as error:
        raise NotColumnwise from error
    if values.shape[1] * (len(X) + len(X_asked)) > MOST_VALUES:
        raise NotColumnwise
    same = asked is values
    values = _dense(values)
    return _plain(values, values if same else _dense(asked), n_models)


def _dense(values):
    return np.asarray(values.toarray() if issparse(values) else values, dtype=float)


def _column_transformer(step, X, X_asked, membership):
    if step.transformer_weights is not None:
        raise NotColumnwise
    fitted = clone(step).set_params(n_jobs=None, verbose=False)
    try:
        # Resolves which columns are meant; what it learns is not used.
        fitted.fit(X)
    except (TypeError, ValueError) as error:
        raise NotColumnwise from error
    parts = []
    for _, transformer, chosen in fitted.transformers_:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        part = _safe_indexing(X, chosen, axis=1)
        asked = part if X_asked is X else _safe_indexing(X_asked, chosen, axis=1)
        if np.ndim(part) != 2:
            raise NotColumnwise
        if not part.shape[1]:
            continue
        parts.append(read_columns(_steps_of(transformer), part, asked, membership))
    if not parts:
        raise NotColumnwise
    whole = {
        name: np.hstack([getattr(part, name) for part in parts])
        for name in ("values", "fill", "center", "scale")
    }
    asked = whole["values"]
    if X_asked is not X:
        asked = np.hstack([part.asked for part in parts])
    return Columns(asked=asked, **whole)


def _steps_of(transformer):
    if type(transformer) is not Pipeline:
        return [transformer]
    return [step for _, step in transformer.steps]


def _filled(step, columns, membership):
    known = ("mean", "median", "constant")
    if (
        step.strategy not in known
        or not pd.isna(step.missing_values)
        or step.add_indicator
    ):
        raise NotColumnwise
    if columns.center.any() or (columns.scale != 1).any():
        raise NotColumnwise  # scaled before it is filled
    fill = np.zeros_like(columns.fill)
    if step.strategy == "constant":
        value = 0.0 if step.fill_value is None else step.fill_value
        if not isinstance(value, int | float):
            raise NotColumnwise
        fill += value
    present = ~np.isnan(columns.values)
    if (membership.astype(float) @ present == 0).any():
        raise NotColumnwise  # a column that some model drops
    for j in np.flatnonzero(_missing(columns)):
        if step.strategy == "constant":
            break
        average = np.nanmean if step.strategy == "mean" else np.nanmedian
        fill[:, j] = [average(columns.values[own, j]) for own in membership]
    return replace(columns, fill=fill)


def _scaled(step, columns, membership):
    mean, variance = _moments(columns, membership)
    n = membership.sum(axis=1)[:, None]
    rounding = np.finfo(float).eps
    constant = variance <= n * rounding * variance + (n * mean * rounding) ** 2
    spread = np.where(constant, columns.scale, np.sqrt(variance))
    return replace(
        columns,
        center=mean if step.with_mean else columns.center,
        scale=spread if step.with_std else columns.scale,
    )


def _moments(columns, membership):
    """Mean and variance of each filled column among the records of each model."""
    gap = np.isnan(columns.values)
    fill = np.where(gap.any(axis=0), columns.fill, 0.0)
    if np.isnan(fill).any():
        raise NotColumnwise
    offset, _ = _moments_of_all(columns.values)
    apart = np.where(gap, 0.0, columns.values - offset)
    drawn = membership.astype(float)
    n = drawn.sum(axis=1, keepdims=True)
    n_gaps = drawn @ gap
    shift = fill - offset
    mean = (drawn @ apart + n_gaps * shift) / n
    square = (drawn @ apart**2 + n_gaps * shift**2) / n
    variance = np.maximum(square - mean**2, 0.0)
    # Too little is left of the difference where a column hardly varies in a model.
    for k, j in zip(*np.nonzero(variance <= 1e-9 * square), strict=True):
        own = np.where(gap[:, j], fill[k, j], columns.values[:, j])[membership[k]]
        variance[k, j] = own.var()
    return mean + offset, variance
