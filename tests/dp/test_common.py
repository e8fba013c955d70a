"""scikit-learn's own checks, on every private estimator."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.dp import (
    DiffprivlibEstimator,
    DiffprivlibGaussianNB,
    DiffprivlibKMeans,
    DiffprivlibLinearRegression,
    DiffprivlibLogisticRegression,
    DiffprivlibPCA,
    DiffprivlibStandardScaler,
    DPGaussianNB,
    DPLogisticRegression,
    PATEClassifier,
    PrivacyLeakWarning,
    PrivatePredictionClassifier,
)

#: The checks bring tables of any range, and any labels: both are read off the data.
SETTINGS = {"epsilon": 1e4, "on_leak": "warn", "random_state": 0}


def private_estimators():
    """One of each."""
    queries = {"n_partitions": 2, "epsilon_per_query": 1e3, "query_budget": 10**6}
    shared = {key: SETTINGS[key] for key in ("on_leak", "random_state")}
    pure = SETTINGS
    seed = {"random_state": 0}
    return [
        DPGaussianNB(**SETTINGS),
        DPLogisticRegression(**SETTINGS),
        PrivatePredictionClassifier(**queries, **shared),
        PATEClassifier(n_teachers=2, n_answers=50, **SETTINGS),
        DiffprivlibEstimator("GaussianNB", 1e4, params={"on_leak": "warn"}, **seed),
        DiffprivlibGaussianNB(**pure),
        DiffprivlibKMeans(2, **pure),
        DiffprivlibLinearRegression(**pure),
        DiffprivlibLogisticRegression(**pure),
        DiffprivlibPCA(**pure),
        DiffprivlibStandardScaler(**pure),
    ]


@pytest.mark.filterwarnings("ignore:random_state makes the noise:UserWarning")
@pytest.mark.filterwarnings("ignore::skprivacy.dp.PrivacyLeakWarning")
@parametrize_with_checks(private_estimators())
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "estimator", private_estimators(), ids=lambda e: type(e).__name__
)
def test_what_is_read_off_the_data_is_said(estimator):
    with (
        pytest.warns(PrivacyLeakWarning),
        pytest.warns(UserWarning, match="random_state"),
    ):
        estimator.fit([[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1])
