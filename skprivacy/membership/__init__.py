"""Membership inference: tell whether a record was in the training set."""

from skprivacy.membership._base import BaseMembershipAttack, BaseShadowAttack
from skprivacy.membership._base_score import BASEAttack
from skprivacy.membership._bootstrap_replay import BootstrapReplayAttack
from skprivacy.membership._calibrated import CalibratedAttack
from skprivacy.membership._label_only import LabelOnlyAttack
from skprivacy.membership._leave_one_out import LeaveOneOutAttack
from skprivacy.membership._lira import LiRA
from skprivacy.membership._neighborhood import NeighborhoodAttack
from skprivacy.membership._population import PopulationAttack
from skprivacy.membership._quantile import QuantileAttack
from skprivacy.membership._range import RangeAttack
from skprivacy.membership._rmia import RMIA
from skprivacy.membership._shadow_model import ShadowModelAttack
from skprivacy.membership._split_point import SplitPointAttack
from skprivacy.membership._stacked import StackedAttack
from skprivacy.membership._threshold import ThresholdAttack
from skprivacy.membership._white_box_forest import WhiteBoxForestAttack

__all__ = [
    "RMIA",
    "BASEAttack",
    "BaseMembershipAttack",
    "BaseShadowAttack",
    "BootstrapReplayAttack",
    "CalibratedAttack",
    "LabelOnlyAttack",
    "LeaveOneOutAttack",
    "LiRA",
    "NeighborhoodAttack",
    "PopulationAttack",
    "QuantileAttack",
    "RangeAttack",
    "SplitPointAttack",
    "ShadowModelAttack",
    "StackedAttack",
    "ThresholdAttack",
    "WhiteBoxForestAttack",
]
