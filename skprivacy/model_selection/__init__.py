"""Choose models by what they leak as well as by what they get right."""

from skprivacy.model_selection._audited_estimator import AuditedEstimator
from skprivacy.model_selection._leak import Leak
from skprivacy.model_selection._least_leak_refit import least_leak_refit
from skprivacy.model_selection._privacy_scorer import privacy_scorer
from skprivacy.model_selection._regularized_search import RegularizedSearchCV

__all__ = [
    "AuditedEstimator",
    "Leak",
    "RegularizedSearchCV",
    "least_leak_refit",
    "privacy_scorer",
]
