"""What is claimed of a mechanism, as an epsilon at a delta."""

from numbers import Real

from skprivacy.dp import PrivacyGuarantee

__all__ = ["as_guarantee", "check_neighbors"]


def as_guarantee(claimed, output=None, delta=0.0):
    """Return what is claimed, or what the output of a run says of itself.

    Parameters
    ----------
    claimed : PrivacyGuarantee, float or None
        A float is an epsilon, at `delta`.

    output : object, default=None
        Its ``privacy_guarantee_`` counts where `claimed` is None.

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
    found = getattr(output, "privacy_guarantee_", None)
    return found if isinstance(found, PrivacyGuarantee) else None


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
        If the claim is about another kind of neighbors than these.
    """
    lengths = [len(world[0]) if hasattr(world[0], "__len__") else 1 for world in worlds]
    apart = abs(lengths[0] - lengths[1])
    if apart != (guarantee.adjacency == "add_remove"):
        kind = "are of the same size, one record being another"
        if guarantee.adjacency == "add_remove":
            kind = "differ by one record more or less"
        raise ValueError(
            f"the claim is about data sets that {kind}; neighbors have {lengths[0]} "
            f"and {lengths[1]} records."
        )
