"""Run a mechanism many times, in both of two neighboring worlds."""

import inspect
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from skprivacy._progress import tell_progress
from skprivacy.dp import PrivateFitWarning
from skprivacy.shadow._parallel import share_out

__all__ = [
    "Failure",
    "Mechanism",
    "as_worlds",
    "check_not_frozen",
    "first_output",
    "n_records",
    "run_worlds",
]

#: Batches for each worker: enough that none waits long for the last, and that who waits
#: sees how far it has got.
BATCHES_PER_JOB = 8
#: Runs before a mechanism is taken to be one that can't be run.
MOST_TRIES = 10


@dataclass(frozen=True)
class Failure:
    """What comes out of a run that raises: an output as any other.

    Parameters
    ----------
    text : str
        The error and its message.

    is_refusal : bool
        Whether it is a ValueError or TypeError, as of data that are not accepted.

    Examples
    --------
    >>> Failure("ValueError: n_samples=1", is_refusal=True).text
    'ValueError: n_samples=1'
    """

    text: str
    is_refusal: bool


def check_not_frozen(estimator):
    """Refuse what no audit can fit: a class, or an estimator that fits no more.

    Parameters
    ----------
    estimator : object
        What is to be audited.

    Raises
    ------
    TypeError
        If it is a class.

    ValueError
        If it, or the last step of a pipeline, is frozen.
    """
    if isinstance(estimator, type):
        raise TypeError(
            f"what is audited must be an instance, not a class: {estimator.__name__}() "
            f"in place of {estimator.__name__}."
        )
    last = estimator
    while isinstance(last, Pipeline):
        last = last.steps[-1][1]
    if isinstance(last, FrozenEstimator):
        raise ValueError(
            f"{last!r} is not fitted anew, so that nothing of its data would show. "
            "Give the estimator inside of it."
        )


class Mechanism:
    """Something random that is run on data: an estimator that is fitted, or a function.

    An estimator whose ``random_state`` is None is left to draw its noise as it would
    for a model that is released. One that has a seed would have the same noise in every
    run: each run gets a seed of its own in its place, in all its parts.

    Parameters
    ----------
    mechanism : estimator or callable
        A function with a parameter ``random_state`` is given a seed for each run.
    """

    def __init__(self, mechanism):
        check_not_frozen(mechanism)
        self.mechanism = mechanism
        self.is_estimator = hasattr(mechanism, "fit")
        self.seeded = []
        if self.is_estimator:
            params = mechanism.get_params(deep=True)
            self.seeded = sorted(
                name
                for name, value in params.items()
                if name.split("__")[-1] == "random_state" and value is not None
            )
            # An audit is not a release: what it fits is not booked.
            ledgers = [
                name
                for name, value in params.items()
                if name.split("__")[-1] == "ledger" and value is not None
            ]
            if ledgers:
                self.mechanism = clone(mechanism).set_params(
                    **dict.fromkeys(ledgers, None)
                )
        elif "random_state" in inspect.signature(mechanism).parameters:
            self.seeded = ["random_state"]

    def run(self, world, seed):
        """Run once.

        Parameters
        ----------
        world : tuple
            The data: what ``fit``, or the function, takes.

        seed : int
            Where seeds come from.

        Returns
        -------
        output : object
            The fitted estimator, or what the function returns.
        """
        rng = np.random.RandomState(seed)
        seeds = {name: int(rng.randint(2**31 - 1)) for name in self.seeded}
        with warnings.catch_warnings():
            # They are about a model that is released, which none of these is.
            warnings.simplefilter("ignore", PrivateFitWarning)
            if not self.is_estimator:
                return self.mechanism(*world, **seeds)
            model = clone(self.mechanism)
            if seeds:
                model.set_params(**seeds)
            return model.fit(*world)

    @property
    def assumption(self) -> str:
        """What is taken for granted about the noise."""
        if self.seeded:
            names = ", ".join(self.seeded)
            return (
                f"every run had a seed of its own in place of the given {names}; with "
                "one seed for all of them the noise would hide nothing"
            )
        return "every run drew its noise as the mechanism does by itself"


