"""The server's part in a round of a secure sum, as a state machine on bytes."""

import numpy as np

from skprivacy.federated import _keys, _masks
from skprivacy.federated._checks import SIGNATURE_BYTES
from skprivacy.federated._client import SEALED_BYTES, SHARE_BYTES
from skprivacy.federated._cohort import (
    KEY_BYTES,
    Cohort,
    commitment,
    keys_statement,
    list_statement,
)
from skprivacy.federated._errors import ProtocolError, TooManyDropouts
from skprivacy.federated._plan import SumPlan, check_id
from skprivacy.federated._result import SecureSumResult
from skprivacy.federated._unmasking import (
    agreed_secret,
    leftover_masks,
    shares_by_owner,
)
from skprivacy.federated._wire import expect, pack, read, unpack, write

__all__ = ["SecureSumServer"]

STATE_VERSION = 1


class SecureSumServer:
    """The server in one round: collects messages, and closes stages.

    :meth:`receive` takes the messages of a stage in any order; :meth:`advance` closes
    the stage with those that came, and gives what is to be sent. How long to wait is
    the caller's business. A message that is refused leaves everything as it was: its
    client drops out if no right one comes.

    Parameters
    ----------
    plan : SumPlan
        The round.

    peers : dict of {id: bytes} or None, default=None
        Ed25519 public keys of the clients. With them the server drops clients with
        wrong signatures, for which others would leave.

    Attributes
    ----------
    stage : str
        The stage whose messages are collected; "done" or "aborted" at the end.

    result_ : SecureSumResult
        Once the stage is "done".

    Examples
    --------
    See :class:`SecureSumClient`, which shows a whole round.
    """

    def __init__(self, plan, *, peers=None):
        if not isinstance(plan, SumPlan):
            raise TypeError(f"plan must be a SumPlan; got {plan!r}.")
        self.plan = plan
        self.peers = peers
        self.stage = "advertise_keys"
        self._digest = plan.digest
        self._signs = plan.security == "active"
        self._cohort = None
        #: What came in this stage: keys by id, all else by position.
        self._inbox = {}
        #: Keys that came, of which none may come twice.
        self._public_keys = set()
        self._commitments = {}
        self._sharers = []
        self._survivors = []
        self._dropouts = []
        self._total = None
        #: Whose messages are due; None while keys are collected.
        self._due = None

    @property
    def waiting_for(self):
        """Ids whose messages of this stage are not there; None before keys are."""
        if self._due is None:
            return None
        return [self._cohort.ids[one] for one in self._due if one not in self._inbox]

    def receive(self, message, sender=None):
        """Take a client's message.

        Parameters
        ----------
        message : bytes
            What a call of :class:`SecureSumClient` returned.

        sender : id or None, default=None
            Who sent it, where the transport knows: it must be who the message says.

        Raises
        ------
        ProtocolError
            If it is malformed, of another round or stage, not due, came before, or is
            of another client.
        """
        found = read(message, self._digest)
        if found.sender is None or (sender is not None and found.sender != sender):
            raise ProtocolError(
                f"the message says that it is of {found.sender!r}; it came from "
                f"{sender!r}."
            )
        if found.stage != self.stage:
            raise ProtocolError(
                f"client {found.sender!r} sent a message of {found.stage!r}; the "
                f"server is at {self.stage!r}."
            )
        if self.stage == "advertise_keys":
            self._take_keys(found)
            return
        position = self._cohort.position.get(found.sender)
        if position is None or position not in self._due:
            raise ProtocolError(f"no message of client {found.sender!r} is due.")
        if position in self._inbox:
            raise ProtocolError(f"client {found.sender!r} sent a second message.")
        self._inbox[position] = getattr(self, f"_take_{self.stage}")(position, found)

    def advance(self) -> dict:
        """Close the stage, and begin the next one with those that answered.

        Returns
        -------
        messages : dict of {id: bytes}
            What to send to whom. Empty once `result_` is there.

        Raises
        ------
        CohortTooSmall, TooManyDropouts
            If too few answered; the round is over and nothing was revealed.
        ProtocolError
            If the shares of a secret don't fit, or the round is over.
        """
        if self.stage in ("done", "aborted"):
            raise ProtocolError(f"the round is over: the server is at {self.stage!r}.")
        try:
            return getattr(self, f"_close_{self.stage}")()
        except ProtocolError:
            self.stage = "aborted"
            self._inbox, self._total = {}, None
            raise

    def to_bytes(self) -> bytes:
        """Write the state as bytes, to go on after a restart.

        Returns
        -------
        state : bytes
        """
        if self.stage in ("done", "aborted"):
            raise ProtocolError(f"the round is over: the server is at {self.stage!r}.")
        cohort = self._cohort and [self._cohort.ids, self._cohort.keys]
        return pack(
            [
                STATE_VERSION,
                self._digest,
                self.stage,
                cohort,
                [list(self._inbox), list(self._inbox.values())],
                [list(self._commitments), list(self._commitments.values())],
                self._sharers,
                self._survivors,
                self._dropouts,
                None if self._total is None else self._total.tobytes(),
                self._due,
            ]
        )

    @classmethod
    def from_bytes(cls, state, plan, *, peers=None):
        """Read a state that :meth:`to_bytes` wrote.

        Parameters
        ----------
        state : bytes
            What it wrote.

        plan, peers
            As they were.

        Returns
        -------
        server : SecureSumServer
        """
        version, digest, stage, cohort, inbox, commitments, *rest = unpack(state)
        if version != STATE_VERSION or digest != plan.digest:
            raise ProtocolError("the state is of another round or version.")
        self = cls(plan, peers=peers)
        self.stage = stage
        self._cohort = cohort and Cohort(plan, digest, *cohort)
        self._inbox = dict(zip(*inbox, strict=True))
        if stage == "advertise_keys":
            keys = [sent[0] for sent in self._inbox.values()]
            self._public_keys = {part for one in keys for part in (one[:32], one[32:])}
        self._commitments = dict(zip(*commitments, strict=True))
        self._sharers, self._survivors, self._dropouts, total, self._due = rest
        if total is not None:
            self._total = np.frombuffer(total, plan.fixed_point.dtype).copy()
        return self

    def _take_keys(self, message):
        kinds = [("keys", KEY_BYTES), ("signature", bytes)]
        keys, signature = expect(message, self.stage, kinds)
        try:
            client = check_id(message.sender)
        except (TypeError, ValueError) as error:
            raise ProtocolError(str(error)) from error
        if client in self._inbox:
            raise ProtocolError(f"client {client!r} sent keys before.")
        if len(self._inbox) == self.plan.n_clients:
            raise ProtocolError(f"there are {self.plan.n_clients} clients already.")
        if len(signature) != SIGNATURE_BYTES * self._signs:
            raise ProtocolError(f"client {client!r} sent no signature of its keys.")
        if self._signs and self.peers is not None:
            told = keys_statement(self._digest, client, keys)
            known = self.peers.get(client)
            if known is None or not _keys.verified(known, signature, told):
                raise ProtocolError(f"the keys of client {client!r} are not its own.")
        parts = {keys[:32], keys[32:]}
        if len(parts) < 2 or parts & self._public_keys:
            raise ProtocolError(f"a key of client {client!r} is another one's too.")
        if not all(map(_keys.is_usable, parts)):
            raise ProtocolError(f"client {client!r} sent a key that is none.")
        self._public_keys |= parts
        self._inbox[client] = [keys, signature]

    def _take_share_keys(self, position, message):
        n_bytes = SEALED_BYTES * self._cohort.graph.n_neighbors
        return expect(message, self.stage, [("shares", n_bytes), ("commitment", 32)])

    def _take_masked_input(self, position, message):
        words = self.plan.fixed_point.dtype
        n_bytes = self.plan.n_values * words.itemsize
        (vector,) = expect(message, self.stage, [("vector", n_bytes)])
        # Added at once: masked vectors need not be kept.
        self._total += np.frombuffer(vector, words)
        return True

    def _take_consistency(self, position, message):
        (signature,) = expect(message, self.stage, [("signature", SIGNATURE_BYTES)])
        if self.peers is not None:
            told = list_statement(self._cohort.context, *self._lists())
            known = self.peers.get(self._cohort.ids[position], b"")
            if not _keys.verified(known, signature, told):
                raise ProtocolError("the signature is not on these lists.")
        return signature

    def _take_unmask(self, position, message):
        alive, dropped = self._split_neighbors(position)
        kinds = [
            ("seed shares", SHARE_BYTES * len(alive)),
            ("key shares", SHARE_BYTES * len(dropped)),
        ]
        return expect(message, self.stage, kinds)

    def _close_advertise_keys(self):
        ids = Cohort.sorted(self._inbox)
        keys = [self._inbox[one][0] for one in ids]
        cohort = self._cohort = Cohort(self.plan, self._digest, ids, keys)
        body = [ids, b"".join(keys)]
        messages = {}
        for position, client in enumerate(ids):
            signatures = b"".join(
                self._inbox[ids[other]][1] for other in cohort.all_neighbors[position]
            )
            messages[client] = self._write("share_keys", [*body, signatures])
        self._begin("share_keys", range(len(ids)))
        return messages

    def _close_share_keys(self):
        self._sharers = sorted(self._inbox)
        self._commitments = {one: sent[1] for one, sent in self._inbox.items()}
        cohort, threshold = self._cohort, self._cohort.graph.threshold
        near = {one: cohort.all_neighbors[one] for one in self._sharers}
        present = {one: self._present(near[one], self._sharers) for one in near}
        able = [one for one in self._sharers if len(present[one]) >= threshold]
        if len(able) < self.plan.min_clients:
            raise TooManyDropouts(
                f"{len(self._sharers)} of {len(cohort)} clients shared keys: only "
                f"{len(able)} have {threshold} neighbors left."
            )
        slots = {
            one: {int(other): place for place, other in enumerate(near[one])}
            for one in near
        }
        messages = {}
        for position in self._sharers:
            sealed = []
            for other in present[position].tolist():
                start = SEALED_BYTES * slots[other][position]
                sealed.append(self._inbox[other][0][start : start + SEALED_BYTES])
            messages[cohort.ids[position]] = self._write(
                "masked_input", [self._sharers, b"".join(sealed)]
            )
        self._total = np.zeros(self.plan.n_values, self.plan.fixed_point.dtype)
        self._begin("masked_input", self._sharers)
        return messages

    def _close_masked_input(self):
        self._survivors = sorted(self._inbox)
        self._dropouts = sorted(set(self._sharers) - set(self._survivors))
        if len(self._survivors) < self.plan.min_clients:
            raise TooManyDropouts(
                f"{len(self._survivors)} clients sent a vector; the plan asks for "
                f"{self.plan.min_clients}."
            )
        self._check_openable(self._survivors)
        if not self._signs:
            return self._ask_to_unmask([], b"", self._survivors)
        self._check_quorum(self._survivors)
        message = self._write("consistency", self._lists())
        self._begin("consistency", self._survivors)
        return {self._cohort.ids[one]: message for one in self._due}

    def _close_consistency(self):
        signers = sorted(self._inbox)
        self._check_quorum(signers)
        self._check_openable(signers)
        # More than the quorum prove nothing more, and take time to check.
        chosen = signers[: self._cohort.graph.quorum]
        signatures = b"".join(self._inbox[one] for one in chosen)
        return self._ask_to_unmask(chosen, signatures, signers)

    def _close_unmask(self):
        self._check_openable(sorted(self._inbox))
        liars = set()
        seeds = self._open(0, self._is_seed, liars)
        mask_seeds = self._open(1, self._is_mask_seed, liars)
        masks = leftover_masks(self._cohort, self._survivors, seeds, mask_seeds)
        _masks.add_masks(self._total, masks)
        plan, cohort = self.plan, self._cohort
        kept = set(self._survivors)
        n_survivors = len(kept)
        self.result_ = SecureSumResult(
            plan.fixed_point.decode(self._total),
            tuple(cohort.ids[one] for one in self._survivors),
            tuple(one for place, one in enumerate(cohort.ids) if place not in kept),
            tuple(cohort.ids[one] for one in sorted(liars)),
            plan.fixed_point.quantization_error(n_survivors),
            {},
            plan.guarantee(n_survivors, len(cohort)),
        )
        self.stage, self._inbox, self._due = "done", {}, []
        return {}

    def _begin(self, stage, due):
        self.stage, self._inbox, self._due = stage, {}, list(due)

    def _write(self, stage, body):
        return write(stage, None, self._digest, body)

    def _lists(self):
        return [self._survivors, self._dropouts]

    def _ask_to_unmask(self, signers, signatures, whom):
        message = self._write("unmask", [*self._lists(), signers, signatures])
        self._begin("unmask", whom)
        return {self._cohort.ids[one]: message for one in whom}

    def _present(self, positions, others):
        is_there = np.zeros(len(self._cohort), dtype=bool)
        is_there[others] = True
        return positions[is_there[positions]]

    def _split_neighbors(self, position):
        """Neighbors whose seeds, and whose mask keys, a client has shares of."""
        near = self._cohort.all_neighbors[position]
        alive = self._present(near, self._survivors)
        return alive, self._present(near, self._dropouts)

    def _check_openable(self, holders):
        """Refuse to go on where some secret could not be opened."""
        threshold = self._cohort.graph.threshold
        is_there = np.zeros(len(self._cohort), dtype=int)
        is_there[holders] = 1
        near = self._cohort.all_neighbors[self._sharers]
        for owner, left in zip(
            self._sharers, is_there[near].sum(axis=1).tolist(), strict=True
        ):
            if left < threshold:
                raise TooManyDropouts(
                    f"{left} neighbors of client {self._cohort.ids[owner]!r} are left, "
                    f"and {threshold} shares open its masks: {len(holders)} of "
                    f"{len(self._cohort)} clients remain."
                )

    def _check_quorum(self, clients):
        quorum = self._cohort.graph.quorum
        if len(clients) < quorum:
            raise TooManyDropouts(
                f"{len(clients)} of {len(self._cohort)} clients are left to sign; "
                f"{quorum} signatures are needed."
            )

    def _open(self, which, is_right, liars):
        """Open one kind of secret: 0 seeds of survivors, 1 mask keys of dropouts."""
        replies = {holder: sent[which] for holder, sent in self._inbox.items()}
        shares = shares_by_owner(
            replies, lambda holder: self._split_neighbors(holder)[which]
        )
        secrets = {}
        for owner in self._lists()[which]:
            points, rows = shares[owner]
            secrets[owner], wrong = agreed_secret(
                points,
                rows,
                self._cohort.graph.threshold,
                lambda secret, owner=owner: is_right(owner, secret),
            )
            liars.update(point - 1 for point in wrong)
        return secrets

    def _is_seed(self, owner, seed):
        return commitment(self._cohort.context, owner, seed) == self._commitments[owner]

    def _is_mask_seed(self, owner, seed):
        return _keys.public_key(seed) == self._cohort.mask_key(owner)
