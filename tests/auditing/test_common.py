"""scikit-learn's own checks, on every auditor."""

import numpy as np
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.auditing import MechanismAuditor, ReplayAuditor
from skprivacy.dp import DPStandardScaler


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
        ReplayAuditor(DPStandardScaler(bounds=(-100, 100)), n_pairs=1),
    ]


@parametrize_with_checks(auditors())
def test_scikit_learn_contract(estimator, check):
    check(estimator)
