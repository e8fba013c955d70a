"""Results that are stored as they finish, and read again only if they are whole."""

import hashlib
import os
import pickle
import tempfile
import warnings
from pathlib import Path

import joblib

__all__ = ["SUFFIX", "as_memory", "content_hash", "recall", "recalled", "store"]

#: Of the files, each with one result.
SUFFIX = ".result"
SEAL_SIZE = 16


def as_memory(memory) -> Path | None:
    """Return the folder in which results are stored; it is made if it is not there.

    Parameters
    ----------
    memory : str, path-like, joblib.Memory or None
        A folder, or a memory whose results are in one.

    Returns
    -------
    folder : Path or None
        None where nothing is to be stored.

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        If there is no such folder, and it can't be made.
    """
    if isinstance(memory, joblib.Memory):
        if memory.backend != "local":
            raise TypeError(
                "memory must keep its results in a folder; got joblib.Memory with "
                f"backend={memory.backend!r}."
            )
        memory = memory.location
    if memory is None:
        return None
    if not isinstance(memory, str | os.PathLike):
        raise TypeError(
            f"memory must be a folder, a joblib.Memory or None; got {memory!r}."
        )
    folder = Path(memory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"memory: there is no folder {str(folder)!r}, and it can't be made "
            f"({_cause(error)}); give a folder that may be written, or none."
        ) from error
    return folder


def content_hash(parts) -> str:
    """Return a key that stands for a recipe and all else that a result depends on.

    Raises
    ------
    ValueError
        If they can't be pickled, so that a later run could not find the result.
    """
    try:
        return joblib.hash(parts)
    except Exception as error:  # of pickle, and of whatever an estimator holds
        first = str(error.args[0] if error.args else error)
        raise ValueError(
            "memory: results can't be stored for a recipe that can't be pickled "
            f"({first}); define its classes and functions in a module, or give "
            "memory=None."
        ) from error


def recalled(compute, key, memory, what="a model"):
    """Return what an earlier run has stored, or compute and store it.

    Parameters
    ----------
    compute : callable
        Takes nothing, and returns the result.

    key : tuple of str
        Equal for equal results.

    memory : Path or None
        Where results are stored. None: nowhere.

    what : str, default="a model"
        Whose result it is, for a warning.

    Returns
    -------
    result : object
    """
    found, result = recall(key, memory, what)
    return result if found else store(compute(), key, memory)


def recall(key, memory, what="a model"):
    """Look for what an earlier run has stored.

    A file that is cut off or altered is said, and counts as none: a wrong bit among
    numbers would otherwise be a wrong number.

    Parameters
    ----------
    key, memory, what
        As :func:`recalled` takes them.

    Returns
    -------
    found : bool

    result : object
        None where nothing was found.
    """
    if memory is None:
        return False, None
    try:
        return True, _opened(_file(memory, key).read_bytes(), key)
    except FileNotFoundError:
        return False, None
    except Exception as error:  # whatever a broken file makes of itself
        warnings.warn(
            f"the stored result of {what} can't be read ({_cause(error)}); it is "
            "computed again.",
            UserWarning,
            stacklevel=3,
        )
        return False, None


def store(result, key, memory):
    """Store a result where :func:`recall` finds it, and return it.

    Where that fails, as on a full disk, this is said, and the run goes on.
    """
    if memory is None:
        return result
    try:
        _write(_file(memory, key), _sealed(result, key))
    except Exception as error:  # of a disk, or of what can't be pickled
        # The same text for each result, so that it is shown once.
        warnings.warn(
            f"memory: results can't be stored in {str(memory)!r} ({_cause(error)}). "
            "The run goes on; if it breaks off, what is not stored is computed again. "
            "Make room, or give a folder that may be written.",
            UserWarning,
            stacklevel=3,
        )
    return result


def _file(folder, key):
    name = hashlib.blake2b(repr(key).encode(), digest_size=SEAL_SIZE).hexdigest()
    return folder / f"{name}{SUFFIX}"


def _write(path, data):
    """Write a file that is there whole or not at all, whoever writes it meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _sealed(result, key):
    data = pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
    return _seal(data, key) + data


def _opened(content, key):
    data = memoryview(content)[SEAL_SIZE:]
    if content[:SEAL_SIZE] != _seal(data, key):
        raise ValueError("it was cut off or altered, or is that of something else")
    return pickle.loads(data)


def _seal(data, key):
    seal = hashlib.blake2b(repr(key).encode(), digest_size=SEAL_SIZE)
    seal.update(data)
    return seal.digest()


def _cause(error):
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__}: {error.strerror}"
    return f"{type(error).__name__}: {error}"
