"""What an engine is, and what all of them need."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils._param_validation import InvalidParameterError

from skprivacy.shadow._train import ShadowResult, ShadowTask, with_random_states
from skprivacy.targets._answers import align_to_classes, as_answers, restrict_answers

__all__ = [
    "Engine",
    "as_numbers",
    "drawn_records",
    "is_plain",
    "restored",
    "restricted_rows",
    "shown",
]


@dataclass(frozen=True)
class Engine:
    """A way to train all shadow models of one recipe at once.

    Parameters
    ----------
    name : str
        What ``ShadowModels(engine=...)`` calls it.

    handles : callable
        Takes a :class:`ShadowTask` and says whether the engine can train its recipe on
        its records: of the very type that it knows, with parameters that it knows.

    run : callable
        Takes some tasks of a fit, at most 32, which differ in nothing but their rows
        and seeds, and yields a :class:`ShadowResult` for each, in their order.

    is_exact : bool, default=True
        Whether the answers are those of the generic engine but for rounding and the
        tolerance of solvers. If not, they are so on the average, as its documentation
        states, and "auto" does not take it.
    """

    name: str
    handles: Callable[[ShadowTask], bool]
    run: Callable[[Sequence[ShadowTask]], Iterator[ShadowResult]]
    is_exact: bool = True


def as_numbers(X) -> np.ndarray | None:
    """Return features as an array of finite floats, or None if they are not that.

    Examples
    --------
    >>> as_numbers([[1, 2]])
    array([[1., 2.]])
    >>> as_numbers([[1, None]]) is None, as_numbers([["a", 2]]) is None
    (True, True)
    """
    try:
        numbers = np.asarray(X, dtype=float)
    except (TypeError, ValueError):
        return None
    return numbers if numbers.ndim == 2 and np.isfinite(numbers).all() else None


def is_plain(task, kind) -> bool:
    """Whether a task is about nothing but numbers, a model of one type, and labels.

    Parameters
    ----------
    task : ShadowTask
    kind : type
        Of the recipe; those derived from it may do anything.

    Returns
    -------
    plain : bool
        False also where parameters are not valid: ``fit`` says that best.
    """
    if type(task.recipe) is not kind or task.fit_params:
        return False
    try:
        task.recipe._validate_params()
    except InvalidParameterError:
        return False
    return as_numbers(task.X) is not None


def restored(task, **fitted):
    """Make a fitted model of a recipe and its fitted attributes.

    Parameters
    ----------
    task : ShadowTask
        Gives recipe, seed and the names of features.

    **fitted : dict
        Attributes that ``fit`` would have set.

    Returns
    -------
    model : estimator
    """
    model = with_random_states(clone(task.recipe), task.seed)
    model.n_features_in_ = task.X.shape[1]
    if isinstance(task.X, pd.DataFrame) and all(
        isinstance(name, str) for name in task.X.columns
    ):
        model.feature_names_in_ = np.asarray(task.X.columns, dtype=object)
    for name, value in fitted.items():
        setattr(model, name, value)
    return model


def drawn_records(tasks) -> np.ndarray:
    """Return which model is trained on which record, one row a task.

    Parameters
    ----------
    tasks : sequence of ShadowTask

    Returns
    -------
    membership : ndarray of bool of shape (n_tasks, n_records)
    """
    membership = np.zeros((len(tasks), len(tasks[0].y)), dtype=bool)
    for own, task in zip(membership, tasks, strict=True):
        own[task.rows] = True
    return membership


def restricted_rows(task, rows) -> ShadowTask:
    """Return the same task, asked about some of the rows alone."""
    asked = task.X_asked
    asked = asked.iloc[rows] if isinstance(asked, pd.DataFrame) else asked[rows]
    return replace(task, X_asked=asked, order=None)


def shown(task, raw, classes=None, model=None) -> ShadowResult:
    """Make a result of what a model would have answered.

    Parameters
    ----------
    task : ShadowTask

    raw : ndarray of shape (n_asked,) or (n_asked, n_columns)
        What the method returns that the target is asked by, for each row of
        ``task.X_asked``.

    classes : ndarray or None, default=None
        Classes of the model; None for a regressor.

    model : estimator or None, default=None
        The fitted model, if the task wants it kept.

    Returns
    -------
    result : ShadowResult
        Laid out and restricted as the target's answers.
    """
    access = task.access
    answers = as_answers(raw, access.response_, classes, n_records=len(raw))
    if classes is not None:
        answers = align_to_classes(answers, classes, task.classes, access.response_)
    answers = restrict_answers(answers, access.response_, access.decimals, access.top_k)
    return ShadowResult(answers, model if task.keep_model else None)
