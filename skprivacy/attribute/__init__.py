"""Attribute inference: what a model tells of a sensitive column.

``X`` is records without the sensitive column, ``y`` the sensitive column. Every attack
is to be compared with `ImputationBaseline`, and on people who were in no training set.
"""

from skprivacy.attribute._base import (
    BaseAttributeAttack,
    BaseShadowAttack,
    BaseTargetAttack,
)
from skprivacy.attribute._imputation import ImputationBaseline
from skprivacy.attribute._learned import LearnedAttack
from skprivacy.attribute._tree import TreeAttack

__all__ = [
    "BaseAttributeAttack",
    "BaseShadowAttack",
    "BaseTargetAttack",
    "ImputationBaseline",
    "LearnedAttack",
    "TreeAttack",
]
