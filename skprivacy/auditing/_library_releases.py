"""Shows what diffprivlib releases to an observer."""

import importlib.util
import threading
from contextlib import contextmanager

import numpy as np

from skprivacy.dp._diffprivlib_compat import load_diffprivlib
from skprivacy.dp._observed import Release, observer

__all__ = ["Objective", "library_release", "observed_library"]

_LOCK = threading.Lock()
#: How many look on, and what to put back when the last one is gone.
_WATCHED = {"count": 0, "methods": []}
#: Step by which derivatives are found, in units of the size of weights.
STEP = 1e-5


@contextmanager
def observed_library():
    """Show the releases of diffprivlib to observers, within a block.

    All its noise comes from the method ``randomise`` of its mechanisms, which is
    replaced while anybody looks on, and asks whether it is in the own thread.
    """
    if importlib.util.find_spec("diffprivlib") is None:
        yield
        return
    with _LOCK:
        if _WATCHED["count"] == 0:
            _WATCHED["methods"] = _replace_methods(load_diffprivlib())
        _WATCHED["count"] += 1
    try:
        yield
    finally:
        with _LOCK:
            _WATCHED["count"] -= 1
            if _WATCHED["count"] == 0:
                for owner, method in _WATCHED.pop("methods"):
                    owner.randomise = method


def _replace_methods(library):
    replaced = []
    for owner in _subclasses(library.mechanisms.DPMechanism):
        if "randomise" in vars(owner):
            replaced.append((owner, owner.randomise))
            owner.randomise = _asking(owner.randomise)
    return replaced


def _subclasses(owner):
    found = [owner]
    for one in owner.__subclasses__():
        found.extend(each for each in _subclasses(one) if each not in found)
    return found


def _asking(method):
    def randomise(self, value=None):
        one = observer()
        if one is None:
            return method(self, value)
        release = library_release(self, value)
        return one.release(release, lambda: method(self, value), self)

    randomise.__doc__ = method.__doc__
    return randomise


def library_release(mechanism, value) -> Release:
    """Describe what a mechanism of diffprivlib is about to release.

    Parameters
    ----------
    mechanism : DPMechanism
        With its parameters.

    value : object
        What it is given.

    Returns
    -------
    release : Release
        Of a law "?" where it is none of those that the library's models use.

    Examples
    --------
    >>> mechanisms = load_diffprivlib().mechanisms
    >>> release = library_release(mechanisms.Laplace(epsilon=0.5, sensitivity=2.0), 3)
    >>> release.law, float(release.value), release.sensitivity, release.scale
    ('laplace', 3.0, 2.0, 4.0)
    """
    name = type(mechanism).__name__
    bounds = getattr(mechanism, "lower", -np.inf), getattr(mechanism, "upper", np.inf)
    sensitivity = float(getattr(mechanism, "sensitivity", np.inf))
    # A mechanism of its own class may draw otherwise: it is looked at by its name.
    describe = DESCRIPTIONS.get(name, _unknown)
    return describe(mechanism, value, sensitivity, bounds)


def _laplace(mechanism, value, sensitivity, bounds):
    scale = sensitivity / (mechanism.epsilon - np.log(1 - mechanism.delta))
    return Release("laplace", np.asarray(value, float), sensitivity, float(scale))


def _folded_laplace(mechanism, value, sensitivity, bounds):
    return _laplace(mechanism, mechanism._fold(value), sensitivity, bounds)


def _truncated_laplace(mechanism, value, sensitivity, bounds):
    scale = _laplace(mechanism, value, sensitivity, bounds).scale
    value = np.asarray(value, float)
    return Release("truncated_laplace", value, sensitivity, scale, bounds)


def _bounded_laplace(mechanism, value, sensitivity, bounds):
    if mechanism._scale is None:
        mechanism._scale = mechanism._find_scale()
    scale, value = float(mechanism._scale), np.asarray(value, float)
    return Release("bounded_laplace", value, sensitivity, scale, bounds)


def _geometric(mechanism, value, sensitivity, bounds):
    scale, value = sensitivity / mechanism.epsilon, np.asarray(value, float)
    return Release("geometric", value, sensitivity, float(scale))


def _folded_geometric(mechanism, value, sensitivity, bounds):
    return _geometric(mechanism, mechanism._fold(value), sensitivity, bounds)


def _gaussian(mechanism, value, sensitivity, bounds):
    scale = float(mechanism._scale)
    return Release("gaussian", np.asarray(value, float), sensitivity, scale)


