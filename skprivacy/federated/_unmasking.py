"""How the server opens secrets from shares, and takes masks away."""

import numpy as np

from skprivacy.federated import _masks, _shamir
from skprivacy.federated._errors import ProtocolError

__all__ = ["agreed_secret", "leftover_masks", "shares_by_owner"]

#: Sets of shares that are tried where some disagree.
MOST_TRIES = 500


def shares_by_owner(replies, owners_of):
    """Sort shares by whose secret they open.

    Parameters
    ----------
    replies : dict of {int: bytes}
        What each holder sent: shares of its owners, one after the other.

    owners_of : callable
        Gives the positions of a holder's owners, in that order.

    Returns
    -------
    shares : dict of {int: (ndarray, ndarray)}
        Points of the holders and their shares, for each owner.
    """
    owners, points, rows = [], [], []
    for holder, sent in replies.items():
        whose = owners_of(holder)
        owners.append(whose)
        points.append(np.full(len(whose), holder + 1))
        rows.append(np.frombuffer(sent, "<u2").reshape(-1, _shamir.N_SYMBOLS))
    owners, points = np.concatenate(owners), np.concatenate(points)
    if not len(owners):
        return {}
    order = np.argsort(owners, kind="stable")
    owners, points, rows = owners[order], points[order], np.concatenate(rows)[order]
    whose, starts = np.unique(owners, return_index=True)
    ends = np.append(starts[1:], len(owners))
    return {
        int(owner): (points[start:end], rows[start:end])
        for owner, start, end in zip(whose, starts, ends, strict=True)
    }


def agreed_secret(points, shares, threshold, is_right):
    """Open a secret, though some holders may lie.

    Parameters
    ----------
    points : ndarray of shape (n_holders,)
        Whose shares they are; not fewer than the threshold.

    shares : ndarray of shape (n_holders, 17)
        Their shares.

    threshold : int
        Shares that open it.

    is_right : callable
        Says whether a secret of 32 bytes is the one that its owner committed to.

    Returns
    -------
    secret : bytes

    liars : list of int
        Points of holders whose shares are not of the polynomial. Only looked for where
        some set of shares was wrong.

    Raises
    ------
    ProtocolError
        If no set of shares that was tried opens it.
    """
    secret = _shamir.from_symbols(
        _shamir.combine(points[:threshold], shares[:threshold])
    )
    if secret is not None and is_right(secret):
        return secret, []
    # Which sets are tried is nothing that must stay unknown.
    rng = np.random.default_rng(0)
    for _ in range(MOST_TRIES if len(points) > threshold else 0):
        chosen = rng.choice(len(points), threshold, replace=False)
        secret = _shamir.from_symbols(_shamir.combine(points[chosen], shares[chosen]))
        if secret is not None and is_right(secret):
            liars = [
                int(point)
                for point, share in zip(points, shares, strict=True)
                if point not in points[chosen]
                and (
                    _shamir.evaluate_at(point, points[chosen], shares[chosen]) != share
                ).any()
            ]
            return secret, liars
    raise ProtocolError(
        f"the {len(points)} shares of a secret don't fit together: a holder lies, or "
        "its owner did."
    )


def leftover_masks(cohort, survivors, seeds, mask_seeds):
    """Masks that are left in the sum of the survivors' vectors.

    Parameters
    ----------
    cohort : Cohort
        Clients and keys.

    survivors : list of int
        Whose vectors are in the sum.

    seeds : dict of {int: bytes}
        Seed of each survivor's own mask.

    mask_seeds : dict of {int: bytes}
        Private key of each dropout's masks with others.

    Returns
    -------
    masks : list of (bytes, int)
        Keys, and signs with which they are taken away.
    """
    masks = [
        (_masks.self_mask_key(seed, cohort.context, owner), -1)
        for owner, seed in seeds.items()
    ]
    for dropped, seed in mask_seeds.items():
        near = np.intersect1d(cohort.all_neighbors[dropped], survivors).tolist()
        others = {other: cohort.mask_key(other) for other in near}
        # With the dropout's own signs they are those that the survivors lack.
        masks += _masks.pair_masks(seed, dropped, others, cohort.context)
    return masks
