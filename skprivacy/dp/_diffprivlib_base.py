"""What wrappers of diffprivlib share."""

import numpy as np

from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._diffprivlib_compat import load_diffprivlib
from skprivacy.dp._guarantee import PrivacyGuarantee
from skprivacy.dp._public import clip_to_bounds

__all__ = ["PURE_CONSTRAINTS", "SoundFitMixin", "to_unit_range"]

#: The library's noise promises an epsilon without a delta.
PURE_CONSTRAINTS = {
    key: allowed for key, allowed in PRIVACY_CONSTRAINTS.items() if key != "delta"
}

FLOATING_POINT = "nobody reads the low bits of noise that was made in floating point"


class SoundFitMixin(PrivateFitMixin):
    """Books a fit whose noise is the library's."""

    def _start_library_fit(self, public, *more):
        """Book the fit, and return the library and sources of noise.

        Parameters
        ----------
        public : str
            What is public, besides the number of records.

        *more : str
            What else is assumed.

        Returns
        -------
        library : module
            diffprivlib.

        random_state : RandomState or None
            None: its mechanisms ask the operating system.

        noise : NoiseSource
            Ours.
        """
        library = load_diffprivlib()
        assumed = (f"the number of records{public} are public", *more, FLOATING_POINT)
        guarantee = PrivacyGuarantee.pure(self.epsilon, assumptions=assumed)
        noise = self._start_private_fit(guarantee)
        seeded = None if noise.is_secure else np.random.RandomState(noise.seed())
        return library, seeded, noise


def to_unit_range(X, lower, upper) -> tuple:
    """Clip records to bounds, and scale them to -1 to 1.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Records.

    lower, upper : ndarray of shape (n_features,)
        Bounds.

    Returns
    -------
    scaled : ndarray of shape (n_records, n_features)
        A new array.

    center, reach : ndarray of shape (n_features,)
        ``center + reach * scaled`` are the records.

    Examples
    --------
    >>> to_unit_range(np.array([[1.0], [4.0]]), np.array([0.0]), np.array([4.0]))[0]
    array([[-0.5],
           [ 1. ]])
    """
    center, reach = (lower + upper) / 2, np.maximum(upper - lower, 1e-12) / 2
    scaled = (clip_to_bounds(X, lower, upper) - center) / reach
    # What division rounds up is brought back.
    return np.clip(scaled, -1.0, 1.0), center, reach
