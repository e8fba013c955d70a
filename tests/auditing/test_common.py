"""scikit-learn's own checks, on every auditor."""

import numpy as np
import pytest
import sklearn
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.fixes import parse_version

from skprivacy.auditing import (
    CanaryAuditor,
    MechanismAuditor,
    NeighborSearch,
    OneRunAuditor,
    ReplayAuditor,
)
from skprivacy.dp import DPGaussianNB, DPStandardScaler

AUDITORS = [
    CanaryAuditor,
    MechanismAuditor,
    NeighborSearch,
    OneRunAuditor,
    ReplayAuditor,
]
# The check was mended in that release.
NEW_ENOUGH = parse_version(sklearn.__version__) >= parse_version("1.7.1")


class NoisyMean:
    """A mechanism that is written without its address, which workers differ in."""

    def __call__(self, X, y=None, random_state=None):
        return np.mean(X) + np.random.RandomState(random_state).laplace()

    def __repr__(self):
        return "NoisyMean()"


def auditors():
    """One of each."""
    return [
        MechanismAuditor(
            NoisyMean(), neighbors=([[0.0]], [[1.0]]), score=float, n_runs=20
        ),
        OneRunAuditor(
            Ridge(), canaries="outlier", n_canaries=2, n_references=1, random_state=0
        ),
        CanaryAuditor(Ridge(), n_runs=20),
        NeighborSearch(NoisyMean(), kinds=("extreme",), n_runs=8, max_fits=40),
        ReplayAuditor(DPStandardScaler(bounds=(-100, 100)), n_pairs=1),
    ]


def expected_failed_checks(estimator):
    """Checks that fail by themselves."""
    if isinstance(estimator, CanaryAuditor) and not NEW_ENOUGH:
        return {
            "check_positive_only_tag_during_fit": "the check itself subtracts a float "
            "in place from the table of integers that it makes for estimators with "
            "categories"
        }
    return {}


CHECKS = parametrize_with_checks(
    auditors(), expected_failed_checks=expected_failed_checks
)


@CHECKS
@pytest.mark.filterwarnings("ignore:every run on a data set ended the same")
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("make", AUDITORS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("in_pipeline", [False, True])
def test_what_is_not_fitted_anew_is_refused(make, in_pipeline):
    X, y = np.arange(12.0).reshape(6, 2), np.arange(6) % 2
    frozen = FrozenEstimator(GaussianNB().fit(X, y))
    model = make_pipeline(frozen) if in_pipeline else frozen
    given = {"neighbors": ((X, y), (X, 1 - y))} if make is MechanismAuditor else {}
    with pytest.raises(ValueError, match="is not fitted anew"):
        make(model, **given).fit(X, y)


@pytest.mark.parametrize("make", [MechanismAuditor, NeighborSearch, ReplayAuditor])
def test_a_class_is_refused(make):
    X, y = np.arange(12.0).reshape(6, 2), np.arange(6) % 2
    given = {"neighbors": ((X, y), (X, 1 - y))} if make is MechanismAuditor else {}
    with pytest.raises(TypeError, match="instance"):
        make(GaussianNB, **given).fit(X, y)


@pytest.mark.filterwarnings("ignore::skprivacy.dp.PrivateFitWarning")
@pytest.mark.parametrize(
    "make", [CanaryAuditor, MechanismAuditor, OneRunAuditor, ReplayAuditor]
)
def test_a_pipeline_promises_what_its_steps_do(make):
    X, y = np.random.RandomState(0).uniform(size=(40, 2)), np.arange(40) % 2
    private = make_pipeline(
        DPStandardScaler(0.5, bounds=(0, 1), random_state=0),
        DPGaussianNB(1.5, bounds=(-5, 5), classes=[0, 1], random_state=0),
    )
    given = {
        CanaryAuditor: {"n_runs": 20},
        MechanismAuditor: {"n_runs": 20, "neighbors": ((X, y), (X[::-1], y[::-1]))},
        OneRunAuditor: {"n_references": 0},
        ReplayAuditor: {"n_pairs": 1},
    }[make]
    if make is not ReplayAuditor:
        given["delta"] = None
    auditor = make(private, **given, random_state=0).fit(X, y)
    claimed = private.fit(X, y)
    whole = claimed[0].privacy_guarantee_.compose(claimed[1].privacy_guarantee_)
    assert auditor.claimed_epsilon_ == pytest.approx(whole.epsilon(auditor.delta_))
    assert auditor.delta_ == whole.stated_delta
