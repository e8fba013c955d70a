"""Histogram gradient boosting without the columns that can never split a node.

A tree of gradient boosting puts ``min_samples_leaf`` records on each side of a split.
Where all but fewer records of a training set have one value, no split by that column is
allowed, in no node of no tree. One column for each category makes many of these. They
are left out, and the trees are the same, bit for bit.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.base import clone, is_classifier
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing

from skprivacy.shadow._order import similar_together
from skprivacy.shadow._train import ask, run_shadow, with_random_states
from skprivacy.shadow.engines._engine import Engine

__all__ = ["HIST_GRADIENT_BOOSTING", "splitting_columns"]

#: Share of columns that must go before it is worth to look for them.
WORTH_IT = 0.2


def splitting_columns(X, min_samples_leaf):
    """Find the columns by which a tree can split the records.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_columns)
        Training set of one model.

    min_samples_leaf : int
        Records that each side of a split has at least.

    Returns
    -------
    columns : ndarray of int
        In their order. The first column is always among them: the model sums the
        gradients of all records by its bins, and another order of summing rounds
        otherwise. So are columns of categories.

    Examples
    --------
    Three of four records have the same value in the second column.

    >>> X = np.array([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0], [3.0, 6.0]])
    >>> splitting_columns(X, 2), splitting_columns(X, 1)
    (array([0]), array([0, 1]))
    """
    if not isinstance(X, pd.DataFrame):
        keep = _can_split(np.asarray(X, dtype=float), min_samples_leaf)
        keep[:1] = True
        return np.flatnonzero(keep)
    is_number = _are_numbers(X)
    keep = np.ones(X.shape[1], dtype=bool)
    keep[is_number] = _can_split(
        X.loc[:, is_number].to_numpy(dtype=float), min_samples_leaf
    )
    if is_number.all():  # otherwise a column of categories comes first in the model
        keep[:1] = True
    return np.flatnonzero(keep)


def _can_split(values, min_samples_leaf):
    n = len(values)
    if n < 2 * min_samples_leaf:
        return np.ones(values.shape[1], dtype=bool)
    # A value that more than half of the records have is the one in the middle.
    middle = np.partition(values, n // 2, axis=0)[n // 2]
    common = np.where(
        np.isnan(middle), np.isnan(values).sum(axis=0), (values == middle).sum(axis=0)
    )
    return n - common >= min_samples_leaf


def _are_numbers(table):
    return np.array([np.issubdtype(kind, np.number) for kind in _kinds(table)])


def _kinds(table):
    # Types of pandas' own stand for no number here: they may hold pandas.NA.
    known = (kind if isinstance(kind, np.dtype) else object for kind in table.dtypes)
    return [np.dtype(kind) for kind in known]


def _parted(recipe):
    """Return the steps before the last one, or None, and the last one."""
    if type(recipe) is Pipeline:
        return (recipe[:-1] if len(recipe) > 1 else None), recipe.steps[-1][1]
    return None, recipe


def _handles(task):
    recipe = task.recipe
    if task.keep_model or task.fit_params or not _is_plain_pipeline(recipe):
        return False
    model = _parted(recipe)[1]
    kinds = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)
    if type(model) not in kinds or not _is_plain(model):
        return False
    try:
        model._validate_params()
        X = _own_features(task, *_parted(_seeded(task)))[0]
    except Exception:  # training it the ordinary way says what is wrong
        return False
    if not _is_known_table(X):
        return False
    n_kept = len(splitting_columns(X, model.min_samples_leaf))
    return n_kept <= (1 - WORTH_IT) * X.shape[1]


def _is_plain_pipeline(recipe):
    if type(recipe) is not Pipeline:
        return True
    return recipe.memory is None and getattr(recipe, "transform_input", None) is None


def _is_plain(model):
    """Whether nothing names columns, draws among them or looks at them."""
    return (
        model.max_features == 1.0
        and model.monotonic_cst is None
        and model.interaction_cst is None
        and (
            model.categorical_features is None
            or isinstance(model.categorical_features, str)
        )
        and not model.warm_start
        and (model.scoring is None or isinstance(model.scoring, str))
    )


def _is_known_table(X):
    if isinstance(X, pd.DataFrame):
        own = [isinstance(kind, pd.CategoricalDtype) for kind in X.dtypes]
        return bool((_are_numbers(X) | own).all())
    return isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype.kind in "biuf"


def _seeded(task):
    return with_random_states(clone(task.recipe), task.seed)


def _own_features(task, steps, model):
    """Features of a training set and its labels, as the last step sees them."""
    X, y = _safe_indexing(task.X, task.rows), task.y[task.rows]
    return (X if steps is None else steps.fit_transform(X, y)), y


def _run(tasks):
    first = tasks[0]
    order = None
    if first.X_asked is first.X:
        codes = first.y
        if is_classifier(_parted(first.recipe)[1]):
            codes = np.unique(first.y, return_inverse=True)[1]
        order = similar_together(first.X, codes)
    for task in tasks:
        try:
            result = _result(task, order)
        except Exception:  # training it the ordinary way says what is wrong
            result = run_shadow(task)
        yield result


def _result(task, order):
    steps, model = _parted(_seeded(task))
    X, y = _own_features(task, steps, model)
    columns = splitting_columns(X, model.min_samples_leaf)
    model.fit(_safe_indexing(X, columns, axis=1), y)
    asked = task.X_asked if steps is None else steps.transform(task.X_asked)
    asked = _safe_indexing(asked, columns, axis=1)
    return ask(replace(task, X_asked=asked, order=order), model)


HIST_GRADIENT_BOOSTING = Engine("hist_gradient_boosting", _handles, _run)
