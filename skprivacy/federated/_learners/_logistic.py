"""LogisticRegression, by Newton's method on summed gradients and Hessians."""

import warnings

import numpy as np
from scipy import linalg
from scipy.special import expit, logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import compute_class_weight

from skprivacy.federated._learners._columns import (
    NOISE,
    ColumnBounds,
    ColumnMoments,
    sum_error,
    unpack_symmetric,
    upper_triangle,
)
from skprivacy.federated._learners._learner import Phase, SumLearner

__all__ = ["LOGISTIC_REGRESSION", "logistic_sums"]

#: Steps that are halved more often lead nowhere.
SMALLEST_STEP = 2.0**-30


def check(model):
    """Refuse what Newton's method does not solve."""
    is_smooth = model.penalty in ("l2", "deprecated", None) or (
        model.penalty == "elasticnet" and model.l1_ratio == 0
    )
    if not is_smooth or (model.penalty == "deprecated" and model.l1_ratio):
        raise ValueError(f"the penalty must be l2 or none; got {model!r}.")
    if model.solver == "liblinear" or model.dual:
        raise ValueError(
            f"solver must be another than liblinear, which regularizes the intercept; "
            f"got {model!r}."
        )
    if getattr(model, "multi_class", "auto") not in ("auto", "deprecated"):
        raise ValueError(f"multi_class must be left out; got {model!r}.")


def logistic_sums(Z, y, W, weights=None):
    """Loss, its gradient and its Hessian, summed over records.

    Parameters
    ----------
    Z : ndarray of shape (n_records, n_columns)
        Records, with a column of ones where there is an intercept.

    y : ndarray of int of shape (n_records,)
        Positions of the classes.

    W : ndarray of shape (n_rows, n_columns)
        One row for two classes, else one a class.

    weights : ndarray of shape (n_classes,) or None, default=None
        How much the records of each class count.

    Returns
    -------
    loss : float

    gradient : ndarray of shape (n_rows * n_columns,)

    hessian : ndarray of shape (n_rows * n_columns, n_rows * n_columns)

    Examples
    --------
    >>> loss, gradient, hessian = logistic_sums(
    ...     np.array([[1.0], [3.0]]), np.array([0, 1]), np.zeros((1, 1)))
    >>> gradient, hessian
    (array([-1.]), array([[2.5]]))
    """
    margins = Z @ W.T
    s = np.ones(len(y)) if weights is None else weights[y]
    if len(W) == 1:
        margin = margins[:, 0]
        p = expit(margin)
        loss = s @ (np.logaddexp(0.0, margin) - margin * y)
        return loss, (s * (p - y)) @ Z, (Z * (s * p * (1 - p))[:, None]).T @ Z
    rest = logsumexp(margins, axis=1)
    loss = s @ (rest - margins[np.arange(len(y)), y])
    P = np.exp(margins - rest[:, None])
    gradient = (s[:, None] * (P - np.eye(len(W))[y])).T @ Z
    rows = len(W)
    blocks = [
        [(Z * (s * P[:, i] * ((i == j) - P[:, j]))[:, None]).T @ Z for j in range(rows)]
        for i in range(rows)
    ]
    return loss, gradient.ravel(), np.block(blocks)


def newton_coordinates(model, public):
    """Return the center and scale of columns; without an intercept nothing is moved."""
    center, scale = public["center"], public["scale"]
    if model.fit_intercept:
        return center, scale
    return np.zeros_like(center), np.hypot(center, scale)


class ClassWeights(Phase):
    """How much the records of each class count; asked only where sizes decide."""

    def known(self, estimator, public):
        """Return weights that were given."""
        given = estimator.class_weight
        if given is None:
            return {"class_weights": np.ones(len(public["classes"]))}
        if given == "balanced":
            return None
        classes = public["classes"]
        weights = compute_class_weight(given, classes=classes, y=classes)
        return {"class_weights": weights}

    def vector(self, estimator, X, y, public):
        """Count the records of each class."""
        return np.bincount(y, minlength=len(public["classes"])).astype(float)

    def update(self, estimator, total, public):
        """Return weights with which all classes count the same."""
        counts = np.rint(total)
        return {"class_weights": counts.sum() / (len(counts) * counts)}


