"""scikit-learn's own checks, on every auditor."""

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.auditing import MechanismAuditor, OneRunAuditor


class NoisyMean:
    """A mechanism that is written without its address, which workers differ in."""

    def __call__(self, X, random_state):
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
    ]


@parametrize_with_checks(auditors())
def test_scikit_learn_contract(estimator, check):
    check(estimator)
