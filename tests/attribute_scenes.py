"""Targets and records on which every attribute attack is tried."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.frozen import FrozenEstimator

from skprivacy.attribute import (
    ConfidenceAttack,
    ImputationBaseline,
    LearnedAttack,
    MarginalPriorAttack,
    TreeAttack,
)
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

N = 300
LABEL = "income"
SECRET = "sex"


class AttributeScene:
    """A model that knows its training set by heart, and what its attacker knows.

    The secret hangs on column ``a`` a little, so that imputation has something to say,
    and the label hangs on nothing: what the model says of the secret, it knows of
    members alone.
    """

    def __init__(self, recipe, regression=False, nobody=False, response="auto", seed=0):
        rng = np.random.default_rng(seed)
        n = 4 * N
        table = pd.DataFrame(rng.normal(size=(n, 4)), columns=[*"abcd"])
        sex = (table["a"] + 2 * rng.normal(size=n) > 0).astype(int)
        # Not the last column: the target's own order must be kept.
        table.insert(1, SECRET, sex)
        y = rng.normal(size=n) if regression else rng.integers(2, size=n)
        table[LABEL] = y
        parts = [table[i * N : (i + 1) * N] for i in range(4)]
        self.members, self.others, self.own, elsewhere = parts
        trained_on = elsewhere if nobody else self.members
        X = trained_on.drop(columns=LABEL)
        self.model = recipe.fit(X, trained_on[LABEL])
        self.recipe = recipe
        self.box = BlackBox(self.model, response=response)
        self.frozen = FrozenEstimator(self.model)
        self._shadow = None

    @property
    def shadow(self):
        """Shadow models on the attacker's own records, shared by the attacks."""
        if self._shadow is None:
            shadow = ShadowModels(
                target=self.box,
                n_models=4,
                label=LABEL,
                keep_models=True,
                random_state=0,
            )
            self._shadow = FrozenEstimator(shadow.fit(self.own))
        return self._shadow


def known(records):
    """Return what is known of records, and the secret."""
    return records.drop(columns=SECRET), records[SECRET]


def scene(regression=False, nobody=False):
    """Return a forest without bootstrap, of classification or regression trees."""
    return _scene(regression, nobody)


@cache
def _scene(regression, nobody):
    kind = RandomForestRegressor if regression else RandomForestClassifier
    recipe = kind(20, bootstrap=False, max_features=2, random_state=0)
    return AttributeScene(recipe, regression=regression, nobody=nobody)


SETTINGS = {"sensitive": SECRET, "label": LABEL, "values": "classes"}


@dataclass(frozen=True)
class Trial:
    """An attack as the common tests try it.

    Attributes
    ----------
    make : callable
        ``make(scene)`` gives the unfitted attack on the target of a scene.
    gain : float
        Accuracy on members, above imputation, that it must exceed.
    regressor_gain : float or None
        The same on regression trees; None where it does not attack regressors.
    """

    make: Callable
    gain: float
    regressor_gain: float | None = None


TRIALS = {
    "ConfidenceAttack": Trial(
        lambda s: ConfidenceAttack(s.box, random_state=0, **SETTINGS), 0.1, 0.1
    ),
    "LearnedAttack": Trial(
        lambda s: LearnedAttack(s.box, shadow=s.shadow, random_state=0, **SETTINGS),
        0.1,
        0.1,
    ),
    "MarginalPriorAttack": Trial(
        # It is told how often the target errs about strangers: on a label that hangs on
        # nothing, always, so that it hardly listens to what is said of members.
        lambda s: MarginalPriorAttack(s.box, **SETTINGS),
        -0.2,
        -0.1,
    ),
    "TreeAttack": Trial(
        lambda s: TreeAttack(s.frozen, shadow=s.shadow, random_state=0, **SETTINGS),
        0.2,
        0.2,
    ),
}


@cache
def baseline(regression=False):
    """Return imputation, fitted on the attacker's own records of a scene."""
    return ImputationBaseline(random_state=0, **SETTINGS).fit(
        *known(scene(regression).own)
    )


@cache
def fitted(name, regression=False, nobody=False):
    """Return an attack, fitted on the attacker's own records."""
    where = scene(regression, nobody)
    return TRIALS[name].make(where).fit(*known(where.own))
