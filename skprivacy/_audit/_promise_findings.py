"""Whether attacks contradict a model's guarantee, and what it leaves open."""

from skprivacy._audit._promise import ceilings, max_auc, max_tpr
from skprivacy._audit._result import Finding
from skprivacy._report._words import percent

__all__ = ["promise_findings"]

#: A guarantee that allows a larger AUC says next to nothing.
VACUOUS_AUC = 0.99


def promise_findings(promise, attacks, split_leaks, audited=None):
    """Say whether attacks contradict the guarantee, and what it does not cover.

    Parameters
    ----------
    promise : Promise or None
        Of the model.

    attacks : sequence of AttackResult
        What was reached.

    split_leaks : bool
        Whether the records alone tell members, so that figures prove nothing.

    audited : GuaranteeAudit or None, default=None
        Of the guarantee itself.

    Returns
    -------
    findings : tuple of Finding
    """
    if promise is None:
        return ()
    found = []
    table = ceilings(promise, attacks)
    broken = table[table["exceeded"]]
    if len(broken) and not split_leaks:
        worst = broken.loc[(broken["low"] - broken["ceiling"]).idxmax()]
        name = worst["figure"].replace("roc_auc", "AUC")
        name = name.replace("tpr_at_fpr_", "true positive rate at a rate of ")
        found.append(
            Finding(
                "guarantee_broken",
                "critical",
                f"The guarantee, {promise.guarantee}, is not kept. {worst['attack']} "
                f"reaches a {name} of {worst['estimate']:.3g} (at least "
                f"{worst['low']:.3g}); it allows {worst['ceiling']:.3g}. The claim, or "
                "one of its assumptions, is false"
                + (
                    f": {', '.join(promise.uncovered)} learned from the same records "
                    "without any."
                    if promise.uncovered
                    else "."
                ),
            )
        )
    if audited is not None and audited.violated:
        found.append(Finding("guarantee_refuted", "critical", audited.summary))
    if promise.uncovered:
        found.append(
            Finding(
                "guarantee_incomplete",
                "warning",
                f"The guarantee covers the last step alone: "
                f"{', '.join(promise.uncovered)} learned from the training set without "
                "one. Use a private step in its place, or one that learns nothing.",
            )
        )
    allowed = max_auc(promise.guarantee)
    if allowed > VACUOUS_AUC:
        rate = percent(min(max_tpr(promise.guarantee, 0.01), 1.0))
        found.append(
            Finding(
                "guarantee_vacuous",
                "info",
                f"The guarantee, {promise.guarantee}, allows nearly any attack: up to "
                f"{rate} of the training records named at a false positive rate of 1%. "
                "It may protect well all the same; that is for the attacks to show.",
            )
        )
    return tuple(found)
