"""Logistic regression with noise in the objective, and on what was found of it."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.sparse.linalg import LinearOperator, cg
from scipy.special import expit, log_softmax

from skprivacy.dp._gaussian import gaussian_mu
from skprivacy.dp._observed import Release, observed
from skprivacy.dp._perturbed_objective import PerturbedObjective
from skprivacy.dp._release import release_gaussian

__all__ = ["MinimaNoise", "log_curvature", "minima_noise", "noisy_minimum"]

#: The penalty is so large that noise moves a log-odds by this over the number of
#: classes; and at least that, of records no longer than 1.
NOISE_IN_LOG_ODDS = 8.0
LEAST_PENALTY = 1 / 30
#: Share of the noise on what was found in all that is spent, in units of mu.
SHARE_OF_FOUND = 0.1
#: How far from 0 the gradient may be at what is taken for the optimum, in units of the
#: longest gradient of one record. It is accounted for.
SLACK = 1e-5
#: Less is not told from what sums leave out.
LEAST_DELTA = 1e-13


def log_curvature(longest, n_classes, penalty) -> float:
    r"""Logarithm by which a record changes the determinant of the Hessian, at most.

    .. math:: (K - 1) \log\left(1 + \frac{R^2}{K \Lambda}\right)

    The Hessian of a softmax loss is of rank K - 1 and a trace of at most
    :math:`R^2 (1 - 1 / K)`: the product of ``1 + eigenvalue / penalty`` is largest with
    equal eigenvalues. Of two classes and one column of weights it is the outer product
    of the record, times 1/4 at most.

    Parameters
    ----------
    longest : float
        Length R of the longest record, its constant included.

    n_classes : int
        Classes, K.

    penalty : float
        Of half the square of the weights.

    Returns
    -------
    curvature : float

    Examples
    --------
    >>> import numpy as np
    >>> float(np.exp(log_curvature(1.0, 2, 0.25)))
    2.0
    """
    smooth = longest**2 / (4 if n_classes == 2 else n_classes)
    return float((n_classes - 1) * np.log1p(smooth / penalty))


@dataclass(frozen=True)
class MinimaNoise:
    """How much noise there is, and where.

    Attributes
    ----------
    penalty : float
        Of half the square of the weights.

    deviation : float
        Standard deviation of the linear term of the objective.

    slack : float
        Longest gradient of the objective where its optimum is taken to be.

    curve : PerturbedObjective
        What all of it promises.
    """

    penalty: float
    deviation: float
    slack: float
    curve: PerturbedObjective


def minima_noise(epsilon, delta, longest, n_classes) -> MinimaNoise:
    """Find the noise and the penalty with which a promise is kept.

    The penalty is so large that noise in the objective moves a log-odds by 8 over the
    number of classes, where the records say nothing. All follows from what is public.

    Parameters
    ----------
    epsilon, delta : float
        The promise, of neighbors of which one record is another.

    longest : float
        Length of the longest record, its constant included.

    n_classes : int
        Classes.

    Returns
    -------
    noise : MinimaNoise

    Raises
    ------
    ValueError
        If delta is too small for the sums by which it is found.

    Examples
    --------
    >>> noise = minima_noise(1.0, 1e-5, 1.0, 2)
    >>> round(noise.curve.epsilon(1e-5), 5)
    1.0
    """
    if delta < LEAST_DELTA:
        raise ValueError(
            f'delta must be at least {LEAST_DELTA:g} with solver="amp"; got {delta:g}.'
        )
    gradient = longest * (1.0 if n_classes == 2 else np.sqrt(2))
    mu = SHARE_OF_FOUND * gaussian_mu(epsilon, delta)

    def made(shift):
        deviation = 2 * gradient / shift
        allowed = NOISE_IN_LOG_ODDS / n_classes
        penalty = max(deviation * longest / allowed, LEAST_PENALTY)
        curvature = log_curvature(longest, n_classes, penalty)
        # Gradients of two records differ in a plane; of more classes, in as many
        # dimensions as both records have rows of weights that sum to 0.
        curve = PerturbedObjective(curvature, shift, 2 * (n_classes - 1), mu)
        return MinimaNoise(float(penalty), float(deviation), SLACK * gradient, curve)

    def excess(log_shift):
        found = float(made(np.exp(log_shift)).curve.delta(epsilon))
        return np.log(found) - np.log(delta)

    low, high = np.log(1e-9), np.log(10 * (1 + np.sqrt(epsilon)))
    found = brentq(excess, low, high, xtol=1e-10)
    while excess(found) > 0:
        found -= 1e-9
    return made(float(np.exp(found)))


def noisy_minimum(records, codes, n_classes, drawn, noise) -> np.ndarray:
    """Minimize the log loss, a penalty and a random linear term, and add noise.

    Parameters
    ----------
    records : ndarray of shape (n_records, n_columns)
        Records.

    codes : ndarray of int of shape (n_records,)
        Classes; some may have no record.

    n_classes : int
        How many there are.

    drawn : MinimaNoise
        How much noise.

    noise : NoiseSource
        Where it comes from.

    Returns
    -------
    weights : ndarray of shape (n_columns, 1) or (n_columns, n_classes)
        Of two classes those of the log-odds of the second.

    Raises
    ------
    RuntimeError
        If the gradient is nowhere as short as what is accounted for.
    """
    shape = (records.shape[1], 1 if n_classes == 2 else n_classes)

    def draw():
        linear = drawn.deviation * noise.normal(shape)
        problem = _Problem(records, codes, n_classes, drawn.penalty, linear)
        weights = problem.minimum(drawn.slack)
        # Both what is found and what is found of a neighbor are so far off, at most.
        away = 2 * drawn.slack / drawn.penalty
        return release_gaussian(weights, away, drawn.curve.mu, noise)

    without_noise = _Problem(records, codes, n_classes, drawn.penalty, np.zeros(shape))
    reach = drawn.curve.shift * drawn.deviation
    release = Release("noisy_objective", without_noise, reach, drawn.deviation)
    return observed(release, draw, noise)


class _Problem:
    """The objective, its gradient, and its Hessian in a direction."""

    def __init__(self, records, codes, n_classes, penalty, linear):
        self.records, self.codes, self.penalty = records, codes, penalty
        self.own, self.linear = np.eye(n_classes)[codes], linear
        self.is_binary = n_classes == 2

    def value(self, flat):
        weights = flat.reshape(self.linear.shape)
        scores = self.records @ weights
        if self.is_binary:
            sign = 2 * self.codes - 1
            loss = np.logaddexp(0, -sign * scores[:, 0]).sum()
            rest = (expit(scores[:, 0]) - self.codes)[:, None]
        else:
            logs = log_softmax(scores, axis=1)
            loss = -(logs * self.own).sum()
            rest = np.exp(logs) - self.own
        loss += (self.penalty / 2 * weights + self.linear).ravel() @ flat
        gradient = self.records.T @ rest + self.penalty * weights + self.linear
        return loss, gradient.ravel()

    def gradient(self, weights):
        return self.value(np.ravel(weights))[1]

    def hessian_times(self, flat, direction):
        direction = direction.reshape(self.linear.shape)
        scores = self.records @ flat.reshape(self.linear.shape)
        moved = self.records @ direction
        if self.is_binary:
            proba = expit(scores)
            moved = proba * (1 - proba) * moved
        else:
            proba = np.exp(log_softmax(scores, axis=1))
            moved = proba * (moved - (proba * moved).sum(axis=1, keepdims=True))
        return (self.records.T @ moved + self.penalty * direction).ravel()

    def minimum(self, slack):
        size = self.linear.size
        many = {"maxiter": 10_000, "maxfun": 100_000, "ftol": 0.0}
        many["gtol"] = slack / np.sqrt(size) / 2
        start = np.zeros(size)
        found = minimize(self.value, start, jac=True, method="L-BFGS-B", options=many).x
        for _ in range(20):
            away = np.linalg.norm(self.value(found)[1])
            if away <= slack:
                return found.reshape(self.linear.shape)
            found = self._newton_step(found)
        raise RuntimeError(
            f"The optimum was not found: its gradient is {away:.2g} long, and the "
            f"guarantee needs at most {slack:.2g}. Nothing is released; what it would "
            "have cost stays booked."
        )

    def _newton_step(self, flat):
        """Move to the minimum of the square that the objective looks like here."""
        loss, gradient = self.value(flat)
        matrix = LinearOperator(
            2 * (len(flat),), matvec=lambda one: self.hessian_times(flat, one)
        )
        step = cg(matrix, -gradient, rtol=1e-8, maxiter=10 * len(flat))[0]
        length = 1.0
        while self.value(flat + length * step)[0] > loss and length > 1e-6:
            length /= 2
        return flat + length * step
