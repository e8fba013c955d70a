"""Logistic regressions of many training sets at once, by steps of Newton's method."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

__all__ = ["logistic_regressions"]

#: Values of the scores of all models that are held at a time.
MOST_VALUES = 2**19
#: Largest last step, in coefficients of standardized columns.
PRECISION = 1e-6
#: Steps until a model is given up, and the steps, for each parameter, that cost as much
#: as a Hessian of its own.
MOST_STEPS, STEPS_OF_A_HESSIAN = 100, 0.3


def logistic_regressions(design, targets, membership, C):
    """Fit a penalized logistic regression to each training set.

    Parameters
    ----------
    design : SharedDesign
        Columns, and how each model scales them.

    targets : ndarray of shape (n_records, n_scores)
        One column of 0 and 1 for two classes; otherwise one for each class.

    membership : ndarray of bool of shape (n_models, n_records)
        Which record is in which training set.

    C : float
        As in :class:`~sklearn.linear_model.LogisticRegression`.

    Returns
    -------
    coefs : ndarray of shape (n_models, n_scores, n_parameters)
        Coefficients of ``design``.

    n_steps : ndarray of int of shape (n_models,)
        Steps that were taken; -1 for a model that did not converge.

    Notes
    -----
    Training sets that are drawn from the same records have nearly the same Hessian. All
    models start from the solution on all records, and go down by the inverse Hessian of
    that one: a step then costs two matrix products for all of them. A model for which
    steps shrink too slowly gets a Hessian of its own, where it stands.
    """
    problem = _Problem(design, targets, membership, C)
    start = problem.start()
    n_models, shape = len(membership), start.shape
    coefs = np.repeat(start[None], n_models, axis=0)
    inverse = problem.inverse_hessian(start, None)
    own = {}
    n_steps = np.full(n_models, -1)
    last, earlier = np.full((2, n_models), np.inf)
    active = np.arange(n_models)
    for step in range(1, MOST_STEPS + 1):
        gradients = problem.gradients(coefs[active], active).reshape(len(active), -1)
        moves = gradients @ inverse
        for row, i in enumerate(active):
            if i in own:
                moves[row] = own[i] @ gradients[row]
        sizes = np.abs(moves).max(axis=1)
        slow = _steps_left(sizes, earlier[active]) > STEPS_OF_A_HESSIAN * start.size
        for row in np.flatnonzero(slow):
            i = active[row]
            own[i] = problem.inverse_hessian(coefs[i], i)
            moves[row] = own[i] @ gradients[row]
            sizes[row] = np.abs(moves[row]).max()
            last[i] = np.inf  # steps by another matrix tell nothing of the next
        coefs[active] -= moves.reshape(len(active), *shape)
        earlier[active], last[active] = last[active], sizes
        done = sizes <= PRECISION
        n_steps[active[done]] = step
        lost = ~np.isfinite(sizes) | (sizes > 1e6)
        active = active[~done & ~lost]
        if not len(active):
            break
    return coefs, n_steps


def _steps_left(sizes, earlier):
    """Return the steps to the precision, if they shrink as in the last two."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shrinkage = -np.log(sizes / earlier) / 2
        left = np.log(sizes / PRECISION) / shrinkage
    left = np.where(shrinkage > 0, left, np.inf)
    return np.where(sizes <= PRECISION, 0.0, left)


class _Problem:
    """The objective of all models: ``sum(loss) + sum(penalty * coef**2) / 2``."""

    def __init__(self, design, targets, membership, C):
        self.design, self.membership = design, membership
        self.targets = targets
        self.penalty = design.penalty / C
        self.share = membership.mean(axis=0)
        self.n_scores = targets.shape[1]

    def start(self):
        """Minimize the mean of the models' objectives."""
        penalty = self.penalty.mean(axis=0)
        # Of a single model, or of few, most records may be in no training set.
        drawn = self.share > 0
        share, targets = self.share[drawn], self.targets[drawn]
        design = self.design.mean_columns()[drawn]
        shape = self.n_scores, design.shape[1]

        def objective(flat):
            coef = flat.reshape(shape)
            scores = coef @ design.T
            loss = share @ _losses(scores, targets).ravel()
            value = loss + 0.5 * (penalty * coef**2).sum()
            residuals = _probabilities(scores) - targets.T
            slope = (share * residuals) @ design + penalty * coef
            return value / len(design), slope.ravel() / len(design)

        options = {"gtol": 1e-5, "maxiter": 300}
        found = minimize(
            objective,
            np.zeros(np.prod(shape)),
            jac=True,
            method="L-BFGS-B",
            options=options,
        )
        return found.x.reshape(shape)

    def gradients(self, coefs, models):
        """Slopes of the objectives of some models, each where its coefficients are."""
        total = 0.0
        width = max(1, MOST_VALUES // (len(models) * self.n_scores))
        for first in range(0, len(self.targets), width):
            rows = slice(first, first + width)
            scores = self.design.scores(coefs, models, rows)
            residuals = _probabilities(scores)
            residuals -= self.targets[rows].T
            residuals *= self.membership[models, None, rows]
            total = total + self.design.slopes(residuals, models, rows)
        return total + self.penalty[models, None] * coefs

    def inverse_hessian(self, coef, model):
        """Of one model, or of the mean of all where ``model`` is None."""
        if model is None:
            design, weight = self.design.mean_columns(), self.share
            penalty = self.penalty.mean(axis=0)
        else:
            design = self.design.own_columns(model, self.membership[model])
            weight, penalty = np.ones(len(design)), self.penalty[model]
        proba = _probabilities(coef @ design.T)
        n_scores, width = coef.shape
        hessian = np.zeros((n_scores, width, n_scores, width))
        for a in range(n_scores):
            for b in range(a + 1):
                spread = proba[a] * ((a == b) - proba[b])
                block = design.T @ ((weight * spread)[:, None] * design)
                hessian[a, :, b] = block
                hessian[b, :, a] = block
            hessian[a, :, a] += np.diag(penalty)
        if n_scores > 1 and self.design.intercept:
            # The same number added to all intercepts changes nothing: no step goes
            # there, as the slope is 0, and the matrix must not be singular.
            hessian[:, -1, :, -1] += weight.sum()
        matrix = hessian.reshape(n_scores * width, -1)
        try:
            return np.linalg.inv(matrix)
        except np.linalg.LinAlgError:
            return np.full_like(matrix, np.nan)  # the model is given up


def _probabilities(scores):
    """Probabilities, in the memory of the scores; classes are the last axis but one."""
    if scores.shape[-2] == 1:
        with np.errstate(over="ignore"):
            np.exp(np.negative(scores, out=scores), out=scores)
        scores += 1.0
        return np.reciprocal(scores, out=scores)
    scores -= scores.max(axis=-2, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-2, keepdims=True)
    return scores


def _losses(scores, targets):
    if len(scores) == 1:
        return np.logaddexp(0.0, scores) - targets.T * scores
    return logsumexp(scores, axis=0) - (targets.T * scores).sum(axis=0)
