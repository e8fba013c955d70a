"""Key agreement, derived keys and signatures, each by one call."""

import os

from skprivacy.federated._extra import load

__all__ = [
    "agree",
    "derive",
    "new_signing_key",
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


def agree(seed, other) -> bytes:
    """Return the secret that a private and another's public X25519 key share.

    Parameters
    ----------
    seed, other : bytes
        32 bytes each.

    Returns
    -------
    secret : bytes

    Raises
    ------
    ValueError
        If the public key is one with which every secret is the same.
    """
    x25519 = load(f"{ASYMMETRIC}.x25519")
    return _private(seed).exchange(x25519.X25519PublicKey.from_public_bytes(other))


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


def _private(seed):
    return load(f"{ASYMMETRIC}.x25519").X25519PrivateKey.from_private_bytes(seed)


def _signing(key):
    return load(f"{ASYMMETRIC}.ed25519").Ed25519PrivateKey.from_private_bytes(key)
