"""Who is in a round, with which keys, and who is whose neighbor."""

import hashlib
from functools import cached_property

from skprivacy.federated._errors import CohortTooSmall, ProtocolError
from skprivacy.federated._graph import all_neighbors, neighbors, ring_order
from skprivacy.federated._wire import pack

__all__ = ["KEY_BYTES", "Cohort", "commitment", "keys_statement", "list_statement"]

#: Bytes of a client's two public keys.
KEY_BYTES = 64


class Cohort:
    """The clients that sent keys, in an order that all of them can check.

    The context, a hash of all ids and keys and of the plan, is bound to everything that
    follows: clients that were shown different cohorts can't read each other's shares.
    It also draws the neighbors, so that nobody picks them.

    Parameters
    ----------
    plan : SumPlan
        What was agreed on.

    digest : bytes
        Of the plan.

    ids : list of int or str
        Ids of the clients, in the order of their bytes.

    keys : list of bytes
        Public keys of each: for masks, and for sealed shares.

    Raises
    ------
    CohortTooSmall, ProtocolError
        If there are too few clients, or too many; ids or keys occur twice; or what the
        plan says of neighbors and threshold is not safe for them.
    """

    def __init__(self, plan, digest, ids, keys):
        self.digest = digest
        self.ids = list(ids)
        self.keys = list(keys)
        n = len(self.ids)
        if n < plan.min_clients:
            raise CohortTooSmall(
                f"{n} clients sent keys; the plan asks for {plan.min_clients}."
            )
        if n > plan.n_clients:
            raise ProtocolError(f"{n} clients are more than {plan.n_clients}.")
        order = [pack(one) for one in self.ids]
        if any(one >= other for one, other in zip(order, order[1:], strict=False)):
            raise ProtocolError("the ids of the clients are not sorted, or not unique.")
        halves = [part for one in self.keys for part in (one[:32], one[32:])]
        if len(set(halves)) < 2 * n:
            raise ProtocolError("a public key occurs twice.")
        try:
            self.graph = plan.graph(n)
        except ValueError as error:
            raise ProtocolError(
                f"the plan is not safe for {n} clients: {error}"
            ) from error
        told = b"".join([b"skprivacy.cohort", digest, *order, *self.keys])
        self.context = hashlib.sha256(told).digest()

    @staticmethod
    def sorted(ids):
        """Sort ids as a cohort has them."""
        return sorted(ids, key=pack)

    def __len__(self):
        return len(self.ids)

    @cached_property
    def _order(self):
        return ring_order(self.context, len(self))

    @cached_property
    def position(self):
        """Position of each id."""
        return {one: position for position, one in enumerate(self.ids)}

    def neighbors(self, position):
        """Positions of a client's neighbors, ascending."""
        return neighbors(self._order, position, self.graph.n_neighbors)

    @cached_property
    def all_neighbors(self):
        """Positions of the neighbors of each client, ascending, as rows."""
        return all_neighbors(self._order, self.graph.n_neighbors)

    def mask_key(self, position) -> bytes:
        """Public key of a client's masks."""
        return self.keys[position][:32]

    def seal_key(self, position) -> bytes:
        """Public key under which shares for a client are sealed."""
        return self.keys[position][32:]


def keys_statement(digest, client, keys) -> bytes:
    """Return what a client signs of its keys."""
    return b"skprivacy.keys" + digest + pack([client, keys])


def list_statement(context, survivors, dropouts) -> bytes:
    """Return what a client signs of the lists that it was shown."""
    return b"skprivacy.lists" + context + pack([survivors, dropouts])


def commitment(context, position, seed) -> bytes:
    """Hash of a seed: tells nothing of it, and whether one that was opened is right."""
    told = b"skprivacy.seed" + context + position.to_bytes(4, "big") + seed
    return hashlib.sha256(told).digest()
