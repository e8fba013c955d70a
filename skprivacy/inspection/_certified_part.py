"""What is known of one column, whatever it was read off."""

from dataclasses import dataclass

import pandas as pd

from skprivacy.inspection._column_units import Column

__all__ = ["Part", "fill_up"]


@dataclass
class Part:
    """What is known of one column: tables of values, pairs and empty intervals."""

    column: Column
    by: str
    scope: str
    values: pd.DataFrame
    pairs: pd.DataFrame
    empty: pd.DataFrame


def fill_up(columns, n_columns):
    """Give names to the columns of a transformer that does not name its own."""
    if len(columns) >= n_columns and all(c.name != "*" for c in columns):
        return columns
    return [
        Column(f"column {j} (transformed)", kind="opaque") for j in range(n_columns)
    ]
