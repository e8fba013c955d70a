"""scikit-learn's own checks, on every auditor."""

import numpy as np
import pytest
import sklearn
from sklearn.linear_model import Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.fixes import parse_version

from skprivacy.auditing import (
    CanaryAuditor,
    MechanismAuditor,
    NeighborSearch,
    OneRunAuditor,
)

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
