"""Targets and records on which every membership attack is tried."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import (
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from skprivacy.membership import (
    RMIA,
    BASEAttack,
    BootstrapReplayAttack,
    CalibratedAttack,
    LabelOnlyAttack,
    LeaveOneOutAttack,
    LiRA,
    NeighborhoodAttack,
    PopulationAttack,
    QuantileAttack,
    RangeAttack,
    ShadowModelAttack,
    SplitPointAttack,
    StackedAttack,
    ThresholdAttack,
    WhiteBoxForestAttack,
)
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

N = 300
QUICK = HistGradientBoostingRegressor(loss="quantile", max_iter=20)


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
        self.fitted = {}

    @property
    def shadow(self):
        if self._shadow is None:
            shadow = ShadowModels(
                target=self.box, n_models=16, keep_models=True, random_state=0
            )
            self._shadow = FrozenEstimator(shadow.fit(self.records))
        return self._shadow


FORESTS = (
    RandomForestClassifier(30, random_state=0),
    RandomForestRegressor(30, random_state=0),
)
NEIGHBORS = KNeighborsClassifier(3), KNeighborsRegressor(3)
# 209 coefficients for 300 records.
POLYNOMIALS = tuple(
    make_pipeline(PolynomialFeatures(4, include_bias=False), model)
    for model in (RidgeClassifier(0.1), Ridge(0.1))
)


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
        Kinds of answer that it works on; empty for an attack on the inside of models.
    label : str
        The parameter that names the label's column.
    targets : tuple of estimators
        A classifier and a regressor that overfit, of a kind that it works on.
        Kinds of answer that it works on; empty for an attack on the inside of forests.
    label : str
        The parameter that names the label's column.
    """

    make: Callable
    least: float
    least_regressor: float | None = None
    fits_on: str = "records"
    responses: tuple[str, ...] = ("proba", "label", "decision")
    targets: tuple = FORESTS
    label: str = "label"


TRIALS = {
    "ShadowModelAttack": Trial(
        lambda s: ShadowModelAttack(s.box, shadow=s.shadow, random_state=0), 0.8
    ),
    "StackedAttack": Trial(
        lambda s: StackedAttack(s.box, shadow=s.shadow, n_pretend=4, random_state=0),
        0.9,
    ),
    "ThresholdAttack": Trial(lambda s: ThresholdAttack(s.box), 0.8),
    "PopulationAttack": Trial(
        lambda s: PopulationAttack(s.box), 0.8, fits_on="strangers"
    ),
    "QuantileAttack": Trial(
        lambda s: QuantileAttack(s.box, regressor=QUICK, random_state=0),
        0.8,
        fits_on="strangers",
    ),
    "RangeAttack": Trial(
        lambda s: RangeAttack(ThresholdAttack(s.box)), 0.8, label="attack__label"
    ),
    "CalibratedAttack": Trial(lambda s: CalibratedAttack(s.box, shadow=s.shadow), 0.9),
    "LeaveOneOutAttack": Trial(
        lambda s: LeaveOneOutAttack(s.frozen), 0.99, responses=(), targets=NEIGHBORS
    ),
    "LeaveOneOutAttack, ridge": Trial(
        lambda s: LeaveOneOutAttack(s.frozen), 0.8, responses=(), targets=POLYNOMIALS
    ),
    "LiRA": Trial(lambda s: LiRA(s.box, shadow=s.shadow), 0.9),
    "LiRA, offline": Trial(lambda s: LiRA(s.box, shadow=s.shadow, mode="offline"), 0.9),
    "NeighborhoodAttack": Trial(
        lambda s: NeighborhoodAttack(s.box, random_state=0), 0.8
    ),
    "NeighborhoodAttack, records": Trial(
        lambda s: NeighborhoodAttack(s.box, neighbors="records"), 0.75
    ),
    "LabelOnlyAttack": Trial(
        lambda s: LabelOnlyAttack(s.box, shadow=s.shadow, budget=8, random_state=0),
        0.75,
    ),
    "LabelOnlyAttack, boundary": Trial(
        lambda s: LabelOnlyAttack(
            s.box, method="boundary", shadow=s.shadow, budget=8, random_state=0
        ),
        0.75,
    ),
    "SplitPointAttack": Trial(
        lambda s: SplitPointAttack(s.frozen, random_state=0), 0.9, responses=()
    ),
    "BootstrapReplayAttack": Trial(
        lambda s: BootstrapReplayAttack(s.frozen), 0.9, responses=()
    ),
    "WhiteBoxForestAttack": Trial(
        lambda s: WhiteBoxForestAttack(s.frozen, n_models=1, random_state=0),
        0.9,
        responses=(),
    ),
    "RMIA": Trial(lambda s: RMIA(s.box, shadow=s.shadow), 0.9),
    "BASEAttack": Trial(lambda s: BASEAttack(s.box, shadow=s.shadow), 0.9),
}


def fit(name, scene):
    """Fit an attack on what its attacker has."""
    trial = TRIALS[name]
    return trial.make(scene).fit(getattr(scene, trial.fits_on))


def fitted(name, scene):
    """Give an attack that is fitted once for all tests, which leave it as it is."""
    if name not in scene.fitted:
        scene.fitted[name] = fit(name, scene)
    return scene.fitted[name]
