"""A whole round in one process, for studies and tests."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from skprivacy._validation import check_whole
from skprivacy.federated import _keys
from skprivacy.federated._client import SecureSumClient
from skprivacy.federated._errors import CohortTooSmall
from skprivacy.federated._fixed_point import FixedPoint
from skprivacy.federated._plan import SumPlan, check_id
from skprivacy.federated._server import SecureSumServer
from skprivacy.federated._wire import STAGES

__all__ = ["secure_sum"]


def secure_sum(
    vectors,
    *,
    threshold=None,
    dropouts=None,
    fixed_point=None,
    security="active",
    max_corrupt=0.1,
    max_dropout=0.3,
    n_neighbors="auto",
    min_clients=3,
    noise=None,
    record=None,
):
    """Add up vectors by the protocol, all parties simulated.

    What is sent is what clients and a server on different machines would send; only
    the transport is a function call.

    Parameters
    ----------
    vectors : array-like of shape (n_clients, n_values) or dict of {id: array-like}
        One vector a client. Without ids, clients are numbered from 0.

    threshold : int or None, default=None
        Shares that open a secret: so many neighbors of each client must stay to the
        end. None: the least that is safe. Where one is given, all are neighbors unless
        `n_neighbors` says otherwise.

    dropouts : dict of {id: stage} or None, default=None
        Clients that vanish, and the stage that they don't answer: "advertise_keys",
        "share_keys", "masked_input", "consistency" or "unmask". From "consistency" on
        their vector is in the sum.

    fixed_point, security, max_corrupt, max_dropout, n_neighbors, min_clients, noise
        As in :class:`SumPlan`. A `fixed_point` of None bounds values by the largest of
        all, which is public here and would be a secret elsewhere.

    record : callable or None, default=None
        Called as ``record(stage, client, message)`` with every message that reaches the
        server.

    Returns
    -------
    result : SecureSumResult
        With `sum_` and `survivors_`.

    Raises
    ------
    CohortTooSmall, TooManyDropouts, ProtocolError
        Where the round aborts.
    ValueError, TypeError
        If vectors, ids, threshold or dropouts are not what they must be; nothing was
        sent then.

    Examples
    --------
    >>> from skprivacy.federated import secure_sum
    >>> vectors = {"north": [1.0, 2.0], "south": [3.0, 4.0], "east": [5.0, 6.0],
    ...            "west": [7.0, 8.0], "center": [9.0, 10.0]}
    >>> result = secure_sum(vectors, dropouts={"west": "masked_input"})
    >>> result.sum_, result.survivors_
    (array([18., 22.]), ('north', 'south', 'east', 'center'))
    """
    check_whole(min_clients, "min_clients")
    vectors = _as_vectors(vectors)
    dropouts = _checked_dropouts(dropouts, vectors)
    if len(vectors) < max(min_clients, 3):
        raise CohortTooSmall(
            f"a sum takes {max(min_clients, 3)} clients at least; got {len(vectors)}."
        )
    plan = SumPlan(
        n_values=len(next(iter(vectors.values()))),
        n_clients=len(vectors),
        fixed_point=fixed_point or _fit(vectors, noise),
        security=security,
        max_corrupt=max_corrupt,
        max_dropout=max_dropout,
        n_neighbors=n_neighbors,
        threshold=threshold,
        min_clients=min_clients,
        noise=noise,
    )
    for client, vector in vectors.items():
        _check_vector(plan, client, vector)
    clients, server = _parties(plan, vectors)
    messages = dict.fromkeys(clients)
    while server.stage != "done":
        stage = server.stage
        for client, message in messages.items():
            if client in dropouts and STAGES.index(stage) >= dropouts[client]:
                continue
            if stage == "advertise_keys":
                reply = clients[client].advertise_keys()
            else:
                reply = clients[client].reply(message, vectors[client])
            if record is not None:
                record(stage, client, reply)
            server.receive(reply, sender=client)
        messages = server.advance()
    result = server.result_
    # As they were given, and not as a cohort sorts them.
    survivors = tuple(one for one in vectors if one in result.survivors_)
    return replace(
        result,
        survivors_=survivors,
        dropouts_=tuple(one for one in vectors if one in result.dropouts_),
        n_clipped_={one: clients[one].n_clipped_ for one in survivors},
    )


def _parties(plan, vectors):
    """Clients with signing keys, whose public halves all know, and the server."""
    if plan.security != "active":
        return {one: SecureSumClient(one, plan) for one in vectors}, SecureSumServer(
            plan
        )
    signing = {one: _keys.new_signing_key() for one in vectors}
    peers = {one: _keys.verify_key(key) for one, key in signing.items()}
    clients = {
        one: SecureSumClient(one, plan, signing_key=key, peers=peers)
        for one, key in signing.items()
    }
    return clients, SecureSumServer(plan, peers=peers)


def _as_vectors(vectors):
    if not isinstance(vectors, Iterable):
        raise TypeError(
            "vectors must be a dict of each client's vector, or a list of vectors; got "
            f"{vectors!r}."
        )
    items = vectors.items() if isinstance(vectors, dict) else enumerate(vectors)
    named = {}
    for client, vector in items:
        named[check_id(client)] = np.asarray(vector)
    shapes = {vector.shape for vector in named.values()}
    if any(len(shape) != 1 for shape in shapes) or len(shapes) > 1:
        raise ValueError(
            f"vectors must be rows of one length; got shapes {sorted(shapes)}."
        )
    if shapes == {(0,)}:
        raise ValueError("vectors must have one value at least; got none.")
    kinds = {vector.dtype.kind for vector in named.values()}
    if not kinds <= set("fiub"):
        raise ValueError(f"vectors must be of real numbers; got kinds {sorted(kinds)}.")
    return named


def _checked_dropouts(dropouts, vectors):
    found = {}
    for client, stage in (dropouts or {}).items():
        if client not in vectors:
            raise ValueError(f"dropouts names {client!r}, which is no client.")
        if stage not in STAGES:
            raise ValueError(f"a dropout's stage is one of {STAGES}; got {stage!r}.")
        found[client] = STAGES.index(stage)
    return found


def _fit(vectors, noise):
    """Words that hold the values at hand; None where noise has a bound of its own."""
    if noise is not None:
        return None
    largest = max(float(np.abs(vector).max()) for vector in vectors.values())
    if not np.isfinite(largest):
        raise ValueError("vectors must be finite; got NaN or infinity.")
    return FixedPoint.for_clients(len(vectors), largest or 1.0, word=64)


def _check_vector(plan, client, vector):
    """Refuse what the client would refuse, before anything is sent."""
    try:
        plan.fixed_point.round(vector)
    except ValueError as error:
        raise ValueError(f"client {client!r}: {error}") from error
