"""What a server sees of its clients, and what it makes of that."""

from skprivacy.federated.attacks._differencing import DifferencingAttack
from skprivacy.federated.attacks._gradient_inversion import GradientInversionAttack
from skprivacy.federated.attacks._imprint import ImprintAttack
from skprivacy.federated.attacks._matching_attack import GradientMatchingAttack
from skprivacy.federated.attacks._network import DenseNetwork
from skprivacy.federated.attacks._server_view import ServerRound, ServerView
from skprivacy.federated.attacks._sybil import SybilAttack
from skprivacy.federated.attacks._update_membership import UpdateMembershipAttack
from skprivacy.federated.attacks._update_property import (
    UpdatePropertyAttack,
    shadow_updates,
)

__all__ = [
    "DenseNetwork",
    "DifferencingAttack",
    "GradientInversionAttack",
    "GradientMatchingAttack",
    "ImprintAttack",
    "ServerRound",
    "ServerView",
    "SybilAttack",
    "UpdateMembershipAttack",
    "UpdatePropertyAttack",
    "shadow_updates",
]
