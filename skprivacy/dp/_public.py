"""What must be known to everybody, because it would tell of the records otherwise."""

import warnings

import numpy as np

from skprivacy.dp._errors import (
    PrivacyLeakError,
    PrivacyLeakWarning,
    PrivateFitWarning,
)

__all__ = [
    "clip_norm",
    "clip_to_bounds",
    "public_bounds",
    "public_classes",
    "public_norm",
    "tell_leak",
    "to_unit_range",
]


def public_bounds(bounds, X, on_leak="raise", name="bounds"):
    """Return the lower and the upper end of each column.

    Parameters
    ----------
    bounds : pair or None
        Lower and upper ends, numbers or one a column. None: those of the data, which
        tell of them.

    X : ndarray of shape (n_records, n_features)
        The records.

    on_leak : {"raise", "warn"}, default="raise"
        What to do if there are none.

    name : str, default="bounds"
        What messages call them.

    Returns
    -------
    lower, upper : ndarray of shape (n_features,)

    Raises
    ------
    PrivacyLeakError
        If there are none.
    ValueError
        If they are no pair, of the wrong length, not finite, or the wrong way round.

    Examples
    --------
    >>> public_bounds((0, [1, 2]), np.zeros((3, 2)))
    (array([0., 0.]), array([1., 2.]))
    """
    n_features = X.shape[1]
    if bounds is None:
        tell_leak(
            f"{name} must be given: the smallest and the largest value of each column "
            "tell of the records that have them. Say between which values columns lie "
            f"by what everybody knows, such as {name}=(0, 100).",
            on_leak,
        )
        return X.min(axis=0), X.max(axis=0)
    if not isinstance(bounds, tuple | list | np.ndarray) or len(bounds) != 2:
        raise ValueError(f"{name} must be a pair (lower, upper); got {bounds!r}.")
    ends = []
    for side, end in zip(("lower", "upper"), bounds, strict=True):
        end = np.asarray(end, dtype=float)
        if end.ndim > 1 or (end.ndim == 1 and len(end) != n_features):
            raise ValueError(
                f"{name} must have one {side} end, or one for each of the {n_features} "
                f"columns; got the shape {end.shape}."
            )
        if not np.isfinite(end).all():
            raise ValueError(f"{name} must be finite; got {side} ends {end}.")
        ends.append(np.broadcast_to(end, n_features).copy())
    lower, upper = ends
    wrong = np.flatnonzero(lower >= upper)
    if len(wrong):
        raise ValueError(
            f"{name} must have lower ends below upper ones; got "
            f"{lower[wrong[0]]:g} and {upper[wrong[0]]:g} for column {wrong[0]}."
        )
    return lower, upper


def clip_to_bounds(X, lower, upper) -> np.ndarray:
    """Move values outside of the bounds to their ends, and say of how many records.

    The number is told in a warning, to who holds the data, and kept nowhere.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Records.

    lower, upper : ndarray of shape (n_features,)
        Bounds.

    Returns
    -------
    clipped : ndarray of shape (n_records, n_features)

    Warns
    -----
    UserWarning
        If a record is outside.
    """
    outside = ((X < lower) | (X > upper)).any(axis=1)
    if outside.any():
        warnings.warn(
            f"{int(outside.sum())} of {len(X)} records are outside of the bounds and "
            "were moved to their ends.",
            PrivateFitWarning,
            stacklevel=3,
        )
    return np.clip(X, lower, upper)


def to_unit_range(X, lower, upper) -> tuple:
    """Clip records to bounds, and scale them to -1 to 1.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Records.

    lower, upper : ndarray of shape (n_features,)
        Bounds.

    Returns
    -------
    scaled : ndarray of shape (n_records, n_features)
        A new array.

    center, reach : ndarray of shape (n_features,)
        ``center + reach * scaled`` are the records.

    Examples
    --------
    >>> to_unit_range(np.array([[1.0], [4.0]]), np.array([0.0]), np.array([4.0]))[0]
    array([[-0.5],
           [ 1. ]])
    """
    center, reach = (lower + upper) / 2, np.maximum(upper - lower, 1e-12) / 2
    scaled = (clip_to_bounds(X, lower, upper) - center) / reach
    # What division rounds up is brought back.
    return np.clip(scaled, -1.0, 1.0), center, reach


def clip_norm(X, norm) -> np.ndarray:
    """Shorten records to a Euclidean norm.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Records.

    norm : float
        The longest that they may be.

    Returns
    -------
    clipped : ndarray of shape (n_records, n_features)

    Warns
    -----
    UserWarning
        If a record is longer.

    Examples
    --------
    >>> clip_norm(np.array([[0.6, 0.8], [0.1, 0.0]]), 1.0)
    array([[0.6, 0.8],
           [0.1, 0. ]])
    """
    lengths = np.sqrt(np.einsum("ij,ij->i", X, X))
    longer = lengths > norm * (1 + 1e-12)
    if longer.any():
        warnings.warn(
            f"{int(longer.sum())} of {len(X)} records are longer than data_norm="
            f"{norm:g} and were shortened.",
            PrivateFitWarning,
            stacklevel=3,
        )
    return X / np.maximum(lengths / norm, 1.0)[:, None]


def public_norm(norm, X, on_leak="raise") -> float:
    """Return the longest that a record may be.

    Parameters
    ----------
    norm : float or None
        Euclidean norm. None: that of the longest record, which tells of it.

    X : ndarray of shape (n_records, n_features)
        The records.

    on_leak : {"raise", "warn"}, default="raise"
        What to do if there is none.

    Returns
    -------
    norm : float

    Raises
    ------
    PrivacyLeakError
        If there is none.

    Examples
    --------
    >>> public_norm(2.0, np.ones((1, 1)))
    2.0
    """
    if norm is not None:
        return float(norm)
    tell_leak(
        "data_norm must be given: the length of the longest record tells of it. Say "
        "how long a record may be by what everybody knows: with d columns from -1 to "
        "1, at most the root of d.",
        on_leak,
    )
    longest = float(np.sqrt(np.einsum("ij,ij->i", X, X).max()))
    return longest if longest > 0 else 1.0


def public_classes(classes, y, on_leak="raise") -> np.ndarray:
    """Return all classes that a record may be of.

    Parameters
    ----------
    classes : array-like or None
        Classes. None: those of the data, which tell that somebody is of each.

    y : ndarray of shape (n_records,)
        Classes of the records.

    on_leak : {"raise", "warn"}, default="raise"
        What to do if there are none.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        Sorted.

    Raises
    ------
    PrivacyLeakError
        If there are none.
    ValueError
        If there are fewer than two, or a record is of another.
    """
    if classes is None:
        tell_leak(
            "classes must be given: which classes occur tells of the records that are "
            "of a rare one. List all that may occur, such as classes=[0, 1].",
            on_leak,
        )
        classes = np.unique(y)
    classes = np.unique(np.asarray(classes))
    if len(classes) < 2:
        raise ValueError(
            f"classes must be at least two; got {len(classes)} class, "
            f"{classes.tolist()}."
        )
    others = np.setdiff1d(y, classes)
    if len(others):
        raise ValueError(
            f"y holds classes that are not in classes={classes.tolist()}: "
            f"{others[:5].tolist()}."
        )
    return classes


def tell_leak(message, on_leak):
    """Raise, or warn, that something is to be read off the data."""
    if on_leak == "raise":
        raise PrivacyLeakError(message + ' Or let them be read, with on_leak="warn".')
    warnings.warn(
        message + " They were read off the data: the guarantee does not cover that.",
        PrivacyLeakWarning,
        stacklevel=4,
    )
