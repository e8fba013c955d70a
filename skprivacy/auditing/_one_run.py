"""What right guesses about the canaries of one training run say about epsilon."""

from numbers import Real

import numpy as np
from scipy.stats import binom

from skprivacy.auditing._counts import check_guesses

__all__ = ["epsilon_one_run", "largest_rejected", "one_run_p_value"]


def one_run_p_value(n_correct, n_guesses, n_canaries, epsilon, *, delta=0.0) -> float:
    r"""Chance of so many right guesses under a guarantee (Steinke et al. 2023).

    Each of `n_canaries` was trained on with probability one half, independently of the
    others, and about `n_guesses` of them it was guessed whether it was. With
    :math:`q = e^\varepsilon / (1 + e^\varepsilon)`, r guesses, v of them right, and
    m canaries, the chance is at most

    .. math:: P[B(r, q) \ge v] + 2 m \delta
              \max_{1 \le i \le v} \frac{P[v > B(r, q) \ge v - i]}{i}.

    Parameters
    ----------
    n_correct, n_guesses, n_canaries : int
        Right guesses; all guesses; all canaries, also those without a guess.

    epsilon : float
        Epsilon of the guarantee.

    delta : float, default=0.0
        Its delta.

    Returns
    -------
    p : float
        From 0 to 1.

    Raises
    ------
    ValueError
        If the numbers do not go together.

    References
    ----------
    T. Steinke, M. Nasr and M. Jagielski, "Privacy Auditing with One (1) Training Run",
    Advances in Neural Information Processing Systems, 2023.

    Examples
    --------
    Without delta it is that of coins that fall right with probability q: at an epsilon
    of 0, five of five have 1 / 32.

    >>> from skprivacy.auditing import one_run_p_value
    >>> one_run_p_value(5, 5, 5, 0.0)
    0.03125
    """
    check_guesses(n_correct, n_guesses, n_canaries, delta)
    if not isinstance(epsilon, Real):
        raise TypeError(f"epsilon must be a float; got {epsilon!r}.")
    if not float(epsilon) >= 0:
        raise ValueError(f"epsilon must be at least 0; got {epsilon}.")
    return _p_value(n_correct, n_guesses, n_canaries, epsilon, delta)


def _p_value(n_correct, n_guesses, n_canaries, epsilon, delta):
    q = 1 / (1 + np.exp(-epsilon))
    p = float(binom.sf(n_correct - 1, n_guesses, q))
    if delta > 0 and n_correct > 0:
        below = binom.pmf(np.arange(n_correct)[::-1], n_guesses, q).cumsum()
        steepest = np.max(below / np.arange(1, n_correct + 1))
        p += 2 * n_canaries * delta * float(steepest)
    return min(p, 1.0)


def epsilon_one_run(
    n_correct, n_guesses, n_canaries, *, delta=0.0, confidence=0.95
) -> float:
    """Lower bound on epsilon from guesses about one run (Steinke et al. 2023).

    Parameters
    ----------
    n_correct, n_guesses, n_canaries : int
        As in :func:`one_run_p_value`.

    delta : float, default=0.0
        Delta of the guarantee.

    confidence : float, default=0.95
        Probability that the bound holds.

    Returns
    -------
    epsilon : float
        The largest at which so many right guesses have a chance below
        ``1 - confidence``; 0 where there is none.

    Raises
    ------
    ValueError
        If the numbers do not go together.

    References
    ----------
    T. Steinke, M. Nasr and M. Jagielski, "Privacy Auditing with One (1) Training Run",
    Advances in Neural Information Processing Systems, 2023.

    Examples
    --------
    >>> from skprivacy.auditing import epsilon_one_run
    >>> round(epsilon_one_run(75, 100, 1000, delta=1e-4), 3)
    0.673
    """
    check_guesses(n_correct, n_guesses, n_canaries, delta, confidence)
    alpha = 1 - confidence
    return largest_rejected(
        lambda epsilon: (
            _p_value(n_correct, n_guesses, n_canaries, epsilon, delta) < alpha
        )
    )


def largest_rejected(is_rejected, most=60.0) -> float:
    """Largest parameter that a test rejects, if it rejects all that are smaller.

    Parameters
    ----------
    is_rejected : callable
        Of the parameter.

    most : float, default=60.0
        No larger one is looked at.

    Returns
    -------
    parameter : float
        One that is rejected, to within 1e-6 the largest; 0 where none is.

    Examples
    --------
    >>> round(largest_rejected(lambda x: x < 2.5), 4)
    2.5
    """
    low, high = 0.0, 1.0
    if not is_rejected(low):
        return 0.0
    while is_rejected(high):
        low, high = high, 2 * high
        if high > most:
            return low
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if is_rejected(middle) else (low, middle)
    return low
