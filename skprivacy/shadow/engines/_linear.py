"""Linear models, alone or behind steps that treat columns one by one."""

import warnings

import numpy as np
import scipy.linalg
from scipy.special import expit, softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.utils._param_validation import InvalidParameterError

from skprivacy.shadow._train import ShadowFitError, ask, run_shadow, train
from skprivacy.shadow.engines._columns import (
    NotColumnwise,
    read_columns,
    shared_designs,
)
from skprivacy.shadow.engines._engine import Engine, drawn_records, restored, shown
from skprivacy.shadow.engines._newton import logistic_regressions

__all__ = [
    "LEAST_SQUARES",
    "LOGISTIC",
    "answers_of",
    "converges",
    "parted",
    "width_of",
]

#: Parameters up to which a Hessian for each model is cheap, and the records for each
#: parameter from which on none is needed.
FEW_PARAMETERS, ENOUGH_RECORDS = 160, 40
#: A matrix of normal equations with a smaller reciprocal condition is not trusted.
WORST_CONDITION = 1e-9
#: Largest difference to the solver of the recipe, which stops at its own tolerance.
CLOSE = 0.01


def parted(recipe):
    """Return the steps before the last one, and the last one."""
    if type(recipe) is not Pipeline:
        return [], recipe
    steps = [step for _, step in recipe.steps]
    return steps[:-1], steps[-1]


def _columns(task, membership):
    steps, model = parted(task.recipe)
    columns = read_columns(steps, task.X, task.X_asked, membership)
    if columns.center.any() and not model.fit_intercept:
        raise NotColumnwise  # what is taken off goes into the intercept
    return columns


def _designs(task, membership):
    intercept = parted(task.recipe)[1].fit_intercept
    return shared_designs(_columns(task, membership), intercept)


def width_of(task, kinds):
    """Columns of a recipe that is a linear model on columns that are understood.

    None for any other.
    """
    model = parted(task.recipe)[1]
    if type(model) not in kinds or task.fit_params:
        return None
    if type(task.recipe) is Pipeline and task.keep_model:
        return None
    try:
        model._validate_params()
        return _columns(task, drawn_records([task])).values.shape[1]
    except (InvalidParameterError, NotColumnwise):
        return None


def _handles_logistic(task):
    model = parted(task.recipe)[1]
    if type(model) is not LogisticRegression or not _is_plain_logistic(model):
        return False
    width = width_of(task, [LogisticRegression])
    return (
        width is not None and _is_small(task, width) and converges(task, _run_logistic)
    )


def _is_plain_logistic(model):
    """Whether it is a ridge penalty, a solver that minimizes it, and nothing else."""
    return (
        model.solver in ("lbfgs", "newton-cg", "newton-cholesky")
        and model.penalty in ("l2", "deprecated")
        and model.l1_ratio in (None, 0.0)
        and getattr(model, "multi_class", "deprecated") == "deprecated"
        and model.n_jobs is None
        and model.class_weight is None
        and not model.dual
        and np.isfinite(model.C)
    )


def _is_small(task, width):
    """Whether all at once is faster than one by one."""
    n_classes = len(np.unique(task.y))
    n_parameters = (n_classes if n_classes > 2 else 1) * (width + 1)
    return n_parameters <= FEW_PARAMETERS or n_parameters * ENOUGH_RECORDS <= len(
        task.rows
    )


