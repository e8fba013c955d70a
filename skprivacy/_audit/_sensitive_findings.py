"""What must be known beside the figures of attacks on sensitive columns."""

from skprivacy._audit._result import Finding
from skprivacy._report._words import percent

__all__ = ["sensitive_findings"]

#: From here on a single column is called one from which the secret follows.
EXPLAINED, SETTLED = 0.9, 0.2
#: Imputation that is right for so many, but finds the values so unevenly.
HIGH_ACCURACY, LOW_BALANCED = 0.8, 0.6


def sensitive_findings(studied):
    """Collect the findings on all sensitive columns.

    Parameters
    ----------
    studied : sequence of SensitiveColumn

    Returns
    -------
    findings : tuple of Finding
    """
    found = []
    for of_column in studied:
        found += [
            _breach(of_column),
            _redundant(of_column),
            _unused(of_column),
            _majority(of_column),
            _missing(of_column),
        ]
    return tuple(finding for finding in found if finding is not None)


def _breach(studied):
    verdict = studied.verdict
    severity = {"breach": "critical", "statistical": "info"}.get(verdict.level)
    if severity is None:
        return None
    return Finding(
        f"attribute_{verdict.level}",
        severity,
        f"{studied.column}: {verdict} (Attack: {studied.best.name}, "
        f"{studied.best.access}.)",
        (studied.column,),
    )


def _redundant(studied):
    table = studied.redundant
    telling = table[(table["explained"] >= EXPLAINED) | (table["settled"] >= SETTLED)]
    if telling.empty:
        return None
    columns = tuple(telling["column"])
    settled = telling["settled"].max()
    how = f"for {percent(settled)} of records" if settled > 0 else "nearly"
    return Finding(
        "redundant_columns",
        "warning",
        f"{studied.column} follows almost surely from a single other column, {how}: "
        "whoever knows that needs no model, and hiding the secret alone protects "
        "nobody.",
        columns,
    )


def _unused(studied):
    if studied.influence > 0:
        return None
    return Finding(
        "unused_secret",
        "info",
        f"The model's answers do not depend on {studied.column}: what is inferred of "
        "it, its correlation with other columns tells.",
        (studied.column,),
    )


def _majority(studied):
    main, second = studied.best.result.gains_
    if main.measure != "accuracy":
        return None
    accuracy = main.imputation_score.estimate
    balanced = second.imputation_score.estimate
    if not (accuracy >= HIGH_ACCURACY and balanced <= LOW_BALANCED):
        return None
    return Finding(
        "majority_value",
        "info",
        f"Most records have the same {studied.column}: imputation is right for "
        f"{percent(accuracy)} and yet finds only {percent(balanced)} of each value on "
        "average. Look at the balanced accuracy and at the rare values.",
        (studied.column,),
    )


def _missing(studied):
    if not studied.n_missing:
        return None
    return Finding(
        "missing_secret",
        "info",
        f"Left out, as they have no {studied.column}: {studied.n_missing:,} records.",
        (studied.column,),
    )
