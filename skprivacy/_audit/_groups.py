"""Who is more exposed than others: the risk of subgroups."""

import warnings

import numpy as np
import pandas as pd

from skprivacy._audit._columns import interval_columns
from skprivacy.metrics import roc_auc_interval, tpr_at_fpr_interval

__all__ = ["WHOLE", "column_of", "group_risk_table", "groups_of"]

#: False positive rate at which groups are compared.
GROUP_FPR = 0.01
#: Name of the row of all records.
WHOLE = "(all)"
#: Fewest members, and fewest non-members, of a group with an AUC of its own.
FEWEST = 10
#: A numeric column of more different values is cut at its quartiles.
_MOST_VALUES = 20
#: How much more exposed a group must be for an alert, beside its interval.
_MUCH_MORE = 2.0
_MUCH_MORE_AUC = 0.05


def group_risk_table(result, column, attack=None, access=None) -> pd.DataFrame:
    """Make the table of `AuditResult.group_risk`."""
    names = [a.name for a in result.attacks]
    if attack is not None and attack not in names:
        raise ValueError(f"attack must be one of {names}; got {attack!r}.")
    if attack is not None:
        chosen = result.attacks[names.index(attack)]
    else:
        chosen = result.best if access is None else result.best_of(access)
    if chosen is None:
        raise ValueError(f"access={access!r}: no attack of this kind was run.")
    groups, levels = groups_of(result, column)
    judged = {
        "confidence": chosen.roc_auc.confidence,
        # Three intervals a row; of each attack, if the best was chosen by its figures.
        "n_comparisons": 3 * (len(levels) + 1) * (len(names) if attack is None else 1),
    }
    is_member = np.asarray(result.is_member)
    everybody = np.ones(len(is_member), dtype=bool)
    whole = _figures(is_member, chosen.scores, everybody, judged)
    rows = [_row(WHOLE, is_member, everybody, whole, whole)]
    for level in levels:
        mask = groups == level
        figures = _figures(is_member, chosen.scores, mask, judged)
        rows.append(_row(level, is_member, mask, figures, whole))
    table = pd.DataFrame(rows)
    table.attrs["attack"] = chosen.name
    return table


def _figures(is_member, scores, mask, judged):
    """AUC and TPR in the group; TPR of the group among all non-members."""
    member, other = mask & (is_member == 1), mask & (is_member == 0)
    n_in, n_out = int(member.sum()), int(other.sum())
    enough = min(n_in, n_out) >= FEWEST
    own = (is_member[mask], scores[mask]) if enough else None
    pooled = member | (is_member == 0)
    with warnings.catch_warnings():
        # NaN says by itself that there are too few non-members.
        warnings.simplefilter("ignore", UserWarning)
        return {
            "roc_auc": roc_auc_interval(*own, **judged) if enough else None,
            "tpr_at_fpr_0.01": tpr_at_fpr_interval(*own, GROUP_FPR, **judged)
            if enough
            else None,
            "pooled_tpr_at_fpr_0.01": tpr_at_fpr_interval(
                is_member[pooled], scores[pooled], GROUP_FPR, **judged
            )
            if n_in
            else None,
        }


def _row(level, is_member, mask, figures, whole):
    row = {
        "group": level,
        "n_members": int((mask & (is_member == 1)).sum()),
        "n_non_members": int((mask & (is_member == 0)).sum()),
    }
    for name, interval in figures.items():
        row |= interval_columns(name, interval)
    return row | {"alert": _stands_out(figures, whole)}


def _stands_out(figures, whole):
    """Whether a group is proven to be more exposed than the whole, and by much."""
    rate, rate_of_all = (f["pooled_tpr_at_fpr_0.01"] for f in (figures, whole))
    auc, auc_of_all = figures["roc_auc"], whole["roc_auc"]
    by_rate = (
        rate is not None
        and rate.low > rate_of_all.high
        and rate.estimate >= _MUCH_MORE * rate_of_all.estimate
    )
    by_auc = (
        auc is not None
        and auc_of_all is not None
        and auc.low > auc_of_all.high
        and auc.estimate >= auc_of_all.estimate + _MUCH_MORE_AUC
    )
    return bool(by_rate or by_auc)


