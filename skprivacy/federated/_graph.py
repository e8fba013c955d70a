"""Who shares masks with whom, and how many shares open a secret."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, lgamma, log

import numpy as np
from scipy.special import gammaln

from skprivacy._validation import check_share, check_whole

__all__ = [
    "FEWEST_CLIENTS",
    "MOST_CLIENTS",
    "SumGraph",
    "all_neighbors",
    "graph_parameters",
    "n_at_most",
    "neighbors",
    "ring_order",
]

#: The chance that a graph is not safe is below 2 ** -40.
SECURITY_BITS = 40
#: The chance that a round within the stated dropouts can't be unmasked: 2 ** -30.
CORRECTNESS_BITS = 30
#: Most clients that have a point each in the field of the shares.
MOST_CLIENTS = 65520
#: In a sum of two, each finds the other's vector.
FEWEST_CLIENTS = 3


@dataclass(frozen=True)
class SumGraph:
    """Neighbors and shares of a cohort.

    Attributes
    ----------
    n_neighbors : int
        Clients with whom each shares masks and who hold its shares, k.

    threshold : int
        Shares that open a secret, t.

    quorum : int
        Signatures on a list of survivors that no second list can have too.
    """

    n_neighbors: int
    threshold: int
    quorum: int


def n_at_most(share, n) -> int:
    """Return a share of ``n`` clients as a number, rounded up."""
    return ceil(share * n - 1e-9)


def graph_parameters(
    n_clients,
    *,
    security="active",
    max_corrupt=0.1,
    max_dropout=0.3,
    n_neighbors="auto",
    threshold=None,
) -> SumGraph:
    r"""Compute the least number of neighbors, and the threshold, that are safe.

    The neighbors of a client are a random subset of the others, so that the number of
    corrupt ones, C, and of those that stay, S, follow hypergeometric laws. Required are

    .. math:: P(C \ge b) \le \frac{2^{-41}}{n}, \qquad
              P(S < t) \le \frac{2^{-30}}{n}

    with :math:`b = t` where the server follows the protocol: corrupt neighbors must not
    open a secret. Where it may not, each corrupt neighbor gives both kinds of share
    and each honest one the kind that it is asked for, so that both secrets of a client
    take :math:`2 t \le k + C` shares; :math:`b = 2 t - k` rules that out, and t is
    above half of k. The graph must also stay connected without all corrupt and dropped
    clients: but for a chance of :math:`2^{-41}` where clients drop out at random, and
    for certain where a server that lies picks as many as leave a quorum.

    Parameters
    ----------
    n_clients : int
        Clients of the cohort, n; 3 at least, 65520 at most.

    security : {"active", "semi_honest"}, default="active"
        Whether the server may send what it likes, or follows the protocol and looks.

    max_corrupt, max_dropout : float, default=0.1, 0.3
        Largest share of clients that work with the server; and that drop out.

    n_neighbors : {"auto", "all"} or int, default="auto"
        "auto": the least that is safe, or all others where there is none; all others
        where a threshold is given.

    threshold : int or None, default=None
        None: the least that is safe.

    Returns
    -------
    graph : SumGraph

    Raises
    ------
    TypeError
        If what should be a number is none.
    ValueError
        If what is given is not safe for so many clients.

    References
    ----------
    J. H. Bell, K. A. Bonawitz, A. Gascón, T. Lepoint, M. Raykova. "Secure single-server
    aggregation with (poly)logarithmic overhead". ACM Conference on Computer and
    Communications Security, 2020. The bound on how likely a ring of neighbors falls
    apart is computed as in the parameter finder of google-parfait/federated-compute.

    Examples
    --------
    >>> [graph_parameters(n).n_neighbors for n in (50, 100, 500)]
    [36, 71, 295]
    >>> graph_parameters(20, n_neighbors="all").threshold
    11
    """
    n_clients = check_whole(n_clients, "n_clients", most=MOST_CLIENTS)
    max_corrupt = check_share(max_corrupt, "max_corrupt")
    max_dropout = check_share(max_dropout, "max_dropout")
    if security not in ("active", "semi_honest"):
        raise ValueError(
            f"security must be 'active' or 'semi_honest'; got {security!r}."
        )
    if n_neighbors not in ("auto", "all"):
        n_neighbors = check_whole(n_neighbors, "n_neighbors")
    if threshold is not None:
        threshold = check_whole(threshold, "threshold")
    return _parameters(
        n_clients, security, max_corrupt, max_dropout, n_neighbors, threshold
    )


@lru_cache(maxsize=256)
def _parameters(n_clients, security, max_corrupt, max_dropout, n_neighbors, threshold):
    if n_clients < FEWEST_CLIENTS:
        raise ValueError(
            f"n_clients must be {FEWEST_CLIENTS} at least: a sum of {n_clients} "
            "can't hide what each gave."
        )
    n_corrupt = n_at_most(max_corrupt, n_clients)
    n_dropped = n_at_most(max_dropout, n_clients)
    n_corrupt = min(n_corrupt, n_clients - 1)
    quorum = _quorum(n_clients, n_corrupt)
    everyone = n_clients - 1
    if n_neighbors == "auto":
        found = None
        if threshold is None:
            found = _least(n_clients, n_corrupt, n_dropped, security)
        k = everyone if found is None else found
    else:
        k = everyone if n_neighbors == "all" else int(n_neighbors)
    if not 0 < k <= everyone or (k < everyone and k % 2 and n_clients % 2):
        raise ValueError(
            f"n_neighbors must be from 1 to {everyone} for {n_clients} clients, and "
            f"even where their number is odd; got {k}."
        )
    if k < everyone and not _connected(n_clients, k, n_corrupt, n_dropped, security):
        raise ValueError(
            f"n_neighbors={k} is too few: with {n_corrupt} corrupt of {n_clients} "
            "clients, those that drop out could cut the others off from each other."
        )
    least = _least_threshold(n_clients, k, n_corrupt, security)
    if threshold is None:
        threshold = least
    if least > k:
        raise ValueError(
            f"no threshold is safe for {n_clients} clients with {k} neighbors each, of "
            f"whom {n_corrupt} in all may be corrupt, with security={security!r}: it "
            f"would have to be {least} at least. More neighbors, or a smaller "
            "max_corrupt, make it possible."
        )
    if not least <= threshold <= k:
        raise ValueError(
            f"threshold must be from {least} to {k} for {n_clients} clients with {k} "
            f"neighbors each, of whom {n_corrupt} in all may be corrupt, with "
            f"security={security!r}; got {threshold}."
        )
    return SumGraph(k, int(threshold), quorum)


def ring_order(seed, n_clients) -> np.ndarray:
    """Order of the clients on a ring, from a seed that all of them know.

    Parameters
    ----------
    seed : bytes
        32 bytes.

    n_clients : int
        Clients of the cohort.

    Returns
    -------
    order : ndarray of shape (n_clients,)
        Positions in the cohort, around the ring.
    """
    drawn = hashlib.shake_256(b"ring" + seed).digest(16 * n_clients)
    words = np.frombuffer(drawn, dtype=">u8").reshape(n_clients, 2)
    return np.lexsort((words[:, 1], words[:, 0]))


def neighbors(order, position, n_neighbors) -> np.ndarray:
    """Neighbors of a client: those nearest on the ring, on both sides.

    Parameters
    ----------
    order : ndarray of shape (n_clients,)
        Of :func:`ring_order`.

    position : int
        The client's in the cohort.

    n_neighbors : int
        How many. An odd number takes the client opposite as well.

    Returns
    -------
    positions : ndarray of shape (n_neighbors,)
        Ascending.

    Examples
    --------
    >>> neighbors(np.arange(8), 0, 3)
    array([1, 4, 7])
    """
    n = len(order)
    if n_neighbors == n - 1:
        return np.delete(np.arange(n), position)
    place = int(np.flatnonzero(order == position)[0])
    return np.sort(order[(place + _steps(n, n_neighbors)) % n])


def all_neighbors(order, n_neighbors) -> np.ndarray:
    """Neighbors of each client.

    Parameters
    ----------
    order, n_neighbors
        As in :func:`neighbors`.

    Returns
    -------
    positions : ndarray of shape (n_clients, n_neighbors)
    """
    n = len(order)
    if n_neighbors == n - 1:
        others = np.arange(n - 1)[None, :]
        return others + (others >= np.arange(n)[:, None])
    places = np.empty(n, dtype=int)
    places[order] = np.arange(n)
    return np.sort(order[(places[:, None] + _steps(n, n_neighbors)) % n], axis=1)


def _steps(n, n_neighbors):
    """Return how far neighbors are along the ring."""
    near = np.arange(1, n_neighbors // 2 + 1)
    return np.concatenate([near, -near, [n // 2] * (n_neighbors % 2)]).astype(int)


def _least(n, n_corrupt, n_dropped, security):
    """Least number of neighbors that is safe and survives the dropouts, or None."""
    for k in range(2, n - 1):
        if k % 2 and n % 2:
            continue
        if not _connected(n, k, n_corrupt, n_dropped, security):
            continue
        threshold = _least_threshold(n, k, n_corrupt, security)
        staying = _tail_log2(n - 1, n_dropped, k)  # P(dropped >= i)
        # Fewer than t stay where more than k - t drop out.
        if threshold <= k and staying[k - threshold + 1] <= -CORRECTNESS_BITS - _log2(
            n
        ):
            return k
    return None


def _least_threshold(n, k, n_corrupt, security):
    """Least threshold that corrupt neighbors can't misuse; above k if there is none."""
    tail = _tail_log2(n - 1, n_corrupt, k)
    allowed = -(SECURITY_BITS + 1) - _log2(n)
    too_many = int(np.flatnonzero(tail <= allowed)[0])
    if security == "semi_honest":
        return max(too_many, 2)
    # 2 t - k > C for every C that occurs.
    return max((k + too_many + 1) // 2, k // 2 + 1, 2)


def _quorum(n, n_corrupt):
    """Least number of signatures that no two lists can have: corrupt ones sign both."""
    return (n + n_corrupt) // 2 + 1


def _connected(n, k, n_corrupt, n_dropped, security):
    """Whether a ring is cut in two with a chance of at most 2 ** -41.

    A cut takes k / 2 neighbors in a row in two places.
    """
    in_a_row = 2 * (k // 2)
    if security == "active":
        # Dropouts are whom the server says, up to those that a quorum can lack.
        return in_a_row > n_corrupt + n - _quorum(n, n_corrupt)
    n_removed = n_corrupt + n_dropped
    if in_a_row > n_removed:
        return True
    places = log(n) + log(max(n - in_a_row - 1, 1)) - log(2)
    chance = (
        places
        + lgamma(n_removed + 1)
        + lgamma(n - in_a_row + 1)
        - lgamma(n + 1)
        - lgamma(n_removed - in_a_row + 1)
    )
    return chance / log(2) <= -(SECURITY_BITS + 1)


def _tail_log2(n_others, n_marked, k):
    """Log2 of P(at least i marked among k of the others), for i from 0 to k + 1."""
    found = np.arange(k + 1)
    with np.errstate(invalid="ignore"):
        logs = (
            _log_choose(n_marked, found)
            + _log_choose(n_others - n_marked, k - found)
            - _log_choose(n_others, k)
        )
    tail = np.logaddexp.accumulate(logs[::-1])[::-1]
    return np.append(tail, -np.inf) / log(2)


def _log_choose(n, k):
    k = np.asarray(k)
    inside = (k >= 0) & (k <= n)
    safe = np.where(inside, k, 0)
    value = gammaln(n + 1) - gammaln(safe + 1) - gammaln(n - safe + 1)
    return np.where(inside, value, -np.inf)


def _log2(n):
    return log(n) / log(2)
