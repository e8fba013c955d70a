"""How many records would tell as much as the model does."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, validate_params

__all__ = ["n_leaked"]


@validate_params(
    {
        "accuracy": [Interval(Real, 0, 1, closed="both")],
        "ratios": ["array-like"],
    },
    prefer_skip_nested_validation=True,
)
def n_leaked(accuracy: float, ratios) -> float:
    """Count the training records that would tell two ratios apart as well.

    Of ``n`` records drawn from the training set, no rule can tell with an accuracy
    ``a`` whether the ratio is ``r0`` or ``r1 > r0`` unless

    ``(2 a - 1)^2 <= 1 - max(r0 / r1, (1 - r1) / (1 - r0))^n``;

    the least such ``n`` makes attacks on different ratios comparable: .9 between .2 and
    .8 is less than .9 between .5 and .6.

    Parameters
    ----------
    accuracy : float
        Of an attack on models of both worlds in equal numbers.

    ratios : array-like of shape (2,)
        The two ratios.

    Returns
    -------
    n : float
        0 for an accuracy of 1/2 or below, or ratios that are the same; infinite for an
        accuracy of 1.

    Raises
    ------
    ValueError
        If the ratios are no two shares from 0 to 1.

    Notes
    -----
    An upper bound of the accuracy gives a lower bound of the number. The bound itself
    says nothing where a single record would do (a ratio of 0 and one of 1): then any
    accuracy above 1/2 counts as at most one record.

    References
    ----------
    A. Suri, D. Evans. "Formalizing and estimating distribution inference risks".
    PoPETs 2022.

    Examples
    --------
    >>> from skprivacy.property import n_leaked
    >>> round(n_leaked(0.9, (0.2, 0.8)), 2), round(n_leaked(0.9, (0.5, 0.6)), 2)
    (0.74, 5.6)
    """
    ratios = np.asarray(ratios, dtype=float)
    if ratios.shape != (2,) or not ((ratios >= 0) & (ratios <= 1)).all():
        raise ValueError(
            f"ratios must be two shares from 0 to 1; got {ratios.tolist()}."
        )
    low, high = np.sort(ratios)
    if accuracy <= 0.5 or low == high:
        return 0.0
    if accuracy == 1:
        return 1.0 if (low, high) == (0, 1) else np.inf
    alike = max(low / high, (1 - high) / (1 - low))
    if alike == 0:
        return 1.0
    return float(np.log(1 - (2 * accuracy - 1) ** 2) / np.log(alike))
