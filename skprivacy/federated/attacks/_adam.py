"""Minimize what has kinks."""

import numpy as np
from scipy.optimize import minimize

__all__ = ["adam", "descend"]

DECAYS = (0.9, 0.999)


def adam(objective, start, bounds, n_steps, rate=0.1):
    """Return the best point of steps by Adam, within bounds.

    The rate falls in a straight line to 0.

    Parameters
    ----------
    objective : callable
        Returns value and gradient.

    start : ndarray of shape (n_values,)
        First point.

    bounds : tuple of ndarray of shape (n_values,)
        Least and largest values.

    n_steps : int
        Steps.

    rate : float, default=0.1
        Length of the first step, in each value.

    Returns
    -------
    point : ndarray of shape (n_values,)

    value : float
    """
    point = np.clip(start, *bounds)
    mean, square = np.zeros_like(point), np.zeros_like(point)
    best, least = point, np.inf
    for step in range(1, n_steps + 1):
        value, slope = objective(point)
        if value < least:
            best, least = point, value
        mean = DECAYS[0] * mean + (1 - DECAYS[0]) * slope
        square = DECAYS[1] * square + (1 - DECAYS[1]) * slope**2
        scaled = mean / (1 - DECAYS[0] ** step)
        size = np.sqrt(square / (1 - DECAYS[1] ** step)) + 1e-12
        fall = rate * (1 - (step - 1) / n_steps)
        point = np.clip(point - fall * scaled / size, *bounds)
    return best, least


def descend(objective, start, bounds, n_steps):
    """Minimize by Adam, and from there by L-BFGS.

    Gradients of networks of ReLU jump, where the line search of L-BFGS gives up; near a
    minimum, where nothing jumps, it gets to the last digits.

    Parameters
    ----------
    objective, start, bounds, n_steps
        As of :func:`adam`.

    Returns
    -------
    point : ndarray of shape (n_values,)

    value : float
    """
    point, _ = adam(objective, start, bounds, n_steps)
    found = minimize(
        objective,
        point,
        jac=True,
        method="L-BFGS-B",
        bounds=np.column_stack(bounds),
        options={"maxiter": n_steps, "ftol": 1e-14, "gtol": 1e-12},
    )
    return found.x, float(found.fun)
