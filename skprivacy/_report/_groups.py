"""Which subgroups a report may name."""

__all__ = ["FEWEST_TO_NAME", "ends_of", "shown_groups"]

#: The name of a group of fewer training records would say too much of them.
FEWEST_TO_NAME = 10


def shown_groups(table):
    """Leave out groups of few training records, whose name is nearly a person's.

    Parameters
    ----------
    table : DataFrame
        As `AuditResult.group_risk` returns it.

    Returns
    -------
    table : DataFrame
        Its ``attrs["n_left_out"]`` says how many groups are missing.
    """
    kept = table["n_members"] >= FEWEST_TO_NAME
    kept.iloc[0] = True  # all records together
    shown = table[kept].reset_index(drop=True)
    shown.attrs = table.attrs | {"n_left_out": int((~kept).sum())}
    return shown


def ends_of(row, column):
    """Return a figure of a table with the ends of its interval, as a dict."""
    ends = {"estimate": "", "low": "_low", "high": "_high"}
    return {name: row[f"{column}{end}"] for name, end in ends.items()}
