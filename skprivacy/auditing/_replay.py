"""Fit on a data set while releases are noted, and on its neighbor with the same."""

import contextvars
import copy
import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from joblib import parallel_config
from sklearn.base import clone

from skprivacy.auditing._library_releases import observed_library
from skprivacy.auditing._readout import read_output
from skprivacy.auditing._recorder import Recorder, Repeater
from skprivacy.dp._ledger import _IN_USE
from skprivacy.dp._observed import observing

__all__ = ["ROUNDING", "Run", "differing_parts", "record", "repeat", "seed_names"]

#: Relative difference of two sums of the same numbers.
ROUNDING = 1e-12


@dataclass
class Run:
    """A fit that was looked at.

    Attributes
    ----------
    observer : Recorder or Repeater
        What it saw.

    model : estimator
        Fitted.

    world : tuple
        What it was fitted on.

    seed : int
        Of all that is random.

    n_fit : int
        Releases of the fit. Later ones are of answers.

    is_overwritten : bool
        Whether the fit has changed the data that it was given.

    numbers : dict of str to ndarray
        All that is released, as of :meth:`answers`.
    """

    observer: object
    model: object
    world: tuple
    seed: int
    n_fit: int
    is_overwritten: bool
    numbers: dict = field(default_factory=dict)

    def answers(self, rows):
        """Read all that is released: the model and its answers, or answers alone.

        Parameters
        ----------
        rows : table or None
            What the model is asked about.

        Returns
        -------
        numbers : dict of str to ndarray
        """
        output = self.model
        if self.n_fit == 0 and hasattr(output, "transform"):
            # It may be the records that are released, one by one.
            output = {"transform": output.transform(self.world[0])}
        elif self.n_fit == 0 and hasattr(output, "predict"):
            answers = output.predict(rows)
            if self.observer.counts[0] > 0:
                output = {"predict": answers}
        layout, numbers = read_output(output, rows)
        ends = np.cumsum([size for _, size in layout])[:-1].astype(int)
        names = [name.lstrip(".") for name, _ in layout]
        return dict(zip(names, np.split(numbers, ends), strict=True))


def seed_names(estimator) -> list:
    """Names of the seeds that reach all parts of an estimator.

    Parameters
    ----------
    estimator : estimator
        A part whose whole has a seed gets its own from it, unless it is given.

    Returns
    -------
    names : list of str

    Examples
    --------
    >>> from sklearn.ensemble import BaggingClassifier
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> seed_names(BaggingClassifier(DecisionTreeClassifier()))
    ['random_state']
    """
    params = estimator.get_params(deep=True)
    names = {name for name in params if name.split("__")[-1] == "random_state"}
    return sorted(
        name
        for name in names
        if params[name] is not None
        or not any(_is_above(other, name) for other in names - {name})
    )


def _is_above(other, name):
    return name.startswith(other.removesuffix("random_state"))


def record(estimator, world, seed, rows=None) -> Run:
    """Fit, and note what is released.

    Parameters
    ----------
    estimator : estimator
        It is not changed.

    world : tuple
        What ``fit`` takes.

    seed : int
        Of all that is random.

    rows : table or None, default=None
        What the model is asked about.

    Returns
    -------
    run : Run
    """
    return _run(estimator, world, seed, Recorder(seed), rows)


def repeat(estimator, world, run, rows=None, removed=None) -> Run:
    """Fit on a neighbor, with the releases that were noted.

    Parameters
    ----------
    estimator : estimator
        It is not changed.

    world : tuple
        What ``fit`` takes.

    run : Run
        What is repeated.

    rows : table or None, default=None
        What the model is asked about.

    removed : int or None, default=None
        Row that is missing in `world`.

    Returns
    -------
    run : Run
        Its model is None if the fit ended with an error.
    """
    repeater = Repeater(run.seed, run.observer, removed)
    try:
        again = _run(estimator, world, run.seed, repeater, rows)
        repeater.finish()
        return again
    except Exception as error:  # noqa: BLE001 - whatever it says, it says it of one.
        said = f"an error: {type(error).__name__}: {error}"
        repeater.divergence = repeater.divergence or said
        return Run(repeater, None, world, run.seed, 0, False)


def _run(estimator, world, seed, observer, rows):
    def fit():
        # What an audit fits is no release, and is booked nowhere.
        _IN_USE.set(None)
        with (
            warnings.catch_warnings(),
            observed_library(),
            # Of what another process or thread releases nothing would be seen.
            parallel_config(backend="sequential"),
            observing(observer),
        ):
            warnings.simplefilter("ignore")
            given = copy.deepcopy(world)
            model = _prepared(estimator, seed).fit(*given)
            is_overwritten = not all(map(_are_same, given, world))
            run = Run(observer, model, world, seed, observer.counts[0], is_overwritten)
            run.numbers = run.answers(rows)
            return run

    return contextvars.copy_context().run(fit)


def _prepared(estimator, seed):
    model = clone(estimator)
    params = model.get_params(deep=True)
    settings = dict.fromkeys(seed_names(model), seed)
    settings |= {name: None for name in params if name.split("__")[-1] == "ledger"}
    return model.set_params(**settings) if settings else model


def _are_same(one, other):
    if isinstance(one, pd.DataFrame | pd.Series):
        return one.equals(other)
    one, other = np.asarray(one), np.asarray(other)
    return one.dtype.kind == "O" or np.array_equal(
        one, other, equal_nan=one.dtype.kind == "f"
    )


def differing_parts(first, second, tolerance=ROUNDING) -> dict:
    """Tell which numbers of two models are not the same.

    Parameters
    ----------
    first, second : dict of str to ndarray
        What runs released.

    tolerance : float, default=1e-12
        Relative; larger, of what is found step by step.

    Returns
    -------
    differences : dict of str to float
        The largest of each part; infinite where one has more numbers.

    Examples
    --------
    >>> one = {"mean": np.array([1.0, 2.0]), "n": np.array([5.0])}
    >>> differing_parts(one, {"mean": np.array([1.0, 2.5]), "n": np.array([5.0])})
    {'mean': 0.5}
    """
    found = {}
    for name in dict.fromkeys([*first, *second]):
        one, other = first.get(name), second.get(name)
        if one is None or other is None or one.shape != other.shape:
            found[name] = np.inf
        elif not np.allclose(
            one, other, rtol=tolerance, atol=tolerance, equal_nan=True
        ):
            found[name] = float(np.nanmax(np.abs(one - other)))
    return found