def _binary(mechanism, value, sensitivity, bounds):
    code = np.array([int(value == mechanism.value1)])
    odds = float(
        np.log((np.exp(mechanism.epsilon) + mechanism.delta) / (1 - mechanism.delta))
    )
    return Release("randomized_response", code, 1.0, odds, (0, 1))


def _choice(mechanism, value, sensitivity, bounds, law="choice"):
    is_monotonic = bool(mechanism.monotonic)
    scale = sensitivity * (2 - is_monotonic) / mechanism.epsilon
    utility = np.array(mechanism.utility, dtype=float)
    if mechanism.measure:
        with np.errstate(divide="ignore"):
            utility = utility + scale * np.log(mechanism.measure)
    return Release(law, utility, sensitivity, float(scale), is_monotonic=is_monotonic)


def _permute_and_flip(mechanism, value, sensitivity, bounds):
    return _choice(mechanism, value, sensitivity, bounds, "permute_and_flip")


def _bingham(mechanism, value, sensitivity, bounds):
    scale = 4 * sensitivity / mechanism.epsilon
    return Release("bingham", np.array(value), sensitivity, float(scale))


def _vector(mechanism, value, sensitivity, bounds):
    reach, smooth = mechanism.data_sensitivity, mechanism.function_sensitivity
    epsilon = mechanism.epsilon - 2 * np.log(1 + smooth * reach / mechanism.alpha)
    more = 0.0
    if epsilon <= 0:
        more = (
            smooth * reach / np.expm1(mechanism.epsilon / 4) - mechanism.alpha
        ) / mechanism.n
        epsilon = mechanism.epsilon / 2
    objective = Objective(value, mechanism.n, more)
    return Release("vector", objective, 2.0 * reach, float(2 * reach / epsilon))


def _unknown(mechanism, value, sensitivity, bounds):
    return Release("?", value, sensitivity, np.nan)


DESCRIPTIONS = {
    "Laplace": _laplace,
    "LaplaceFolded": _folded_laplace,
    "LaplaceTruncated": _truncated_laplace,
    "LaplaceBoundedDomain": _bounded_laplace,
    "Geometric": _geometric,
    "GeometricTruncated": _geometric,
    "GeometricFolded": _folded_geometric,
    "Gaussian": _gaussian,
    "GaussianAnalytic": _gaussian,
    "GaussianDiscrete": _gaussian,
    "Binary": _binary,
    "Exponential": _choice,
    "PermuteAndFlip": _permute_and_flip,
    "Bingham": _bingham,
    "Vector": _vector,
}


class Objective:
    """A function that is minimized with noise, and the data that it is called with.

    Parameters
    ----------
    function : callable
        Of weights, and of data; returns a mean loss and its gradient.

    n_records : int
        Of the mean.

    penalty : float, default=0.0
        That the mechanism adds, of half the square of the weights.
    """

    def __init__(self, function, n_records, penalty=0.0):
        self.function = function
        self.n_records = n_records
        self.penalty = penalty
        self.data = None
        self.optimum = None
        self._least = np.inf

    def recorded(self, noisy):
        """Return the function with noise, which notes where it is least.

        Parameters
        ----------
        noisy : callable
            The function with noise.

        Returns
        -------
        function : callable
        """

        def function(weights, *data):
            value, gradient = noisy(weights, *data)
            self.data = data
            if value < self._least:
                self.optimum, self._least = np.array(weights), value
            return value, gradient

        return function

    def repeated(self, optimum):
        """Return a function that has its minimum at an optimum, whatever the data are.

        Parameters
        ----------
        optimum : ndarray
            Weights.

        Returns
        -------
        function : callable
        """

        def function(weights, *data):
            self.data = data
            # Steep: solvers stop where the slope is small.
            away = np.asarray(weights) - optimum
            return 5e5 * float(away @ away), 1e6 * away

        return function

    def gradient(self, weights):
        """Sum of the gradients of the records, and that of the penalty."""
        found = np.array(self.function(np.array(weights), *self.data)[1])
        return self.n_records * (found + self.penalty * np.asarray(weights))

    def log_curvature(self, weights) -> float:
        """Logarithm of the determinant of the second derivatives."""
        weights = np.asarray(weights, dtype=float)
        steps = STEP * (1 + np.linalg.norm(weights)) * np.eye(len(weights))
        rows = [
            (self.gradient(weights + one) - self.gradient(weights - one))
            / (2 * one.max())
            for one in steps
        ]
        return float(np.linalg.slogdet((np.array(rows) + np.transpose(rows)) / 2)[1])
