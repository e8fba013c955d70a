"""scikit-learn's own checks, on every private estimator."""

from functools import cache

import pytest
import sklearn
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.fixes import parse_version

from skprivacy.dp import (
    DPPCA,
    DiffprivlibEstimator,
    DiffprivlibGaussianNB,
    DiffprivlibKMeans,
    DiffprivlibLinearRegression,
    DiffprivlibLogisticRegression,
    DiffprivlibPCA,
    DiffprivlibStandardScaler,
    DPGaussianNB,
    DPHistGradientBoostingClassifier,
    DPKMeans,
    DPLogisticRegression,
    DPRandomForestClassifier,
    DPRandomForestRegressor,
    DPRidge,
    DPSearchCV,
    DPStandardScaler,
    LocalRandomizer,
    OutputPerturbation,
    PATEClassifier,
    PrivacyLeakWarning,
    PrivatePredictionClassifier,
)

NEW_ENOUGH = parse_version(sklearn.__version__) >= parse_version("1.7.1")

#: The checks bring tables of any range, and any labels: both are read off the data.
SETTINGS = {"epsilon": 1e4, "on_leak": "warn", "random_state": 0}


def private_estimators():
    """One of each."""
    queries = {"n_partitions": 2, "epsilon_per_query": 1e3, "query_budget": 10**6}
    shared = {key: SETTINGS[key] for key in ("on_leak", "random_state")}
    seed = {"random_state": 0}
    return [
        DPGaussianNB(**SETTINGS),
        DPLogisticRegression(**SETTINGS),
        PrivatePredictionClassifier(**queries, **shared),
        PATEClassifier(n_teachers=2, n_answers=50, **SETTINGS),
        DPLogisticRegression(**SETTINGS, solver="amp"),
        DPLogisticRegression(**SETTINGS, sampling_rate=0.5, n_iter=5),
        DPSearchCV(
            DPLogisticRegression(1e4, on_leak="warn", n_iter=5),
            {"n_iter": [5, 10]},
            expected_trials=1.1,
            **seed,
        ),
        DPPCA(**SETTINGS),
        DPKMeans(**SETTINGS),
        DPRidge(**SETTINGS),
        DPStandardScaler(**SETTINGS),
        LocalRandomizer(**SETTINGS),
        OutputPerturbation(**SETTINGS),
        DPHistGradientBoostingClassifier(**SETTINGS, max_iter=50),
        DPRandomForestClassifier(**SETTINGS, n_estimators=20),
        DPRandomForestClassifier(**SETTINGS, mechanism="exponential", n_estimators=5),
        DPRandomForestRegressor(**SETTINGS, n_estimators=20),
        DiffprivlibEstimator("GaussianNB", 1e4, params={"on_leak": "warn"}, **seed),
        DiffprivlibGaussianNB(**SETTINGS),
        DiffprivlibKMeans(2, **SETTINGS),
        DiffprivlibLinearRegression(**SETTINGS),
        DiffprivlibLogisticRegression(**SETTINGS),
        DiffprivlibPCA(**SETTINGS),
        DiffprivlibStandardScaler(**SETTINGS),
    ]


def expected_failed_checks(estimator):
    """Checks that ask for what no private estimator may keep."""
    if isinstance(estimator, DPKMeans):
        reason = "labels_ is not kept: it tells of the records"
        return {"check_clustering": reason}
    if isinstance(estimator, LocalRandomizer) and not NEW_ENOUGH:
        return {
            "check_positive_only_tag_during_fit": "the check itself subtracts a float "
            "in place from the table of integers that it makes for estimators with "
            "categories"
        }
    return {}


CHECKS = parametrize_with_checks(
    private_estimators(), expected_failed_checks=expected_failed_checks
)
# An estimator has dozens of checks, and writing it out is slow.
name_of = cache(CHECKS.kwargs["ids"])


@pytest.mark.filterwarnings("ignore:random_state makes the noise:UserWarning")
@pytest.mark.filterwarnings("ignore::skprivacy.dp.PrivacyLeakWarning")
@pytest.mark.parametrize(*CHECKS.args, ids=name_of)
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
