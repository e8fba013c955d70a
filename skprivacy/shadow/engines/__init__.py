"""Ways to train many shadow models at once, with the answers of one after the other.

An engine is one file, and one line here.
"""

from skprivacy.shadow.engines._discrete_nb import DISCRETE_NB
from skprivacy.shadow.engines._discriminant import DISCRIMINANT
from skprivacy.shadow.engines._engine import (
    Engine,
    as_numbers,
    drawn_records,
    is_plain,
    restored,
    restricted_rows,
    shown,
)
from skprivacy.shadow.engines._gaussian_nb import GAUSSIAN_NB
from skprivacy.shadow.engines._linear import LEAST_SQUARES, LOGISTIC
from skprivacy.shadow.engines._neighbors import NEIGHBORS
from skprivacy.shadow.engines._registry import engine_for, engines, register_engine
from skprivacy.shadow.engines._run import run_tasks

__all__ = [
    "Engine",
    "as_numbers",
    "drawn_records",
    "engine_for",
    "engines",
    "is_plain",
    "register_engine",
    "restored",
    "restricted_rows",
    "run_tasks",
    "shown",
]

for engine in (
    DISCRETE_NB,
    DISCRIMINANT,
    GAUSSIAN_NB,
    LEAST_SQUARES,
    LOGISTIC,
    NEIGHBORS,
):
    register_engine(engine)
