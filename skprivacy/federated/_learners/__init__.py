"""Which estimators are learned by sums, and how."""

from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    Ridge,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.naive_bayes import (
    BernoulliNB,
    CategoricalNB,
    ComplementNB,
    GaussianNB,
    MultinomialNB,
)
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler

from skprivacy.federated._learners._averaging import (
    AVERAGED_CLASSIFIER,
    AVERAGED_REGRESSOR,
)
from skprivacy.federated._learners._boosting import (
    BOOSTING_CLASSIFIER,
    BOOSTING_REGRESSOR,
)
from skprivacy.federated._learners._discrete_nb import CATEGORICAL_NB, COUNT_NB
from skprivacy.federated._learners._forest import FOREST_CLASSIFIER, FOREST_REGRESSOR
from skprivacy.federated._learners._gaussian_nb import GAUSSIAN_NB
from skprivacy.federated._learners._kmeans import KMEANS
from skprivacy.federated._learners._lda import LDA
from skprivacy.federated._learners._learner import Phase, SumLearner
from skprivacy.federated._learners._linear import LINEAR_REGRESSION, RIDGE
from skprivacy.federated._learners._logistic import LOGISTIC_REGRESSION
from skprivacy.federated._learners._pca import PCA_LEARNER
from skprivacy.federated._learners._scalers import MIN_MAX_SCALER, STANDARD_SCALER

__all__ = ["Phase", "SumLearner", "find_learner", "register_learner"]

LEARNERS = {
    BernoulliNB: COUNT_NB,
    CategoricalNB: CATEGORICAL_NB,
    ComplementNB: COUNT_NB,
    ExtraTreesClassifier: FOREST_CLASSIFIER,
    ExtraTreesRegressor: FOREST_REGRESSOR,
    GaussianNB: GAUSSIAN_NB,
    HistGradientBoostingClassifier: BOOSTING_CLASSIFIER,
    HistGradientBoostingRegressor: BOOSTING_REGRESSOR,
    KMeans: KMEANS,
    LinearDiscriminantAnalysis: LDA,
    LinearRegression: LINEAR_REGRESSION,
    LogisticRegression: LOGISTIC_REGRESSION,
    MLPClassifier: AVERAGED_CLASSIFIER,
    MLPRegressor: AVERAGED_REGRESSOR,
    MaxAbsScaler: MIN_MAX_SCALER,
    MinMaxScaler: MIN_MAX_SCALER,
    MultinomialNB: COUNT_NB,
    PCA: PCA_LEARNER,
    RandomForestClassifier: FOREST_CLASSIFIER,
    RandomForestRegressor: FOREST_REGRESSOR,
    Ridge: RIDGE,
    SGDClassifier: AVERAGED_CLASSIFIER,
    SGDRegressor: AVERAGED_REGRESSOR,
    StandardScaler: STANDARD_SCALER,
}


def register_learner(estimator_type, learner):
    """Say how estimators of a type are fitted by sums.

    Parameters
    ----------
    estimator_type : type
        The type itself; subclasses may do more in their fit, and need a line of their
        own.

    learner : SumLearner
        What clients add up, and what is made of it.

    Raises
    ------
    TypeError
        If they are not a type and a SumLearner.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.base import BaseEstimator, TransformerMixin
    >>> from skprivacy.federated import (
    ...     FederatedTransformer, Phase, SumLearner, register_learner)
    >>> class Centerer(TransformerMixin, BaseEstimator):
    ...     def fit(self, X, y=None):
    ...         self.mean_ = X.mean(axis=0)
    ...         return self
    ...     def transform(self, X):
    ...         return X - self.mean_
    >>> class Sums(Phase):
    ...     def vector(self, estimator, X, y, public):
    ...         return np.append(X.sum(axis=0), len(X))
    ...     def update(self, estimator, total, public):
    ...         return {"mean": total[:-1] / total[-1]}
    >>> def finish(estimator, public):
    ...     estimator.mean_ = public["mean"]
    >>> register_learner(Centerer, SumLearner((Sums(),), finish))
    >>> X = np.arange(8.0).reshape(4, 2)
    >>> model = FederatedTransformer(Centerer()).fit(X, groups=[0, 1, 2, 2])
    >>> model.estimator_.mean_
    array([3., 4.])
    """
    if not isinstance(estimator_type, type) or not isinstance(learner, SumLearner):
        raise TypeError(
            "register_learner takes a type and a SumLearner; got "
            f"{estimator_type!r} and {learner!r}."
        )
    LEARNERS[estimator_type] = learner


def find_learner(estimator) -> SumLearner:
    """Return how an estimator is fitted by sums.

    Raises
    ------
    ValueError
        If nobody said how, or its parameters don't allow it.
    """
    learner = LEARNERS.get(type(estimator))
    if learner is None:
        known = ", ".join(sorted(one.__name__ for one in LEARNERS))
        raise ValueError(
            f"{type(estimator).__name__} can't be learned by sums. What can: {known}, "
            "OneHotEncoder, OrdinalEncoder, and pipelines and columns of these. "
            "register_learner adds others."
        )
    learner.check(estimator)
    return learner
