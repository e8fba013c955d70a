"""Every engine of shadow models, beside training them one by one.

The engines are read from the package. Each is given the first recipe that it takes: of
``shadow_engines.py``, or of all models of scikit-learn with their defaults.
"""

import numpy as np
import pytest
from shadow_engines import RECIPES, numbers, targets
from sklearn.base import is_classifier
from sklearn.utils import all_estimators

from skprivacy.shadow import ShadowModels
from skprivacy.shadow.engines import engines

N, N_MODELS = 2_000, 16


def recipes():
    """Yield recipes and the function that makes their records."""
    yield from RECIPES.values()
    for _, cls in all_estimators(type_filter=["classifier", "regressor"]):
        try:
            recipe = cls()
        except TypeError:  # made of other models
            continue
        yield recipe, numbers if is_classifier(recipe) else targets


def first_recipe(engine):
    """Return the first recipe that an engine takes, with records for it."""
    for recipe, make in recipes():
        pool = make(N, 0)
        few = ShadowModels(recipe, n_models=2, engine=engine, random_state=0)
        try:
            few.fit(pool)
        except ValueError as error:
            if "can't train" not in str(error):
                raise
        else:
            return recipe, pool
    raise LookupError(f"no recipe is known that engine {engine!r} takes: name one")


@pytest.mark.parametrize("how", ["engine", "one by one"])
@pytest.mark.parametrize("engine", engines())
def bench_engine(measure, engine, how):
    recipe, pool = first_recipe(engine)
    shadow = ShadowModels(
        recipe,
        n_models=N_MODELS,
        engine=engine if how == "engine" else "generic",
        random_state=0,
    )
    answers = measure(lambda: shadow.fit(pool).answers_)
    assert np.isfinite(answers).all()
