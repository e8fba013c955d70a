"""What a client holds messages of the server against."""

import numpy as np

from skprivacy.federated import _keys
from skprivacy.federated._cohort import keys_statement, list_statement
from skprivacy.federated._errors import CohortTooSmall, ProtocolError

__all__ = [
    "SIGNATURE_BYTES",
    "check_keys_signed",
    "check_lists",
    "check_lists_signed",
    "check_positions",
]

SIGNATURE_BYTES = 64


def check_positions(name, positions, n_clients) -> list:
    """Refuse a list that holds no ascending positions of clients.

    Parameters
    ----------
    name : str
        What the list is, for error messages.

    positions : list
        What another party sent.

    n_clients : int
        Clients of the cohort.

    Returns
    -------
    positions : list of int

    Raises
    ------
    ProtocolError
        If a position occurs twice, is none, or is out of order.
    """
    if any(type(one) is not int or not 0 <= one < n_clients for one in positions):
        raise ProtocolError(f"the list of {name} holds what is no client.")
    if any(np.diff(positions) <= 0):
        raise ProtocolError(f"the list of {name} is not sorted, or has a client twice.")
    return positions


def check_lists(survivors, dropouts, *, n_clients, sharers, position, min_clients):
    """Refuse lists that don't split those who shared keys in two.

    Parameters
    ----------
    survivors, dropouts : list
        What the server sent.

    n_clients : int
        Clients of the cohort.

    sharers : list of int
        Who shared keys, as the server said before.

    position : int
        This client's.

    min_clients : int
        Fewest survivors.

    Returns
    -------
    lists : list
        Both lists.

    Raises
    ------
    CohortTooSmall, ProtocolError
        If there are too few survivors, or the lists overlap, are not complete, name a
        client twice or leave out this one.
    """
    survivors = check_positions("survivors", survivors, n_clients)
    dropouts = check_positions("dropouts", dropouts, n_clients)
    if set(survivors) & set(dropouts):
        raise ProtocolError(
            "a client is both a survivor and a dropout: both of its secrets would be "
            "opened."
        )
    if sorted([*survivors, *dropouts]) != sharers:
        raise ProtocolError(
            "survivors and dropouts are not together those who shared keys."
        )
    if position not in survivors:
        raise ProtocolError("this client is not among the survivors.")
    if len(survivors) < min_clients:
        raise CohortTooSmall(
            f"{len(survivors)} survivors; the plan asks for {min_clients}."
        )
    return [survivors, dropouts]


def check_keys_signed(cohort, neighbors, peers, signatures):
    """Refuse keys of neighbors that are not signed by them.

    Parameters
    ----------
    cohort : Cohort
        Ids and keys, as the server sent them.

    neighbors : ndarray of int
        Positions of the neighbors.

    peers : dict of {id: bytes}
        Public keys that check signatures.

    signatures : bytes
        Of the neighbors, one after the other.

    Raises
    ------
    ProtocolError
        If one is wrong, or a client of the cohort is not known.
    """
    strangers = [one for one in cohort.ids if one not in peers]
    if strangers:
        raise ProtocolError(f"clients that nobody knows: {strangers[:5]}.")
    if len(signatures) != SIGNATURE_BYTES * len(neighbors):
        raise ProtocolError("there must be a signature of each neighbor's keys.")
    for other, signature in zip(neighbors.tolist(), _cut(signatures), strict=True):
        name = cohort.ids[other]
        told = keys_statement(cohort.digest, name, cohort.keys[other])
        if not _keys.verified(peers[name], signature, told):
            raise ProtocolError(f"client {name!r} did not sign its keys.")


def check_lists_signed(cohort, lists, peers, signers, signatures):
    """Refuse lists that too few clients signed.

    Parameters
    ----------
    cohort : Cohort
        Ids of the clients.

    lists : list
        Survivors and dropouts.

    peers : dict of {id: bytes}
        Public keys that check signatures.

    signers : list
        Positions of those who signed, as the server says.

    signatures : bytes
        Theirs, one after the other.

    Raises
    ------
    ProtocolError
        If they are less than the quorum, no survivors, or one is wrong.
    """
    signers = check_positions("signers", signers, len(cohort))
    quorum = cohort.graph.quorum
    if len(signers) < quorum or not set(signers) <= set(lists[0]):
        raise ProtocolError(
            f"{quorum} survivors must have signed the lists; got {len(signers)}."
        )
    if len(signatures) != SIGNATURE_BYTES * len(signers):
        raise ProtocolError("there must be a signature of each signer.")
    told = list_statement(cohort.context, *lists)
    for signer, signature in zip(signers, _cut(signatures), strict=True):
        name = cohort.ids[signer]
        if not _keys.verified(peers[name], signature, told):
            raise ProtocolError(f"client {name!r} did not sign these lists.")


def _cut(signatures):
    """Cut bytes into signatures."""
    starts = range(0, len(signatures), SIGNATURE_BYTES)
    return [signatures[start : start + SIGNATURE_BYTES] for start in starts]
