"""Masks: words that look random to everyone without the key, and cancel in the sum."""

import numpy as np

from skprivacy.federated._extra import load
from skprivacy.federated._keys import derive, pair_keys

__all__ = ["add_masks", "pair_masks", "self_mask_key"]

#: Bytes of a stretch of the vector that is masked at a time: it stays in the cache.
STRETCH = 128 * 1024
#: AES streams that are open at the same time.
OPEN_STREAMS = 256
ZEROS = bytes(STRETCH)


def pair_masks(seed, position, others, context) -> list:
    """Masks that a client shares with others: the lower adds, the higher takes away.

    Parameters
    ----------
    seed : bytes
        The client's private key.

    position : int
        Its position in the cohort.

    others : dict of {int: bytes}
        Public keys of the others, by position.

    context : bytes
        Names the round and its cohort.

    Returns
    -------
    masks : list of (bytes, int)
        Keys and signs.
    """
    keys = pair_keys(seed, position, others, b"mask", context)
    return [(key, 1 if position < other else -1) for other, key in keys.items()]


def self_mask_key(seed, context, position) -> bytes:
    """Key of the mask that a client adds for itself.

    Parameters
    ----------
    seed : bytes
        32 random bytes.

    context : bytes
        Names the round and its cohort.

    position : int
        The client's in the cohort.

    Returns
    -------
    key : bytes
    """
    return derive(seed, b"self" + context + position.to_bytes(4, "big"))


def add_masks(words, masks):
    """Add AES-256-CTR streams to words, or take them away, in place.

    A key is used once: each round draws new ones, so that the counter starts at 0.

    Parameters
    ----------
    words : ndarray of shape (n_values,)
        Contiguous unsigned integers.

    masks : list of (bytes, int)
        Keys of 32 bytes; 1 to add, -1 to subtract.
    """
    ciphers = load("cryptography.hazmat.primitives.ciphers")
    no_counter = ciphers.modes.CTR(bytes(16))
    buffer = bytearray(STRETCH + 16)
    n_bytes = words.nbytes
    per_stretch = STRETCH // words.itemsize
    for first in range(0, len(masks), OPEN_STREAMS):
        streams = [
            (ciphers.Cipher(ciphers.algorithms.AES(key), no_counter).encryptor(), sign)
            for key, sign in masks[first : first + OPEN_STREAMS]
        ]
        for start in range(0, len(words), per_stretch):
            stretch = words[start : start + per_stretch]
            size = min(STRETCH, n_bytes - start * words.itemsize)
            mask = np.frombuffer(buffer, words.dtype, count=len(stretch))
            zeros = ZEROS if size == STRETCH else ZEROS[:size]
            for stream, sign in streams:
                stream.update_into(zeros, buffer)
                if sign > 0:
                    np.add(stretch, mask, out=stretch)
                else:
                    np.subtract(stretch, mask, out=stretch)
