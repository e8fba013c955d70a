"""The attribute attacks of skprivacy, through their public classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from _attribute_data import LABEL, NUMERIC, recipe_of
from _attribute_rows import IMPUTATION
from _rows import stopwatch
from sklearn.frozen import FrozenEstimator

from skprivacy.attribute import (
    BayesAttack,
    ConfidenceAttack,
    ImputationBaseline,
    InversionAttack,
    LeafEquationAttack,
    LearnedAttack,
    MarginalPriorAttack,
    MembershipOracleAttack,
    ReleasedAnswerAttack,
    TreeAttack,
)
from skprivacy.membership import BootstrapReplayAttack, ThresholdAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

N_SHADOW = 8
#: Column with the target's answer to the true record.
ANSWER = "answer"
SEES_ANSWER = "sees the target's answer to the true record"


@dataclass(frozen=True)
class OurAttack:
    """An attack of the package, as the benchmark sets it up.

    Attributes
    ----------
    make : callable
        ``make(case, **settings)`` gives the unfitted attack on a `Case`.
    uses_shadow : bool
        Whether it asks shadow models, whose cost is then counted.
    kinds : tuple of {"classes", "numeric"}
        Secrets that it infers.
    targets : tuple of str or None
        Targets that it reads; None: all.
    note : str
        What else the attacker must have.
    decimals : int or None
        Decimals of the answers that are released; None: all.
    """

    make: Callable
    uses_shadow: bool = False
    kinds: tuple[str, ...] = ("classes", "numeric")
    targets: tuple[str, ...] | None = None
    note: str = ""
    decimals: int | None = None

    @property
    def sees_answer(self):
        """Whether the target's answer to the true record is among what is known."""
        return self.note.startswith(SEES_ANSWER)


def _released(case, **settings):
    return ReleasedAnswerAttack(
        BlackBox(case.model), answer=ANSWER, random_state=case.seed, **settings
    )


#: Name of each row, and how the attack is made.
OURS = {
    IMPUTATION: OurAttack(
        lambda case, **settings: ImputationBaseline(random_state=case.seed, **settings)
    ),
    "learned": OurAttack(
        lambda case, **settings: LearnedAttack(
            BlackBox(case.model),
            shadow=case.shadow,
            random_state=case.seed,
            **settings,
        ),
        uses_shadow=True,
    ),
    "learned, member_prior=1": OurAttack(
        lambda case, **settings: LearnedAttack(
            BlackBox(case.model),
            shadow=case.shadow,
            member_prior=1,
            random_state=case.seed,
            **settings,
        ),
        uses_shadow=True,
    ),
    "Bayes": OurAttack(
        lambda case, **settings: BayesAttack(
            BlackBox(case.model),
            shadow=case.shadow,
            random_state=case.seed,
            **settings,
        ),
        uses_shadow=True,
    ),
    "marginal prior": OurAttack(
        lambda case, **settings: MarginalPriorAttack(BlackBox(case.model), **settings)
    ),
    "confidence": OurAttack(
        lambda case, **settings: ConfidenceAttack(
            BlackBox(case.model), random_state=case.seed, **settings
        ),
    ),
    "confidence, label only": OurAttack(
        lambda case, **settings: ConfidenceAttack(
            BlackBox(case.model, response="label"),
            mode="label_only",
            random_state=case.seed,
            **settings,
        ),
    ),
    "membership oracle, threshold": OurAttack(
        lambda case, **settings: MembershipOracleAttack(
            ThresholdAttack(BlackBox(case.model), label=LABEL),
            random_state=case.seed,
            **settings,
        ),
        kinds=("classes",),
    ),
    "membership oracle, replay": OurAttack(
        lambda case, **settings: MembershipOracleAttack(
            BootstrapReplayAttack(FrozenEstimator(case.model), label=LABEL),
            random_state=case.seed,
            **settings,
        ),
        kinds=("classes",),
        targets=("rf",),
        note="white box",
    ),
    "released answer": OurAttack(_released, note=SEES_ANSWER),
    "released answer, rounded": OurAttack(
        _released, note=f"{SEES_ANSWER}, with 2 decimals", decimals=2
    ),
    "inversion": OurAttack(
        lambda case, **settings: InversionAttack(
            BlackBox(case.model),
            shadow=case.shadow,
            random_state=case.seed,
            **{k: v for k, v in settings.items() if k != "values"},
        ),
        uses_shadow=True,
        kinds=("numeric",),
    ),
    "tree": OurAttack(
        lambda case, **settings: TreeAttack(
            FrozenEstimator(case.model),
            shadow=case.shadow,
            random_state=case.seed,
            **settings,
        ),
        uses_shadow=True,
        targets=("rf", "hgb", "tree"),
        note="white box",
    ),
    "leaf equations": OurAttack(
        lambda case, **settings: LeafEquationAttack(
            FrozenEstimator(case.model),
            pool=case.parties.under_attack.drop(columns=settings["sensitive"]),
            random_state=case.seed,
            **settings,
        ),
        kinds=("classes",),
        targets=("hgb", "tree"),
        note="white box; knows the list of people under attack",
    ),
}


