"""Key agreement, derived keys and signatures, each by one call."""

import os
from functools import cache

from skprivacy.federated._errors import ProtocolError
from skprivacy.federated._extra import load

__all__ = [
    "derive",
    "is_usable",
    "new_signing_key",
    "pair_keys",
    "public_key",
    "random_seed",
    "sign",
    "verified",
    "verify_key",
]

ASYMMETRIC = "cryptography.hazmat.primitives.asymmetric"


def random_seed() -> bytes:
    """Draw 32 bytes from the operating system."""
    return os.urandom(32)


def derive(secret, info) -> bytes:
    """Derive a key of 32 bytes by HKDF-SHA256.

    Parameters
    ----------
    secret : bytes
        What nobody else knows.

    info : bytes
        What the key is for; other uses get other keys.

    Returns
    -------
    key : bytes
    """
    hashes = load("cryptography.hazmat.primitives.hashes")
    hkdf = load("cryptography.hazmat.primitives.kdf.hkdf")
    return hkdf.HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(secret)


def public_key(seed) -> bytes:
    """Return the X25519 public key of a private key of 32 bytes."""
    return _private(seed).public_key().public_bytes_raw()


def is_usable(public) -> bool:
    """Whether secrets shared with a public key are secret.

    Parameters
    ----------
    public : bytes
        32 bytes that another party sent.

    Returns
    -------
    is_usable : bool
        False for the few keys with which everybody shares the same.
    """
    x25519 = load(f"{ASYMMETRIC}.x25519")
    try:
        _anyone().exchange(x25519.X25519PublicKey.from_public_bytes(public))
    except ValueError:
        return False
    return True


def pair_keys(seed, position, others, use, context) -> dict:
    """Keys that a client shares with each of others.

    Parameters
    ----------
    seed : bytes
        The client's X25519 private key.

    position : int
        Its position in the cohort.

    others : dict of {int: bytes}
        X25519 public keys of the others, by position.

    use, context : bytes
        What the keys are for; and the round and its cohort.

    Returns
    -------
    keys : dict of {int: bytes}
        By position, 32 bytes each: the same from either side.

    Raises
    ------
    ProtocolError
        If a public key is one with which every secret is the same.
    """
    x25519 = load(f"{ASYMMETRIC}.x25519")
    private, keys = _private(seed), {}
    for other, public in others.items():
        low, high = min(position, other), max(position, other)
        info = use + context + low.to_bytes(4, "big") + high.to_bytes(4, "big")
        try:
            secret = private.exchange(x25519.X25519PublicKey.from_public_bytes(public))
        except ValueError as error:
            raise ProtocolError(
                f"client number {other} sent a key that is none."
            ) from (error)
        keys[other] = derive(secret, info)
    return keys


def new_signing_key() -> bytes:
    """Draw an Ed25519 private key."""
    return os.urandom(32)


def verify_key(signing_key) -> bytes:
    """Return the public key that others need to check signatures."""
    return _signing(signing_key).public_key().public_bytes_raw()


def sign(signing_key, message) -> bytes:
    """Sign a message: 64 bytes."""
    return _signing(signing_key).sign(message)


def verified(key, signature, message) -> bool:
    """Whether a signature is right."""
    exceptions = load("cryptography.exceptions")
    ed25519 = load(f"{ASYMMETRIC}.ed25519")
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (exceptions.InvalidSignature, ValueError):
        return False
    return True


@cache
def _anyone():
    """Return a private key that is no secret."""
    return _private(bytes(32))


def _private(seed):
    return load(f"{ASYMMETRIC}.x25519").X25519PrivateKey.from_private_bytes(seed)


def _signing(key):
    if not isinstance(key, bytes) or len(key) != 32:
        raise TypeError(f"signing_key must be 32 bytes; got a {type(key).__name__}.")
    return load(f"{ASYMMETRIC}.ed25519").Ed25519PrivateKey.from_private_bytes(key)