class NewtonSums(Phase):
    """Loss, gradient and Hessian at the weights that are tried."""

    def vector(self, estimator, X, y, public):
        """Add them up."""
        center, scale = newton_coordinates(estimator, public)
        Z = (X - center) / scale
        if estimator.fit_intercept:
            Z = np.column_stack([Z, np.ones(len(Z))])
        W = public.get("trial")
        if W is None:
            W = np.zeros((_n_rows(public), Z.shape[1]))
        loss, gradient, hessian = logistic_sums(Z, y, W, public["class_weights"])
        return np.concatenate([[loss], gradient, upper_triangle(hessian)])

    def update(self, estimator, total, public):
        """Take the next step, or half of the last one."""
        rows, d = _n_rows(public), len(public["center"]) + estimator.fit_intercept
        size = rows * d
        w = public["trial"].ravel() if "trial" in public else np.zeros(size)
        penalty = self._penalty(estimator, public)
        loss = total[0] + w @ (penalty * w) / 2
        gradient = total[1 : size + 1] + penalty * w
        hessian = unpack_symmetric(total[size + 1 :], size) + np.diag(penalty)
        n_rounds = public.get("newton_rounds", 0) + 1
        is_last = n_rounds >= (public["max_rounds"] or estimator.max_iter)
        error = sum_error(public, public["n"])
        best = public.get("loss", np.inf)
        news = {"newton_rounds": n_rounds}
        if loss > best + 8 * error + 1e-12 * abs(best):
            half = public["step_size"] / 2
            trial = public["weights"] + half * public["step"]
            news |= {"step_size": half, "trial": trial}
            stop = is_last or half < SMALLEST_STEP
            return {**news, "newton_done": stop, "converged": False}
        step = -_solve(hessian, gradient, rows, d, public["n"])
        steepest = float(np.abs(gradient).max())
        # What a sum does not show can't be followed.
        floor = max(
            public["stop_below"],
            2 * public["resolution"],
            NOISE * public["n"] * np.finfo(float).eps,
        )
        # Nor does it pay to go on where the slope is noise of the weights themselves.
        stalled = steepest <= 1e3 * floor and steepest >= public.get("steepest", np.inf)
        converged = steepest <= floor or stalled
        return {
            **news,
            "weights": w.reshape(rows, d),
            "loss": loss,
            "steepest": steepest,
            "step": step.reshape(rows, d),
            "step_size": 1.0,
            "trial": (w + step).reshape(rows, d),
            "newton_done": converged or is_last,
            "converged": converged,
        }

    def is_finished(self, estimator, public):
        """Whether the slope is down to rounding."""
        return public["newton_done"]

    def _penalty(self, model, public):
        _, scale = newton_coordinates(model, public)
        strength = 0.0 if model.penalty is None else 1 / model.C
        penalty = strength / scale**2
        if model.fit_intercept:
            penalty = np.append(penalty, 0.0)
        return np.tile(penalty, _n_rows(public))


def _n_rows(public):
    n_classes = len(public["classes"])
    return 1 if n_classes == 2 else n_classes


def _solve(hessian, gradient, rows, d, n):
    """Solve for a step; weights that are the same for all classes change nothing."""
    if rows > 1:
        same = np.tile(np.eye(d), rows) / np.sqrt(rows)
        hessian = hessian + n * same.T @ same
    try:
        return linalg.solve(hessian, gradient, assume_a="pos")
    except linalg.LinAlgError:
        return linalg.lstsq(hessian, gradient, cond=1e-12)[0]


def finish(model, public):
    """Set what a fit sets."""
    if not public["converged"]:
        warnings.warn(
            f"Newton's method did not converge in {public['newton_rounds']} rounds: "
            "take more, or more regularization.",
            ConvergenceWarning,
            stacklevel=2,
        )
    center, scale = newton_coordinates(model, public)
    # The last step costs nothing: its gradient and Hessian are known.
    W = public["trial"] if public["converged"] else public["weights"]
    model.classes_ = public["classes"]
    model.n_iter_ = np.array([public["newton_rounds"]], dtype=np.int32)
    if model.fit_intercept:
        model.coef_ = W[:, :-1] / scale
        model.intercept_ = W[:, -1] - model.coef_ @ center
    else:
        model.coef_, model.intercept_ = W / scale, np.zeros(len(W))


class CountedMoments(ColumnMoments):
    """The coordinates, and how many records there are."""

    def update(self, estimator, total, public):
        """Keep the number."""
        news = super().update(estimator, total, public)
        return {**news, "n": np.rint(total[0])}


LOGISTIC_REGRESSION = SumLearner(
    (ColumnBounds(), CountedMoments(), ClassWeights(), NewtonSums()),
    finish,
    "classes",
    check,
    2,
)
