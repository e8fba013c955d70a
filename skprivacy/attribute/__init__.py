"""Attribute inference: what a model tells of a sensitive column.

``X`` is records without the sensitive column, ``y`` the sensitive column. Every attack
is to be compared with `ImputationBaseline`, and on people who were in no training set.
"""

from skprivacy.attribute._base import (
    BaseAttributeAttack,
    BaseShadowAttack,
    BaseTargetAttack,
)
from skprivacy.attribute._bayes import BayesAttack
from skprivacy.attribute._confidence import ConfidenceAttack
from skprivacy.attribute._gain_display import AttributeGainDisplay
from skprivacy.attribute._imputation import ImputationBaseline
from skprivacy.attribute._inversion import InversionAttack
from skprivacy.attribute._leaf_equation import LeafEquationAttack
from skprivacy.attribute._learned import LearnedAttack
from skprivacy.attribute._marginal_prior import MarginalPriorAttack
from skprivacy.attribute._membership_oracle import MembershipOracleAttack
from skprivacy.attribute._reconstruction import ReconstructionAttack
from skprivacy.attribute._released_answer import ReleasedAnswerAttack
from skprivacy.attribute._result import AttributeInferenceResult
from skprivacy.attribute._steps import Posterior
from skprivacy.attribute._traps import redundant_columns, secret_influence
from skprivacy.attribute._tree import TreeAttack

__all__ = [
    "AttributeGainDisplay",
    "AttributeInferenceResult",
    "BaseAttributeAttack",
    "BaseShadowAttack",
    "BaseTargetAttack",
    "BayesAttack",
    "ConfidenceAttack",
    "ImputationBaseline",
    "InversionAttack",
    "LeafEquationAttack",
    "LearnedAttack",
    "MarginalPriorAttack",
    "Posterior",
    "ReconstructionAttack",
    "ReleasedAnswerAttack",
    "redundant_columns",
    "secret_influence",
    "TreeAttack",
    "MembershipOracleAttack",
]
