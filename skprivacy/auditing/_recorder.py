"""Observers of releases: one notes them, the other one repeats them."""

import copy
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from skprivacy.auditing._release_loss import CLOSE
from skprivacy.dp._observed import observing

__all__ = ["Noted", "Recorder", "Repeater"]


@dataclass
class Noted:
    """A release that was noted.

    Attributes
    ----------
    release : Release
        Before noise.

    released : object
        With noise.
    """

    release: object
    released: object


class Recorder:
    """Notes all releases of a run.

    Noise comes from a generator of its own. So that of the estimator, from which it
    draws what does not depend on the data, is the same when releases are repeated.

    Parameters
    ----------
    seed : int
        Of the noise, and of a generator in place of the operating system's.
    """

    def __init__(self, seed):
        self.generator = np.random.RandomState(seed)
        self._of_noise = np.random.RandomState(seed + 1)
        self.noted, self.hidden_draws = [], []

    def release(self, release, draw, noise):
        """Draw a release, and note it."""
        release = _kept(release)
        with _lent(noise, self._of_noise):
            released = draw()
        if release.law == "vector":
            self.noted.append(Noted(release, release.value))
            return release.value.recorded(released)
        self.noted.append(Noted(release, copy.deepcopy(released)))
        return released

    def hidden(self, draw, noise):
        """Draw what nobody will know, and note it."""
        with _lent(noise, self._of_noise):
            drawn = draw()
        self.hidden_draws.append(np.array(drawn))
        return drawn

    @property
    def counts(self):
        """How many releases, and how many hidden draws."""
        return len(self.noted), len(self.hidden_draws)


class Repeater:
    """Returns what a recorder noted, whatever is to be released now.

    Parameters
    ----------
    seed : int
        That of the recorder.

    recorder : Recorder
        What is repeated.

    removed : int or None, default=None
        Record that is missing now.

    Attributes
    ----------
    releases : list of Release
        What would have been released, as long as it was of the same kind.

    divergence : str
        In what the run was another one; empty if in nothing.
    """

    def __init__(self, seed, recorder, removed=None):
        self.generator = np.random.RandomState(seed)
        self.recorder, self.removed = recorder, removed
        self.releases, self.divergence = [], ""
        self._n_hidden = 0

    def release(self, release, draw, noise):
        """Return what was released before, if it was of the same kind."""
        at, noted = len(self.releases), self.recorder.noted
        if not self.divergence:
            self.divergence = (
                _difference(noted[at].release, release)
                if at < len(noted)
                else "there are more releases"
            )
        if self.divergence:
            with observing(None):
                return draw()
        release = _kept(release)
        self.releases.append(release)
        released = noted[at].released
        if release.law == "vector":
            return release.value.repeated(released.optimum)
        return copy.deepcopy(released)

    def hidden(self, draw, noise):
        """Return what was drawn before, without the record that is missing."""
        at, drawn = self._n_hidden, self.recorder.hidden_draws
        self._n_hidden += 1
        if at >= len(drawn):
            with observing(None):
                return draw()
        before = drawn[at]
        if before.ndim and self.removed is not None:
            return np.delete(before, self.removed, axis=0)
        return before[()]

    def finish(self):
        """Note whether there were fewer releases than before."""
        if not self.divergence and len(self.releases) < len(self.recorder.noted):
            self.divergence = "there are fewer releases"

    @property
    def counts(self):
        """How many releases were repeated, and how many hidden draws."""
        return len(self.releases), self._n_hidden


def _kept(release):
    """Keep numbers as they are now."""
    if isinstance(release.value, np.ndarray):
        return replace(release, value=release.value.copy())
    return release


def _difference(first, second) -> str:
    """Tell what is another kind of release; a neighbor's value may be another."""
    if first.law != second.law:
        return f"a release is {second.law} instead of {first.law}"
    shapes = [np.shape(one.value) for one in (first, second)]
    if shapes[0] != shapes[1] and first.law not in ("vector", "noisy_objective", "?"):
        return f"a release has the shape {shapes[1]} instead of {shapes[0]}"
    # Not a number is not compared: the scale is not known.
    if abs(first.scale - second.scale) > CLOSE * abs(first.scale):
        return "the noise has another scale"
    return ""


@contextmanager
def _lent(noise, generator):
    """Let noise come from a generator, and show nobody what is released meanwhile.

    Sources of noise and mechanisms of diffprivlib have it under the same name.
    """
    own = noise._rng
    noise._rng = generator
    try:
        with observing(None):
            yield
    finally:
        noise._rng = own
