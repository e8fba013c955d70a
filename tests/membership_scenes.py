"""Targets and records on which every membership attack is tried."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.frozen import FrozenEstimator

from skprivacy.membership import (
    RMIA,
    BASEAttack,
    CalibratedAttack,
    LiRA,
    PopulationAttack,
    ShadowModelAttack,
    StackedAttack,
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
        self.frozen = FrozenEstimator(self.model)
        self.recipe = recipe
        self._shadow = None

    @property
    def shadow(self):
        if self._shadow is None:
            shadow = ShadowModels(target=self.box, n_models=16, random_state=0)
            self._shadow = FrozenEstimator(shadow.fit(self.records))
        return self._shadow


@dataclass(frozen=True)
class Trial:
    """An attack as the common tests try it.

    Attributes
    ----------
    make : callable
        ``make(scene)`` gives the unfitted attack on the target of a scene.
    least : float
        AUC that it must exceed on a forest that knows its training set by heart.
        Members score higher: half of what is above chance would already show a wrong
        direction.
    least_regressor : float or None
        The same on a forest of regression trees; None: `least` less 0.1.
    fits_on : {"records", "strangers"}
        What the attacker has: the records under attack, or records that are surely no
        members.
    responses : tuple of str
        Kinds of answer that it works on; empty for an attack on the inside of forests.
    """

    make: Callable
    least: float
    least_regressor: float | None = None
    fits_on: str = "records"
    responses: tuple[str, ...] = ("proba", "label", "decision")


TRIALS = {
    "ThresholdAttack": Trial(lambda s: ThresholdAttack(s.box), 0.8),
    "PopulationAttack": Trial(
        lambda s: PopulationAttack(s.box), 0.8, fits_on="strangers"
    ),
    "CalibratedAttack": Trial(lambda s: CalibratedAttack(s.box, shadow=s.shadow), 0.9),
    "LiRA": Trial(lambda s: LiRA(s.box, shadow=s.shadow), 0.9),
    "LiRA, offline": Trial(lambda s: LiRA(s.box, shadow=s.shadow, mode="offline"), 0.9),
    "RMIA": Trial(lambda s: RMIA(s.box, shadow=s.shadow), 0.9),
    "BASEAttack": Trial(lambda s: BASEAttack(s.box, shadow=s.shadow), 0.9),
    "ShadowModelAttack": Trial(
        lambda s: ShadowModelAttack(s.box, shadow=s.shadow, random_state=0), 0.8
    ),
    "StackedAttack": Trial(
        lambda s: StackedAttack(s.box, shadow=s.shadow, random_state=0), 0.9
    ),
}


def fitted(name, scene):
    """Fit an attack on what its attacker has."""
    trial = TRIALS[name]
    return trial.make(scene).fit(getattr(scene, trial.fits_on))
