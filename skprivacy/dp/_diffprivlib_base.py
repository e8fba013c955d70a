"""What wrappers of diffprivlib share."""

import numpy as np

from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._diffprivlib_compat import load_diffprivlib
from skprivacy.dp._guarantee import PrivacyGuarantee

__all__ = ["PURE_CONSTRAINTS", "SoundFitMixin"]

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
