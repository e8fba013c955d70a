"""Membership inference: tell whether a record was in the training set."""

from skprivacy.membership._base import BaseMembershipAttack, BaseShadowAttack
from skprivacy.membership._base_score import BASEAttack
from skprivacy.membership._calibrated import CalibratedAttack
from skprivacy.membership._lira import LiRA
from skprivacy.membership._population import PopulationAttack
from skprivacy.membership._rmia import RMIA
from skprivacy.membership._shadow_model import ShadowModelAttack
from skprivacy.membership._stacked import StackedAttack
from skprivacy.membership._threshold import ThresholdAttack

__all__ = [
    "RMIA",
    "BASEAttack",
    "BaseMembershipAttack",
    "BaseShadowAttack",
    "CalibratedAttack",
    "LiRA",
    "PopulationAttack",
    "ShadowModelAttack",
    "StackedAttack",
    "ThresholdAttack",
]
