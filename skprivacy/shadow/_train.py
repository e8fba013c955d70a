"""Train one shadow model and ask it about records."""

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.base import clone
from sklearn.utils import check_random_state

from skprivacy.dp import PrivateFitWarning
from skprivacy.records import as_model_input, hash_records
from skprivacy.shadow._memory import as_memory, content_hash, recalled
from skprivacy.targets import BlackBox

__all__ = [
    "ShadowFitError",
    "ShadowTask",
    "ShadowResult",
    "answers_file",
    "ask",
    "name_of",
    "run_shadow",
    "train",
    "with_random_states",
]


class ShadowFitError(ValueError):
    """A shadow model could not be trained; says which, its seed and the cause."""


@dataclass
class ShadowTask:
    """All that the training of one shadow model depends on.

    Parameters
    ----------
    index : int
        Number of the shadow model.

    seed : int
        Its randomness.

    recipe : estimator
        Unfitted model.

    access : BlackBox
        The kind of answer that the target gives.

    classes : ndarray or None
        Classes that answers are laid out by.

    X, y : table and ndarray
        Features and labels of the attacker's records.

    rows : ndarray of int
        Records that it is trained on.

    X_asked : table
        Features of the records that it is asked about.

    order : ndarray of int or None
        The order in which it is asked about them; the answers do not depend on it.
        None: as they are.

    keep_model : bool
        Whether the model itself is kept.

    data_key : str
        Stands for recipe, records and access in the key of the cache.

    fit_params : dict
        Passed to the recipe's ``fit``; arrays with a row for each record are cut down
        to the training rows.
    """

    index: int
    seed: int
    recipe: Any
    access: BlackBox
    classes: np.ndarray | None
    X: Any
    y: np.ndarray
    rows: np.ndarray
    X_asked: Any
    order: np.ndarray | None
    keep_model: bool
    data_key: str
    fit_params: dict = field(default_factory=dict)

    def key(self):
        """Equal for tasks with equal results."""
        return joblib.hash((self.data_key, self.rows, self.seed, self.keep_model))


@dataclass
class ShadowResult:
    """What a shadow model leaves behind.

    Parameters
    ----------
    answers : ndarray of shape (n_records, n_columns)
        Its answers.

    model : estimator or None
        The fitted model, where it was to be kept.
    """

    answers: np.ndarray
    model: Any


def data_key(recipe, access, classes, X, y, X_asked, fit_params):
    """Key of what all shadow models of one fit have in common."""
    restrictions = (access.response_, access.decimals, access.top_k)
    classes = None if classes is None else list(classes)
    parts = (type(recipe), recipe.get_params(), restrictions, classes)
    # A later scikit-learn may train another model from the same recipe.
    versions = (sklearn.__version__, np.__version__)
    asked = None if X_asked is X else content_key(X_asked)
    tables = (content_key(X), content_key(y), asked)
    return content_hash((parts, versions, tables, fit_params))


def content_key(table):
    """Stand for a table in a key: equal for equal values of equal types.

    The texts of a table are hashed by their values. ``joblib.hash`` would tell two
    copies of a table apart by which of their texts are one object.
    """
    if isinstance(table, pd.DataFrame):
        kinds = [(str(name), str(kind)) for name, kind in table.dtypes.items()]
        return kinds, hash_records(table)
    table = np.asarray(table)
    return str(table.dtype), hash_records(table.reshape(len(table), -1))


def run_shadow(task, memory=None):
    """Train and ask, or recall what an earlier run has stored.

    Parameters
    ----------
    task : ShadowTask
        What to do.

    memory : Path or None, default=None
        Where results are stored.

    Returns
    -------
    result : ShadowResult

    Raises
    ------
    ShadowFitError
        If the recipe could not be trained.
    """
    if memory is None:
        return _train_and_ask(task)
    key, what = ("shadow", task.key()), name_of(task)
    return recalled(lambda: _train_and_ask(task), key, memory, what)


def name_of(task) -> str:
    """Name the model of a task in a message."""
    return f"shadow model {task.index}"


def answers_file(memory, tasks, engine) -> Path | None:
    """Return the file that holds the answers of all models, where one is to.

    Parameters
    ----------
    memory : str, path-like, joblib.Memory or None
        The last maps files where its ``mmap_mode`` says so.

    tasks : list of ShadowTask
        Those of one fit.

    engine : str
        How their models are trained.

    Returns
    -------
    path : Path or None
    """
    folder = as_memory(memory)
    if folder is None or getattr(memory, "mmap_mode", None) is None:
        return None
    key = joblib.hash((engine, [task.key() for task in tasks]))
    return folder / f"{key}.answers"


def _train_and_ask(task):
    return ask(task, train(task))


def ask(task, model) -> ShadowResult:
    """Ask the model of a task what the task asks."""
    keep = task.keep_model
    if task.order is None:
        answers = ask_shadow(model, task.access, task.classes, task.X_asked)
        return ShadowResult(answers, model if keep else None)
    asked = _rows_of(task.X_asked, task.order)
    in_order = ask_shadow(model, task.access, task.classes, asked)
    answers = np.empty_like(in_order)
    answers[task.order] = in_order
    return ShadowResult(answers, model if keep else None)


def train(task):
    """Train the model of a task; it needs no more of it than records and recipe.

    Raises
    ------
    ShadowFitError
        If it can't be trained; says which, its seed and the cause.
    """
    model = with_random_states(clone(task.recipe), task.seed)
    try:
        with warnings.catch_warnings():
            # They are about a model that is released, which this one never is.
            warnings.simplefilter("ignore", PrivateFitWarning)
            return model.fit(
                _rows_of(task.X, task.rows),
                task.y[task.rows],
                **_fit_params_of(task.fit_params, task.rows, len(task.y)),
            )
    except Exception as error:
        raise ShadowFitError(
            f"shadow model {task.index} (seed {task.seed}) could not be trained on "
            f"{len(task.rows)} records: {type(error).__name__}: {error}"
        ) from error


def ask_shadow(model, access, classes, X):
    """Answers of a shadow model, as precise as the target's."""
    return access.same_access_to(model, classes).query(as_model_input(X, model))


def with_random_states(model, seed):
    """Give every source of randomness in a recipe a seed of its own.

    Parameters
    ----------
    model : estimator
        Unfitted; it is changed.

    seed : int or RandomState
        Where the seeds come from.

    Returns
    -------
    model : estimator
        The same.

    Raises
    ------
    TypeError
        If ``model`` is no estimator.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> first, second = (
    ...     with_random_states(DecisionTreeClassifier(), 0) for _ in range(2)
    ... )
    >>> first.random_state == second.random_state
    True
    """
    if not hasattr(model, "get_params") or isinstance(model, type):
        raise TypeError(f"model must be an unfitted estimator; got {model!r}.")
    rng = check_random_state(seed)
    seeds = {
        name: int(rng.randint(np.iinfo(np.int32).max))
        for name in sorted(model.get_params(deep=True))
        if name == "random_state" or name.endswith("__random_state")
    }
    return model.set_params(**seeds) if seeds else model


def _fit_params_of(fit_params, rows, n_records):
    return {
        name: _rows_of(value, rows) if _has_a_row_each(value, n_records) else value
        for name, value in fit_params.items()
    }


def _has_a_row_each(value, n_records):
    is_table = hasattr(value, "__len__") and not isinstance(value, str | dict)
    return is_table and len(value) == n_records


def _rows_of(table, rows):
    if isinstance(table, pd.DataFrame | pd.Series):
        return table.iloc[rows]
    return np.asarray(table)[rows]
