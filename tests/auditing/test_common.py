"""scikit-learn's own checks, on every auditor."""

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.auditing import CanaryAuditor, MechanismAuditor, NeighborSearch


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
        CanaryAuditor(Ridge(), n_runs=20),
        NeighborSearch(NoisyMean(), kinds=("extreme",), n_runs=8, max_fits=40),
    ]


@parametrize_with_checks(auditors())
def test_scikit_learn_contract(estimator, check):
    check(estimator)
