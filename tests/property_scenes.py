"""Records and worlds that the tests of the property attacks look at."""

from functools import cache

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

from skprivacy.property import PropertyWorlds


def make_people(n=1200, seed=0):
    """People of two groups, in which the label depends on other things."""
    rng = np.random.RandomState(seed)
    group = rng.choice(["a", "b"], size=n)
    shift = np.where(group == "a", 1.0, -1.0)
    x = rng.normal(size=(n, 2))
    score = x[:, 0] * shift + x[:, 1] + rng.normal(size=n)
    bought = np.where(score > 0, "yes", "no")
    return pd.DataFrame(
        {"group": group, "x0": x[:, 0], "x1": x[:, 1], "bought": bought}
    )


def numbers_of(table):
    """Give the table to models that take numbers alone."""
    return table.assign(group=(table["group"] == "a").astype(float))


@cache
def forest_worlds():
    """Two far worlds of a forest, and targets of other people."""
    recipe = RandomForestClassifier(10, random_state=0)
    settings = {"ratios": (0.1, 0.9), "size": 150, "label": "bought"}
    worlds = PropertyWorlds(
        recipe, ("group", 1.0), n_models=24, queries=100, random_state=0, **settings
    ).fit(numbers_of(make_people(seed=0)))
    targets = PropertyWorlds(
        recipe, ("group", 1.0), n_models=24, n_pools=1, random_state=1, **settings
    ).fit(numbers_of(make_people(seed=1)))
    return worlds, targets
