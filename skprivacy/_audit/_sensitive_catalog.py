"""The attacks on a sensitive column that an audit runs, and what is said of each.

To add one, add an entry: an audit runs it wherever it applies.
"""

from collections.abc import Callable
from dataclasses import dataclass

from skprivacy._audit._access import BLACK_BOX, WHITE_BOX
from skprivacy._audit._planned import always, has_trees
from skprivacy.attribute import (
    BayesAttack,
    ConfidenceAttack,
    LeafEquationAttack,
    LearnedAttack,
    TreeAttack,
)
from skprivacy.inspection import read_trees
from skprivacy.inspection._leaf_equations import has_equations

__all__ = ["SENSITIVE_PLAN", "PlannedSensitive"]


@dataclass(frozen=True)
class PlannedSensitive:
    """An attack on a sensitive column as an audit runs and explains it.

    Parameters
    ----------
    name : str
        As a reader sees it.

    make : callable
        ``make(target, **settings)`` gives the unfitted attack; with ``shadow=`` if it
        needs shadow models.

    assumes : str
        What the attacker knows and has.

    method : str
        How the guess comes about.

    reference : str
        Author and year.

    needs_shadow : bool, default=True
        Whether shadow models are trained for it.

    needs_pool : bool, default=False
        Whether it takes all people under attack together, without their secrets.

    access : {"black box", "white box"}, default="black box"
        Whether it asks the model alone, or reads what the model holds.

    applies : callable, default=always
        ``applies(subject)`` says whether it can be run on what is audited.

    in_effort : tuple of str
        Efforts at which it is run.
    """

    name: str
    make: Callable
    assumes: str
    method: str
    reference: str
    needs_shadow: bool = True
    needs_pool: bool = False
    access: str = BLACK_BOX
    applies: Callable = always
    in_effort: tuple = ("fast", "standard", "thorough")

    def can_run(self, subject, effort):
        """Whether the attack can be run on what is audited, at this effort."""
        if effort not in self.in_effort:
            return False
        if self.access == WHITE_BOX and subject.held is None:
            return False
        if self.needs_shadow and not subject.has_recipe:
            return False
        return bool(self.applies(subject))


def _has_equations(subject):
    """Whether the leaves of the model that is held tell of all training rows."""
    return has_trees(subject) and has_equations(read_trees(subject.held))


_KNOWS = "Knows all of the record but the secret, its label included"
_SHADOWS = "knows how the model was made and has similar records to train on"

SENSITIVE_PLAN = (
    PlannedSensitive(
        name="Confidence",
        make=ConfidenceAttack,
        assumes=f"{_KNOWS}, can ask the model, and has similar records.",
        method="The value with which the model is right, and surest of it; where that "
        "settles nothing, imputation.",
        reference="Mehnaz et al. 2022",
        needs_shadow=False,
    ),
    PlannedSensitive(
        name="Bayes",
        make=BayesAttack,
        assumes=f"{_KNOWS}, can ask the model, {_SHADOWS}; takes everybody for a "
        "member.",
        method="Imputation's chance of each value, times the model's probability of "
        "the label with it, raised to a power that was learned on shadow models.",
        reference="skprivacy; Fredrikson et al. 2014 without the power",
        in_effort=("standard", "thorough"),
    ),
    PlannedSensitive(
        name="Learned",
        make=LearnedAttack,
        assumes=f"{_KNOWS}, can ask the model, {_SHADOWS}; cannot tell members.",
        method="A classifier which learned, on shadow models whose members are known, "
        "how far to trust the model's answers to each value against imputation.",
        reference="skprivacy",
    ),
    PlannedSensitive(
        name="Learned, of members",
        make=lambda target, **settings: LearnedAttack(
            target, member_prior=1.0, **settings
        ),
        assumes=f"{_KNOWS}, and that the person is a member; can ask the model, "
        f"{_SHADOWS}.",
        method="As the learned attack, but learned on members alone.",
        reference="skprivacy",
        in_effort=("thorough",),
    ),
    PlannedSensitive(
        name="Trees",
        make=TreeAttack,
        assumes=f"{_KNOWS}, holds the model file, {_SHADOWS}; cannot tell members.",
        method="As the learned attack, and besides how well the record with each value "
        "fits the leaves of the trees as one of the training records.",
        reference="skprivacy",
        access=WHITE_BOX,
        applies=has_trees,
    ),
    PlannedSensitive(
        name="Leaf equations",
        make=LeafEquationAttack,
        assumes=f"{_KNOWS}, holds the model file, and knows as much of all people who "
        "are under attack, members and others, whom it cannot tell apart.",
        method="The values, of all people together, with which the leaves hold as many "
        "rows as they do, and answer as they do.",
        reference="skprivacy",
        needs_shadow=False,
        needs_pool=True,
        access=WHITE_BOX,
        applies=_has_equations,
        in_effort=("thorough",),
    ),
)
