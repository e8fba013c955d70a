"""The gain of an attack by value of the secret, and by subgroup."""

import numpy as np
import pandas as pd

from skprivacy.attribute._gain import gain_of
from skprivacy.metrics import roc_auc_interval, tpr_at_fpr_interval

__all__ = ["figures_table", "group_table", "value_table"]

#: False positive rate at which rare values are looked for.
FPR = 0.01
#: Columns of :class:`Gain`, as the tables name them.
COLUMNS = {
    "score": "score",
    "imputation_score": "imputation",
    "advantage": "advantage",
    "score_on_others": "score_on_others",
    "imputation_score_on_others": "imputation_on_others",
    "advantage_on_others": "advantage_on_others",
    "member_gap": "member_gap",
}


def figures_table(gains):
    """One row a measure, each figure with its ends.

    Parameters
    ----------
    gains : sequence of Gain

    Returns
    -------
    table : DataFrame
    """
    return pd.DataFrame([{"measure": gain.measure} | _ends_of(gain) for gain in gains])


def value_table(members, others, classes, **judged):
    """How well each value of the secret is found.

    Parameters
    ----------
    members, others : Guesses
        Guesses of both kinds of records.

    classes : ndarray of shape (n_values,) or (n_values, n_secrets)
        The values.

    **judged : dict
        ``confidence`` and ``n_comparisons`` of one interval.

    Returns
    -------
    table : DataFrame
        One row a value that members and others have.
    """
    shared = np.intersect1d(members.secret, others.secret)
    judged["n_comparisons"] *= max(1, len(shared)) * (len(COLUMNS) + 4)
    rows = []
    for value in shared:
        parts = [side[side.secret == value] for side in (members, others)]
        row = {"value": _shown(classes[value]), **_counts(*parts)}
        row |= _ends_of(gain_of("accuracy", *parts, **judged))
        row |= _one_against_the_rest(members, value, judged)
        rows.append(row)
    return pd.DataFrame(rows)


def group_table(members, others, groups, measure, tolerance, **judged):
    """How large the gain is in each subgroup.

    Parameters
    ----------
    members, others : Guesses
        Guesses of both kinds of records.

    groups : pair of ndarrays
        Group of each member, and of each other record.

    measure : str
        As :func:`gain_of` takes it.

    tolerance : float or None
        For numbers.

    **judged : dict
        ``confidence`` and ``n_comparisons`` of one interval.

    Returns
    -------
    table : DataFrame
        One row a group that members and others have.
    """
    found = pd.unique(groups[0])
    names = [g for g in found[~pd.isna(found)] if np.any(groups[1] == g)]
    names = sorted(names, key=lambda name: (str(type(name)), name))
    judged["n_comparisons"] *= max(1, len(names)) * len(COLUMNS)
    rows = []
    for name in names:
        parts = [
            side[group == name]
            for side, group in zip((members, others), groups, strict=True)
        ]
        gain = gain_of(measure, *parts, tolerance=tolerance, **judged)
        rows.append({"group": name, **_counts(*parts), **_ends_of(gain)})
    return pd.DataFrame(rows)


def _counts(members, others):
    return {"n_members": len(members), "n_others": len(others)}


def _ends_of(gain):
    row = {}
    for field, column in COLUMNS.items():
        row |= _ends(getattr(gain, field), column)
    return row


def _ends(interval, column):
    return {
        column: interval.estimate,
        f"{column}_low": interval.low,
        f"{column}_high": interval.high,
    }


def _one_against_the_rest(side, value, judged):
    """AUC, and rate at few false alarms, of finding the records with a value."""
    row = {}
    is_it = side.secret == value
    for name, chances in (
        ("", side.attack_chances),
        ("imputation_", side.imputation_chances),
    ):
        score = chances[:, value]
        row |= _ends(roc_auc_interval(is_it, score, **judged), f"{name}roc_auc")
        if np.sum(~is_it) >= 1 / FPR:
            rate = tpr_at_fpr_interval(is_it, score, FPR, **judged)
            row |= _ends(rate, f"{name}tpr_at_fpr_{FPR}")
    return row


def _shown(value):
    return value if np.ndim(value) == 0 else tuple(np.asarray(value).tolist())
