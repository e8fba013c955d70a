"""How exposed each training record is."""

import numpy as np
import pandas as pd

__all__ = ["empirical_p_value", "record_risk_table"]


def empirical_p_value(scores, reference) -> np.ndarray:
    """Share of reference scores that are at least as large, the score included.

    Parameters
    ----------
    scores : array-like of shape (n,)
        Scores to be judged; larger means more likely a member.

    reference : array-like of shape (m,)
        Scores of records that are known not to be members.

    Returns
    -------
    p : ndarray of shape (n,)
        ``(1 + #{reference >= score}) / (m + 1)``, from ``1 / (m + 1)`` to 1.

    Examples
    --------
    >>> empirical_p_value([5.0, 2.0, 0.0], [1.0, 2.0, 3.0])
    array([0.25, 0.75, 1.  ])
    """
    reference = np.sort(np.asarray(reference, dtype=float))
    at_least = len(reference) - np.searchsorted(reference, scores, side="left")
    return (1 + at_least) / (len(reference) + 1)


def record_risk_table(result) -> pd.DataFrame:
    """Make the table of `AuditResult.record_risk`."""
    inside = np.asarray(result.is_member) == 1
    p = {
        attack.name: empirical_p_value(attack.scores[inside], attack.scores[~inside])
        for attack in result.attacks
    }
    best = result.best
    columns = {
        "record": result.record_ids[inside],
        "risk": p[best.name],
        "score": best.scores[inside],
    }
    table = pd.DataFrame(columns | {f"p_{name}": values for name, values in p.items()})
    # Ties of p are broken by the score; a stable sort keeps the order of the records.
    table = table.sort_values(
        ["risk", "score"], ascending=[True, False], kind="stable", ignore_index=True
    )
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return table
