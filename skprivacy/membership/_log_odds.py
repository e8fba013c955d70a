"""Log-odds of membership from any classifier, and the package's own learner."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

__all__ = ["LinearAndTrees", "fitted_clone", "log_odds"]


class LinearAndTrees(ClassifierMixin, BaseEstimator):
    """Mean of the log-odds of a logistic regression and of boosted trees.

    The first carries on where the second has no more records to split, which is where
    low false positive rates are decided; the second sees what is not linear.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=None
        For the trees.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(8.0)[:, None]
    >>> learner = LinearAndTrees().fit(X, np.arange(8) > 3)
    >>> learner.decision_function(X).round(1)[[0, 7]] > 0
    array([False,  True])
    """

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        """Fit both on columns ``X`` and the membership ``y``."""
        trees = HistGradientBoostingClassifier(
            max_iter=100,
            max_leaf_nodes=15,
            min_samples_leaf=200,
            l2_regularization=10,
            early_stopping=False,
            random_state=self.random_state,
        )
        linear = make_pipeline(StandardScaler(), LogisticRegression(C=0.1))
        linear[-1].set_params(max_iter=500)
        self.estimators_ = [linear.fit(X, y), trees.fit(X, y)]
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        """Return log-odds, shape (n_rows,)."""
        return np.mean([e.decision_function(X) for e in self.estimators_], axis=0)


def fitted_clone(estimator, X, is_member, random_state):
    """Fit a clone, seeded where it has a seed that nobody has set."""
    estimator = clone(estimator)
    if estimator.get_params().get("random_state", 0) is None:
        estimator.set_params(random_state=random_state)
    return estimator.fit(X, is_member)


def log_odds(classifier, X):
    """Log-odds of the second class, from a decision or from a probability.

    Parameters
    ----------
    classifier : estimator
        Fitted on two classes.

    X : ndarray of shape (n_rows, n_columns)
        Columns.

    Returns
    -------
    decision : ndarray of shape (n_rows,)
        Finite.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyClassifier
    >>> even = DummyClassifier().fit([[0], [1]], [0, 1])
    >>> log_odds(even, np.zeros((2, 1)))
    array([0., 0.])
    """
    if hasattr(classifier, "decision_function"):
        return np.asarray(classifier.decision_function(X), dtype=float)
    proba = np.clip(classifier.predict_proba(X)[:, 1], 1e-12, 1 - 1e-12)
    return np.log(proba) - np.log1p(-proba)