def groups_of(result, column) -> tuple[np.ndarray, list]:
    """Group of each record, and the groups in order.

    Parameters
    ----------
    result : AuditResult

    column : str, int, array-like or pair of array-likes
        As `AuditResult.group_risk` takes it.

    Returns
    -------
    groups : ndarray of object of shape (n_records,)
        None where it is missing.

    levels : list
        Groups that some record is in, sorted.
    """
    n_records = len(result.is_member)
    if isinstance(column, tuple):
        values = _of_both_tables(result, column)
    elif np.ndim(column) == 1:
        values = pd.Series(np.asarray(column))
        if len(values) != n_records:
            raise ValueError(
                f"column must hold one group for each of the {n_records} records of "
                f"the result, members first; got {len(values)}. Or give a pair, of "
                "X_train and of X_holdout."
            )
    else:
        values = column_of(result.records, column)
    return _as_groups(values)


def _of_both_tables(result, pair):
    if len(pair) != 2 or result.rows is None:
        raise ValueError(
            "column must be a name, an array, or a pair of arrays: groups of X_train "
            f"and of X_holdout; got a tuple of length {len(pair)}."
        )
    values = []
    for part, member in zip(pair, (1, 0), strict=True):
        rows = result.rows[np.asarray(result.is_member) == member]
        part = np.asarray(part)
        if part.ndim != 1 or len(part) <= rows.max():
            raise ValueError(
                "column must hold one group for each row of X_train, and one for each "
                f"of X_holdout; got arrays of length {[len(p) for p in pair]}."
            )
        values.append(pd.Series(part[rows]))
    return pd.concat(values, ignore_index=True)


def column_of(records, column) -> pd.Series:
    """Find a column of records by name, or by position in an array.

    Parameters
    ----------
    records : DataFrame, ndarray or None
        Records.

    column : str or int
        The column.

    Returns
    -------
    values : Series

    Raises
    ------
    ValueError
        If there is no such column, or there are no records.
    """
    if records is None:
        raise ValueError(
            "the result holds no records; give an array with one group for each."
        )
    if isinstance(records, pd.DataFrame):
        if column not in records.columns:
            raise ValueError(
                f"column={column!r} is not a column of the records: "
                f"{list(records.columns)}."
            )
        return records[column].reset_index(drop=True)
    n_columns = records.shape[1]
    if not isinstance(column, int | np.integer) or not -n_columns <= column < n_columns:
        raise ValueError(
            f"column={column!r} must be a position below {n_columns}: the records are "
            "an array, whose columns have no names."
        )
    return pd.Series(records[:, column]).infer_objects()


def _as_groups(values):
    dtype = values.dtype
    is_number = pd.api.types.is_numeric_dtype(dtype)
    if is_number and not pd.api.types.is_bool_dtype(dtype):
        if values.nunique() > _MOST_VALUES:
            return _quarters(values.to_numpy(dtype=float, na_value=np.nan))
    groups = np.array(values.tolist(), dtype=object)
    groups[pd.isna(values).to_numpy()] = None
    levels = [level for level in pd.unique(groups) if level is not None]
    return groups, sorted(levels, key=lambda level: (str(type(level)), level))


def _quarters(values):
    """Cut numbers at their quartiles; neither end is named, which is one person's."""
    edges = np.unique(np.nanquantile(values, [0.25, 0.5, 0.75], method="lower"))
    number = np.searchsorted(edges, values, side="left")
    names = [f"up to {edges[0]:g}"]
    names += [
        f"above {low:g}, up to {high:g}"
        for low, high in zip(edges, edges[1:], strict=False)
    ]
    names.append(f"above {edges[-1]:g}")
    groups = np.array(names, dtype=object)[number]
    groups[np.isnan(values)] = None
    return groups, [name for name in names if (groups == name).any()]
