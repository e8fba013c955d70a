"""Records: one row as the model's owner holds it, features and label."""

from skprivacy.records._canaries import make_canaries
from skprivacy.records._column_codes import ColumnCodes
from skprivacy.records._coordinates import Coordinates
from skprivacy.records._identity import find_records, hash_records
from skprivacy.records._membership_records import (
    Together,
    keep_strangers,
    lay_together,
    make_membership_records,
)
from skprivacy.records._numbers import as_numbers
from skprivacy.records._perturb import Perturber
from skprivacy.records._property import has_property
from skprivacy.records._table import (
    as_model_input,
    join_records,
    split_records,
    stack_tables,
    take_rows,
)

__all__ = [
    "ColumnCodes",
    "Coordinates",
    "Perturber",
    "Together",
    "as_model_input",
    "as_numbers",
    "find_records",
    "has_property",
    "hash_records",
    "join_records",
    "keep_strangers",
    "lay_together",
    "make_canaries",
    "make_membership_records",
    "split_records",
    "stack_tables",
    "take_rows",
]
