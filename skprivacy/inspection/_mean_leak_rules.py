"""Rules for means: of groups, and of the label in categories."""

from collections.abc import Iterator

import numpy as np

from skprivacy.inspection._leak_kinds import Known, Leak
from skprivacy.inspection._object_walk import (
    Item,
    attributes_of,
    is_number,
    plain_array,
    shape_of,
)

__all__ = ["group_shares", "target_encodings"]

#: Variances differ by so much where they are the same but for rounding.
_ROUNDING = 1e-9


def group_shares(item: Item, known: Known) -> Iterator[Leak]:
    """Look for means of columns of 0 and 1, which are shares of groups."""
    if item.name not in ("mean_", "theta_"):
        return
    beside = attributes_of(item.owner)
    mean, var = plain_array(item.value), plain_array(beside.get("var_"))
    if mean is None or var is None or mean.shape != var.shape or not mean.size:
        return
    # Naive Bayes adds a little to all variances.
    added = beside.get("epsilon_", 0.0)
    if not is_number(added) or mean.dtype.kind != "f" or var.dtype.kind != "f":
        return
    flags = np.abs(var - added - mean * (1 - mean)) < _ROUNDING
    flags = np.atleast_2d(flags & (mean >= 0) & (mean <= 1)).all(axis=0)
    constant = np.atleast_2d((mean == 0) | (mean == 1)).all(axis=0)
    n_flags = int(np.sum(flags & ~constant))
    if n_flags:
        yield Leak("group_shares", known.n_train, n_flags)
        yield Leak("statistics", known.n_train, mean.size)


def target_encodings(item: Item, known: Known) -> Iterator[Leak]:
    """Look at the mean label of each category."""
    shape = shape_of(item.value)
    if item.name != "encodings_" or not shape or not shape[0]:
        return
    means = plain_array(item.value)
    smooth = attributes_of(item.owner).get("smooth")
    unsmoothed = is_number(smooth) and smooth == 0
    # A mean of exactly 0 or 1 is the label of everybody in the category.
    pure = means.dtype.kind == "f" and bool(np.any((means == 0) | (means == 1)))
    severity = "critical" if unsmoothed or pure else None
    yield Leak("target_encoding", known.n_train, int(np.prod(shape)), severity)
