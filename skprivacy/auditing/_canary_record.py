"""A canary that is given, in the types of a table, and unchanged by it."""

from numbers import Real

import numpy as np
import pandas as pd

__all__ = ["as_label", "as_row"]


def as_label(label, labels):
    """Return a label as an array of one, of the type of others, and unchanged."""
    given = np.asarray(label)
    one = given.astype(object).ravel()
    is_text = labels.dtype.kind in "US"
    kept = None
    if given.ndim == 0 and isinstance(one[0], str) == is_text or labels.dtype == object:
        try:
            # Texts of a fixed length would cut off a longer one.
            kept = np.array(one, dtype=str if is_text else labels.dtype)
        except (TypeError, ValueError):
            kept = None
    if given.ndim or kept is None or kept[0] != one[0]:
        raise ValueError(
            f"canary must have one label, of the kind of y ({labels.dtype}); got "
            f"{label!r}."
        )
    return kept


def as_row(x, X):
    """Features as a table of one row, of the columns of another."""
    if isinstance(x, pd.Series):
        x = x.to_frame().T
    if not isinstance(x, pd.DataFrame):
        # Not through one array, in which numbers beside texts would be texts.
        x = pd.DataFrame([list(np.ravel(np.asarray(x, dtype=object)))])
    if x.shape != (1, X.shape[1]):
        raise ValueError(
            f"canary must be one record of {X.shape[1]} features; got the shape "
            f"{x.shape}."
        )
    is_frame = isinstance(X, pd.DataFrame)
    try:
        if is_frame and not all(isinstance(name, int) for name in x.columns):
            x = x[list(X.columns)]
        if is_frame:
            _check_categories(x, X)
            row = x.set_axis(X.columns, axis=1).astype(X.dtypes.to_dict())
        else:
            row = x.to_numpy().astype(X.dtype)
        _check_kept(x, row)
        return row
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"canary must have features of the columns and types of X: {error}"
        ) from error


def _check_categories(given, X):
    for value, name in zip(given.iloc[0], X.columns, strict=True):
        known = getattr(X[name], "cat", None)
        if known is not None and not pd.isna(value) and value not in known.categories:
            raise ValueError(f"{value!r} is none of {list(known.categories)}.")


def _check_kept(given, row):
    """Refuse a fraction among integers, or a text that would be cut short."""
    before = given.to_numpy(dtype=object).ravel()
    after = pd.DataFrame(row).to_numpy(dtype=object).ravel()
    for one, other in zip(before, after, strict=True):
        is_rounded = isinstance(other, float) and isinstance(one, Real)
        if not (is_rounded or one == other or (pd.isna(one) and pd.isna(other))):
            raise ValueError(f"{one!r} would be {other!r}.")
