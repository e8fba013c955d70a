"""scikit-learn's own checks, on what is fitted and attacked at once."""

from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.model_selection import AuditedEstimator, RegularizedSearchCV


def every_estimator():
    """One of each, as small as can be."""
    quick = {"n_models": 4, "random_state": 0}
    tree = DecisionTreeClassifier(max_depth=4, random_state=0)
    return [
        AuditedEstimator(Ridge(), metrics=["auc"], **quick),
        RegularizedSearchCV(tree, {"min_samples_leaf": [1]}, metric="auc", **quick),
    ]


@parametrize_with_checks(every_estimator())
def test_scikit_learn_contract(estimator, check):
    check(estimator)
