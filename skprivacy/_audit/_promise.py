"""What a model's guarantee allows any attack, beside what the attacks reached."""

import numpy as np
import pandas as pd

from skprivacy.auditing import GuaranteeAudit, MethodOutcome, audit_guarantee

__all__ = [
    "audit_promise",
    "ceilings",
    "max_auc",
    "max_tpr",
]
#: False positive rates at which the largest ROC curve is summed up.
GRID = np.concatenate([[0.0], np.geomspace(1e-9, 1.0, 4000)])


#: How far the guarantee itself is looked into, beside the attacks on the model.
GUARANTEE_EFFORTS = {"fast": "fast", "standard": "fast", "thorough": "standard"}


def audit_promise(promise, model, X, y, *, effort, **how) -> GuaranteeAudit | None:
    """Try to refute the guarantee of a model by training others like it.

    Parameters
    ----------
    promise : Promise or None
        Of the model.

    model : estimator
        As it was fitted.

    X, y : table and ndarray
        Its training set.

    effort : {"fast", "standard", "thorough"}
        Of the audit of the model.

    **how
        ``n_jobs``, ``memory`` and ``random_state``.

    Returns
    -------
    audited : GuaranteeAudit or None
        None where the model has no guarantee.
    """
    if promise is None:
        return None
    try:
        return audit_guarantee(model, X, y, effort=GUARANTEE_EFFORTS[effort], **how)
    except (ValueError, TypeError) as error:
        # That none like it can be trained must not cost what attacks on it found.
        said = f"It could not be run: {' '.join(str(error).split())}"
        return GuaranteeAudit(
            model=type(model).__name__,
            guarantee=promise.guarantee,
            delta=promise.guarantee.stated_delta,
            outcomes=(MethodOutcome("All methods", "not applicable", said=said),),
            confidence=0.95,
            uncovered=promise.uncovered,
        )


def max_tpr(guarantee, fpr):
    """Largest true positive rate where a member is told from another record.

    An audit compares models with one record to models with another in its place. If
    neighbors are those with a record more, that is two steps: leave one out, add one.

    Parameters
    ----------
    guarantee : PrivacyGuarantee
        What holds.

    fpr : float or ndarray
        False positive rates.

    Returns
    -------
    tpr : float or ndarray

    Examples
    --------
    >>> from skprivacy.dp import PrivacyGuarantee
    >>> by_one = PrivacyGuarantee.pure(1.0, "add_remove")
    >>> round(max_tpr(PrivacyGuarantee.pure(1.0), 0.01), 4), round(
    ...     max_tpr(by_one, 0.01), 4
    ... )
    (0.0272, 0.0739)
    """
    tpr = guarantee.max_tpr(fpr)
    return guarantee.max_tpr(tpr) if guarantee.adjacency == "add_remove" else tpr


def max_auc(guarantee) -> float:
    """Area under the curve of :func:`max_tpr`, rounded up.

    Examples
    --------
    >>> from skprivacy.dp import PrivacyGuarantee
    >>> round(max_auc(PrivacyGuarantee.pure(0.0)), 2)
    0.5
    >>> # Of a Gaussian release it is known: Phi(mu / sqrt(2)).
    >>> round(max_auc(PrivacyGuarantee.gaussian(1.0)), 2)
    0.76
    """
    # The curve rises: its right ends are above it everywhere.
    tpr = np.asarray(max_tpr(guarantee, GRID[1:]))
    return float(min(np.sum(tpr * np.diff(GRID)), 1.0))


def ceilings(promise, attacks) -> pd.DataFrame:
    """Set the figures of attacks beside what the guarantee allows.

    Parameters
    ----------
    promise : Promise or None
        None: an empty table.

    attacks : sequence of AttackResult

    Returns
    -------
    table : DataFrame
        One row a figure of an attack: ``attack``, ``access``, ``figure``, ``estimate``,
        ``low``, ``high``, ``ceiling`` and ``exceeded``, whether even the low end is
        above the ceiling.
    """
    rows = []
    for attack in attacks if promise is not None else ():
        of = [("roc_auc", attack.roc_auc, max_auc(promise.guarantee))]
        of += [
            (f"tpr_at_fpr_{fpr:g}", attack.tpr[fpr], max_tpr(promise.guarantee, fpr))
            for fpr in sorted(attack.tpr, reverse=True)
        ]
        rows += [
            {
                "attack": attack.name,
                "access": attack.access,
                "figure": name,
                "estimate": interval.estimate,
                "low": interval.low,
                "high": interval.high,
                "ceiling": ceiling,
                "exceeded": bool(interval.low > ceiling),
            }
            for name, interval, ceiling in of
        ]
    names = "attack access figure estimate low high ceiling exceeded".split()
    return pd.DataFrame(rows, columns=names)
