"""The attacks that an audit can run by name, and what is said of each.

To add one, add an entry: "auto" runs it wherever it applies.
"""

from skprivacy._audit._access import WHITE_BOX
from skprivacy._audit._planned import PlannedAttack, has_trees
from skprivacy.inspection import replay_bootstrap
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

__all__ = ["PLAN"]


_ASKS = "Holds the record with its label and can ask the model about it"
_TRAINS_SHADOWS = (
    f"{_ASKS}, knows how the model was made, and has records to train shadow models "
    "on, the record under attack among them."
)
_HOLDS = "Holds the record with its label, and the model file"
#: Records on which it is tried whether an attack can read a model.
_A_FEW = 100


def _can_be_fitted(attack, subject):
    """Whether an attack on the inside of a model knows models of its kind."""
    records = subject.records[:_A_FEW]
    try:
        attack(subject.held, label=subject.label).fit(records)
    except (TypeError, ValueError):
        return False
    return True


def _asks_freely(subject):
    """Whether more may be asked than each record once."""
    return subject.box.budget is None


def _draws_are_known(subject):
    return has_trees(subject) and replay_bootstrap(subject.held) is not None


_TREES = "a tree, a forest, boosted or bagged trees, or a pipeline that ends in one"

PLAN = {
    "ThresholdAttack": PlannedAttack(
        name="Loss threshold",
        make=lambda target, label: ThresholdAttack(target, label=label),
        assumes=f"{_ASKS}; nothing else.",
        method="The score is minus the model's loss on the record.",
        reference="Yeom et al. 2018",
    ),
    "PopulationAttack": PlannedAttack(
        name="Population",
        make=lambda target, label: PopulationAttack(target, label=label),
        assumes=f"{_ASKS}, and has other records that the model was not trained on.",
        method="The score is how rare the model's loss would be among non-members of "
        "the same class. Four fifths of the holdout in turn played the attacker's own "
        "records; none was compared with itself.",
        reference="Ye et al. 2022, attack P",
        fits_on="non_members",
    ),
    "QuantileAttack": PlannedAttack(
        name="Quantile regression",
        make=lambda target, label: QuantileAttack(target, label=label),
        assumes=f"{_ASKS}, and has other records that the model was not trained on.",
        method="The score is how far the model's confidence lies above what is usual "
        "for non-members with such features, learned by quantile regression. The "
        "holdout played the attacker's own records; none was compared by a regression "
        "that had seen it.",
        reference="Bertran et al. 2023",
        fits_on="non_members_crossed",
        # It trains models of its own; where shadow models can be had, others do better.
        in_auto=lambda subject, effort: effort != "fast" or not subject.has_recipe,
    ),
    "NeighborhoodAttack": PlannedAttack(
        name="Neighborhood",
        make=lambda target, label: NeighborhoodAttack(target, label=label),
        assumes=f"{_ASKS}, and about records like it that do not exist.",
        method="The score is how far the model's confidence in the record lies above "
        "that in records of nearly the same values.",
        reference="Mattern et al. 2023, for text",
        in_auto=lambda subject, effort: _asks_freely(subject) and effort != "fast",
    ),
    "LabelOnlyAttack": PlannedAttack(
        name="Label only",
        make=lambda target, label: LabelOnlyAttack(target, label=label),
        assumes=f"{_ASKS}, and about many changed copies of it; sees labels alone.",
        method="The score is how much the record must be changed before the model's "
        "label changes.",
        reference="Choquette-Choo et al. 2021; Li and Zhang 2021",
        applies=lambda subject: subject.box.response_ != "value",
        needs="a classifier",
        in_auto=lambda subject, effort: (
            _asks_freely(subject)
            and (subject.box.response_ == "label" or effort == "thorough")
        ),
    ),
    "CalibratedAttack": PlannedAttack(
        name="Difficulty calibration",
        make=lambda target, label: CalibratedAttack(target, label=label),
        assumes=f"{_ASKS}, knows how the model was made, and has similar records to "
        "train shadow models on.",
        method="The score is the model's confidence minus the mean confidence of "
        "shadow models that were not trained on the record.",
        reference="Watson et al. 2022",
        needs_shadow=True,
    ),
    "LiRA": PlannedAttack(
        name="LiRA",
        make=lambda target, label: LiRA(target, label=label),
        assumes=_TRAINS_SHADOWS,
        method="The score is the log of how much likelier the model's answer is among "
        "shadow models that were trained on the record than among those that were not.",
        reference="Carlini et al. 2022",
        needs_shadow=True,
    ),
    "RMIA": PlannedAttack(
        name="RMIA",
        make=lambda target, label: RMIA(target, label=label),
        assumes=_TRAINS_SHADOWS,
        method="The score is the share of all records over which this one stands out, "
        "by the model's probability relative to that of shadow models.",
        reference="Zarifzadeh et al. 2024",
        needs_shadow=True,
    ),
    "BASEAttack": PlannedAttack(
        name="BASE",
        make=lambda target, label: BASEAttack(target, label=label),
        assumes=_TRAINS_SHADOWS,
        method="The score is the log of the model's probability of the record's label, "
        "less the log of the mean probability under shadow models.",
        reference="Lassila et al. 2025",
        needs_shadow=True,
        # At its default temperature it orders records as RMIA does.
        in_auto=lambda subject, effort: False,
    ),
    "ShadowModelAttack": PlannedAttack(
        name="Shadow models",
        make=lambda target, label: ShadowModelAttack(target, label=label),
        assumes=_TRAINS_SHADOWS,
        method="The score is that of a classifier which learned, from the answers of "
        "shadow models to their own members and non-members, to tell the two apart.",
        reference="Shokri et al. 2017",
        needs_shadow=True,
        # One more attack widens all intervals, and the stacked one does better.
        in_auto=lambda subject, effort: effort == "thorough",
    ),
    "StackedAttack": PlannedAttack(
        name="Stacked",
        make=lambda target, label: StackedAttack(target, label=label),
        assumes=_TRAINS_SHADOWS,
        method="Each shadow model in turn played the target, and a classifier learned "
        "from what other attacks make of its answers who was in it. The score is what "
        "this classifier makes of the model.",
        reference="skprivacy",
        needs_shadow=True,
    ),
    "LeaveOneOutAttack": PlannedAttack(
        name="Leave one out",
        make=lambda target, label: LeaveOneOutAttack(target, label=label),
        assumes=f"{_HOLDS}, and has records of the same kind. Asks nothing and trains "
        "nothing.",
        method="The score says whether the sums over training records that the model "
        "holds are likelier with the record or without it; of nearest neighbors, how "
        "far the nearest stored record is.",
        reference="Ye et al. 2024; Sankararaman et al. 2009",
        access=WHITE_BOX,
        applies=lambda subject: _can_be_fitted(LeaveOneOutAttack, subject),
        needs="linear, ridge or logistic regression, naive Bayes or nearest neighbors, "
        "without class weights, l1 penalty or sign constraints",
    ),
    "SplitPointAttack": PlannedAttack(
        name="Split points",
        make=lambda target, label: SplitPointAttack(target, label=label),
        assumes=f"{_HOLDS}.",
        method="A threshold of a tree lies in the middle of two training values. The "
        "score counts those that the values of the record explain, less those that say "
        "that no training record lies where it does.",
        reference="skprivacy",
        access=WHITE_BOX,
        applies=has_trees,
        needs=_TREES,
    ),
    "BootstrapReplayAttack": PlannedAttack(
        name="Bootstrap replay",
        make=lambda target, label: BootstrapReplayAttack(target, label=label),
        assumes=f"{_HOLDS}, which keeps the seeds that it was trained with.",
        method="The seeds say how often each training row was drawn for each tree. The "
        "score is how well some row's draws fit the leaves that the record falls into.",
        reference="skprivacy",
        access=WHITE_BOX,
        applies=_draws_are_known,
        needs="a forest or bagged trees with bootstrap samples and seeds",
    ),
    "WhiteBoxForestAttack": PlannedAttack(
        name="White-box forest",
        make=lambda target, label: WhiteBoxForestAttack(target, label=label),
        assumes=f"{_HOLDS}, knows how the model was made, and has records to train "
        "forests of their own on, the record under attack among them.",
        method="The score is that of a classifier which learned, on three forests of "
        "the attacker's own, what split points, leaf counts, replayed bootstrap "
        "samples and the answer together say of a member.",
        reference="skprivacy",
        access=WHITE_BOX,
        applies=has_trees,
        needs=_TREES,
        # Three more models, and a minute for 8,000 records and 100 trees.
        in_auto=lambda subject, effort: effort != "fast",
    ),
}
