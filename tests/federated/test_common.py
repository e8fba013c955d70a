"""scikit-learn's own checks, on the estimators that clients fit together."""

from sklearn.cluster import KMeans
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.federated import (
    FederatedClassifier,
    FederatedRegressor,
    FederatedTransformer,
)


def every_estimator():
    """One of each, on records of one client: the checks name no clients."""
    alone = {"aggregation": "plain", "min_clients": 1}
    return [
        FederatedClassifier(GaussianNB(), **alone),
        FederatedClassifier(LinearDiscriminantAnalysis(), **alone),
        FederatedRegressor(Ridge(), **alone),
        FederatedTransformer(StandardScaler(), **alone),
        FederatedTransformer(KMeans(2), random_state=0, **alone),
    ]


@parametrize_with_checks(every_estimator())
def test_scikit_learn_contract(estimator, check):
    check(estimator)
