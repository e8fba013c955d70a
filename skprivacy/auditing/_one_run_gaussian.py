"""Right guesses about one run, held against the whole curve of a Gaussian release."""

import numpy as np
from scipy.special import ndtr, ndtri

from skprivacy.auditing._one_run import check_guesses, largest_rejected
from skprivacy.dp._gaussian import gaussian_epsilon

__all__ = ["curve_p_value", "epsilon_one_run_gaussian", "rejects_curve"]

#: Smallest chance that is told: below it rounding counts.
LEAST_P_VALUE = 1e-9


def rejects_curve(n_correct, n_guesses, n_canaries, blow_up_inverse, alpha) -> bool:
    """Whether so many right guesses refute a trade-off (Mahloujifar et al. 2025).

    If the chance of `n_correct` right guesses were `alpha`, then those of fewer would
    follow, each at least so large that the curve allows the next. Where they add up to
    more than there is, the curve is refuted.

    Parameters
    ----------
    n_correct, n_guesses, n_canaries : int
        Right guesses; all guesses; all canaries.

    blow_up_inverse : callable
        The probability that an event must have in one world, at least, if in a
        neighboring one it has the given one: ``x * exp(-epsilon)`` of pure differential
        privacy.

    alpha : float
        Chance of an error.

    Returns
    -------
    is_rejected : bool

    References
    ----------
    S. Mahloujifar, L. Melis and K. Chaudhuri, "Auditing f-Differential Privacy in One
    Run", International Conference on Machine Learning, 2025.

    Examples
    --------
    >>> rejects_curve(100, 100, 100, lambda x: x, alpha=0.05)
    True
    >>> rejects_curve(50, 100, 100, lambda x: x, alpha=0.05)
    False
    """
    right = alpha * n_correct / n_canaries
    wrong = alpha * (n_guesses - n_correct) / n_canaries
    for i in range(n_correct - 1, -1, -1):
        needed = blow_up_inverse(min(right, 1.0))
        if needed <= wrong:
            # Neither of both changes any more.
            break
        right += i / (n_guesses - i) * (needed - wrong)
        wrong = needed
    return bool(right + wrong > n_guesses / n_canaries)


def epsilon_one_run_gaussian(
    n_correct, n_guesses, n_canaries, *, delta, confidence=0.95
) -> float:
    """Lower bound on epsilon from one run, if the mechanism is a Gaussian one.

    Parameters
    ----------
    n_correct, n_guesses, n_canaries : int
        Right guesses; all guesses; all canaries, each of which was trained on with
        probability one half, independently of the others.

    delta : float
        Delta at which epsilon is asked for, above 0.

    confidence : float, default=0.95
        Probability that the bound holds.

    Returns
    -------
    epsilon : float
        That of the largest mu whose curve is refuted; 0 where there is none.

    Raises
    ------
    ValueError
        If the numbers do not go together, or `delta` is 0.

    References
    ----------
    S. Mahloujifar, L. Melis and K. Chaudhuri, "Auditing f-Differential Privacy in One
    Run", International Conference on Machine Learning, 2025.

    Examples
    --------
    >>> from skprivacy.auditing import epsilon_one_run, epsilon_one_run_gaussian
    >>> round(epsilon_one_run_gaussian(95, 100, 1000, delta=1e-5), 2)
    3.32
    >>> round(epsilon_one_run(95, 100, 1000, delta=1e-5), 2)
    2.17
    """
    check_guesses(n_correct, n_guesses, n_canaries, delta, confidence)
    if delta == 0:
        raise ValueError(
            "delta must be above 0 for the Gaussian curve: at 0 the epsilon of a "
            "Gaussian release is infinite."
        )
    mu = largest_rejected(
        lambda mu: rejects_curve(
            n_correct,
            n_guesses,
            n_canaries,
            lambda x: float(ndtr(ndtri(x) - mu)) if x < 1 else 1.0,
            1 - confidence,
        )
    )
    return gaussian_epsilon(delta, mu) if mu > 0 and np.isfinite(mu) else 0.0


def curve_p_value(n_correct, n_guesses, n_canaries, guarantee) -> float:
    """Chance of so many right guesses, at most, if a guarantee's whole curve is true.

    Parameters
    ----------
    n_correct, n_guesses, n_canaries : int
        As in :func:`epsilon_one_run_gaussian`.

    guarantee : PrivacyGuarantee
        What is claimed, of whatever curve.

    Returns
    -------
    p : float
        The smallest `alpha` at which :func:`rejects_curve` is true, to within 1%; from
        1e-9 to 1.

    Examples
    --------
    >>> from skprivacy.dp import PrivacyGuarantee
    >>> curve_p_value(20, 20, 100, PrivacyGuarantee.pure(1.0)) < 0.01
    True
    >>> curve_p_value(12, 20, 100, PrivacyGuarantee.pure(1.0))
    1.0
    """
    check_guesses(n_correct, n_guesses, n_canaries, 0.0)

    def is_rejected(log_alpha):
        return rejects_curve(
            n_correct,
            n_guesses,
            n_canaries,
            lambda x: 1 - guarantee.max_tpr(max(1 - x, 0.0)),
            np.exp(log_alpha),
        )

    low, high = np.log(LEAST_P_VALUE), 0.0
    if not is_rejected(high):
        return 1.0
    if is_rejected(low):
        return LEAST_P_VALUE
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (low, middle) if is_rejected(middle) else (middle, high)
    return float(np.exp(high))
