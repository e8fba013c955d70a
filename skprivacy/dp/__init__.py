"""Differential privacy: guarantees, accounts, and models that have one."""

from skprivacy.dp._calibrate import calibrate_noise
from skprivacy.dp._errors import (
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLeakWarning,
)
from skprivacy.dp._gaussian_nb import DPGaussianNB
from skprivacy.dp._guarantee import PrivacyGuarantee
from skprivacy.dp._kmeans import DPKMeans
from skprivacy.dp._ledger import PrivacyLedger
from skprivacy.dp._logistic_regression import DPLogisticRegression
from skprivacy.dp._output_perturbation import OutputPerturbation
from skprivacy.dp._pate import PATEClassifier
from skprivacy.dp._pca import DPPCA
from skprivacy.dp._private_prediction import PrivatePredictionClassifier
from skprivacy.dp._ridge import DPRidge
from skprivacy.dp._standard_scaler import DPStandardScaler

__all__ = [
    "DPPCA",
    "DPGaussianNB",
    "DPKMeans",
    "DPLogisticRegression",
    "PATEClassifier",
    "DPRidge",
    "DPStandardScaler",
    "OutputPerturbation",
    "PrivacyBudgetExceeded",
    "PrivacyGuarantee",
    "PrivacyLeakError",
    "PrivacyLeakWarning",
    "PrivacyLedger",
    "PrivatePredictionClassifier",
    "calibrate_noise",
]
