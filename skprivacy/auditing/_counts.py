"""Checks of the counts and levels that bounds are computed from."""

from numbers import Real

import numpy as np

__all__ = ["check_counts", "check_guesses"]

#: More could not be run, and would not fit into memory.
MOST = 10**9


def check_counts(
    true_positives,
    false_positives,
    n_in,
    n_out,
    delta,
    confidence,
    *,
    may_be_arrays=False,
):
    """Refuse counts and levels that can't be.

    Parameters
    ----------
    true_positives, false_positives, n_in, n_out, delta, confidence
        As in :func:`epsilon_clopper_pearson`.

    may_be_arrays : bool, default=False
        Whether positives may be arrays.

    Raises
    ------
    TypeError
        If one is no number.

    ValueError
        That names the first that is out of its range.
    """
    for name, n in (("n_in", n_in), ("n_out", n_out)):
        _check_whole(name, n)
        if n < 1:
            raise ValueError(f"{name} must be at least 1; got {n}.")
    counts = (
        ("true_positives", true_positives, n_in),
        ("false_positives", false_positives, n_out),
    )
    for name, count, n in counts:
        _check_whole(name, count, may_be_arrays)
        if np.any(np.asarray(count) < 0) or np.any(np.asarray(count) > n):
            raise ValueError(f"{name} must be from 0 to {n}, the runs; got {count}.")
    _check_levels(delta, confidence)


def check_guesses(n_correct, n_guesses, n_canaries, delta, confidence=0.95):
    """Refuse numbers of guesses and levels that can't be.

    Parameters
    ----------
    n_correct, n_guesses, n_canaries, delta, confidence
        As in :func:`epsilon_one_run`.

    Raises
    ------
    TypeError
        If one is no number.

    ValueError
        That says what does not go together.
    """
    for name, count in (
        ("n_correct", n_correct),
        ("n_guesses", n_guesses),
        ("n_canaries", n_canaries),
    ):
        _check_whole(name, count)
    if not 0 <= n_correct <= n_guesses <= n_canaries or n_canaries < 1:
        raise ValueError(
            "there can't be more right guesses than guesses, nor more of these than "
            f"canaries; got n_correct={n_correct}, n_guesses={n_guesses} and "
            f"n_canaries={n_canaries}."
        )
    _check_levels(delta, confidence)


def _check_whole(name, count, may_be_array=False):
    # Whole numbers beyond 64 bits would come out as objects.
    array = np.asarray(float(count) if isinstance(count, Real) else count)
    array = array if not isinstance(count, bool) else np.asarray(count)
    if array.dtype.kind not in "iuf" or (array.ndim and not may_be_array):
        kind = "int or an array of them" if may_be_array else "int"
        raise TypeError(f"{name} must be an {kind}; got {count!r}.")
    if not np.all(np.isfinite(array)) or np.any(array % 1 != 0):
        raise ValueError(f"{name} must be a whole number; got {count!r}.")
    if np.any(array > MOST):
        raise ValueError(f"{name} must be at most {MOST:,}; got {count!r}.")


def _check_levels(delta, confidence):
    for name, level in (("delta", delta), ("confidence", confidence)):
        if not isinstance(level, Real):
            raise TypeError(f"{name} must be a float; got {level!r}.")
    if not 0 <= delta < 1:
        raise ValueError(f"delta must be from 0 to below 1; got {delta}.")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1; got {confidence}.")
