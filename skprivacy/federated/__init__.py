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
from skprivacy.federated._fixed_point import FixedPoint
from skprivacy.federated._graph import SumGraph, graph_parameters
from skprivacy.federated._keys import new_signing_key, verify_key
from skprivacy.federated._plan import SumPlan
from skprivacy.federated._result import SecureSumResult
from skprivacy.federated._server import SecureSumServer
from skprivacy.federated._simulation import secure_sum

__all__ = [
    "ClientGuard",
    "CohortTooSmall",
    "DistributedGaussian",
    "FixedPoint",
    "ProtocolError",
    "SecureSumClient",
    "SecureSumResult",
    "SecureSumServer",
    "SumGraph",
    "SumPlan",
    "TooManyDropouts",
    "UnsafeModel",
    "graph_parameters",
    "new_signing_key",
    "secure_sum",
    "verify_key",
]
