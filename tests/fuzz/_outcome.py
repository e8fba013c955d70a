"""What may come of a call: a result, or an error that names the argument."""

import inspect
import linecache
import numbers
import os
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from hypothesis import HealthCheck, settings
from scipy import sparse

import skprivacy
from skprivacy.federated import CohortTooSmall
from skprivacy.metrics import Interval
from skprivacy.shadow import ShadowFitError

__all__ = ["arguments_of", "bounded", "call_and_judge"]

OURS = str(Path(skprivacy.__file__).parent)
THEIRS = str(Path(sklearn.__file__).parent)
NUMPY = str(Path(np.__file__).parent)
TESTS = Path(__file__).parent
#: Errors of our own that are no ValueError.
REFUSALS = (CohortTooSmall, ShadowFitError)
#: Words for X and y in messages of scikit-learn's, and of ours.
COMMON = {"X", "y", "records", "sample", "samples", "feature", "features", "label"}
COMMON |= {"labels", "class", "classes", "table", "columns", "target", "estimator"}


def bounded(examples=3):
    """Settings of a fuzz test: few examples, or as many as SKPRIVACY_FUZZ tells."""
    told = os.environ.get("SKPRIVACY_FUZZ")
    return settings(
        max_examples=int(told) if told else examples,
        derandomize=not told,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def call_and_judge(call, names=(), may_be_nan=False):
    """Call, and fail where neither a result nor a clear refusal comes of it.

    Parameters
    ----------
    call : callable without arguments
        What is tried.

    names : iterable of str, default=()
        Arguments of which a message may speak.

    may_be_nan : bool, default=False
        Whether NaN is an answer, as where it says that something is not known.

    Returns
    -------
    result : object
        Of the call; None where it was refused.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = call()
        except (ValueError, TypeError, *REFUSALS) as error:
            fault = fault_of(error, set(names) | COMMON)
            if fault:
                raise AssertionError(f"{fault}: {error!r:.500}") from error
            return None
    for warning in caught:
        is_ours = warning.filename.startswith((OURS, NUMPY))
        if is_ours and issubclass(warning.category, RuntimeWarning):
            raise AssertionError(
                f"a warning of numpy's: {warning.message} at "
                f"{warning.filename}:{warning.lineno}"
            )
    told = any("nan" in str(warning.message).lower() for warning in caught)
    if holds_nan(result) and not may_be_nan and not told:
        raise AssertionError(f"NaN that nobody spoke of: {result!r:.300}")
    return result


def fault_of(error, names):
    """Say what is wrong with an error; "" where it is a clear refusal."""
    if isinstance(error, np.linalg.LinAlgError | UnicodeError):
        return "an error of a library's inside"
    if type(error).__module__.startswith("skprivacy."):
        # A refusal of its own class, such as a cohort that is too small.
        return ""
    frames = frames_of(error)
    files = [name for name, _ in frames]
    file, line = frames[-1]
    in_validation = any(
        name.startswith(THEIRS) and name.endswith(("validation.py", "_encode.py"))
        for name in files
    )
    last = max((i for i, name in enumerate(files) if name.startswith(OURS)), default=0)
    if in_validation or any(is_the_models(name) for name in files[last + 1 :]):
        return ""
    if not file.startswith((OURS, THEIRS)):
        return f"an error from inside, of {file}"
    if not linecache.getline(file, line).strip().startswith("raise"):
        return f"an error that nobody raised on purpose, at {file}:{line}"
    words = set(re.findall(r"\w+", str(error)))
    if file.startswith(OURS) and not words & names:
        return f"a message that names no argument, at {file}:{line}"
    return ""


def is_the_models(file):
    """Whether a refusal is scikit-learn's, or that of a target of the tests."""
    in_tests = file.startswith(str(TESTS.parent)) and not file.startswith(str(TESTS))
    return in_tests or file.startswith(THEIRS)


def frames_of(error):
    """File and line of each call that led to the error."""
    frames, trace = [], error.__traceback__
    while trace is not None:
        frames.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    return frames


def holds_nan(result):
    """Whether there is a NaN in what was answered."""
    if isinstance(result, Interval):
        return bool(np.isnan(result.estimate))
    if isinstance(result, numbers.Number):
        return result != result
    if sparse.issparse(result):
        return holds_nan(result.toarray())
    if isinstance(result, np.ndarray):
        return bool(pd.isna(result).any()) if result.dtype.kind in "fc" else False
    if isinstance(result, tuple | list):
        return any(map(holds_nan, result))
    return False


def arguments_of(function):
    """Names of the arguments that a function or a constructor takes."""
    try:
        return set(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return set()
