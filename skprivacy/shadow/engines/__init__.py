"""Ways to train many shadow models at once, with the answers of one after the other.

An engine is one file, and one line here.
"""

from skprivacy.shadow._train import ShadowResult, ShadowTask, run_shadow
from skprivacy.shadow.engines._discrete_nb import DISCRETE_NB
from skprivacy.shadow.engines._discriminant import DISCRIMINANT
from skprivacy.shadow.engines._engine import Engine, drawn_records, restored, shown
from skprivacy.shadow.engines._gaussian_nb import GAUSSIAN_NB
from skprivacy.shadow.engines._hist_gradient_boosting import HIST_GRADIENT_BOOSTING
from skprivacy.shadow.engines._linear import LEAST_SQUARES, LOGISTIC
from skprivacy.shadow.engines._linear_svm import LINEAR_SVM
from skprivacy.shadow.engines._neighbors import NEIGHBORS
from skprivacy.shadow.engines._registry import engines, register_engine

__all__ = [
    "Engine",
    "ShadowResult",
    "ShadowTask",
    "drawn_records",
    "engines",
    "register_engine",
    "restored",
    "run_shadow",
    "shown",
]

for _engine in (
    DISCRETE_NB,
    DISCRIMINANT,
    GAUSSIAN_NB,
    HIST_GRADIENT_BOOSTING,
    LEAST_SQUARES,
    LINEAR_SVM,
    LOGISTIC,
    NEIGHBORS,
):
    register_engine(_engine)
