"""What is not the model's fault, or must be known beside the attacks' figures."""

import numpy as np
import pandas as pd

from skprivacy._audit._access import WHITE_BOX
from skprivacy._audit._blind import columns_of, telling_columns
from skprivacy._audit._result import Finding
from skprivacy._report._words import interval_words, percent
from skprivacy.metrics import Interval
from skprivacy.shadow._growth import AUC_TOLERANCE, TPR_TOLERANCE

__all__ = ["exposed_groups", "find_all", "identifier_columns", "number_of_models"]

#: Share of different values from which a column may be an identifier.
_MOSTLY_DIFFERENT = 0.85
_LARGE_GAP = 0.1


def find_all(subject, blind, attacks):
    """Collect the findings of an audit.

    Parameters
    ----------
    subject : Subject
        What is audited.

    blind : Interval
        AUC of membership without the model.

    attacks : sequence of AttackResult
        What the attacks achieved.

    Returns
    -------
    findings : tuple of Finding
        What changes the meaning of the figures most comes first.
    """
    gap = subject.train_score - subject.holdout_score
    found = [
        _split_leaks(subject.records, subject.is_member, blind),
        _identifiers(subject.records, str(subject.label)),
        _few_non_members(int((1 - subject.is_member).sum())),
        _weak_attacks(attacks),
        _overfit(gap, subject.score_name),
        _duplicates(subject.n_dropped),
        _unseen_labels(subject.n_unseen),
        _near_chance(max((a.roc_auc for a in attacks), key=lambda auc: auc.estimate)),
    ]
    return tuple(finding for finding in found if finding is not None)


def number_of_models(shadow):
    """Say why there are not more shadow models, where that was left open.

    Parameters
    ----------
    shadow : ShadowModels
        Fitted.

    Returns
    -------
    findings : tuple of Finding
    """
    n, why = shadow.n_models_, shadow.stopped_by_
    if why == "time_budget":
        message = (
            f"The time for shadow models, {shadow.time_budget:g} seconds, was spent "
            f"after {n} of them. Attacks by more of them may find more."
        )
        return (Finding("few_shadow_models", "warning", message),)
    if why == "converged":
        message = (
            f"{n} shadow models were trained. The last half of them changed the attack "
            f"among themselves by less than {AUC_TOLERANCE} in AUC and {TPR_TOLERANCE} "
            "in the true positive rate at 1% false positives."
        )
    elif shadow.n_models == "auto":
        message = (
            f"{n} shadow models were trained, the most: the attack among themselves "
            "had not settled yet. Attacks by more of them may find more."
        )
    else:
        return ()
    return (Finding("shadow_models", "info", message),)


def _split_leaks(records, is_member, blind):
    if not blind.low > 0.5:
        return None
    columns = telling_columns(records, is_member)
    where = f" The columns that tell most are {', '.join(columns)}." if columns else ""
    return Finding(
        "split_leaks",
        "critical",
        "The split leaks by itself: without the model, from the records alone, members "
        f"are told from non-members with an AUC of {blind.estimate:.2f}. Training set "
        "and holdout differ in time, source or selection, or hold several rows of the "
        f"same people: the attacks' figures are not the model's fault alone.{where}",
        columns,
    )


def _identifiers(records, label):
    columns = identifier_columns(records, label)
    if not columns:
        return None
    named = ", ".join(columns)
    return Finding(
        "identifier",
        "warning",
        f"Nearly every record has a value of its own in {named}. If this identifies "
        "people, it has no place in a model: it makes attacks look strong and models "
        "weak. If it is a measurement, coarser values would give away less.",
        columns,
    )


def identifier_columns(records, label=None):
    """Columns of integers or texts in which almost all values are different.

    Parameters
    ----------
    records : DataFrame or ndarray of shape (n_records, n_columns)
        Records.

    label : str or None, default=None
        A column that is left out.

    Returns
    -------
    columns : tuple of str

    Examples
    --------
    >>> import numpy as np
    >>> ids = np.arange(100)
    >>> identifier_columns(np.column_stack([ids, ids % 7, ids / 7]))
    ('column 0',)
    """
    names = columns_of(records)
    if not isinstance(records, pd.DataFrame):
        records = pd.DataFrame(np.asarray(records)).infer_objects()
    return tuple(
        name
        for j, name in enumerate(names)
        if name != label and _looks_like_identifier(records.iloc[:, j].dropna())
    )


