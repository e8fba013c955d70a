"""Numbers as whole words, whose sums are exact and can't overflow."""

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

__all__ = ["FixedPoint"]

WORDS = {32: np.dtype("<u4"), 64: np.dtype("<u8")}
#: Values that are rounded at a time.
STRETCH = 2**14
#: Beyond, floats hold no fractions that could be kept.
MOST_FRACTION_BITS = 52


@dataclass(frozen=True)
class FixedPoint:
    r"""Turn numbers into words of an additive group, and sums of words into numbers.

    A value x is rounded to a multiple of :math:`2^{-f}` and stored as
    :math:`x 2^f \bmod 2^w`. Sums of words are exact, so that the error of a sum is
    that of rounding its terms: at most :math:`n 2^{-f-1}`.

    Parameters
    ----------
    bound : float, default=1.0
        Values lie from ``-bound`` to ``bound``.

    fraction_bits : int, default=16
        Bits after the point, f; 0 to 52.

    word : {32, 64}, default=32
        Bits of a word, w. 32 halves what is sent; sums of squares and counts of
        thousands of records need 64.

    clip : {"clip", "error"}, default="clip"
        What becomes of values out of bounds: moved to the bound and counted, or a
        ValueError.

    Examples
    --------
    >>> from skprivacy.federated import FixedPoint
    >>> fixed = FixedPoint(bound=10.0, fraction_bits=4)
    >>> words, n_clipped = fixed.encode([1.5, -2.0, 99.0])
    >>> fixed.decode(words), n_clipped
    (array([ 1.5, -2. , 10. ]), 1)
    >>> fixed.quantization_error(100)
    3.125
    """

    bound: float = 1.0
    fraction_bits: int = 16
    word: int = 32
    clip: str = "clip"

    def __post_init__(self):
        if not isinstance(self.bound, Real) or isinstance(self.bound, bool):
            raise TypeError(f"bound must be a number above 0; got {self.bound!r}.")
        if not 0 < self.bound < np.inf:
            raise ValueError(f"bound must be finite and above 0; got {self.bound}.")
        if not isinstance(self.fraction_bits, Integral):
            raise TypeError(
                f"fraction_bits must be a whole number; got {self.fraction_bits!r}."
            )
        if not 0 <= self.fraction_bits <= MOST_FRACTION_BITS:
            raise ValueError(
                f"fraction_bits must be from 0 to {MOST_FRACTION_BITS}; got "
                f"{self.fraction_bits}."
            )
        if self.word not in WORDS:
            raise ValueError(f"word must be 32 or 64; got {self.word!r}.")
        if self.clip not in ("clip", "error"):
            raise ValueError(f'clip must be "clip" or "error"; got {self.clip!r}.')

    @classmethod
    def for_clients(cls, n_clients, bound=1.0, word=32, clip="clip"):
        """Make the finest one in which no sum of so many clients overflows.

        Parameters
        ----------
        n_clients : int
            Most clients of a sum.

        bound, word, clip
            As in the class.

        Returns
        -------
        fixed_point : FixedPoint

        Raises
        ------
        ValueError
            If not even whole numbers fit.

        Examples
        --------
        >>> from skprivacy.federated import FixedPoint
        >>> FixedPoint.for_clients(100, bound=1.0).fraction_bits
        24
        """
        for bits in range(MOST_FRACTION_BITS, -1, -1):
            found = cls(bound, bits, word, clip)
            if found.largest_sum(n_clients) < 2 ** (word - 1):
                return found
        found.check_sum(n_clients)

    @property
    def dtype(self):
        """Type of the words, little-endian."""
        return WORDS[self.word]

    @property
    def largest(self) -> int:
        """Largest word of one value, as a whole number."""
        return int(np.rint(self.bound * 2.0**self.fraction_bits))

    def largest_sum(self, n_clients, headroom=0) -> int:
        """Return the largest sum of ``n_clients`` values, and noise of ``headroom``."""
        return int(n_clients) * self.largest + int(headroom)

    def check_sum(self, n_clients, headroom=0):
        """Refuse a sum that could overflow.

        Parameters
        ----------
        n_clients : int
            Most clients of a sum.

        headroom : int, default=0
            Words set aside for noise.

        Raises
        ------
        ValueError
            If ``n_clients * bound * 2 ** fraction_bits`` reaches ``2 ** (word - 1)``.
        """
        most, limit = self.largest_sum(n_clients, headroom), 2 ** (self.word - 1)
        if most >= limit:
            raise ValueError(
                f"a sum of {n_clients} values up to {self.bound} with "
                f"{self.fraction_bits} fraction bits may reach {most}, and words of "
                f"{self.word} bits end at {limit}: take fewer fraction_bits, a smaller "
                "bound or word=64."
            )

    def quantization_error(self, n_clients=1) -> float:
        """Return the largest error that rounding makes in a sum of ``n_clients``."""
        return n_clients * 2.0 ** -(self.fraction_bits + 1)

    def round(self, values):
        """Round values to whole numbers of steps.

        Parameters
        ----------
        values : array-like of shape (n_values,)
            Finite numbers.

        Returns
        -------
        steps : ndarray of shape (n_values,) of int64
            Values times ``2 ** fraction_bits``.

        n_clipped : int
            How many were out of bounds.

        Raises
        ------
        ValueError
            If they have not one dimension, are NaN or infinite; or out of bounds, where
            `clip` is "error".
        """
        return self._rounded(values, np.int64)

    def encode(self, values):
        """Turn values into words.

        Parameters
        ----------
        values : array-like of shape (n_values,)
            Finite numbers.

        Returns
        -------
        words : ndarray of shape (n_values,)
            Of `dtype`; negative numbers as two's complement.

        n_clipped : int
            How many were out of bounds.

        Raises
        ------
        ValueError
            As in :meth:`round`.
        """
        steps, n_clipped = self._rounded(values, f"<i{self.word // 8}")
        return steps.view(self.dtype), n_clipped

    def words(self, steps):
        """Turn whole numbers of steps into words."""
        return steps.astype(self.dtype)

    def decode(self, words):
        """Turn words, or sums of words, into numbers.

        Parameters
        ----------
        words : ndarray of shape (n_values,)
            Of `dtype`.

        Returns
        -------
        values : ndarray of shape (n_values,)
        """
        signed = np.asarray(words, dtype=self.dtype).view(f"<i{self.word // 8}")
        return signed.astype(float) * 2.0**-self.fraction_bits

    def _rounded(self, values, dtype):
        """Round values to whole numbers, a stretch that fits the cache at a time."""
        values = np.asarray(values)
        if values.dtype.kind not in "fiub" or values.ndim != 1:
            raise ValueError(
                "values must be one row of real numbers; got shape "
                f"{values.shape} of {values.dtype}."
            )
        self.check_sum(1)
        steps = np.empty(len(values), dtype)
        n_clipped, largest = 0, 0.0
        for start in range(0, len(values), STRETCH):
            stretch = values[start : start + STRETCH].astype(float)
            # NaN is the largest and the least where there is one.
            farthest = max(-stretch.min(), stretch.max())
            if not np.isfinite(farthest):
                raise ValueError("values must be finite; got NaN or infinity.")
            if farthest > self.bound:
                n_clipped += int((np.abs(stretch) > self.bound).sum())
                largest = max(largest, farthest)
                np.clip(stretch, -self.bound, self.bound, out=stretch)
            stretch *= 2.0**self.fraction_bits
            whole = np.rint(stretch, out=stretch).astype(np.int64)
            steps[start : start + STRETCH] = whole
        if n_clipped and self.clip == "error":
            raise ValueError(
                f"{n_clipped} of {len(values)} values are beyond the bound of "
                f"{self.bound}; the largest is {largest}."
            )
        return steps, n_clipped
