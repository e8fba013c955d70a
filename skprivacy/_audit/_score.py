"""Run one attack of an audit, and judge it."""

import time
import warnings

import numpy as np
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from skprivacy._audit._access import WHITE_BOX
from skprivacy._audit._plan import with_shadow
from skprivacy._audit._result import AttackResult, WorstCase
from skprivacy.metrics import roc_auc_interval, tpr_at_fpr_interval
from skprivacy.records import take_rows

__all__ = ["FPRS", "figures_of", "run_attack"]

#: False positive rates at which the true positive rate is reported.
FPRS = (0.01, 0.001)


def run_attack(
    plan, subject, shadow, shadow_seconds, seed, *, confidence, n_comparisons
):
    """Run an attack, with the truth out of its sight, and judge its scores.

    Parameters
    ----------
    plan : PlannedAttack
        The attack.

    subject : Subject
        What is audited.

    shadow : ShadowModels or None
        Fitted shadow models that all attacks share.

    shadow_seconds : float
        What they took.

    seed : int
        Decides the folds, where there are any.

    confidence : float
        Of all intervals together.

    n_comparisons : int
        Number of these intervals.

    Returns
    -------
    result : AttackResult
    """
    subject.box.count_from_here()
    began = time.perf_counter()
    target = subject.held if plan.access == WHITE_BOX else subject.box
    attack = _seeded(plan.make(target, subject.label), seed)
    attack = with_shadow(attack, shadow)
    # What an attack trains gains little from threads, and loses much on a busy machine.
    with threadpool_limits(1, user_api="openmp"):
        scores = _SCORES[plan.fits_on](attack, subject, seed)
    seconds = time.perf_counter() - began
    judged = {"confidence": confidence, "n_comparisons": n_comparisons}
    plain = ~subject.is_canary
    return AttackResult(
        name=plan.name,
        estimator=type(attack).__name__,
        assumes=plan.assumes,
        method=plan.method,
        reference=plan.reference,
        scores=scores[plain],
        **figures_of(subject.is_member[plain], scores[plain], **judged),
        seconds=seconds + (shadow_seconds if plan.needs_shadow else 0.0),
        n_queries=subject.box.n_wanted,
        n_shadow_models=len(shadow.answers_) if plan.needs_shadow else 0,
        access=plan.access,
        worst_case=None
        if plain.all()
        else WorstCase(
            **figures_of(subject.is_member[~plain], scores[~plain], **judged)
        ),
    )


def _seeded(attack, seed):
    """Give the audit's seed to an attack that has none of its own."""
    if attack.get_params(deep=False).get("random_state", seed) is None:
        attack.set_params(random_state=seed)
    return attack


def figures_of(is_member, scores, **judged):
    """Compute AUC, and TPR at each of `FPRS`, with their intervals.

    Parameters
    ----------
    is_member : ndarray of int of shape (n_records,)
        Truth.

    scores : ndarray of shape (n_records,)
        Decision values.

    **judged : dict
        ``confidence`` and ``n_comparisons``.

    Returns
    -------
    figures : dict
        ``roc_auc`` and ``tpr``.
    """
    with warnings.catch_warnings():
        # A finding of the audit says where there are too few non-members.
        warnings.simplefilter("ignore", UserWarning)
        return {
            "roc_auc": roc_auc_interval(is_member, scores, **judged),
            "tpr": {
                fpr: tpr_at_fpr_interval(is_member, scores, fpr, **judged)
                for fpr in FPRS
            },
        }


def _scores_without_truth(attack, subject, seed):
    return attack.fit(subject.records).decision_function(subject.records)


def _scores_from_non_members(attack, subject, seed):
    """Fit on part of the non-members; score the others, and a part of the members."""
    records, is_member = subject.records, subject.is_member
    scores = np.empty(len(is_member))
    for rest, fold in _folds(is_member, seed).split(is_member, is_member):
        attack.fit(take_rows(records, rest[is_member[rest] == 0]))
        scores[fold] = attack.decision_function(take_rows(records, fold))
    return scores


def _scores_from_own_non_members(attack, subject, seed):
    """Fit on all non-members: the attack itself sees to it that none judges itself."""
    attack.fit(take_rows(subject.records, np.flatnonzero(subject.is_member == 0)))
    return attack.decision_function(subject.records)


def _scores_with_truth(attack, subject, seed):
    has_decision = hasattr(attack, "decision_function")
    scores = cross_val_predict(
        attack,
        subject.records,
        subject.is_member,
        cv=_folds(subject.is_member, seed),
        method="decision_function" if has_decision else "predict_proba",
    )
    return scores if scores.ndim == 1 else scores[:, 1]


_SCORES = {
    "all": _scores_without_truth,
    "non_members": _scores_from_non_members,
    "non_members_crossed": _scores_from_own_non_members,
    "truth": _scores_with_truth,
}


def _folds(is_member, seed):
    n_splits = int(min(5, np.bincount(is_member).min()))
    return StratifiedKFold(n_splits, shuffle=True, random_state=seed)
