"""The attacks of skprivacy, through its public classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from _plain import train_shadows
from _rows import Outcome, stopwatch
from sklearn.frozen import FrozenEstimator

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
    ShadowModelAttack,
    SplitPointAttack,
    StackedAttack,
    ThresholdAttack,
    WhiteBoxForestAttack,
)
from skprivacy.records import join_records
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

PACKAGE = "skprivacy"


@dataclass(frozen=True)
class Ours:
    """An attack of the package, as the benchmarks set it up.

    Attributes
    ----------
    name : str
        Name of the row.
    make : callable
        ``make(model, shadow)`` gives the unfitted attack.
    group : {"plain", "population", "shadow", "white box"}
        What it needs: nothing, records that are no members, shadow models, or the
        model itself.
    """

    name: str
    make: Callable
    group: str

    @property
    def needs_shadow(self):
        """Whether shadow models are trained for it."""
        return self.group == "shadow"


def _plain(name, cls, **options):
    return Ours(name, lambda model, shadow: cls(BlackBox(model), **options), "plain")


def _population(name, cls):
    return Ours(name, lambda model, shadow: cls(BlackBox(model)), "population")


def _shadow(name, cls, **options):
    return Ours(
        name,
        lambda model, shadow: cls(BlackBox(model), shadow=shadow, **options),
        "shadow",
    )


def _white(name, cls, **options):
    return Ours(
        name, lambda model, shadow: cls(FrozenEstimator(model), **options), "white box"
    )


ATTACKS = [
    _plain("threshold", ThresholdAttack),
    _plain("neighborhood", NeighborhoodAttack, random_state=0),
    _plain("label only, gap", LabelOnlyAttack, method="gap"),
    _plain("label only, noise", LabelOnlyAttack, method="noise", random_state=0),
    _population("population", PopulationAttack),
    _population("quantile", QuantileAttack),
    _shadow("RMIA", RMIA),
    _shadow("LiRA", LiRA),
    _shadow("LiRA (variance='record')", LiRA, variance="record"),
    _shadow("LiRA (mode='offline')", LiRA, mode="offline"),
    _shadow("BASE", BASEAttack),
    _shadow("calibrated", CalibratedAttack),
    _shadow("shadow models", ShadowModelAttack, random_state=0),
    _shadow("stacked", StackedAttack, random_state=0),
]
#: Those that read trees, and the one of closed forms.
WHITE_BOX = [
    _white("split points", SplitPointAttack),
    _white("bootstrap replay", BootstrapReplayAttack),
    _white("white-box forest", WhiteBoxForestAttack, random_state=0),
    _white("leave one out", LeaveOneOutAttack),
]


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
    table = join_records(records.X, records.y)
    shadow = ShadowModels(
        recipe, target=BlackBox(model), n_models=n_shadow_models, random_state=seed
    )
    with stopwatch() as shadow_seconds:
        shadow.fit(table)
    with stopwatch() as training_seconds:
        train_shadows(recipe, records.X, records.y, shadow.membership_)
    outcomes = []
    for ours in [*ATTACKS, *WHITE_BOX]:
        attack = ours.make(model, FrozenEstimator(shadow))
        own = known_to(ours, records, table)
        seconds = shadow_seconds[0] if ours.needs_shadow else 0.0
        if own is not None:
            outcomes.append(run_attack(ours, attack, own, table, seconds))
    return [o for o in outcomes if o is not None], training_seconds[0]


def known_to(ours, records, table):
    """Return the records that the attacker has; None where the table has too few."""
    if ours.group != "population":
        return table
    if not len(records.y_population):
        return None
    return join_records(records.X_population, records.y_population)


def run_attack(ours, attack, known, table, shadow_seconds=0.0):
    """Fit one attack and score the records; None where it can't read such a model."""
    try:
        with stopwatch() as attack_seconds:
            scores = attack.fit(known).decision_function(table)
    except (TypeError, ValueError):
        if ours.group != "white box":
            raise
        return None
    note = "white box" if ours.group == "white box" else ""
    return Outcome(
        PACKAGE, ours.name, scores, shadow_seconds, attack_seconds[0], note=note
    )
