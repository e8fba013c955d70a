"""The parts of a fitted model, each with the columns that it takes."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils.validation import check_is_fitted

__all__ = ["Part", "input_names", "names_after", "open_model", "positions"]

_NAMED = (VotingClassifier, VotingRegressor, StackingClassifier, StackingRegressor)
#: Members of these see the same columns, and are one for each class or output.
_ONE_EACH = (OneVsRestClassifier, MultiOutputClassifier, MultiOutputRegressor)


class Part(NamedTuple):
    """A fitted object inside a model.

    Parameters
    ----------
    path : str
        Names of steps and members on the way; the same for members that training
        might as well have built in another order.

    fitted : estimator
        The object.

    columns : list
        What is known of each column that it takes.

    is_model : bool
        Whether it answers, and is no step before what answers.
    """

    path: str
    fitted: Any
    columns: list
    is_model: bool


def open_model(model, columns, follow: Callable, path="") -> Iterator[Part]:
    """Take a fitted model apart.

    Parameters
    ----------
    model : fitted estimator
        Pipelines, column transformers, searches, frozen, calibrated and sanitized
        models, and mixtures of models are opened; all else is one part.

    columns : list
        What is known of the columns that it takes.

    follow : callable
        From a fitted transformer and its columns to the columns that it makes.

    path : str, default=""
        Where the model stands.

    Yields
    ------
    part : Part
        Steps before models.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> model = make_pipeline(StandardScaler(), Ridge()).fit([[0], [2]], [0, 1])
    >>> parts = open_model(model, ["age"], names_after)
    >>> [(part.path, part.columns) for part in parts]
    [('standardscaler', ['age']), ('ridge', ['age'])]
    """
    if isinstance(model, Pipeline):
        for name, step in model.steps[:-1]:
            yield from _steps(step, columns, follow, _join(path, name))
            columns = follow(step, columns)
        name, last = model.steps[-1]
        yield from open_model(last, columns, follow, _join(path, name))
        return
    for name, inner, seen in _members(model, columns):
        yield from open_model(inner, seen, follow, _join(path, name))
    if not _is_shell(model):
        yield Part(path, model, columns, True)


def names_after(step, names: list) -> list:
    """Name the columns that a fitted transformer makes.

    Parameters
    ----------
    step : fitted transformer, None or "passthrough"
        A step of a pipeline.

    names : list of str
        Names of the columns that it takes.

    Returns
    -------
    names : list of str
        Empty where the step can't name them.

    Examples
    --------
    >>> from sklearn.preprocessing import OneHotEncoder
    >>> names_after(OneHotEncoder().fit([["f"], ["m"]]), ["sex"])
    ['sex_f', 'sex_m']
    """
    if step is None or isinstance(step, str):
        return names
    if isinstance(step, Pipeline):
        for _, part in step.steps:
            names = names_after(part, names)
        return names
    own = getattr(step, "feature_names_in_", None)
    try:
        return [
            str(n)
            for n in step.get_feature_names_out(None if own is not None else names)
        ]
    except Exception:  # a transformer of one's own may not name its columns
        return names if getattr(step, "func", 0) is None else []


def input_names(model) -> list:
    """Names of the columns that a model takes; x0, x1, ... where it was given none.

    Parameters
    ----------
    model : fitted estimator
        The whole model.

    Returns
    -------
    names : list of str
    """
    names = _told(model, "feature_names_in_")
    if names is not None:
        return [str(name) for name in names]
    return [f"x{j}" for j in range(_told(model, "n_features_in_") or 0)]


def positions(step, key, n_columns) -> list[int]:
    """Columns that a part of a column transformer takes.

    Parameters
    ----------
    step : ColumnTransformer
        Fitted.

    key : str, int, slice, list or mask
        As the transformer holds it.

    n_columns : int
        Columns of its input.

    Returns
    -------
    positions : list of int

    Examples
    --------
    >>> positions(None, slice(1, None), 3), positions(None, [True, False, True], 3)
    ([1, 2], [0, 2])
    """
    names = list(getattr(step, "feature_names_in_", ()))
    if isinstance(key, slice):
        if isinstance(key.start, str) or isinstance(key.stop, str):
            # Of names, the last is in.
            first = 0 if key.start is None else names.index(key.start)
            last = len(names) if key.stop is None else names.index(key.stop) + 1
            key = slice(first, last, key.step)
        return list(range(*key.indices(n_columns)))
    key = [key] if np.isscalar(key) else list(key)
    if key and isinstance(key[0], str):
        return [names.index(name) for name in key]
    if key and isinstance(key[0], bool | np.bool_):
        return np.flatnonzero(key).tolist()
    return [int(j) % n_columns for j in key]


def _told(model, attribute):
    found = getattr(model, attribute, None)
    if found is None and isinstance(model, Pipeline):
        taken = [step for _, step in model.steps if step not in (None, "passthrough")]
        return _told(taken[0], attribute) if taken else None
    if found is None and hasattr(model, "estimator"):
        return _told(model.estimator, attribute)
    return found


def _join(path, name):
    return f"{path}/{name}" if path and name else path or name


def _steps(step, columns, follow, path):
    if step is None or isinstance(step, str):
        return
    if isinstance(step, FrozenEstimator):
        yield from _steps(step.estimator, columns, follow, path)
    elif isinstance(step, Pipeline):
        for name, part in step.steps:
            yield from _steps(part, columns, follow, _join(path, name))
            columns = follow(part, columns)
    elif isinstance(step, ColumnTransformer):
        for name, part, key in step.transformers_:
            seen = (
                [columns[j] for j in positions(step, key, len(columns))]
                if columns
                else []
            )
            yield from _steps(part, seen, follow, _join(path, name))
    elif isinstance(step, FeatureUnion):
        for name, part in step.transformer_list:
            yield from _steps(part, columns, follow, _join(path, name))
    else:
        yield Part(path, step, columns, False)


def _members(model, columns):
    """Name, model and columns of what a model is put together of."""
    inner = _only_one(model)
    if inner is not None:
        return [("", inner, columns)]
    if isinstance(model, CalibratedClassifierCV):
        # Each part has a fitted model; a prefit one is the same in all.
        return [("", part.estimator, columns) for part in model.calibrated_classifiers_]
    if isinstance(model, BaggingClassifier | BaggingRegressor):
        seen = model.estimators_features_
        return [
            ("", member, [columns[j] for j in part] if columns else [])
            for member, part in zip(model.estimators_, seen, strict=True)
        ]
    if isinstance(model, _NAMED):
        found = [
            (name, member, columns)
            for name, member in model.named_estimators_.items()
            if not isinstance(member, str)
        ]
        if hasattr(model, "final_estimator_"):
            found.append(("final", model.final_estimator_, []))
        return found
    if isinstance(model, _ONE_EACH):
        known = getattr(model, "classes_", range(len(model.estimators_)))
        if len(known) != len(model.estimators_) or isinstance(known, list):
            known = range(len(model.estimators_))
        return [
            (str(name), member, columns)
            for name, member in zip(known, model.estimators_, strict=True)
        ]
    return []


def _is_shell(model):
    """Whether nothing is in a model but others; a calibrated one has numbers too."""
    return _only_one(model) is not None or isinstance(
        model, (BaggingClassifier, BaggingRegressor, *_NAMED, *_ONE_EACH)
    )


def _only_one(model):
    if isinstance(model, FrozenEstimator):
        return model.estimator
    for name in ("best_estimator_", "regressor_", "estimator_"):
        inner = getattr(model, "__dict__", {}).get(name)
        if hasattr(inner, "predict") and not hasattr(model, "estimators_"):
            try:
                check_is_fitted(inner)
            except NotFittedError:
                continue
            return inner
    return None
