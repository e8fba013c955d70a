"""What a round of a secure sum ends with."""

from dataclasses import dataclass, field

import numpy as np

__all__ = ["SecureSumResult"]


@dataclass(frozen=True)
class SecureSumResult:
    """What a round ends with.

    Attributes
    ----------
    sum_ : ndarray of shape (n_values,)
        Sum of the survivors' vectors.

    survivors_ : tuple of id
        Clients whose vectors are in it.

    dropouts_ : tuple of id
        Clients that sent keys, and whose vectors are not.

    liars_ : tuple of id
        Clients whose shares did not fit; only looked for where a secret did not open.

    quantization_error_ : float
        Largest error that rounding made in a value of the sum.

    n_clipped_ : dict of {id: int}
        Values that each client moved to the bound. Clients alone know: filled in by
        :func:`secure_sum`, empty at a server.

    privacy_guarantee_ : PrivacyGuarantee or None
        What the noise promises, without that of dropouts and corrupt clients. None
        where the plan has no noise.
    """

    sum_: np.ndarray
    survivors_: tuple
    dropouts_: tuple
    liars_: tuple = ()
    quantization_error_: float = 0.0
    n_clipped_: dict = field(default_factory=dict)
    privacy_guarantee_: object = None