class Case:
    """One target and its records: trained when first asked for, and then shared.

    Parameters
    ----------
    target : str
        One of the targets.
    parties : Parties
        Who holds what.
    seed : int
        Seed of the model and of all attacks.
    """

    def __init__(self, target, parties, seed):
        self.target, self.parties, self.seed = target, parties, seed

    @cached_property
    def model(self):
        """The fitted target."""
        frame = self.parties.trained_on
        recipe = recipe_of(self.target, frame, self.seed)
        return recipe.fit(frame.drop(columns=LABEL), frame[LABEL])

    @cached_property
    def shadow(self):
        """Fitted shadow models on the attacker's records, frozen."""
        return self._timed_shadow[0]

    @property
    def shadow_seconds(self):
        """CPU seconds of training them."""
        return self._timed_shadow[1]

    @cached_property
    def _timed_shadow(self):
        shadow = ShadowModels(
            target=BlackBox(self.model),
            n_models=N_SHADOW,
            label=LABEL,
            keep_models=True,
            random_state=self.seed,
        )
        with stopwatch() as seconds:
            shadow.fit(self.parties.own)
        return FrozenEstimator(shadow), seconds[0]


def fit_ours(name, case, secret, knows=None):
    """Fit one attack on the attacker's records.

    Parameters
    ----------
    name : str
        One of `OURS`.
    case : Case
        The target and its records.
    secret : str
        Sensitive column.
    knows : str or None
        The attack whose knowledge it has; None: its own.

    Returns
    -------
    attack : estimator
    """
    settings = {"sensitive": secret, "label": LABEL, "values": kind_of(secret)}
    own = case.parties.own
    attack = OURS[name].make(case, **settings)
    return attack.fit(known_to(knows or name, case, own, secret), own[secret])


def known_to(name, case, records, secret):
    """Return what an attack knows of records.

    Parameters
    ----------
    name : str
        One of `OURS`.
    case : Case
        The target.
    records : DataFrame
        Complete records with the label.
    secret : str
        Sensitive column.

    Returns
    -------
    known : DataFrame
    """
    known = records.drop(columns=secret)
    if not OURS[name].sees_answer:
        return known
    answer = case.model.predict_proba(records.drop(columns=LABEL))[:, 1]
    if OURS[name].decimals is not None:
        answer = answer.round(OURS[name].decimals)
    return known.assign(**{ANSWER: answer})


def run_ours(name, case, secret):
    """Fit one attack on the attacker's records, and infer the secret of the others.

    Parameters
    ----------
    name : str
        One of `OURS`.
    case : Case
        The target and its records.
    secret : str
        Sensitive column.

    Returns
    -------
    guess : ndarray of shape (n_members + n_others,)
        Inferred values, members first.
    about : dict
        ``seconds`` and ``note``.
    """
    ours, parties = OURS[name], case.parties
    shadow_seconds = case.shadow_seconds if ours.uses_shadow else 0.0
    with stopwatch() as seconds:
        attack = fit_ours(name, case, secret)
        guess = [
            attack.predict(known_to(name, case, part, secret))
            for part in (parties.members, parties.others)
        ]
    about = {"seconds": shadow_seconds + seconds[0], "note": ours.note}
    return np.concatenate(guess).astype(float), about


def runs_on(name, target, secret):
    """Whether an attack reads such a target and infers such a secret."""
    ours = OURS[name]
    return kind_of(secret) in ours.kinds and target in (ours.targets or (target,))


def kind_of(secret):
    """Return "numeric" or "classes"."""
    return "numeric" if secret in NUMERIC else "classes"
