"""The attacks that an audit can run by name, and what is said of each.

To add one, add an entry: "auto" runs it wherever it applies.
"""

from skprivacy._audit._planned import PlannedAttack
from skprivacy.membership import (
    RMIA,
    CalibratedAttack,
    LiRA,
    PopulationAttack,
    ThresholdAttack,
)

__all__ = ["PLAN"]


_ASKS = "Holds the record with its label and can ask the model about it"

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
        assumes=f"{_ASKS}, knows how the model was made, and has records to train "
        "shadow models on, the record under attack among them.",
        method="The score is the log of how much likelier the model's answer is among "
        "shadow models that were trained on the record than among those that were not.",
        reference="Carlini et al. 2022",
        needs_shadow=True,
    ),
    "RMIA": PlannedAttack(
        name="RMIA",
        make=lambda target, label: RMIA(target, label=label),
        assumes=f"{_ASKS}, knows how the model was made, and has records to train "
        "shadow models on, the record under attack among them.",
        method="The score is the share of all records over which this one stands out, "
        "by the model's probability relative to that of shadow models.",
        reference="Zarifzadeh et al. 2024",
        needs_shadow=True,
    ),
}
