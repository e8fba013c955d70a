"""Hold the answers of all shadow models once, and go through them in parts."""

import warnings
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
from sklearn.utils import gen_batches

__all__ = ["in_blocks", "in_one_array", "is_whole_pool", "read_only"]

#: Numbers, one a model and record, that are worked on at the same time: 16 MiB.
BLOCK = 2**21


def in_blocks(function, n_models, n_records):
    """Compute numbers for each record from the answers of all models to it.

    What is on the way, with a number a model and record, is there for one block of
    records at a time.

    Parameters
    ----------
    function : callable
        Takes the slice of a block, and returns an array with a row for each of its
        records, or a tuple of such.

    n_models, n_records : int
        How many there are.

    Returns
    -------
    joined : ndarray or tuple of ndarray
        The same with a row for each record; of the type that the function returns.

    Examples
    --------
    >>> in_blocks(lambda rows: np.arange(9)[rows] * 2, 4, 9)
    array([ 0,  2,  4,  6,  8, 10, 12, 14, 16])
    """
    size = max(1, BLOCK // n_models)
    if n_records <= size:
        return function(slice(0, n_records))
    parts = [function(rows) for rows in gen_batches(n_records, size)]
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    make = getattr(type(parts[0]), "_make", tuple)
    return make(joined)


def in_one_array(results, n_models, path=None):
    """Collect answers as they come, so that none is held twice.

    Parameters
    ----------
    results : iterable of ShadowResult
        One a model.

    n_models : int
        How many there are.

    path : Path or None, default=None
        File that is to hold the answers; None: memory holds them.

    Returns
    -------
    answers : ndarray of shape (n_models, n_records, n_columns)
        A read-only map of the file, where there is one.

    models : list
        The fitted models, or None for each.
    """
    answers, models = None, []
    for result in results:
        if answers is None:
            shape = (n_models, *result.answers.shape)
            answers = _new_array(shape, result.answers.dtype, path)
        answers[len(models)] = result.answers
        models.append(result.model)
    is_map = isinstance(answers, np.memmap)
    return _finished(answers, path) if is_map else answers, models


def _new_array(shape, dtype, path):
    if path is not None:
        try:
            return _new_map(path, shape, dtype)
        except OSError as error:
            warnings.warn(
                f"memory: there is no room for all answers in {str(path.parent)!r} "
                f"({error}); they are held in memory.",
                UserWarning,
                stacklevel=3,
            )
    return np.empty(shape, dtype=dtype)


def _new_map(path, shape, dtype):
    """Make a file as large as the answers, under a name of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    n_bytes = int(np.prod(shape)) * dtype.itemsize
    name = {"dir": path.parent, "prefix": f"{path.stem}-", "suffix": ".part"}
    with NamedTemporaryFile(delete=False, **name) as file:
        try:
            # A disk that is full says so here; to write into a map would end the
            # process.
            for part in gen_batches(n_bytes, 2**20):
                file.write(bytes(part.stop - part.start))
            file.flush()
        except BaseException:
            Path(file.name).unlink()
            raise
    return np.memmap(file.name, dtype, "r+", shape=shape)


def _finished(answers, path):
    """Give the file its name, once it is whole."""
    answers.flush()
    Path(answers.filename).replace(path)
    return np.memmap(path, answers.dtype, "r", shape=answers.shape)


def is_whole_pool(position, n_records) -> bool:
    """Whether records are those of the pool, all of them and in its order.

    Examples
    --------
    >>> is_whole_pool(np.array([0, 1, 2]), 3), is_whole_pool(np.array([1, 0, 2]), 3)
    (True, False)
    """
    return len(position) == n_records and np.array_equal(position, np.arange(n_records))


def read_only(array):
    """Return a view that can't be written to.

    Examples
    --------
    >>> read_only(np.zeros(2)).flags.writeable
    False
    """
    view = array.view()
    view.flags.writeable = False
    return view
