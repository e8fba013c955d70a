"""What is claimed of a mechanism, as an epsilon at a delta."""

import warnings
from collections import Counter
from numbers import Real

import numpy as np
import pandas as pd

from skprivacy.auditing._runs import n_records
from skprivacy.dp import PrivacyGuarantee
from skprivacy.dp._promise import promise_of
from skprivacy.records import hash_records

__all__ = ["as_guarantee", "check_neighbors", "claimed_epsilon", "delta_of"]


def as_guarantee(claimed, output=None, delta=0.0):
    """Return what is claimed, or what the output of a run says of itself.

    Parameters
    ----------
    claimed : PrivacyGuarantee, float or None
        A float is an epsilon, at `delta`.

    output : object, default=None
        Its ``privacy_guarantee_``, or that of all steps of a pipeline together, counts
        where `claimed` is None.

    delta : float, default=0.0
        Delta of an epsilon.

    Returns
    -------
    guarantee : PrivacyGuarantee or None

    Examples
    --------
    >>> print(as_guarantee(1.0))
    epsilon=1 (replace)
    """
    if isinstance(claimed, PrivacyGuarantee):
        return claimed
    if claimed is not None and (not isinstance(claimed, Real) or claimed < 0):
        raise ValueError(
            "claimed must be a PrivacyGuarantee, an epsilon of at least 0 or None; got "
            f"{claimed!r}."
        )
    if claimed is not None:
        return PrivacyGuarantee.approximate(float(claimed), delta)
    promise = promise_of(output)
    return None if promise is None or promise.uncovered else promise.guarantee


def delta_of(delta, guarantee):
    """Return the delta of the bounds: that which is given, or that of the claim."""
    if delta is not None:
        return delta
    return 0.0 if guarantee is None else guarantee.stated_delta


def claimed_epsilon(guarantee, delta):
    """Return the epsilon that is claimed at a delta; warn where it is infinite.

    Parameters
    ----------
    guarantee : PrivacyGuarantee or None
        What is claimed.

    delta : float
        Delta of the bounds.

    Returns
    -------
    epsilon : float or None
        None where nothing is claimed.

    Examples
    --------
    >>> claimed_epsilon(PrivacyGuarantee.pure(2.0), 0.0)
    2.0
    """
    if guarantee is None:
        return None
    epsilon = guarantee.epsilon(delta)
    if np.isinf(epsilon):
        warnings.warn(
            f"at a delta of {delta:g} the claim says nothing ({guarantee}), so that "
            "nothing can refute it. Give the delta that it is stated at, or "
            "delta=None, which takes it from the claim.",
            UserWarning,
            stacklevel=5,  # of who called fit, which calls what calls this
        )
    return epsilon


def check_neighbors(worlds, guarantee):
    """Refuse worlds that the claim does not speak of.

    Parameters
    ----------
    worlds : list of tuple
        The data of both.

    guarantee : PrivacyGuarantee
        What is claimed.

    Raises
    ------
    ValueError
        If the claim is about another kind of neighbors than these, or they differ in
        more than one record.
    """
    lengths = [n_records(world[0]) for world in worlds]
    lengths = [1 if n is None else n for n in lengths]
    apart = abs(lengths[0] - lengths[1])
    if apart != (guarantee.adjacency == "add_remove"):
        kind = "are of the same size, one record being another"
        if guarantee.adjacency == "add_remove":
            kind = "differ by one record more or less"
        raise ValueError(
            f"the claim is about data sets that {kind}; neighbors have {lengths[0]} "
            f"and {lengths[1]} records."
        )
    n_differing = _count_differing(worlds)
    if n_differing > 1:
        raise ValueError(
            "the claim is about data sets that differ in one record; neighbors differ "
            f"in {n_differing} records."
        )


def _count_differing(worlds) -> int:
    """Count the records of one data set that the other one lacks, whatever the order.

    Returns
    -------
    n_differing : int
        The larger count of both; 0 where the data sets are no tables.
    """
    if not all(_is_table(world[0]) for world in worlds):
        return 0
    first, second = (
        Counter(
            zip(
                *(
                    hash_records(part if _is_table(part) else _as_column(part))
                    for part in world
                    if n_records(part) is not None
                ),
                strict=True,
            )
        )
        for world in worlds
    )
    return max((first - second).total(), (second - first).total())


def _is_table(X):
    if isinstance(X, list | tuple):
        try:
            X = np.asarray(X)
        except ValueError:  # rows of several lengths
            return False
    return isinstance(X, pd.DataFrame | np.ndarray) and X.ndim == 2


def _as_column(values):
    return pd.DataFrame({"label": pd.Series(list(values))})
