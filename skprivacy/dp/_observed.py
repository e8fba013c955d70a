"""Releases with noise, as who looks on sees them: an audit records and repeats them."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

__all__ = [
    "Release",
    "generator_of_observer",
    "observed",
    "observed_hidden",
    "observer",
    "observing",
]

#: None but within an audit, and of one thread and what it calls.
_OBSERVER = ContextVar("skprivacy_observer_of_releases", default=None)


@dataclass(frozen=True)
class Release:
    """What is about to be released, and the noise that will hide it.

    Attributes
    ----------
    law : str
        How it is hidden: "gaussian", "laplace", "randomized_response" (`value` are
        codes), "choice" (the largest of each row of `value` with Gumbel noise),
        "labeled_tree" (one of many trees with classes, `value` has their ``counts``),
        "bingham" (a direction, `value` the quadratic form), "noisy_objective" (an
        optimum; `value` has the ``gradient`` of the objective without noise). Audits
        know a few more, of other libraries.

    value : ndarray or object
        Before noise.

    sensitivity : float
        By how much neighbors change the value, at most, as the law measures it.

    scale : float
        Scale of the noise, or its standard deviation. For randomized response how much
        likelier the truth is than any other code, as a logarithm.

    bounds : tuple of float, default=(-inf, inf)
        Between which outputs, or codes, are.

    is_monotonic : bool, default=False
        Of choices: whether a neighbor moves all values in the same direction.
    """

    law: str
    value: object
    sensitivity: float
    scale: float
    bounds: tuple = (-float("inf"), float("inf"))
    is_monotonic: bool = False


def observer():
    """Return who looks on, or None."""
    return _OBSERVER.get()


@contextmanager
def observing(one):
    """Show all releases within a block to an observer; None hides them.

    Parameters
    ----------
    one : observer or None
        Has the methods ``release(release, draw, noise)`` and ``hidden(draw, noise)``,
        which return what is drawn, or what was drawn before; and ``generator``, from
        which all draw that would ask the operating system.
    """
    token = _OBSERVER.set(one)
    try:
        yield one
    finally:
        _OBSERVER.reset(token)


def observed(release, draw, noise):
    """Draw a release, or what an observer says.

    Parameters
    ----------
    release : Release
        What is released.

    draw : callable
        Without arguments; returns the value with noise.

    noise : NoiseSource
        What it draws from.

    Returns
    -------
    released : object

    Examples
    --------
    >>> observed(Release("laplace", 3.0, 1.0, 1.0), lambda: 3.5, None)
    3.5
    """
    one = _OBSERVER.get()
    return draw() if one is None else one.release(release, draw, noise)


def observed_hidden(draw, noise):
    """Draw something that the guarantee counts on nobody knowing.

    Parameters
    ----------
    draw : callable
        Without arguments. Arrays that it returns have an element for each record.

    noise : NoiseSource
        What it draws from.

    Returns
    -------
    drawn : object

    Examples
    --------
    >>> observed_hidden(lambda: 3, None)
    3
    """
    one = _OBSERVER.get()
    return draw() if one is None else one.hidden(draw, noise)


def generator_of_observer():
    """Return what an observer draws from, or None."""
    one = _OBSERVER.get()
    return None if one is None else one.generator
