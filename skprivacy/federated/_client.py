"""A client's part in a round of a secure sum, as a state machine on bytes."""

from contextlib import contextmanager

import numpy as np

from skprivacy.federated import _keys, _masks, _sealing, _shamir
from skprivacy.federated._checks import (
    check_keys_signed,
    check_lists,
    check_lists_signed,
    check_positions,
)
from skprivacy.federated._cohort import (
    KEY_BYTES,
    Cohort,
    commitment,
    keys_statement,
    list_statement,
)
from skprivacy.federated._errors import ProtocolError, TooManyDropouts
from skprivacy.federated._plan import SumPlan, check_id
from skprivacy.federated._wire import expect, pack, read, unpack, write

__all__ = ["SEALED_BYTES", "SHARE_BYTES", "SecureSumClient"]

#: Bytes of a share of one secret.
SHARE_BYTES = 2 * _shamir.N_SYMBOLS
#: Bytes of the shares of both secrets, sealed.
SEALED_BYTES = 2 * SHARE_BYTES + _sealing.OVERHEAD
STATE_VERSION = 1


class SecureSumClient:
    """One client in one round: five calls in order, bytes in and bytes out.

    A message that the protocol does not allow ends it: the client forgets its secrets
    and says nothing more. It holds keys of one round and can't be used for a second.

    Parameters
    ----------
    client : int or str
        Its id.

    plan : SumPlan
        The round, as the client agrees to it.

    signing_key : bytes or None, default=None
        Ed25519 private key of 32 bytes. Needed where `plan.security` is "active".

    peers : dict of {id: bytes} or None, default=None
        Ed25519 public keys of all clients that may take part, from where the server
        can't change them. Needed as `signing_key` is.

    Attributes
    ----------
    stage : str
        The call that is due; "done" after the last one, "left" after an error.

    n_clipped_ : int
        Values that were moved to the bound. After :meth:`masked_input`.

    References
    ----------
    K. Bonawitz et al. "Practical secure aggregation for privacy-preserving machine
    learning". ACM Conference on Computer and Communications Security, 2017. With the
    neighbors of J. H. Bell et al. "Secure single-server aggregation with
    (poly)logarithmic overhead". ACM Conference on Computer and Communications Security,
    2020.

    Examples
    --------
    >>> from skprivacy.federated import SecureSumClient, SecureSumServer, SumPlan
    >>> plan = SumPlan(n_values=2, n_clients=4, security="semi_honest")
    >>> clients = {name: SecureSumClient(name, plan) for name in "abcd"}
    >>> server = SecureSumServer(plan)
    >>> for client in clients.values():
    ...     server.receive(client.advertise_keys())
    >>> for name, message in server.advance().items():
    ...     server.receive(clients[name].share_keys(message))
    >>> for name, message in server.advance().items():
    ...     server.receive(clients[name].masked_input(message, [0.5, -0.25]))
    >>> for name, message in server.advance().items():
    ...     server.receive(clients[name].unmask(message))
    >>> server.advance()
    {}
    >>> server.result_.sum_
    array([ 2., -1.])
    """

    def __init__(self, client, plan, *, signing_key=None, peers=None):
        if not isinstance(plan, SumPlan):
            raise TypeError(f"plan must be a SumPlan; got {plan!r}.")
        self.client = check_id(client)
        self.plan = plan
        self.signing_key = signing_key
        self.peers = peers
        self.stage = "advertise_keys"
        self._digest = plan.digest
        self._signs = plan.security == "active"
        if self._signs:
            self._check_keys()
        self._mask_seed = _keys.random_seed()
        self._seal_seed = _keys.random_seed()
        self._self_seed = _keys.random_seed()
        self._own_keys = None
        self._seal_keys = None
        self._cohort = None
        self._sharers = None
        self._shares = None
        self._lists = None

    def advertise_keys(self) -> bytes:
        """Send public keys.

        Returns
        -------
        message : bytes
            For the server.
        """
        with self._step("advertise_keys", "share_keys"):
            keys = self._public_keys()
            signature = b""
            if self._signs:
                told = keys_statement(self._digest, self.client, keys)
                signature = _keys.sign(self.signing_key, told)
            return self._write("advertise_keys", [keys, signature])

    def share_keys(self, message) -> bytes:
        """Send shares of both secrets to the neighbors, sealed.

        Parameters
        ----------
        message : bytes
            Ids and keys of the cohort, from the server.

        Returns
        -------
        message : bytes
            For the server.

        Raises
        ------
        ProtocolError
            If the cohort is too small, its keys are not signed, or the neighbors and
            the threshold of the plan are not safe for it.
        """
        with self._step("share_keys", "masked_input"):
            kinds = [("ids", list), ("keys", bytes), ("signatures", bytes)]
            ids, keys, signatures = self._read("share_keys", message, kinds)
            self._join(ids, keys, signatures)
            threshold = self._cohort.graph.threshold
            symbols = np.concatenate(
                [
                    _shamir.to_symbols(self._self_seed),
                    _shamir.to_symbols(self._mask_seed),
                ]
            )
            shares = _shamir.split(symbols, threshold, self._neighbors + 1)
            context, me = self._cohort.context, self._position
            others = {
                one: self._cohort.seal_key(one) for one in self._neighbors.tolist()
            }
            self._seal_keys = _sealing.seal_keys(self._seal_seed, me, others, context)
            # Two bytes a symbol, both secrets in a row.
            rows = shares.astype("<u2")
            sealed = [
                _sealing.seal(key, row.tobytes(), context, me, other)
                for (other, key), row in zip(self._seal_keys.items(), rows, strict=True)
            ]
            committed = commitment(context, me, self._self_seed)
            self._seal_seed = None
            return self._write("share_keys", [b"".join(sealed), committed])

    def masked_input(self, message, values) -> bytes:
        """Send the vector, masked.

        Parameters
        ----------
        message : bytes
            Who shared keys, and shares for this client, from the server.

        values : array-like of shape (n_values,)
            This client's vector.

        Returns
        -------
        message : bytes
            For the server.

        Raises
        ------
        ValueError
            If the vector can't be sent; another one may be.
        ProtocolError
            If a share was changed or is not for this client, or too few neighbors are
            left.
        """
        if self.stage == "masked_input":
            words, self.n_clipped_ = self.plan.encode(values)
        with self._step("masked_input", "consistency" if self._signs else "unmask"):
            kinds = [("sharers", list), ("shares", bytes)]
            sharers, sealed = self._read("masked_input", message, kinds)
            self._take_shares(sharers, sealed)
            context, me = self._cohort.context, self._position
            masks = [(_masks.self_mask_key(self._self_seed, context, me), 1)]
            others = {one: self._cohort.mask_key(one) for one in self._shares}
            masks += _masks.pair_masks(self._mask_seed, me, others, context)
            _masks.add_masks(words, masks)
            # The same keys must not mask a second vector.
            self._mask_seed = self._self_seed = self._seal_keys = None
            return self._write("masked_input", [words.data])

    def consistency(self, message) -> bytes:
        """Sign the lists of survivors and dropouts.

        Parameters
        ----------
        message : bytes
            Both lists, from the server.

        Returns
        -------
        message : bytes
            For the server.

        Raises
        ------
        ProtocolError
            If the lists overlap, are not complete or name a client twice.
        """
        with self._step("consistency", "unmask"):
            kinds = [("survivors", list), ("dropouts", list)]
            lists = self._read("consistency", message, kinds)
            self._lists = check_lists(*lists, **self._known())
            told = list_statement(self._cohort.context, *self._lists)
            return self._write("consistency", [_keys.sign(self.signing_key, told)])

    def unmask(self, message) -> bytes:
        """Send one share of each neighbor: of its own mask, or of those with others.

        Parameters
        ----------
        message : bytes
            Both lists, and in the active model signatures of others on them.

        Returns
        -------
        message : bytes
            For the server.

        Raises
        ------
        ProtocolError
            If the lists are not those that were signed, or too few others signed them.
        """
        with self._step("unmask", "done"):
            kinds = [
                ("survivors", list),
                ("dropouts", list),
                ("signers", list),
                ("signatures", bytes),
            ]
            survivors, dropouts, signers, signatures = self._read(
                "unmask", message, kinds
            )
            lists = check_lists(survivors, dropouts, **self._known())
            if self._signs:
                if lists != self._lists:
                    raise ProtocolError("the lists are not those that it signed.")
                check_lists_signed(self._cohort, lists, self.peers, signers, signatures)
            alive, seeds, keys = set(lists[0]), [], []
            for owner, share in self._shares.items():
                # One kind of each owner, never both.
                if owner in alive:
                    seeds.append(share[:SHARE_BYTES])
                else:
                    keys.append(share[SHARE_BYTES:])
            self._shares = None
            return self._write("unmask", [b"".join(seeds), b"".join(keys)])

    def reply(self, message, values=None) -> bytes:
        """Answer a message of the server, whatever stage it is of.

        Parameters
        ----------
        message : bytes
            From the server.

        values : array-like of shape (n_values,) or None, default=None
            This client's vector; for the stage "masked_input".

        Returns
        -------
        message : bytes
            For the server.
        """
        stage = read(message, self._digest).stage
        if stage == "masked_input":
            return self.masked_input(message, values)
        if stage == "advertise_keys":
            raise ProtocolError("no message of the server is of 'advertise_keys'.")
        return getattr(self, stage)(message)

    def to_bytes(self) -> bytes:
        """Write the state as bytes.

        They hold the client's secrets, and whoever restores one state twice can be
        made to unmask twice. Keep them where only the client reads, and only the last.

        Returns
        -------
        state : bytes
        """
        cohort = self._cohort and [self._cohort.ids, self._cohort.keys]
        shares = self._shares and [list(self._shares), list(self._shares.values())]
        secrets = [self._mask_seed, self._seal_seed, self._self_seed]
        seal_keys = self._seal_keys and list(self._seal_keys.items())
        rest = [seal_keys, cohort, self._sharers, shares, self._lists]
        return pack(
            [STATE_VERSION, self._digest, self.client, self.stage, secrets, *rest]
        )

    @classmethod
    def from_bytes(cls, state, plan, *, signing_key=None, peers=None):
        """Read a state that :meth:`to_bytes` wrote.

        Parameters
        ----------
        state : bytes
            What it wrote.

        plan, signing_key, peers
            As they were.

        Returns
        -------
        client : SecureSumClient
        """
        version, digest, client, stage, secrets, seal_keys, *rest = unpack(state)
        cohort, sharers, shares, lists = rest
        if version != STATE_VERSION or digest != plan.digest:
            raise ProtocolError("the state is of another round or version.")
        self = cls(client, plan, signing_key=signing_key, peers=peers)
        self.stage = stage
        self._mask_seed, self._seal_seed, self._self_seed = secrets
        if cohort is not None:
            self._enter(Cohort(plan, digest, *cohort))
        self._seal_keys = seal_keys and dict(seal_keys)
        self._sharers, self._lists = sharers, lists
        self._shares = shares and dict(zip(*shares, strict=True))
        return self

    @contextmanager
    def _step(self, stage, following):
        """Run one stage; forget all secrets where it fails."""
        if self.stage != stage:
            raise self._leave(
                ProtocolError(
                    f"{stage!r} is not due: the client is at {self.stage!r}. A client "
                    "goes through each stage of one round once."
                )
            )
        try:
            yield
        except ProtocolError as error:
            raise self._leave(error) from error.__cause__
        self.stage = following

    def _leave(self, error):
        if self.stage != "done":
            self.stage = "left"
        self._mask_seed = self._seal_seed = self._self_seed = None
        self._seal_keys = self._shares = None
        return error

    def _write(self, stage, body):
        return write(stage, self.client, self._digest, body)

    def _read(self, stage, message, kinds):
        found = read(message, self._digest)
        if found.sender is not None:
            raise ProtocolError("the message is of a client, not of the server.")
        return expect(found, stage, kinds)

    def _check_keys(self):
        if not isinstance(self.signing_key, bytes) or len(self.signing_key) != 32:
            raise ValueError(
                'security="active" needs a signing_key of 32 bytes, such as '
                "new_signing_key() draws."
            )
        own = _keys.verify_key(self.signing_key)
        if not isinstance(self.peers, dict) or self.peers.get(self.client) != own:
            raise ValueError(
                'security="active" needs peers: the public keys of all clients, this '
                f"one ({self.client!r}) with that of its signing_key."
            )

    def _public_keys(self):
        if self._own_keys is None:
            seeds = (self._mask_seed, self._seal_seed)
            self._own_keys = b"".join(map(_keys.public_key, seeds))
        return self._own_keys

    def _join(self, ids, keys, signatures):
        """Check the cohort, and who the neighbors are."""
        if any(type(one) not in (int, str) for one in ids):
            raise ProtocolError("an id is neither a whole number nor a text.")
        if len(keys) != KEY_BYTES * len(ids):
            raise ProtocolError(f"there must be {KEY_BYTES} bytes of keys for each id.")
        keys = [
            keys[start : start + KEY_BYTES] for start in range(0, len(keys), KEY_BYTES)
        ]
        cohort = Cohort(self.plan, self._digest, ids, keys)
        if self.client not in cohort.position:
            raise ProtocolError("this client is not in the cohort.")
        self._enter(cohort)
        if cohort.keys[self._position] != self._public_keys():
            raise ProtocolError("this client's keys are not those that it sent.")
        if self._signs:
            check_keys_signed(cohort, self._neighbors, self.peers, signatures)

    def _enter(self, cohort):
        self._cohort = cohort
        self._position = cohort.position[self.client]
        self._neighbors = cohort.neighbors(self._position)

    def _known(self):
        """Return what lists are held against."""
        return {
            "n_clients": len(self._cohort),
            "sharers": self._sharers,
            "position": self._position,
            "min_clients": self.plan.min_clients,
        }

    def _take_shares(self, sharers, sealed):
        """Open the shares of the neighbors that sent some."""
        self._sharers = check_positions("sharers", sharers, len(self._cohort))
        if self._position not in sharers:
            raise ProtocolError("this client's shares did not reach the server.")
        present = np.intersect1d(self._neighbors, sharers).tolist()
        threshold = self._cohort.graph.threshold
        if len(present) < threshold or len(sharers) < self.plan.min_clients:
            raise TooManyDropouts(
                f"{len(present)} neighbors are left of {len(self._neighbors)}, and "
                f"{len(sharers)} clients; {threshold} and {self.plan.min_clients} "
                "are needed."
            )
        if len(sealed) != SEALED_BYTES * len(present):
            raise ProtocolError("there must be one sealed share of each neighbor.")
        self._shares = {}
        for place, other in enumerate(present):
            share = _sealing.unseal(
                self._seal_keys[other],
                sealed[place * SEALED_BYTES : (place + 1) * SEALED_BYTES],
                self._cohort.context,
                other,
                self._position,
            )
            self._shares[other] = share
