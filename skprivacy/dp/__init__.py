"""Differential privacy: guarantees, accounts, and models that have one."""

from skprivacy.dp._calibrate import calibrate_noise
from skprivacy.dp._diffprivlib_estimator import DiffprivlibEstimator
from skprivacy.dp._diffprivlib_gaussian_nb import DiffprivlibGaussianNB
from skprivacy.dp._diffprivlib_kmeans import DiffprivlibKMeans
from skprivacy.dp._diffprivlib_linear_regression import DiffprivlibLinearRegression
from skprivacy.dp._diffprivlib_logistic_regression import DiffprivlibLogisticRegression
from skprivacy.dp._diffprivlib_pca import DiffprivlibPCA
from skprivacy.dp._diffprivlib_standard_scaler import DiffprivlibStandardScaler
from skprivacy.dp._dp_search import DPSearchCV
from skprivacy.dp._errors import (
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLeakWarning,
    PrivateFitWarning,
)
from skprivacy.dp._gaussian_nb import DPGaussianNB
from skprivacy.dp._guarantee import PrivacyGuarantee
from skprivacy.dp._hist_gradient_boosting import DPHistGradientBoostingClassifier
from skprivacy.dp._kmeans import DPKMeans
from skprivacy.dp._ledger import PrivacyLedger
from skprivacy.dp._local_randomizer import LocalRandomizer
from skprivacy.dp._logistic_regression import DPLogisticRegression
from skprivacy.dp._output_perturbation import OutputPerturbation
from skprivacy.dp._pate import PATEClassifier
from skprivacy.dp._pca import DPPCA
from skprivacy.dp._private_prediction import PrivatePredictionClassifier
from skprivacy.dp._random_forest import DPRandomForestClassifier
from skprivacy.dp._random_forest_regressor import DPRandomForestRegressor
from skprivacy.dp._ridge import DPRidge
from skprivacy.dp._standard_scaler import DPStandardScaler

__all__ = [
    "DPGaussianNB",
    "DPHistGradientBoostingClassifier",
    "DPKMeans",
    "DPLogisticRegression",
    "DPPCA",
    "DPRandomForestClassifier",
    "DPRandomForestRegressor",
    "DPRidge",
    "DPSearchCV",
    "DPStandardScaler",
    "DiffprivlibEstimator",
    "DiffprivlibGaussianNB",
    "DiffprivlibKMeans",
    "DiffprivlibLinearRegression",
    "DiffprivlibLogisticRegression",
    "DiffprivlibPCA",
    "DiffprivlibStandardScaler",
    "LocalRandomizer",
    "OutputPerturbation",
    "PATEClassifier",
    "PrivacyBudgetExceeded",
    "PrivacyGuarantee",
    "PrivacyLeakError",
    "PrivacyLeakWarning",
    "PrivateFitWarning",
    "PrivacyLedger",
    "PrivatePredictionClassifier",
    "calibrate_noise",
]
