"""Shamir's secret sharing over a field of 65,521 elements, many secrets at once."""

import os
from functools import lru_cache

import numpy as np

__all__ = [
    "MODULUS",
    "N_SYMBOLS",
    "SECRET_BYTES",
    "combine",
    "evaluate_at",
    "from_symbols",
    "split",
    "to_symbols",
]

#: The largest prime below 2 ** 16: an element takes two bytes, and thousands of
#: clients get a point each.
MODULUS = 65521
#: A number that generates the field's multiplicative group.
GENERATOR = 17
SECRET_BYTES = 32
#: Elements that hold the 32 bytes of a secret; 16 are a little too few.
N_SYMBOLS = 17


def to_symbols(secret) -> np.ndarray:
    """Write 32 bytes in the base of the field.

    Parameters
    ----------
    secret : bytes
        32 bytes.

    Returns
    -------
    symbols : ndarray of shape (17,) of int64
    """
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a secret has {SECRET_BYTES} bytes; got {len(secret)}.")
    number, symbols = int.from_bytes(secret, "little"), []
    for _ in range(N_SYMBOLS):
        number, symbol = divmod(number, MODULUS)
        symbols.append(symbol)
    return np.array(symbols, dtype=np.int64)


def from_symbols(symbols):
    """Read 32 bytes from the base of the field.

    Parameters
    ----------
    symbols : ndarray of shape (17,)
        Elements of the field.

    Returns
    -------
    secret : bytes or None
        None where they are no 32 bytes: then some share was wrong.
    """
    number = 0
    for symbol in reversed([int(one) for one in symbols]):
        number = number * MODULUS + symbol
    if number >= 1 << (8 * SECRET_BYTES):
        return None
    return number.to_bytes(SECRET_BYTES, "little")


def split(symbols, threshold, points) -> np.ndarray:
    r"""Share secrets among points.

    .. math:: s_x = \sum_{j=0}^{t-1} a_j x^j \bmod 65521

    with the secret as :math:`a_0` and uniform :math:`a_1, \dots, a_{t-1}`.

    Parameters
    ----------
    symbols : ndarray of shape (n_symbols,)
        Elements of the field, each shared by a polynomial of its own.

    threshold : int
        Shares that give the secret back, t; fewer tell nothing.

    points : ndarray of shape (n_holders,)
        Different numbers, 1 to 65,520: whom the shares are for.

    Returns
    -------
    shares : ndarray of shape (n_holders, n_symbols) of uint16

    References
    ----------
    A. Shamir. "How to share a secret". Communications of the ACM 22(11), 1979.

    Examples
    --------
    >>> secret = bytes(range(32))
    >>> shares = split(to_symbols(secret), 2, np.array([1, 2, 3]))
    >>> from_symbols(combine(np.array([3, 1]), shares[[2, 0]])) == secret
    True
    """
    symbols = np.asarray(symbols)
    coefficients = np.vstack([symbols, _uniform((threshold - 1, len(symbols)))])
    return _times(_powers(points, threshold), coefficients).astype(np.uint16)


def combine(points, shares) -> np.ndarray:
    """Give secrets back from as many shares as the threshold.

    Parameters
    ----------
    points : ndarray of shape (threshold,)
        Whose shares they are.

    shares : ndarray of shape (threshold, n_symbols)
        Their shares.

    Returns
    -------
    symbols : ndarray of shape (n_symbols,)
    """
    return evaluate_at(0, points, shares)


def evaluate_at(where, points, shares) -> np.ndarray:
    """Value of the polynomials through the shares at another point.

    Parameters
    ----------
    where : int
        A point that is none of `points`; 0 holds the secret.

    points, shares
        As in :func:`combine`.

    Returns
    -------
    values : ndarray of shape (n_symbols,)
    """
    weights = _lagrange(where, np.asarray(points, dtype=np.int64))
    return _times(weights[None, :], np.asarray(shares, dtype=np.int64))[0]


def _times(left, right):
    """Multiply matrices in the field.

    Products stay below 2 ** 32, so that a float holds sums of 2 ** 21 of them exactly.
    """
    product = left.astype(float) @ right.astype(float)
    return np.fmod(product, MODULUS).astype(np.int64)


def _powers(points, n_powers):
    """Powers 0 to ``n_powers - 1`` of each point, by doubling."""
    points = np.asarray(points, dtype=np.int64)
    powers = np.ones((len(points), n_powers), dtype=np.int64)
    filled, step = 1, points % MODULUS
    while filled < n_powers:
        more = min(filled, n_powers - filled)
        powers[:, filled : filled + more] = powers[:, :more] * step[:, None] % MODULUS
        step = step * step % MODULUS
        filled += more
    return powers


def _uniform(shape):
    """Uniform elements of the field, from the operating system."""
    n = int(np.prod(shape))
    found = np.empty(0, dtype=np.int64)
    while len(found) < n:
        # 15 of 65,536 words are no elements.
        n_bytes = 2 * (n - len(found)) + 16
        drawn = np.frombuffer(os.urandom(n_bytes), dtype=np.uint16)
        found = np.concatenate([found, drawn[drawn < MODULUS].astype(np.int64)])
    return found[:n].reshape(shape)


@lru_cache(maxsize=1)
def _tables():
    """Powers of the generator, and logarithms to its base."""
    powers = _powers(np.array([GENERATOR]), MODULUS - 1)[0]
    logs = np.zeros(MODULUS, dtype=np.int64)
    logs[powers] = np.arange(MODULUS - 1)
    return powers, logs


def _lagrange(where, points):
    """Weights of the shares: products in the field, as sums of logarithms."""
    powers, logs = _tables()
    gaps = (points[None, :] - points[:, None]) % MODULUS
    above = logs[(points - where) % MODULUS]
    # The logarithm of 0 on the diagonal is stored as 0, and adds nothing.
    return powers[(above.sum() - above - logs[gaps].sum(axis=1)) % (MODULUS - 1)]
