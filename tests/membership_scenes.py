"""Targets and records on which every membership attack is tried."""

import numpy as np
from sklearn.frozen import FrozenEstimator

from skprivacy.membership import (
    RMIA,
    CalibratedAttack,
    LiRA,
    PopulationAttack,
    ThresholdAttack,
)
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

N = 300


class Scene:
    """A model, its records with the truth, and shadow models that attacks share."""

    def __init__(self, recipe, regression=False, nobody=False, response="auto", seed=0):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(3 * N, 6))
        y = X[:, 0] + 2 * rng.normal(size=3 * N)
        y = y if regression else (y > 0).astype(float)
        table = np.column_stack([X, y])
        self.records = table[: 2 * N]
        self.strangers = table[2 * N :]
        self.is_member = np.repeat([1, 0], N)
        trained_on = self.strangers if nobody else self.records[:N]
        self.model = recipe.fit(trained_on[:, :-1], trained_on[:, -1])
        self.box = BlackBox(self.model, response=response)
        self.recipe = recipe
        self._shadow = None

    @property
    def shadow(self):
        if self._shadow is None:
            shadow = ShadowModels(target=self.box, n_models=16, random_state=0)
            self._shadow = FrozenEstimator(shadow.fit(self.records))
        return self._shadow


def all_attacks(scene):
    """One of each attack, on the target of a scene."""
    return {
        "ThresholdAttack": lambda: ThresholdAttack(scene.box),
        "PopulationAttack": lambda: PopulationAttack(scene.box),
        "CalibratedAttack": lambda: CalibratedAttack(scene.box, shadow=scene.shadow),
        "LiRA": lambda: LiRA(scene.box, shadow=scene.shadow),
        "LiRA, offline": lambda: LiRA(scene.box, shadow=scene.shadow, mode="offline"),
        "RMIA": lambda: RMIA(scene.box, shadow=scene.shadow),
    }


ATTACKS = [
    "ThresholdAttack",
    "PopulationAttack",
    "CalibratedAttack",
    "LiRA",
    "LiRA, offline",
    "RMIA",
]


def fitted(name, scene):
    """Fit an attack on what its attacker has."""
    attack = all_attacks(scene)[name]()
    own = scene.strangers if name == "PopulationAttack" else scene.records
    return attack.fit(own)
