"""What a report tells of sensitive columns."""

from skprivacy._report._groups import FEWEST_TO_NAME, ends_of

__all__ = ["FIGURES", "sensitive_document"]

#: Figures of a gain, as the report for machines names them.
FIGURES = (
    "score",
    "imputation_score",
    "advantage",
    "score_on_others",
    "imputation_score_on_others",
    "advantage_on_others",
    "member_gap",
)
#: Most columns that are listed as telling the secret.
MOST_TELLING = 5
#: Most values, or groups, of which figures are listed.
MOST_ROWS = 30


def sensitive_document(studied, group_tables, plain_interval) -> dict:
    """Return all that is told of one sensitive column.

    Parameters
    ----------
    studied : SensitiveColumn
        What was found.

    group_tables : sequence of DataFrame
        The gain of its best attack by subgroup, with ``attrs["column"]``.

    plain_interval : callable
        Turns an interval into a dict.

    Returns
    -------
    document : dict
    """
    verdict, best = studied.verdict, studied.best
    return {
        "column": studied.column,
        "verdict": {
            "level": verdict.level,
            "headline": verdict.headline,
            "text": verdict.text,
        },
        "best_attack": best.name,
        "influence": studied.influence,
        "n_own": studied.n_own,
        "n_missing": studied.n_missing,
        "tolerance": best.result.tolerance_,
        "imputation_without_label": plain_interval(studied.without_label),
        "telling_columns": studied.redundant.head(MOST_TELLING).to_dict("records"),
        "attacks": [
            {
                "name": attack.name,
                "access": attack.access,
                "measures": [
                    {"measure": gain.measure}
                    | {name: plain_interval(getattr(gain, name)) for name in FIGURES}
                    for gain in attack.result.gains_
                ],
                "seconds": attack.seconds,
                "assumes": attack.assumes,
                "method": attack.method,
                "reference": attack.reference,
            }
            for attack in studied.attacks
        ],
        "values": _values(best.result),
        "groups": [
            {
                "column": table.attrs["column"],
                "rows": _named_rows(table, "group"),
            }
            for table in group_tables
        ],
    }


def _values(result):
    """Figures by value of the secret; a rare value is nearly a person's name."""
    if result.classes is None:
        return []
    return _named_rows(result.by_value(), "value")


def _named_rows(table, name):
    if table.empty:
        return []
    table = table[table["n_members"] >= FEWEST_TO_NAME].head(MOST_ROWS)
    return [
        {
            name: str(row[name]),
            "n_members": row["n_members"],
            "n_others": row["n_others"],
            **{
                figure: ends_of(row, column)
                for figure, column in _COLUMNS.items()
                if column in row
            },
        }
        for row in table.to_dict("records")
    ]


_COLUMNS = {
    "score": "score",
    "imputation_score": "imputation",
    "advantage": "advantage",
    "advantage_on_others": "advantage_on_others",
    "member_gap": "member_gap",
    "roc_auc": "roc_auc",
    "imputation_roc_auc": "imputation_roc_auc",
    "tpr_at_fpr_0.01": "tpr_at_fpr_0.01",
    "imputation_tpr_at_fpr_0.01": "imputation_tpr_at_fpr_0.01",
}
