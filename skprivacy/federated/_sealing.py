"""Shares that the server carries and can't read."""

import os

from skprivacy.federated._errors import ProtocolError
from skprivacy.federated._extra import load
from skprivacy.federated._keys import pair_keys

__all__ = ["OVERHEAD", "seal", "seal_keys", "unseal"]

NONCE_BYTES = 12
#: Bytes that sealing adds: the nonce and the tag.
OVERHEAD = NONCE_BYTES + 16


def seal_keys(seed, position, others, context) -> dict:
    """Keys under which a client and each of others seal shares for one another.

    Parameters
    ----------
    seed, position, others, context
        As in :func:`~skprivacy.federated._keys.pair_keys`.

    Returns
    -------
    keys : dict of {int: bytes}
    """
    return pair_keys(seed, position, others, b"seal", context)


def seal(key, shares, context, sender, receiver) -> bytes:
    """Encrypt shares by AES-256-GCM, bound to whom they are from and for.

    Parameters
    ----------
    key : bytes
        Of :func:`seal_keys`.

    shares : bytes
        What nobody else may read.

    context : bytes
        Names the round and its cohort.

    sender, receiver : int
        Positions in the cohort.

    Returns
    -------
    sealed : bytes
    """
    # Drawn, not counted: a client that is restored must not use one twice.
    nonce = os.urandom(NONCE_BYTES)
    bound = _bound(context, sender, receiver)
    return nonce + _aead(key).encrypt(nonce, shares, bound)


def unseal(key, sealed, context, sender, receiver) -> bytes:
    """Decrypt shares.

    Parameters
    ----------
    key, context, sender, receiver
        As in :func:`seal`.

    sealed : bytes
        What it returned.

    Returns
    -------
    shares : bytes

    Raises
    ------
    ProtocolError
        If it was changed, or is of another sender, receiver, round or cohort.
    """
    invalid_tag = load("cryptography.exceptions").InvalidTag
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return _aead(key).decrypt(nonce, rest, _bound(context, sender, receiver))
    except (invalid_tag, ValueError) as error:
        raise ProtocolError(
            f"the share from client number {sender} was changed, or was not meant for "
            "this client and round."
        ) from error


def _aead(key):
    return load("cryptography.hazmat.primitives.ciphers.aead").AESGCM(key)


def _bound(context, sender, receiver):
    return context + sender.to_bytes(4, "big") + receiver.to_bytes(4, "big")
