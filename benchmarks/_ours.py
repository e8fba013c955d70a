"""The attacks of skprivacy, through its public classes."""

from __future__ import annotations

from _plain import train_shadows
from _rows import Outcome, stopwatch
from sklearn.frozen import FrozenEstimator

from skprivacy.membership import (
    RMIA,
    CalibratedAttack,
    LiRA,
    PopulationAttack,
    ThresholdAttack,
)
from skprivacy.records import join_records
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

PACKAGE = "skprivacy"
SHADOW_ATTACKS = {
    "RMIA": RMIA,
    "LiRA": LiRA,
    "LiRA (variance='record')": lambda box, **rest: LiRA(
        box, variance="record", **rest
    ),
    "LiRA (mode='offline')": lambda box, **rest: LiRA(box, mode="offline", **rest),
    "calibrated": CalibratedAttack,
}


def run_ours(recipe, model, records, n_shadow_models, seed):
    """Run every attack of the package, the shadow models trained once for all.

    Parameters
    ----------
    recipe : estimator
        Unfitted target.
    model : estimator
        Fitted target.
    records : Records
        Records to score.
    n_shadow_models, seed : int
        Number of shadow models and seed of the run.

    Returns
    -------
    outcomes : list of Outcome
    training_seconds : float
        CPU seconds of cloning and fitting the recipe on the same halves in a plain
        loop, and nothing else: what the attacks' cost is measured against.
    """
    box = BlackBox(model)
    table = join_records(records.X, records.y)
    shadow = ShadowModels(
        recipe, target=box, n_models=n_shadow_models, random_state=seed
    )
    with stopwatch() as shadow_seconds:
        shadow.fit(table)
    with stopwatch() as training_seconds:
        train_shadows(recipe, records.X, records.y, shadow.membership_)
    outcomes = [_attack("threshold", ThresholdAttack(box), table, table)]
    if len(records.y_population):
        population = join_records(records.X_population, records.y_population)
        attack = PopulationAttack(box)
        outcomes.append(_attack("population", attack, population, table))
    for name, make in SHADOW_ATTACKS.items():
        attack = make(box, shadow=FrozenEstimator(shadow))
        outcomes.append(_attack(name, attack, table, table, shadow_seconds[0]))
    return outcomes, training_seconds[0]


def _attack(name, attack, known, table, shadow_seconds=0.0):
    with stopwatch() as attack_seconds:
        scores = attack.fit(known).decision_function(table)
    return Outcome(PACKAGE, name, scores, shadow_seconds, attack_seconds[0])
