"""Choose a setting without the truth: each shadow model in turn is the target."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

__all__ = [
    "attack_power",
    "auc_and_tpr",
    "best_on_pretend_targets",
    "pretend_records",
    "pretend_targets",
]

_MAX_PRETEND = 8
_MAX_RECORDS = 5_000
_LOW_FPR = 0.01


def pretend_targets(
    membership: np.ndarray, n_pretend: int = _MAX_PRETEND
) -> Iterator[tuple[int, np.ndarray]]:
    """Take shadow models as targets, each against the others.

    A model's complement says of each record what the model says: it is left out too.

    Parameters
    ----------
    membership : ndarray of bool of shape (n_models, n_records)
        Which model was trained on which record.

    n_pretend : int, default=8
        Pretend targets at the most, spread evenly over the models.

    Yields
    ------
    target : int
        The pretend target.

    others : ndarray of int
        The models that play the shadow models.

    Examples
    --------
    >>> import numpy as np
    >>> half = np.array([True, True, False, False])
    >>> other = np.array([True, False, True, False])
    >>> membership = np.array([half, ~half, other, ~other])
    >>> for target, others in pretend_targets(membership, 2):
    ...     print(target, others)
    0 [2 3]
    3 [0 1]
    """
    n_models = len(membership)
    chosen = np.unique(np.linspace(0, n_models - 1, n_pretend).round().astype(int))
    for target in chosen:
        partner = target ^ 1
        complementary = partner < n_models and not np.any(
            membership[target] & membership[partner]
        )
        excluded = [target, partner] if complementary else [target]
        others = np.setdiff1d(np.arange(n_models), excluded)
        if len(others) >= 2:
            yield int(target), others


def best_on_pretend_targets(
    candidates: Sequence, attack: Callable, membership: np.ndarray
):
    """Return the candidate whose attack names the pretend targets' members best.

    Parameters
    ----------
    candidates : sequence
        Settings; of equally good ones the first is taken.

    attack : callable
        ``attack(target, others, records)`` attacks the model ``target`` with the models
        ``others``, and gives a function from a candidate to the scores of the records,
        which are those of `pretend_records`.

    membership : ndarray of bool of shape (n_models, n_records)
        Which model was trained on which record.

    Returns
    -------
    best : object
        One of the candidates; the first where there are too few models to tell.
    """
    records = pretend_records(membership.shape[1])
    power = np.zeros(len(candidates))
    for target, others in pretend_targets(membership):
        truth = membership[target, records]
        if truth.all() or not truth.any():
            continue
        score = attack(target, others, records)
        for i, candidate in enumerate(candidates):
            power[i] += attack_power(truth, score(candidate))
    return candidates[int(np.argmax(power))]


def pretend_records(n_records) -> np.ndarray:
    """Choose records, evenly spread, on which pretend targets are attacked.

    More of them would add time and no certainty.

    Examples
    --------
    >>> pretend_records(3), len(pretend_records(1_000_000)) <= _MAX_RECORDS
    (array([0, 1, 2]), True)
    """
    return np.arange(0, n_records, -(-n_records // _MAX_RECORDS))


def attack_power(is_member: np.ndarray, score: np.ndarray) -> float:
    """ROC AUC plus the true positive rate at 1% false positives.

    The first alone would choose what is best on average and blind at the top.

    Parameters
    ----------
    is_member : ndarray of bool of shape (n_records,)
        Truth.

    score : ndarray of shape (n_records,)
        Larger means more like a member. Equal scores are taken in their order, which
        has nothing to do with the truth of a pretend target.

    Returns
    -------
    power : float

    Examples
    --------
    >>> import numpy as np
    >>> attack_power(np.array([True, True, False]), np.array([3.0, 1.0, 2.0]))
    1.0
    """
    return sum(auc_and_tpr(is_member, score))


def auc_and_tpr(is_member: np.ndarray, score: np.ndarray) -> tuple[float, float]:
    """ROC AUC, and the true positive rate at 1% false positives.

    Parameters
    ----------
    is_member : ndarray of bool of shape (n_records,)
        Truth; some of both.

    score : ndarray of shape (n_records,)
        As :func:`attack_power` takes it.

    Returns
    -------
    auc, tpr : float

    Examples
    --------
    >>> import numpy as np
    >>> auc_and_tpr(np.array([True, True, False]), np.array([3.0, 1.0, 2.0]))
    (0.5, 0.5)
    """
    truth = is_member[np.argsort(-score, kind="stable")]
    # Members ahead of each non-member, the most suspicious non-member first.
    ahead = np.cumsum(truth)[~truth] / truth.sum()
    return float(ahead.mean()), float(ahead[int(_LOW_FPR * len(ahead))])
