"""Smallest and largest value of each column, by sums of one-hot vectors.

Floats are read as whole numbers of 64 bits in the same order. A client marks which
first digit its smallest value has; the sum shows the least digit that occurs; who has
that digit marks its next one.
"""

import numpy as np

from skprivacy.federated._learners._learner import Phase

__all__ = ["OrderSearch", "floats_of_keys", "order_keys"]

DIGIT_BITS = 8
N_DIGITS = 64 // DIGIT_BITS
SIGN = np.uint64(1 << 63)


def order_keys(values):
    """Turn floats into whole numbers in the same order.

    Parameters
    ----------
    values : ndarray of float
        Finite numbers.

    Returns
    -------
    keys : ndarray of uint64

    Examples
    --------
    >>> keys = order_keys(np.array([-2.0, -1.0, 0.0, 1e-300, 3.0]))
    >>> bool((np.diff(keys) > 0).all()), floats_of_keys(keys)
    (True, array([-2.e+000, -1.e+000,  0.e+000,  1.e-300,  3.e+000]))
    """
    # Zero has two signs; the sum has one.
    bits = (np.ascontiguousarray(values, dtype=float) + 0.0).view(np.uint64)
    return np.where(bits & SIGN, ~bits, bits | SIGN)


def floats_of_keys(keys):
    """Turn such whole numbers back into floats.

    Parameters
    ----------
    keys : ndarray of uint64
        Of `order_keys`.

    Returns
    -------
    values : ndarray of float
    """
    keys = np.ascontiguousarray(keys, dtype=np.uint64)
    return np.where(keys & SIGN, keys ^ SIGN, ~keys).view(float)


class OrderSearch(Phase):
    """Finds the least and the largest value of each column, digit by digit.

    Parameters
    ----------
    n_digits : int, default=8
        Digits of 8 bits that are found: all 8 for the exact values. With two the ends
        are rounded outwards by a 16th at most: sign, exponent and 4 bits.

    columns : callable, optional
        ``columns(X, y)`` says what is searched; by default X.
    """

    def __init__(self, n_digits=N_DIGITS, columns=lambda X, y: X):
        self.n_digits = n_digits
        self.columns = columns

    def vector(self, estimator, X, y, public):
        """Mark the next digit of the own ends, where they may be those of all."""
        values = self.columns(X, y)
        keys = order_keys(np.stack([values.min(axis=0), values.max(axis=0)]))
        digit, found = self._progress(keys.shape, public)
        agrees = np.ones(keys.shape, dtype=bool)
        if digit:
            agrees = keys >> np.uint64(64 - DIGIT_BITS * digit) == found
        shift = np.uint64(64 - DIGIT_BITS * (digit + 1))
        digits = (keys >> shift) & np.uint64(2**DIGIT_BITS - 1)
        marks = np.zeros((*keys.shape, 2**DIGIT_BITS))
        np.put_along_axis(marks, digits.astype(int)[..., None], 1.0, axis=-1)
        return (marks * agrees[..., None]).ravel()

    def update(self, estimator, total, public):
        """Add the least and the largest digit that are marked."""
        marked = total.reshape(2, -1, 2**DIGIT_BITS) > 0.5
        digit, found = self._progress(marked.shape[:2], public)
        if not marked.any(axis=-1).all():
            # The client with the end of a column left: begin again.
            return {"search_digit": 0, "search_found": np.zeros_like(found)}
        least = marked[0].argmax(axis=-1)
        largest = 2**DIGIT_BITS - 1 - marked[1, :, ::-1].argmax(axis=-1)
        new = np.stack([least, largest]).astype(np.uint64)
        found = (found << np.uint64(DIGIT_BITS)) | new
        news = {"search_digit": digit + 1, "search_found": found}
        if digit + 1 == self.n_digits:
            low, high = found
            rest = 64 - DIGIT_BITS * self.n_digits
            if rest:
                low = low << np.uint64(rest)
                high = (high << np.uint64(rest)) | np.uint64(2**rest - 1)
            news = {"lower": floats_of_keys(low), "upper": floats_of_keys(high)}
            # The next search starts anew.
            news |= {"search_digit": 0, "search_found": None, "search_done": True}
        else:
            news["search_done"] = False
        return news

    def is_finished(self, estimator, public):
        """Whether all digits are found."""
        return public["search_done"]

    def _progress(self, shape, public):
        digit = public.get("search_digit", 0)
        found = public.get("search_found") if digit else None
        return digit, np.zeros(shape, dtype=np.uint64) if found is None else found