def _looks_like_identifier(values):
    if len(values) < 2 or values.nunique() < _MOSTLY_DIFFERENT * len(values):
        return False
    if pd.api.types.is_float_dtype(values):
        # An array has one type for all columns: integers are known by their values.
        numbers = values.to_numpy(dtype=float)
        return bool(np.all(numbers == np.round(numbers)))
    return not pd.api.types.is_bool_dtype(values)


def _few_non_members(n_non_members):
    if n_non_members >= 1000:
        return None
    limit = "1 in 100" if n_non_members < 100 else "1 in 1,000"
    return Finding(
        "few_non_members",
        "warning",
        f"Only {n_non_members:,} non-members stand behind the figures. False alarm "
        f"rates of {limit} and below can't be measured with so few; a larger holdout "
        "is needed to say that nothing leaks there.",
    )


def _weak_attacks(attacks):
    if any(a.n_shadow_models or a.access == WHITE_BOX for a in attacks):
        return None
    return Finding(
        "weak_attacks",
        "warning",
        "No attack with shadow models was run, which are the strong ones: that little "
        "was found says little. They need to know how the model was trained: pass its "
        "recipe.",
    )


def _duplicates(n_dropped):
    if not n_dropped:
        return None
    return Finding(
        "duplicates",
        "info",
        f"Left out of the holdout: {n_dropped:,} of its records, which are in the "
        "training set too and so are no non-members.",
    )


def _overfit(gap, score_name):
    if not gap > _LARGE_GAP:
        return None
    return Finding(
        "overfit",
        "warning",
        f"The model's {score_name} is {gap:.2f} higher on its training set than on the "
        "holdout. What a model knows better about its training set than about the rest "
        "of the world is what membership attacks live on.",
    )


def _unseen_labels(n_unseen):
    if not n_unseen:
        return None
    return Finding(
        "unseen_labels",
        "info",
        f"Labels that the model does not know: {n_unseen:,} of the records. It gives "
        "them no probability, so that every attack takes them for non-members.",
    )


def _near_chance(best_auc):
    if best_auc.low > 0.55:
        return None
    return Finding(
        "near_chance",
        "info",
        "On average over all records, the best attack is near to a coin toss (AUC "
        f"{best_auc.estimate:.2f}). A few records may still be exposed: look at the "
        "rates at few false alarms. A stronger attacker may exist.",
    )


def exposed_groups(result):
    """Find the subgroups, of those that were asked for, that are much more exposed.

    Parameters
    ----------
    result : AuditResult

    Returns
    -------
    findings : tuple of Finding
    """
    found = []
    for table in result.group_tables():
        whole, *groups = table.to_dict("records")
        for row in groups:
            if row["alert"]:
                found.append(_exposed_group(table.attrs, row, whole, result.best))
    return tuple(found)


def _exposed_group(told, row, whole, attack):
    rate = "pooled_tpr_at_fpr_0.01"
    shown = Interval(
        *(row[f"{rate}{end}"] for end in ("", "_low", "_high")),
        attack.roc_auc.confidence,
        row["n_members"],
        row["n_non_members"],
    )
    what = f"{told['column']} = {row['group']}"
    if row[rate] != row[rate]:
        figure = (
            f"an AUC of {row['roc_auc']:.2f}, against {whole['roc_auc']:.2f} of all"
        )
    else:
        figure = (
            f"{interval_words(shown, 'of them are named')} where 1 in 100 outside "
            f"records is accused, against {percent(whole[rate])} of all"
        )
    return Finding(
        "exposed_group",
        "warning",
        f"Training records with {what} are much more exposed than the whole: {figure} "
        f"({told['attack']}).",
        (told["column"],),
    )