def as_worlds(neighbors) -> list:
    """Return the data of both worlds, each as a tuple of what ``fit`` takes.

    What a mechanism can't be run on looks as if it gave a record away, so that data
    sets with a slip are refused before.

    Parameters
    ----------
    neighbors : pair
        Two data sets: each a tuple ``(X, y)``, or ``X`` alone.

    Returns
    -------
    worlds : list of tuple

    Raises
    ------
    ValueError
        If it is no pair, or one data set is none or has not as many parts as the other,
        or labels of another length.

    Examples
    --------
    >>> as_worlds(([[1.0]], [[2.0]]))
    [([[1.0]],), ([[2.0]],)]
    """
    if not isinstance(neighbors, tuple | list) or len(neighbors) != 2:
        kind = repr if isinstance(neighbors, str) else type
        raise ValueError(
            'neighbors must be a pair of data sets, each X or a tuple (X, y), "search" '
            f"or a NeighborSearch; got {kind(neighbors)}."
        )
    worlds = [world if isinstance(world, tuple) else (world,) for world in neighbors]
    n_parts = [len(world) for world in worlds]
    if n_parts[0] != n_parts[1] or any(part is None for w in worlds for part in w):
        raise ValueError(
            "neighbors must be two data sets alike, each X or a tuple (X, y) without "
            f"None; got {_described(worlds[0])} and {_described(worlds[1])}."
        )
    for name, world in zip(("first", "second"), worlds, strict=True):
        lengths = [n for n in map(n_records, world) if n is not None]
        if len(set(lengths)) > 1:
            raise ValueError(
                f"neighbors: X and y of the {name} data set must have the same length; "
                f"got {' and '.join(map(str, lengths))}."
            )
    return worlds


def n_records(part):
    """Length of a table or of labels; None where they are something else.

    Examples
    --------
    >>> n_records([[1.0], [2.0, 3.0]]), n_records(np.zeros((3, 2))), n_records(1.0)
    (2, 3, None)
    """
    if hasattr(part, "shape"):
        return part.shape[0] if part.shape else None
    return len(part) if isinstance(part, list | tuple) else None


def _described(world):
    return f"({', '.join(type(part).__name__ for part in world)})"


def run_worlds(mechanism, worlds, seeds, read, n_jobs=None) -> list:
    """Run a mechanism in both worlds, and read what comes out.

    Parameters
    ----------
    mechanism : Mechanism
        What is run.

    worlds : list of tuple
        From :func:`as_worlds`.

    seeds : ndarray of int of shape (2, n_runs)
        One for each run: worlds share none.

    read : callable
        Of the output of a run; what it returns is kept.

    n_jobs : int or None, default=None
        Processes.

    Returns
    -------
    outcomes : list of list
        Of either world, in the order of the seeds: what `read` returns, or a
        :class:`Failure` where the run raised.
    """
    n_batches = BATCHES_PER_JOB * effective_n_jobs(n_jobs)
    batches = [
        (world, batch)
        for world, own in enumerate(seeds)
        if len(own)
        for batch in np.array_split(own, min(n_batches, len(own)))
    ]
    shared = _Shared(mechanism, worlds, read, os.getpid())
    done = share_out(_run_shared, shared, batches, n_jobs=n_jobs)
    outcomes: list[list] = [[], []]
    n_runs = sum(len(own) for own in seeds)
    for (world, _), found in zip(batches, done, strict=True):
        outcomes[world].extend(found)
        tell_progress(sum(map(len, outcomes)), n_runs)
    return outcomes


@dataclass
class _Shared:
    """What all batches have in common."""

    mechanism: Mechanism
    worlds: list
    read: Callable
    main_process: int


def _run_shared(shared, batch):
    world, seeds = batch
    data = shared.worlds[world]
    return _run_batch(shared.mechanism, data, seeds, shared.read, shared.main_process)


def _run_batch(mechanism, world, seeds, read, main_process):
    if os.getpid() != main_process:
        # A process that was forked has the state of numpy's global generator in common
        # with all others: what draws from it would have the same noise everywhere.
        np.random.seed(seeds[0])
    return [_run_once(mechanism, world, seed, read) for seed in seeds]


def _run_once(mechanism, world, seed, read):
    try:
        output = mechanism.run(world, seed)
    except Exception as error:
        # Whoever waits for a model sees that there is none, whatever the reason.
        refused = isinstance(error, ValueError | TypeError)
        return Failure(f"{type(error).__name__}: {error}", refused)
    # What goes wrong in reading is not the mechanism's.
    return read(output)


def first_output(mechanism, worlds, seed):
    """Run until there is an output, on both data sets in turn.

    Parameters
    ----------
    mechanism : Mechanism
        What is run.

    worlds : list of tuple
        From :func:`as_worlds`.

    seed : int
        Of the first run; others have the following ones.

    Returns
    -------
    output : object
        As it is.

    n_tries : int
        Runs that it took: more than 1 if the first one, on the first data set, raised.

    Raises
    ------
    Exception
        That of the first run, if all others raise as well.
    """
    first_error = None
    for i in range(MOST_TRIES):
        try:
            return mechanism.run(worlds[i % 2], (seed + i) % 2**31), i + 1
        except Exception as error:
            first_error = first_error or error
    raise first_error
