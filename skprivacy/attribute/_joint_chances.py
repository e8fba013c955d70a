"""Chances of all values of all people at once, so that sums over them come out right.

Each person was not in training, or was in with one of the candidate values. What the
leaves of a model count and answer are sums over those who were in. Of all chances with
these sums, those are taken that are nearest to what was thought before.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import logsumexp

from skprivacy.inspection._equations import Equations

__all__ = ["JointChances", "solve_chances", "tilted"]

#: Standard deviations of an equation, in rows, that are tried one after the other.
NOISES = (20.0, 4.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003)

#: Steps of the solver at each of them, at most.
N_STEPS = 500

#: Rows by which equations may be missed and count as met; they are missed by more where
#: the people lack a part of the training rows.
MET = 0.75

#: Log of the chance at which it is settled what a person was.
DECIDED = np.log(0.99)

#: Steps that the solver remembers.
MEMORY = 30


class JointChances(NamedTuple):
    """Solution of equations in what people are.

    Parameters
    ----------
    multiplier : ndarray of shape (n_equations,)
        By how much each equation speaks for those who add to it.

    log_chance : ndarray of shape (n_people, 1 + n_candidates)
        Log of the chance that the person was not in training, and that it was in with
        each value.

    noise : float
        By how much the equations are missed, in rows: large where the people lack many
        of the training rows.
    """

    multiplier: np.ndarray
    log_chance: np.ndarray
    noise: float


def tilted(log_prior, coefficient, multiplier):
    """Chances that equations speak for.

    Parameters
    ----------
    log_prior : ndarray of shape (n_people, 1 + n_candidates)
        Log of what was thought before: not in training, or in with each value.

    coefficient : sparse array of shape (n_equations, n_candidates * n_people)
        What each completion adds, the completions with the first value first.

    multiplier : ndarray of shape (n_equations,)
        Of each equation.

    Returns
    -------
    log_chance : ndarray of shape (n_people, 1 + n_candidates)
        Chances of a person sum to 1.

    log_sum : ndarray of shape (n_people,)
        Log of what the chances summed to before.
    """
    tilt = (coefficient.T @ multiplier).reshape(-1, len(log_prior)).T
    log_chance = log_prior.copy()
    log_chance[:, 1:] += tilt
    log_sum = logsumexp(log_chance, axis=1)
    return log_chance - log_sum[:, None], log_sum


def solve_chances(equations: Equations, log_prior, noises=NOISES) -> JointChances:
    r"""Find the chances next to a prior with which all equations hold.

    With completion v of person i adding :math:`a_{iv}`, they minimize

    .. math:: \sum_i \mathrm{KL}(p_i, \pi_i) + \frac{1}{2 \sigma^2}
              \bigl|\sum_{iv} p_{iv} a_{iv} - b\bigr|^2,

    so that :math:`p_{iv} \propto \pi_{iv} e^{a_{iv} \cdot \lambda}`. The multipliers
    minimize a convex function of as many unknowns as there are equations.

    Parameters
    ----------
    equations : Equations
        In the completions of all people, those with the first value first.

    log_prior : ndarray of shape (n_people, 1 + n_candidates)
        Log of what was thought before: not in training, or in with each value.

    noises : sequence of float, default=NOISES
        Errors :math:`\sigma` to try, falling. The last one that the equations can be
        met with is kept.

    Returns
    -------
    found : JointChances

    Examples
    --------
    Two people. A leaf holds one row: the first person with the first value, or the
    second with the second one. Another leaf, where the second would be with the first
    value, is empty.

    >>> from scipy import sparse
    >>> coefficient = sparse.csr_array([[1.0, 0, 0, 1], [0, 1, 0, 0]])
    >>> equations = Equations(coefficient, np.array([1.0, 0]))
    >>> log_prior = np.log([[0.2, 0.4, 0.4], [0.2, 0.4, 0.4]])
    >>> np.exp(solve_chances(equations, log_prior).log_chance).round(2)
    array([[0.21, 0.37, 0.42],
           [0.37, 0.  , 0.63]])
    """
    coefficient, total, _ = equations
    reached = np.diff(coefficient.indptr) > 0
    coefficient, total = coefficient[reached], total[reached]
    multiplier = np.zeros(len(total))
    log_chance, _ = tilted(log_prior, coefficient, multiplier)
    if not reached.any():
        return JointChances(np.zeros(len(reached)), log_chance, 0.0)
    noise = 0.0
    for tried in noises:
        # Equations of many undecided people are the steep ones.
        spread = _spread(coefficient, np.exp(log_chance[:, 1:]))
        scale = 1 / np.sqrt(spread + tried**2)
        found = _descend(coefficient, total, log_prior, multiplier, scale, tried)
        found_chance, _ = tilted(log_prior, coefficient, found)
        error = coefficient @ np.exp(found_chance[:, 1:]).T.ravel() - total
        missed = np.sqrt(np.mean(error**2))
        if tried < noises[0] and missed > max(tried / 2, MET):
            break
        multiplier, log_chance, noise = found, found_chance, missed
        if np.all(log_chance.max(axis=1) > DECIDED):
            break
    every = np.zeros(len(reached))
    every[reached] = multiplier
    return JointChances(every, log_chance, float(noise))


def _spread(coefficient, chance):
    """Variance of each equation's sum, over what people may be."""
    n_people = len(chance)
    squared = sparse.csr_array(
        (coefficient.data**2, coefficient.indices, coefficient.indptr),
        shape=coefficient.shape,
    )
    # A person's completions that add nearly the same leave nearly nothing open.
    person = coefficient.indices % n_people
    weighted = coefficient.data * chance.T.ravel()[coefficient.indices]
    # What belongs to one person is put together in place, so that starts are copied.
    mean = sparse.csr_array(
        (weighted, person, coefficient.indptr.copy()), (coefficient.shape[0], n_people)
    )
    mean.sum_duplicates()
    mean.data **= 2
    return np.maximum(squared @ chance.T.ravel() - mean.sum(axis=1), 0)


def _descend(coefficient, total, log_prior, multiplier, scale, noise):
    def dual(scaled):
        at = scale * scaled
        log_chance, log_sum = tilted(log_prior, coefficient, at)
        inside = np.exp(log_chance[:, 1:]).T.ravel()
        value = log_sum.sum() - total @ at + noise**2 * (at @ at) / 2
        slope = coefficient @ inside - total + noise**2 * at
        return value, scale * slope

    options = {"maxcor": MEMORY, "maxiter": N_STEPS, "gtol": 1e-4, "ftol": 1e-10}
    found = minimize(
        dual, multiplier / scale, jac=True, method="L-BFGS-B", options=options
    )
    return scale * found.x
