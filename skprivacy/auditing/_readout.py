"""All numbers that a fitted model, or another output, shows to who holds it."""

import zlib
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.tree._tree import Tree

from skprivacy.auditing._runs import Failure

__all__ = ["probe_rows", "read_output", "stack_readouts"]

#: Of a longer array so many values are read, evenly spread.
MOST_VALUES = 1000
MOST_DEPTH = 5
MOST_ELEMENTS = 200
#: A matrix with up to so many rows may have them in any order: centers, trees.
MOST_ROWS = 50
#: Rows that models are asked about, beside those in which the worlds differ.
N_OTHER_ROWS = 10
TREE_ARRAYS = ("feature", "threshold", "value", "n_node_samples", "impurity")
#: Readout of a run that raised.
FAILED = (("failed", 1),), np.ones(1)
#: Of each group the first that a model has.
METHODS = (
    ("predict_proba", "decision_function", "predict", "score_samples"),
    ("transform",),
)


def read_output(output, rows=None):
    """Read all numbers of an output.

    Parameters
    ----------
    output : object
        A fitted estimator, of which all attributes that are no parameters are read, and
        its answers; or numbers, arrays, and lists and dictionaries of these.

    rows : table or None, default=None
        What an estimator is asked about.

    Returns
    -------
    layout : tuple of (str, int)
        Name of each part, and how many numbers it has.

    numbers : ndarray
        All of them. A text is a number that stands for it.

    Examples
    --------
    >>> layout, numbers = read_output({"mean": np.array([1.0, 2.0]), "n": 3})
    >>> layout, numbers
    ((('.mean', 2), ('.n', 1)), array([1., 2., 3.]))
    """
    parts = []
    if hasattr(output, "get_params") and hasattr(output, "fit"):
        own = _parameters_of(output)
        kept = {k: v for k, v in vars(output).items() if k not in own}
        _collect("", kept, parts, 0)
        _collect("answer", _answers(output, rows), parts, 0)
    else:
        _collect("", output, parts, 0)
    layout = tuple((name, len(numbers)) for name, numbers in parts)
    return layout, np.concatenate([np.zeros(0), *(numbers for _, numbers in parts)])


def _parameters_of(model):
    """Names of the parameters: those of a class are looked up once."""
    names = getattr(type(model), "_get_param_names", None)
    return set(model.get_params(deep=False)) if names is None else _names(type(model))


@lru_cache(maxsize=100)
def _names(model_class):
    return frozenset(model_class._get_param_names())


def stack_readouts(readouts) -> np.ndarray:
    """Lay readouts below each other, equal parts in equal columns.

    Parameters
    ----------
    readouts : list of (layout, numbers) or Failure
        From :func:`read_output`; or of runs that raised, which have a column of their
        own.

    Returns
    -------
    table : ndarray of shape (n_readouts, n_columns)
        NaN where a readout has no such part, or fewer numbers in it. Behind the
        numbers, for each part that has several: its smallest and largest, mean and
        deviation, which do not depend on their order.

    Examples
    --------
    >>> one, two = read_output({"n": 1}), read_output({"n": 2, "m": [3.0]})
    >>> stack_readouts([one, two])
    array([[ 1., nan],
           [ 2.,  3.]])
    """
    readouts = [FAILED if isinstance(one, Failure) else one for one in readouts]
    sizes: dict[str, int] = {}
    for layout in dict.fromkeys(layout for layout, _ in readouts):
        for name, size in layout:
            sizes[name] = max(size, sizes.get(name, 0))
    starts = dict(zip(sizes, np.cumsum([0, *sizes.values()]).tolist(), strict=False))
    table = np.full((len(readouts), sum(sizes.values())), np.nan)
    places = {}
    for row, (layout, numbers) in zip(table, readouts, strict=True):
        if layout not in places:
            spans = [np.arange(size) + starts[name] for name, size in layout]
            places[layout] = np.concatenate([np.zeros(0, dtype=int), *spans])
        row[places[layout]] = numbers
    table = np.clip(table, -1e30, 1e30)
    wide = [table[:, starts[name] :][:, :size] for name, size in sizes.items()]
    return np.hstack([table, *(_summary(part) for part in wide if part.shape[1] > 2)])


def _summary(part):
    """Tell what does not depend on the order of the numbers of a part."""
    found = np.full((len(part), 4), np.nan)
    there = ~np.isnan(part).all(axis=1)
    part = part[there]
    for column, of in enumerate((np.nanmin, np.nanmax, np.nanmean, np.nanstd)):
        found[there, column] = of(part, axis=1)
    return found


