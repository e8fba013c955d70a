"""Random numbers that depend on a record and a secret, and on nothing else."""

import hashlib

import numpy as np
from scipy.special import ndtri

from skprivacy.records import hash_records

__all__ = ["keyed_normals", "keyed_uniforms"]


def keyed_uniforms(X, n_columns, key):
    """Draw numbers between 0 and 1 that depend on a record and a key alone.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    n_columns : int
        Numbers for each.

    key : bytes
        The secret, at most 64 bytes. Who does not know it cannot tell the numbers.

    Returns
    -------
    uniforms : ndarray of shape (n_records, n_columns)
        The same for equal records, wherever they stand; never 0 or 1.

    Examples
    --------
    >>> X = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]])
    >>> first, second, third = keyed_uniforms(X, 1, b"secret")
    >>> bool(first == third), bool(first == second)
    (True, False)
    """
    words = np.empty((len(X), n_columns), dtype=np.uint64)
    for i, record in enumerate(hash_records(X)):
        for at in range(n_columns):
            told = record.tobytes() + at.to_bytes(4, "little")
            digest = hashlib.blake2b(told, digest_size=8, key=key).digest()
            words[i, at] = int.from_bytes(digest, "little")
    # 52 bits: with one more, the largest would be rounded to 1.
    return ((words >> np.uint64(12)) + 0.5) * 2.0**-52


def keyed_normals(X, n_columns, key):
    """Draw normal numbers that depend on a record and a key alone.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    n_columns : int
        Numbers for each.

    key : bytes
        The secret, at most 64 bytes.

    Returns
    -------
    normals : ndarray of shape (n_records, n_columns)
        The same for equal records, wherever they stand.

    Examples
    --------
    >>> X = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]])
    >>> first, second, third = keyed_normals(X, 1, b"secret")
    >>> bool(first == third), bool(first == second)
    (True, False)
    """
    return ndtri(keyed_uniforms(X, n_columns, key))
