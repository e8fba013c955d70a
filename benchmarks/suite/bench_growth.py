"""How an audit grows with records, columns and shadow models: three points each."""

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from skprivacy.membership import LiRA
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

#: Records, columns, shadow models; one of them is changed at a time.
MIDDLE = {"n": 4_000, "d": 20, "K": 32}
POINTS = {"n": (1_000, 4_000, 16_000), "d": (10, 20, 40), "K": (16, 32, 64)}
RECIPES = {
    "naive Bayes": GaussianNB(),
    "logistic": LogisticRegression(),
    "HGB": HistGradientBoostingClassifier(max_iter=20, random_state=0),
}


def settings():
    """Yield what is changed, and to what."""
    for name, values in POINTS.items():
        for value in values:
            yield pytest.param(MIDDLE | {name: value}, id=f"{name}={value}")


@pytest.mark.parametrize("size", settings())
@pytest.mark.parametrize("engine", ["auto", "generic"])
@pytest.mark.parametrize("recipe", RECIPES)
def bench_growth(measure, recipe, engine, size):
    n = size["n"]
    X, y = make_classification(
        n, size["d"], n_informative=8, n_redundant=0, flip_y=0.1, random_state=0
    )
    model = RECIPES[recipe].fit(X[: n // 2], y[: n // 2])
    shadow = ShadowModels(n_models=size["K"], engine=engine, random_state=0)
    records = np.column_stack([X, y])

    def run():
        attack = LiRA(BlackBox(model), shadow=shadow).fit(records)
        return attack.decision_function(records)

    assert len(measure(run, rounds=2)) == n