def probe_rows(worlds):
    """Rows to ask about: those in which the worlds differ, and some others.

    Parameters
    ----------
    worlds : list of tuple
        Their first elements are tables.

    Returns
    -------
    rows : DataFrame, ndarray or None
        None where the worlds have no tables of the same columns.
    """
    first, second = (world[0] for world in worlds)
    if isinstance(first, pd.DataFrame) and isinstance(second, pd.DataFrame):
        n = min(len(first), len(second))
        differs = [
            not first.iloc[i].equals(second.iloc[i].set_axis(first.columns))
            if len(first.columns) == len(second.columns)
            else True
            for i in range(min(n, MOST_ELEMENTS))
        ]
        chosen = _chosen(np.flatnonzero(differs), len(first), len(second))
        return pd.concat(
            [t.iloc[c] for t, c in zip((first, second), chosen, strict=True)]
        )
    first, second = np.asarray(first), np.asarray(second)
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1]:
        return None
    n = min(len(first), len(second))
    differs = np.flatnonzero((first[:n] != second[:n]).any(axis=1))
    chosen = _chosen(differs, len(first), len(second))
    return np.concatenate([first[chosen[0]], second[chosen[1]]])


def _chosen(differs, n_first, n_second):
    """Row numbers of either table: the differing ones, surplus ones, and a few more."""
    n = min(n_first, n_second)
    others = np.linspace(0, n - 1, min(N_OTHER_ROWS, n)).astype(int)
    differs = differs[:N_OTHER_ROWS]
    in_first = [*differs, *range(n, n_first)[:N_OTHER_ROWS]]
    in_second = [*differs, *range(n, n_second)[:N_OTHER_ROWS]]
    return np.array([*in_first, *others]), np.array(in_second, dtype=int)


def _answers(model, rows):
    found = {}
    for group in METHODS if rows is not None else ():
        for method in group:
            if hasattr(model, method):
                try:
                    found[method] = getattr(model, method)(rows)
                except (TypeError, ValueError) as error:
                    # Not to answer is an answer too: a missing value may be refused.
                    found[method] = type(error).__name__
                break
    return found


def _collect(name, value, parts, depth):
    """Add the numbers in a value to the parts, under its name."""
    if isinstance(value, bool | int | float | np.number | np.bool_):
        parts.append((name, np.array([float(value)])))
    elif isinstance(value, str):
        parts.append((name, np.array([_number_of(value)])))
    elif isinstance(value, pd.DataFrame | pd.Series):
        _collect(name, value.to_numpy(), parts, depth)
    elif sparse.issparse(value):
        _collect(name, value.toarray(), parts, depth)
    elif isinstance(value, np.ndarray):
        _collect_array(name, value, parts, depth)
    elif depth < MOST_DEPTH:
        for key, part in _inside(value):
            _collect(f"{name}.{key}", part, parts, depth + 1)


def _inside(value):
    if isinstance(value, dict):
        return list(value.items())[:MOST_ELEMENTS]
    if isinstance(value, list | tuple):
        return list(enumerate(value))[:MOST_ELEMENTS]
    if isinstance(value, Tree):
        return [(key, getattr(value, key)) for key in TREE_ARRAYS]
    if isinstance(value, type | np.random.RandomState | np.random.Generator):
        return []
    held = getattr(value, "__dict__", None)
    return list(held.items()) if isinstance(held, dict) and not callable(value) else []


def _collect_array(name, array, parts, depth):
    flat = array.ravel()
    if len(flat) > MOST_VALUES:
        flat = flat[np.linspace(0, len(flat) - 1, MOST_VALUES).astype(int)]
    if flat.dtype.kind in "biuf":
        parts.append((name, flat.astype(float)))
        if array.ndim == 2 and 1 < len(array) <= MOST_ROWS and array.shape[1] > 1:
            lengths = np.sort(np.abs(array).max(axis=1).astype(float))
            parts.append((f"{name} by length", lengths))
    elif flat.dtype.kind in "US":
        parts.append((name, np.array([_number_of(str(text)) for text in flat])))
    elif flat.dtype.kind == "O" and depth < MOST_DEPTH:
        _collect(name, flat.tolist(), parts, depth)


def _number_of(text):
    return float(zlib.crc32(text.encode("utf-8", "surrogatepass")))
