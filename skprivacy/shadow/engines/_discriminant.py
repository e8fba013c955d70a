"""Linear and quadratic discriminant analysis, from products of columns.

Where a covariance is nearly singular, scikit-learn drops directions or refuses; such a
model is fitted as ever.
"""

from functools import cache

import numpy as np
import scipy.linalg
from scipy.special import expit, softmax
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)

from skprivacy.shadow._train import run_shadow
from skprivacy.shadow.engines._engine import Engine, as_numbers, is_plain, shown

__all__ = ["DISCRIMINANT"]

#: How far singular values must be above the ``tol`` of the recipe.
MARGIN = 10.0


def _handles(task):
    kinds = LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
    if task.keep_model or not any(is_plain(task, kind) for kind in kinds):
        return False
    recipe = task.recipe
    return (
        getattr(recipe, "solver", "svd") == "svd"
        and recipe.priors is None
        and getattr(recipe, "shrinkage", None) is None
        and getattr(recipe, "covariance_estimator", None) is None
        and getattr(recipe, "n_components", None) is None
        and np.asarray(task.X).dtype != np.float32
        and len(np.unique(task.y)) > 1
    )


@cache
def _unbiased(kind):
    """Whether this release of scikit-learn divides by degrees of freedom.

    Some releases divide the sum of squares by the number of records instead.
    """
    X, y = np.array([[0.0], [2.0], [10.0], [12.0]]), np.array([0, 0, 1, 1])
    model = kind(tol=1e-8).fit(X, y)
    if kind is LinearDiscriminantAnalysis:
        return bool(model.coef_[0, 0] < 7.5)  # 10 / 2, or 10 / 1
    return bool(model.scalings_[0][0] > 1.5)  # 2 / 1, or 2 / 2


def _run(tasks):
    first = tasks[0]
    X, X_asked = as_numbers(first.X), as_numbers(first.X_asked)
    center, unit = X.mean(axis=0), np.ones(X.shape[1])
    is_linear = type(first.recipe) is LinearDiscriminantAnalysis
    if is_linear:
        unit = X.std(axis=0)
        unit[unit == 0] = 1.0
    X, X_asked = (X - center) / unit, (X_asked - center) / unit
    for task in tasks:
        classes, codes, counts = np.unique(
            task.y[task.rows], return_inverse=True, return_counts=True
        )
        scores = None
        if len(classes) > 1 and len(task.rows) > len(classes):
            score = _linear if is_linear else _quadratic
            scores = score(task.recipe, X[task.rows], codes, counts, X_asked)
        if scores is None:
            yield run_shadow(task)
            continue
        yield shown(task, _answers(task, scores, classes), classes)


def _linear(recipe, X, codes, counts, X_asked):
    n_classes = len(counts)
    means = np.stack([X[codes == code].mean(axis=0) for code in range(n_classes)])
    freedom = len(X) - n_classes * _unbiased(type(recipe))
    within = (X.T @ X - (counts[:, None] * means).T @ means) / freedom
    spread = np.sqrt(np.diag(within))
    if not (spread > 0).all():
        return None
    smallest = scipy.linalg.eigvalsh(within / np.outer(spread, spread))[0]
    if smallest < (MARGIN * recipe.tol) ** 2 or smallest < 1e-8:
        return None
    factor = scipy.linalg.cholesky(within, lower=True)
    priors = counts / counts.sum()
    middle = priors @ means
    apart = scipy.linalg.solve_triangular(factor, (means - middle).T, lower=True).T
    rank = min(n_classes - 1, X.shape[1])
    sizes = scipy.linalg.svdvals(np.sqrt(priors)[:, None] * apart)
    if sizes[rank - 1] <= MARGIN * recipe.tol * sizes[0]:
        return None
    slopes = scipy.linalg.solve_triangular(factor, apart.T, lower=True, trans="T").T
    offsets = -0.5 * (apart**2).sum(axis=1) + np.log(priors) - slopes @ middle
    return X_asked @ slopes.T + offsets


def _quadratic(recipe, X, codes, counts, X_asked):
    scores = np.empty((len(X_asked), len(counts)))
    for code, n in enumerate(counts):
        own = X[codes == code]
        if n <= X.shape[1]:
            return None
        mean = own.mean(axis=0)
        own -= mean
        covariance = own.T @ own / (n - _unbiased(type(recipe)))
        covariance *= 1 - recipe.reg_param
        covariance[np.diag_indices_from(covariance)] += recipe.reg_param
        sizes, axes = scipy.linalg.eigh(covariance)
        if sizes[0] < MARGIN * recipe.tol or sizes[0] < 1e-9 * sizes[-1]:
            return None
        far = (((X_asked - mean) @ (axes / np.sqrt(sizes))) ** 2).sum(axis=1)
        scores[:, code] = -0.5 * (far + np.log(sizes).sum()) + np.log(n / len(X))
    return scores


def _answers(task, scores, classes):
    response = task.access.response_
    if response == "label":
        return classes[scores.argmax(axis=1)]
    if len(classes) > 2:
        return scores if response == "decision" else softmax(scores, axis=1)
    decision = scores[:, 1] - scores[:, 0]
    return decision if response == "decision" else expit(decision)


DISCRIMINANT = Engine("discriminant", _handles, _run)
