"""How firmly a model holds on to a record's label, from right and wrong answers."""

from typing import NamedTuple

import numpy as np

__all__ = [
    "Rates",
    "answer_evidence",
    "bisect_flips",
    "information",
    "right_rates",
    "robustness",
    "usual_gain",
]


class Rates(NamedTuple):
    """Chance that a question is answered rightly, for each question of each record.

    Parameters
    ----------
    inside : ndarray of shape (n_records, n_questions)
        By models with the record.

    outside : ndarray of shape (n_records, n_questions)
        By models without it.
    """

    inside: np.ndarray
    outside: np.ndarray


def robustness(right: np.ndarray) -> np.ndarray:
    """Share of altered copies that keep the label; 0 where the record itself is wrong.

    Parameters
    ----------
    right : ndarray of shape (..., n_records, 1 + n_copies)
        Whether the record, then its copies, got the record's label.

    Returns
    -------
    share : ndarray of shape (..., n_records)

    References
    ----------
    Choquette-Choo et al. 2021, robustness to random noise.

    Examples
    --------
    >>> import numpy as np
    >>> robustness(np.array([[1, 1, 1, 0], [0, 1, 1, 1]])).round(3)
    array([0.667, 0.   ])
    """
    return right[..., 0] * right[..., 1:].mean(axis=-1)


def usual_gain(right: np.ndarray, membership: np.ndarray) -> float:
    """Share of wrong answers that training on a record mends, over all records.

    Parameters
    ----------
    right : ndarray of shape (n_models, n_records, n_questions)
        Whether each shadow model was right.

    membership : ndarray of bool of shape (n_models, n_records)
        Which model was trained on which record.

    Returns
    -------
    gain : float
        Between 0 and 0.9: of a few shadow models without a fault, none is taken to be
        without fault for ever.

    Examples
    --------
    Two of four answers are wrong without the record, one of four with it.

    >>> import numpy as np
    >>> right = np.array([[[1, 0], [1, 1]], [[1, 0], [0, 1]]])
    >>> usual_gain(right, np.array([[True, True], [False, False]]))
    0.5
    """
    wrong_in = 1 - right[membership].mean() if membership.any() else 1.0
    wrong_out = 1 - right[~membership].mean() if not membership.all() else 1.0
    gain = 1 - wrong_in / wrong_out if wrong_out > 0 else 0.0
    return float(np.clip(gain, 0, _LARGEST_GAIN))


def right_rates(
    right: np.ndarray, membership: np.ndarray, base: float, gain: float
) -> Rates:
    """Estimate how often models with, and without, a record answer rightly.

    The shares of the shadow models, each counted with one more model: without the
    record, one that is right as often as usual; with it, one that mends as many of the
    wrong answers as usual. So a record in no shadow model has rates, too.

    Parameters
    ----------
    right : ndarray of shape (n_models, n_records, n_questions)
        Whether each shadow model was right.

    membership : ndarray of bool of shape (n_models, n_records)
        Which model was trained on which record.

    base : float
        How often models without a record are right; strictly between 0 and 1.

    gain : float
        As of :func:`usual_gain`.

    Returns
    -------
    rates : Rates

    Examples
    --------
    One question, one model with the record (right) and two without it (one right):
    out (1 + 0.5) / 3 = 0.5, in (1 + 0.5 + 0.2 * 0.5) / 2 = 0.8.

    >>> import numpy as np
    >>> right = np.array([[[1]], [[1]], [[0]]])
    >>> rates = right_rates(right, np.array([[True], [False], [False]]), 0.5, 0.2)
    >>> rates.inside, rates.outside
    (array([[0.8]]), array([[0.5]]))
    """
    weights = membership.astype(float)
    n_in, n_out = weights.sum(axis=0)[:, None], (1 - weights).sum(axis=0)[:, None]
    right_in = np.einsum("mnq,mn->nq", right, weights)
    right_out = np.einsum("mnq,mn->nq", right, 1 - weights)
    outside = (right_out + base) / (n_out + 1)
    inside = (right_in + outside + gain * (1 - outside)) / (n_in + 1)
    return Rates(inside, outside)


def answer_evidence(right: np.ndarray, rates: Rates) -> np.ndarray:
    """Log of how much likelier the answers are with the record than without it.

    Each question is taken as independent of the others.

    Parameters
    ----------
    right : ndarray of shape (n_records, n_questions)
        Whether the target was right.

    rates : Rates
        Of the same questions.

    Returns
    -------
    evidence : ndarray of shape (n_records,)

    Examples
    --------
    log(0.8 / 0.5) + log(0.2 / 0.5)

    >>> import numpy as np
    >>> rates = Rates(np.array([[0.8, 0.8]]), np.array([[0.5, 0.5]]))
    >>> answer_evidence(np.array([[1, 0]]), rates).round(3)
    array([-0.446])
    """
    inside, outside = rates
    return np.where(
        right > 0, np.log(inside / outside), np.log((1 - inside) / (1 - outside))
    ).sum(axis=1)


def information(rates: Rates) -> np.ndarray:
    """How much an answer is expected to tell of membership, in nats.

    The mutual information of the answer and membership, where half are members.

    Parameters
    ----------
    rates : Rates
        Chances of a right answer.

    Returns
    -------
    information : ndarray of shape (n_records, n_questions)

    Examples
    --------
    >>> import numpy as np
    >>> rates = Rates(np.array([[0.9, 0.5]]), np.array([[0.1, 0.5]]))
    >>> information(rates).round(3)
    array([[0.368, 0.   ]])
    """
    inside, outside = rates
    middle = (inside + outside) / 2
    return _entropy(middle) - (_entropy(inside) + _entropy(outside)) / 2


def bisect_flips(ask, n_paths: tuple[int, ...], n_halvings: int) -> np.ndarray:
    """Find where on a path the label is lost, by halving.

    The start is taken to keep the label, and the end to lose it.

    Parameters
    ----------
    ask : callable
        ``ask(step)`` says whether the label is kept ``step / 2**n_halvings`` of the
        way, for an int array of shape `n_paths`.

    n_paths : tuple of int
        Shape of the paths.

    n_halvings : int
        Questions for each path.

    Returns
    -------
    share : ndarray of shape `n_paths`
        Share of the way at which the label is lost, in (0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> kept_until = np.array([0.3, 0.9, 0.0])
    >>> bisect_flips(lambda step: step / 8 <= kept_until, (3,), 3)
    array([0.375, 1.   , 0.125])
    """
    low = np.zeros(n_paths, dtype=int)
    for power in range(n_halvings - 1, -1, -1):
        low += np.where(ask(low + 2**power), 2**power, 0)
    return (low + 1) / 2**n_halvings


def _entropy(p):
    return -p * np.log(p) - (1 - p) * np.log1p(-p)


_LARGEST_GAIN = 0.9
