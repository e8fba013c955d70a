"""Differential privacy: guarantees, accounts, and models that have one."""

from skprivacy.dp._calibrate import calibrate_noise
from skprivacy.dp._errors import (
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLeakWarning,
)
from skprivacy.dp._gaussian_nb import DPGaussianNB
from skprivacy.dp._guarantee import PrivacyGuarantee
from skprivacy.dp._hist_gradient_boosting import DPHistGradientBoostingClassifier
from skprivacy.dp._ledger import PrivacyLedger
from skprivacy.dp._logistic_regression import DPLogisticRegression
from skprivacy.dp._random_forest import DPRandomForestClassifier
from skprivacy.dp._random_forest_regressor import DPRandomForestRegressor

__all__ = [
    "DPGaussianNB",
    "DPHistGradientBoostingClassifier",
    "DPLogisticRegression",
    "DPRandomForestClassifier",
    "DPRandomForestRegressor",
    "PrivacyBudgetExceeded",
    "PrivacyGuarantee",
    "PrivacyLeakError",
    "PrivacyLeakWarning",
    "PrivacyLedger",
    "calibrate_noise",
]
