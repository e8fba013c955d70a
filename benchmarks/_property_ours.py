"""The property attacks of skprivacy, through their public classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from _property_cells import RecordedNumbers
from _property_data import LABEL

from skprivacy.property import (
    DistinguishingAttack,
    ModelFeatures,
    PropertyMetaClassifier,
    RatioRegressor,
)

PACKAGE = "skprivacy"
#: The property of the recorded queries, whatever it is called in the table.
GROUP = ("group", 1)
#: Kinds of numbers that tell of the steps before the model.
STEPS = ("steps",)


@dataclass(frozen=True)
class OurAttack:
    """An attack of the package, as the benchmark sets it up.

    Attributes
    ----------
    make : callable
        ``make(cell)`` gives the unfitted attack on a `Cell`; None where the models of
        the cell do not hold what it reads.
    access : {"black box", "white box"}
        What it sees of a model.
    by_shares : bool
        Whether its worlds are shares, in the place of names.
    """

    make: Callable
    access: str = "black box"
    by_shares: bool = False


def _asking(cell):
    return ModelFeatures(
        "queries", queries=cell.queries, strata=cell.strata, flipped=cell.flipped
    )


def _reading(cell, *, steps=True, ask=False):
    """Read everything, or all but the steps before the model; or ask it, too."""
    if not cell.can_be_opened:
        return None
    reader = cell.shadow["reader"]
    kinds = tuple(k for k in reader.blocks_ if steps or k not in STEPS)
    asking = _asking(cell) if ask else None
    return RecordedNumbers(reader.blocks_, kinds, asking) if kinds else None


def _learn(make, features):
    return None if features is None else make(features)


def _by_losses(method):
    return lambda cell: DistinguishingAttack(
        method=method, test_records=cell.labeled, property=GROUP, label=LABEL
    )


#: Name of each row on which of two worlds it is.
CLASSIFIERS = {
    "meta-classifier": OurAttack(lambda cell: PropertyMetaClassifier(_asking(cell))),
    "meta-classifier, answers alone": OurAttack(
        lambda cell: PropertyMetaClassifier(
            ModelFeatures("queries", queries=cell.queries)
        )
    ),
    "likelihood": OurAttack(lambda cell: DistinguishingAttack(_asking(cell))),
    "KL": OurAttack(
        lambda cell: DistinguishingAttack(
            ModelFeatures("queries", queries=cell.queries), "kl"
        )
    ),
    "threshold": OurAttack(_by_losses("threshold"), by_shares=True),
    "loss": OurAttack(_by_losses("loss"), by_shares=True),
    "meta-classifier, all": OurAttack(
        lambda cell: _learn(PropertyMetaClassifier, _reading(cell)),
        access="white box",
    ),
    "meta-classifier, all and answers": OurAttack(
        lambda cell: _learn(PropertyMetaClassifier, _reading(cell, ask=True)),
        access="white box",
    ),
    "meta-classifier, model alone": OurAttack(
        lambda cell: _learn(PropertyMetaClassifier, _reading(cell, steps=False)),
        access="white box",
    ),
}
#: Name of each row on which share it is.
REGRESSORS = {
    "ratio": OurAttack(lambda cell: RatioRegressor(_asking(cell))),
    "ratio, all": OurAttack(
        lambda cell: _learn(RatioRegressor, _reading(cell)),
        access="white box",
    ),
}


def scores_of(ours, cell):
    """Fit an attack on the shadow models, and score the targets.

    Parameters
    ----------
    ours : OurAttack
        One of `CLASSIFIERS` or `REGRESSORS`.
    cell : Cell
        Shadow models and targets.

    Returns
    -------
    ndarray of shape (n_targets,) or None
        Above 0 stands for the second world; of a regressor the share. None where there
        is nothing to read.
    """
    attack = ours.make(cell)
    if attack is None:
        return None
    worlds = cell.worlds("shadow")
    if ours.by_shares:
        worlds = np.array(cell.setting.ratios_of("shadow"))[worlds]
    attack.fit(cell.models("shadow"), worlds)
    targets = cell.models("target")
    if hasattr(attack, "decision_function"):
        return attack.decision_function(targets)
    if not hasattr(attack, "predict_proba"):
        return attack.predict(targets)
    proba = np.clip(attack.predict_proba(targets)[:, 1], 1e-15, 1 - 1e-15)
    return np.log(proba / (1 - proba))
