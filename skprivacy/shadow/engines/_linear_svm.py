"""Linear support vector machines with a squared loss, alone or behind column steps.

Squared losses make the solution unique, whatever solver the recipe names. It is found
by Newton's method, for all models from that of the first one.
"""

import numpy as np
import scipy.linalg
from sklearn.svm import LinearSVC, LinearSVR

from skprivacy.shadow._train import run_shadow
from skprivacy.shadow.engines._columns import NotColumnwise, read_columns
from skprivacy.shadow.engines._engine import Engine, drawn_records, shown
from skprivacy.shadow.engines._linear import answers_of, converges, parted, width_of

__all__ = ["LINEAR_SVM", "squared_loss_machine"]

#: Steps until a model is given up, and the largest last step relative to coefficients.
MOST_STEPS, PRECISION = 50, 1e-9
#: Columns up to which a Hessian for each step is cheap.
MOST_COLUMNS = 200


def squared_loss_machine(X, y, C, epsilon=None, start=None):
    """Minimize ``sum(coef**2) / 2 + C * sum(slack**2)``.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_columns)
        Features; an intercept is a column of its own.

    y : ndarray of shape (n_records,)
        -1 and 1 for a classifier.

    C : float
        Weight of the loss.

    epsilon : float or None, default=None
        None: the slack is ``1 - y * score`` where that is positive. Otherwise it is
        what ``abs(y - score)`` has above `epsilon`.

    start : ndarray of shape (n_columns,) or None, default=None
        Where to start; None: at 0.

    Returns
    -------
    coef : ndarray of shape (n_columns,) or None
        None if the steps do not end.

    Examples
    --------
    One record, both signs: the slope of ``w**2 / 2 + 2 * (1 - w)**2`` is 0 at 4 / 5.

    >>> X, y = np.array([[1.0], [-1.0]]), np.array([1.0, -1.0])
    >>> squared_loss_machine(X, y, 1.0).round(6)
    array([0.8])
    """
    coef = np.zeros(X.shape[1]) if start is None else start.copy()
    value, residual = _loss(X @ coef, y, epsilon)
    value = 0.5 * coef @ coef + C * value
    for _ in range(MOST_STEPS):
        active = np.flatnonzero(residual)
        own = X[active]
        slope = coef + 2 * C * (residual[active] @ own)
        hessian = 2 * C * (own.T @ own)
        hessian[np.diag_indices_from(hessian)] += 1.0
        try:
            move = scipy.linalg.solve(hessian, slope, assume_a="pos")
        except (scipy.linalg.LinAlgError, ValueError):
            return None
        size, gain = 1.0, slope @ move
        while True:
            new = coef - size * move
            new_loss, residual = _loss(X @ new, y, epsilon)
            new_value = 0.5 * new @ new + C * new_loss
            if new_value <= value - 1e-4 * size * gain or size < 1e-6:
                break
            size /= 2
        coef, value = new, new_value
        if np.abs(move).max() <= PRECISION * (1 + np.abs(coef).max()):
            return coef
    return None


def _loss(scores, y, epsilon):
    """Return the sum of squared slacks, and half of its slope by the scores."""
    residual = scores - y
    if epsilon is None:
        residual[y * scores >= 1] = 0.0
    else:
        residual = np.sign(residual) * np.maximum(np.abs(residual) - epsilon, 0.0)
    return residual @ residual, residual


def _handles(task):
    model = parted(task.recipe)[1]
    losses = {LinearSVC: "squared_hinge", LinearSVR: "squared_epsilon_insensitive"}
    if losses.get(type(model)) != getattr(model, "loss", None) or task.keep_model:
        return False
    if type(model) is LinearSVC and not (
        model.penalty == "l2" and model.multi_class == "ovr" and not model.class_weight
    ):
        return False
    width = width_of(task, [LinearSVC, LinearSVR])
    return width is not None and width <= MOST_COLUMNS and converges(task, _run)


def _run(tasks):
    first = tasks[0]
    steps, model = parted(first.recipe)
    membership = drawn_records(tasks)
    try:
        columns = read_columns(steps, first.X, first.X_asked, membership)
    except NotColumnwise:  # a model met columns that the first one did not
        yield from map(run_shadow, tasks)
        return
    is_classifier = type(model) is LinearSVC
    asked = _Asked(columns)
    starts = {}
    for i, task in enumerate(tasks):
        y = task.y[membership[i]]
        classes = np.unique(y) if is_classifier else None
        X = _features(columns, i, membership[i], model)
        coefs = _solved(X, _targets(y, classes), model, starts, classes)
        if coefs is None:
            yield run_shadow(task)
            continue
        scores = asked.scores(i, coefs, model)
        raw = answers_of(task, scores, classes) if is_classifier else scores[0]
        yield shown(task, raw, classes)


def _features(columns, i, rows, model):
    """Return what the steps of a model make of its records, and the intercept."""
    values = columns.values[rows]
    if np.isnan(values).any():
        values = np.where(np.isnan(values), columns.fill[i], values)
    if columns.center[i].any() or (columns.scale[i] != 1).any():
        values = (values - columns.center[i]) / columns.scale[i]
    if not model.fit_intercept:
        return values
    return np.column_stack([values, np.full(len(values), model.intercept_scaling)])


class _Asked:
    """Records that all models are asked about; their steps go into the slopes."""

    def __init__(self, columns):
        missing = np.isnan(columns.asked)
        self.gaps = np.flatnonzero(missing.any(axis=0))
        self.values = np.nan_to_num(columns.asked) if len(self.gaps) else columns.asked
        self.missing = missing[:, self.gaps].astype(float)
        self.columns = columns

    def scores(self, i, coefs, model):
        center, scale = self.columns.center[i], self.columns.scale[i]
        slopes = coefs[:, : len(scale)] / scale
        level = -slopes @ center
        if model.fit_intercept:
            level += coefs[:, -1] * model.intercept_scaling
        filled = slopes[:, self.gaps] * self.columns.fill[i, self.gaps]
        scores = slopes @ self.values.T + filled @ self.missing.T
        return scores + level[:, None]


def _targets(y, classes):
    """Return one row of targets for each score, or None if there is nothing to tell."""
    if classes is None:
        return np.asarray(y, dtype=float)[None]
    if len(classes) < 2:
        return None
    positive = classes[1:] if len(classes) == 2 else classes
    return np.where(y == positive[:, None], 1.0, -1.0)


def _solved(X, targets, model, starts, classes):
    """Solve for each score, from where the first model with these classes ended."""
    if targets is None:
        return None
    key = None if classes is None else tuple(classes)
    before = starts.get(key, [None] * len(targets))
    epsilon = getattr(model, "epsilon", None)
    coefs = [
        squared_loss_machine(X, y, model.C, epsilon, start)
        for y, start in zip(targets, before, strict=True)
    ]
    if any(coef is None for coef in coefs):
        return None
    starts.setdefault(key, coefs)
    return np.stack(coefs)


LINEAR_SVM = Engine("linear_svm", _handles, _run)