def converges(task, run):
    """Whether the solver of the recipe finds the solution, with steps to spare.

    One that is stopped before is another model than the one that is found here. One
    model is trained both ways to see that.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            model = train(task)
    except (ShadowFitError, ConvergenceWarning):
        return False
    solver = parted(model)[1]
    if np.max(solver.n_iter_) > 0.8 * solver.max_iter:
        return False
    return _is_close(task, ask(task, model), next(run([task])))


def _is_close(task, generic, own):
    if task.access.response_ == "label":
        return (generic.answers == own.answers).mean() >= 1 - CLOSE / 10
    decimals = task.access.decimals
    close = CLOSE if decimals is None else CLOSE + 10.0**-decimals
    return np.allclose(generic.answers, own.answers, atol=close, rtol=CLOSE)


def _run_logistic(tasks):
    yield from _run_or_leave(tasks, _logistic_results)


def _run_or_leave(tasks, run):
    """Train each by itself if a model meets columns that the first one did not."""
    membership = drawn_records(tasks)
    try:
        designs = _designs(tasks[0], membership)
    except NotColumnwise:
        yield from map(run_shadow, tasks)
        return
    yield from run(tasks, membership, designs)


def _logistic_results(tasks, membership, designs):
    first = tasks[0]
    classes, codes = np.unique(first.y, return_inverse=True)
    present = np.stack(
        [np.bincount(codes[own], minlength=len(classes)) > 0 for own in membership]
    )
    found = [None] * len(tasks)
    for known in np.unique(present, axis=0):
        own = np.flatnonzero((present == known).all(axis=1))
        if known.sum() < 2:
            continue  # no classifier: training it says so
        of_class = (codes[:, None] == np.flatnonzero(known)).astype(float)
        targets = of_class[:, 1:] if known.sum() == 2 else of_class
        design = designs[0].of_models(own)
        coefs, n_steps = logistic_regressions(
            design, targets, membership[own], parted(first.recipe)[1].C
        )
        for i, coef, n in zip(own, coefs, n_steps, strict=True):
            if n >= 0:
                found[i] = coef, classes[known], n
    for i, task in enumerate(tasks):
        if found[i] is None:
            yield run_shadow(task)
            continue
        coef, own_classes, n = found[i]
        scores = designs[1].scores(coef[None], [i])[0]
        yield shown(
            task,
            answers_of(task, scores, own_classes),
            own_classes,
            _kept_logistic(task, coef, own_classes, n, *designs[2:]),
        )


def answers_of(task, scores, classes):
    """Return what a linear model answers, from a row of scores for each column."""
    response = task.access.response_
    if response == "label":
        codes = (
            scores.argmax(axis=0) if len(scores) > 1 else (scores[0] > 0).astype(int)
        )
        return classes[codes]
    scores = scores[0] if len(scores) == 1 else scores.T
    if response == "decision":
        return scores
    return expit(scores) if scores.ndim == 1 else softmax(scores, axis=1)


def _kept_logistic(task, coef, classes, n_steps, offset, unit):
    if not task.keep_model:
        return None
    slopes, intercept = _in_units(coef, task, offset, unit)
    return restored(
        task,
        classes_=classes,
        coef_=slopes,
        intercept_=intercept,
        n_iter_=np.array([n_steps], dtype=np.int32),
    )


def _in_units(coef, task, offset, unit):
    """Coefficients and intercept of the columns as they were given."""
    slopes = coef[..., : len(unit)] / unit
    if not task.recipe.fit_intercept:
        return slopes, np.zeros(coef.shape[:-1])
    return slopes, coef[..., -1] - slopes @ offset


def _handles_least_squares(task):
    model = parted(task.recipe)[1]
    if type(model) not in (Ridge, LinearRegression) or task.access.response_ != "value":
        return False
    if model.positive or width_of(task, [Ridge, LinearRegression]) is None:
        return False
    if np.asarray(task.y).dtype not in (np.float64, np.int64):
        return False
    if type(model) is Ridge:
        exact = model.solver in ("auto", "cholesky", "svd")
        return exact and np.ndim(model.alpha) == 0 and model.alpha > 0
    return True


def _run_least_squares(tasks):
    yield from _run_or_leave(tasks, _least_squares_results)


def _least_squares_results(tasks, membership, designs):
    first = tasks[0]
    design, asked, offset, unit = designs
    model = parted(first.recipe)[1]
    penalty = design.penalty * getattr(model, "alpha", 0.0)
    y = np.asarray(first.y, dtype=float)
    level = y.mean() if design.intercept else 0.0
    for i, task in enumerate(tasks):
        columns = design.own_columns(i, membership[i])
        coef = _solved(columns, y[membership[i]] - level, penalty[i])
        if coef is None:
            yield run_shadow(task)
            continue
        values = asked.scores(coef[None, None], [i])[0, 0] + level
        yield shown(
            task,
            values,
            model=_kept_least_squares(task, coef, level, columns, offset, unit),
        )


def _solved(columns, y, penalty):
    """Solve the normal equations, or return None where they lose too much."""
    matrix = columns.T @ columns
    matrix[np.diag_indices_from(matrix)] += penalty
    if not penalty.any():
        size = scipy.linalg.eigvalsh(matrix)
        if len(columns) <= columns.shape[1] or size[0] < WORST_CONDITION * size[-1]:
            return None
    try:
        factor = scipy.linalg.cho_factor(matrix)
    except scipy.linalg.LinAlgError:
        return None
    return scipy.linalg.cho_solve(factor, columns.T @ y)


def _kept_least_squares(task, coef, level, columns, offset, unit):
    if not task.keep_model:
        return None
    slopes, intercept = _in_units(coef, task, offset, unit)
    if type(task.recipe) is Ridge:
        model = restored(task, coef_=slopes, intercept_=intercept + level, n_iter_=None)
        model.solver_ = (
            "cholesky" if task.recipe.solver == "auto" else task.recipe.solver
        )
        return model
    raw = columns[:, : len(unit)] * unit
    raw -= raw.mean(axis=0) if task.recipe.fit_intercept else 0.0
    singular = np.sqrt(scipy.linalg.eigvalsh(raw.T @ raw)[::-1].clip(0))
    return restored(
        task,
        coef_=slopes,
        intercept_=intercept + level,
        rank_=len(unit),
        singular_=singular,
    )


LOGISTIC = Engine("logistic", _handles_logistic, _run_logistic)
LEAST_SQUARES = Engine("least_squares", _handles_least_squares, _run_least_squares)
