"""Learning from several parties, none of whom shows its records.

Needs the extra ``federated``.
"""

from skprivacy.federated._client import SecureSumClient
from skprivacy.federated._client_guard import ClientGuard
from skprivacy.federated._distributed_noise import DistributedGaussian
from skprivacy.federated._errors import (
    CohortTooSmall,
    ProtocolError,
    TooManyDropouts,
    UnsafeModel,
)
from skprivacy.federated._federated_classifier import FederatedClassifier
from skprivacy.federated._federated_regressor import FederatedRegressor
from skprivacy.federated._federated_transformer import FederatedTransformer
from skprivacy.federated._fixed_point import FixedPoint
from skprivacy.federated._graph import SumGraph, graph_parameters
from skprivacy.federated._keys import new_signing_key, verify_key
from skprivacy.federated._learners import Phase, SumLearner, register_learner
from skprivacy.federated._plan import SumPlan
from skprivacy.federated._record_privacy import RecordPrivacy
from skprivacy.federated._result import SecureSumResult
from skprivacy.federated._server import SecureSumServer
from skprivacy.federated._simulation import secure_sum

__all__ = [
    "ClientGuard",
    "CohortTooSmall",
    "DistributedGaussian",
    "FederatedClassifier",
    "FederatedRegressor",
    "FederatedTransformer",
    "FixedPoint",
    "Phase",
    "ProtocolError",
    "RecordPrivacy",
    "SecureSumClient",
    "SecureSumResult",
    "SecureSumServer",
    "SumGraph",
    "SumLearner",
    "SumPlan",
    "TooManyDropouts",
    "UnsafeModel",
    "graph_parameters",
    "new_signing_key",
    "register_learner",
    "secure_sum",
    "verify_key",
]
