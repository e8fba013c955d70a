"""One row of the table: what an attack scored, what it cost, how it is judged."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from skprivacy.metrics import tpr_at_fpr


@dataclass(frozen=True)
class Outcome:
    """Scores and cost of one attack.

    Attributes
    ----------
    package, attack : str
        What ran.
    scores : ndarray of shape (n_records,)
        Larger means more likely a member; empty where the attack failed.
    shadow_seconds, attack_seconds : float
        CPU seconds of training (and asking) the shadow models, and of the rest.
    sees_membership : bool
        Whether the attack learns from the true membership (then cross-validated).
    note : str
        What else a reader must know.
    """

    package: str
    attack: str
    scores: np.ndarray
    shadow_seconds: float = 0.0
    attack_seconds: float = 0.0
    sees_membership: bool = False
    note: str = ""


def judge(outcome, is_member, training_seconds):
    """Return the figures of one outcome as a flat dict.

    Parameters
    ----------
    outcome : Outcome
        What an attack scored.
    is_member : ndarray of shape (n_records,)
        The truth.
    training_seconds : float
        CPU seconds of training as many shadow models in a plain loop.

    Returns
    -------
    dict
    """
    total = outcome.shadow_seconds + outcome.attack_seconds
    return {
        "package": outcome.package,
        "attack": outcome.attack,
        **rates(is_member, outcome.scores),
        "shadow_seconds": outcome.shadow_seconds,
        "attack_seconds": outcome.attack_seconds,
        "times_training": total / training_seconds,
        "sees_membership": outcome.sees_membership,
        "note": outcome.note,
    }


def rates(is_member, scores):
    """Return AUC and TPR at both FPRs; NaN where an attack has no scores."""
    if len(scores) != len(is_member):
        return {"roc_auc": np.nan, "tpr_0.01": np.nan, "tpr_0.001": np.nan}
    return {
        "roc_auc": float(roc_auc_score(is_member, scores)),
        "tpr_0.01": float(tpr_at_fpr(is_member, scores, 0.01)),
        "tpr_0.001": float(tpr_at_fpr(is_member, scores, 0.001)),
    }


@contextmanager
def stopwatch():
    """Yield a list that holds the CPU seconds after the block.

    CPU time, because everything runs on one core and other work on the machine must
    not count.
    """
    elapsed = []
    start = time.process_time()
    try:
        yield elapsed
    finally:
        elapsed.append(time.process_time() - start)
