"""How much a sensitive column is given away of each subgroup."""

from skprivacy._audit._groups import groups_of

__all__ = ["sensitive_group_tables"]


def sensitive_group_tables(result, studied):
    """Make the tables of one sensitive column for the groups that were asked for.

    Parameters
    ----------
    result : AuditResult

    studied : SensitiveColumn
        One of its sensitive columns.

    Returns
    -------
    tables : list of DataFrame
        Of the best attack, as
        :meth:`skprivacy.attribute.AttributeInferenceResult.by_group` returns them;
        ``attrs["column"]`` names the column of the groups.
    """
    tables = []
    for column in result.groups:
        groups, _ = groups_of(result, column)
        # A record without a group is in none; None would not compare.
        groups = [str(group) for group in groups]
        sides = [
            [groups[i] for i in rows] for rows in (studied.rows, studied.other_rows)
        ]
        table = studied.best.result.by_group(*sides)
        table.attrs["column"] = str(column)
        tables.append(table)
    return tables
