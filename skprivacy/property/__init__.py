"""Property inference: what a model says about its whole training set."""

from skprivacy.property._audit_property import audit_property
from skprivacy.property._base import BasePropertyAttack
from skprivacy.property._direct_readout import DirectReadout
from skprivacy.property._distinguishing import DistinguishingAttack
from skprivacy.property._membership_scores import MembershipScores
from skprivacy.property._meta_classifier import PropertyMetaClassifier
from skprivacy.property._model_features import ModelFeatures
from skprivacy.property._n_leaked import n_leaked
from skprivacy.property._poison import make_poison
from skprivacy.property._poisoned import PoisonedPropertyAttack
from skprivacy.property._population import PopulationBaseline
from skprivacy.property._presence import PresenceAttack
from skprivacy.property._property_posterior_display import PropertyPosteriorDisplay
from skprivacy.property._property_reading import PropertyReading
from skprivacy.property._property_result import PropertyInferenceResult
from skprivacy.property._queries import flip_column
from skprivacy.property._ratio_regressor import RatioRegressor
from skprivacy.property._size import SizeAttack
from skprivacy.property._usage import UsageAttack
from skprivacy.property._worlds import PropertyWorlds
from skprivacy.records import has_property

__all__ = [
    "BasePropertyAttack",
    "DirectReadout",
    "DistinguishingAttack",
    "MembershipScores",
    "ModelFeatures",
    "PoisonedPropertyAttack",
    "PopulationBaseline",
    "PresenceAttack",
    "PropertyInferenceResult",
    "PropertyMetaClassifier",
    "PropertyPosteriorDisplay",
    "PropertyReading",
    "PropertyWorlds",
    "RatioRegressor",
    "SizeAttack",
    "UsageAttack",
    "audit_property",
    "flip_column",
    "has_property",
    "make_poison",
    "n_leaked",
]
