"""How exposed each training record is."""

import numpy as np
import pandas as pd

from skprivacy._audit._access import BLACK_BOX

__all__ = ["empirical_p_value", "expected_chance_hits", "q_value", "record_risk_table"]


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


def expected_chance_hits(p) -> np.ndarray:
    """How many of the records would look at least as exposed if nothing leaked.

    Parameters
    ----------
    p : array-like of shape (n,)
        p-values.

    Returns
    -------
    expected : ndarray of shape (n,)
        ``n * p``.

    Examples
    --------
    >>> expected_chance_hits([0.01, 0.5])
    array([0.02, 1.  ])
    """
    return len(p) * np.asarray(p, dtype=float)


def q_value(p) -> np.ndarray:
    """Adjust p-values for how many records were looked at (Benjamini-Hochberg).

    If all records of a q-value of at most 0.05 are called exposed, at most 5% of them
    are expected to look so by chance.

    Parameters
    ----------
    p : array-like of shape (n,)
        p-values.

    Returns
    -------
    q : ndarray of shape (n,)

    References
    ----------
    Y. Benjamini, Y. Hochberg. "Controlling the false discovery rate: a practical and
    powerful approach to multiple testing". Journal of the Royal Statistical Society B
    57, 1995. p-values that share their reference records are positively dependent, and
    the procedure still holds for them: S. Bates, E. Candès, L. Lei, Y. Romano, M.
    Sesia. "Testing for outliers with conformal p-values". Annals of Statistics 51,
    2023.

    Examples
    --------
    The smallest of 4 * 0.01 / 1 and 4 * 0.02 / 2 and so on, from the right:

    >>> q_value([0.01, 0.02, 0.5, 0.9]).round(3)
    array([0.04 , 0.04 , 0.667, 0.9  ])
    """
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")
    q = expected_chance_hits(p[order]) / np.arange(1, len(p) + 1)
    result = np.empty(len(p))
    result[order] = np.minimum.accumulate(q[::-1])[::-1]
    return np.minimum(result, 1.0)


def record_risk_table(result) -> pd.DataFrame:
    """Make the table of `AuditResult.record_risk`."""
    inside = np.asarray(result.is_member) == 1
    p = {
        attack.name: empirical_p_value(attack.scores[inside], attack.scores[~inside])
        for attack in result.attacks
    }
    best = result.best
    risk = p[best.name]
    columns = {
        "record": result.record_ids[inside],
        "risk": risk,
        "q_value": q_value(risk),
        "expected_by_chance": expected_chance_hits(risk),
        "score": best.scores[inside],
    }
    columns |= _explained(result, inside)
    if result.sensitive:
        columns["inferred"] = _inferred(result)[inside]
    table = pd.DataFrame(columns | {f"p_{name}": values for name, values in p.items()})
    # Ties of p are broken by the score, and where the model file gives away everybody
    # by those who can only ask; a stable sort keeps the order of the records.
    asking = result.best_of(BLACK_BOX) or best
    table = table.sort_values(
        ["risk", "score", f"p_{asking.name}"],
        ascending=[True, False, True],
        kind="stable",
        ignore_index=True,
    )
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return table


def _inferred(result):
    """Sensitive columns that are named of each record beyond imputation, as a text."""
    names = np.full(len(result.is_member), "", dtype=object)
    for studied in result.sensitive:
        found = studied.rows[studied.best.result.inferred_]
        names[found] = [
            f"{n}, {studied.column}" if n else studied.column for n in names[found]
        ]
    return names


def _explained(result, inside):
    """Columns that say more of a record than how it ranks, as far as known."""
    columns = {}
    for attack in result.attacks:
        if attack.estimator == "LiRA" and "log_likelihood_ratio" not in columns:
            columns["log_likelihood_ratio"] = attack.scores[inside]
    exposure = result.exposure
    if exposure is None:
        return columns
    if exposure.memorization is not None:
        columns["memorization"] = exposure.memorization[inside]
    columns["outlier"] = exposure.outlier[inside]
    columns["rare_category"] = exposure.rare.any(axis=1)[inside]
    if exposure.mislabeled is not None:
        columns["mislabeled"] = exposure.mislabeled[inside]
    columns["reasons"] = exposure.reasons()[inside]
    return columns
