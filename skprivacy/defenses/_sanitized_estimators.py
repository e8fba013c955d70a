"""Tree models that are sanitized at the end of their training."""

from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    RegressorMixin,
    clone,
)
from sklearn.utils import column_or_1d, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skprivacy.defenses._sanitize import sanitize

__all__ = ["SanitizedClassifier", "SanitizedRegressor"]


def _has(method):
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), method)


class _Sanitized(MetaEstimatorMixin, BaseEstimator):
    """Train, then sanitize."""

    def __init__(self, estimator, *, X_public=None, max_change=0.01, random_state=None):
        self.estimator = estimator
        self.X_public = X_public
        self.max_change = max_change
        self.random_state = random_state

    def fit(self, X, y):
        """Train a clone of the estimator, and sanitize it.

        Parameters
        ----------
        X : table of shape (n_records, n_features)
            Features.

        y : array-like of shape (n_records,)
            Labels.

        Returns
        -------
        self : object
        """
        y = column_or_1d(y, warn=True)
        fitted = clone(self.estimator).fit(X, y)
        known = {"X_train": X} if self.X_public is None else {"X_public": self.X_public}
        self.estimator_ = sanitize(
            fitted,
            **known,
            max_change=self.max_change,
            random_state=self.random_state,
        )
        return self

    def predict(self, X):
        """Predict as the sanitized model does.

        Parameters
        ----------
        X : table of shape (n_records, n_features)
            Features.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        check_is_fitted(self)
        return self.estimator_.predict(X)

    @property
    def n_features_in_(self):
        """Features that the model takes."""
        try:
            check_is_fitted(self)
        except ValueError as error:
            raise AttributeError(str(error)) from error
        return self.estimator_.n_features_in_

    @property
    def feature_names_in_(self):
        """Names of the features that the model takes."""
        return self.estimator_.feature_names_in_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        tags.input_tags.sparse = False
        return tags


class SanitizedClassifier(ClassifierMixin, _Sanitized):
    """A tree classifier that is sanitized after training, to be cloned as a whole.

    Parameters
    ----------
    estimator : estimator
        A classifier that :func:`sanitize` takes.

    X_public : table of shape (n_public, n_features) or None, default=None
        Records that are no secret, to whose values the thresholds move. None: they
        move between the training values, with the training set as `X_train`.

    max_change : float, default=0.01
        As :func:`sanitize` takes it.

    random_state : int, RandomState instance or None, default=None
        Where thresholds move, and the noise. It stays in this object: leave it at
        None, and give away ``estimator_``, not this.

    Attributes
    ----------
    estimator_ : estimator
        The sanitized model.

    classes_ : ndarray of shape (n_classes,)
        Classes.

    See Also
    --------
    sanitize : What is taken out, and what stays.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.defenses import SanitizedClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = SanitizedClassifier(DecisionTreeClassifier(), random_state=0).fit(X, y)
    >>> model.score(X, y) >= 0.99
    True
    """

    @property
    def classes_(self):
        """Classes."""
        return self.estimator_.classes_

    @available_if(_has("predict_proba"))
    def predict_proba(self, X):
        """Probabilities of the classes.

        Parameters
        ----------
        X : table of shape (n_records, n_features)
            Features.

        Returns
        -------
        proba : ndarray of shape (n_records, n_classes)
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)


class SanitizedRegressor(RegressorMixin, _Sanitized):
    """A tree regressor that is sanitized after training, to be cloned as a whole.

    Parameters
    ----------
    estimator : estimator
        A regressor that :func:`sanitize` takes.

    X_public : table of shape (n_public, n_features) or None, default=None
        Records that are no secret, to whose values the thresholds move. None: they
        move between the training values, with the training set as `X_train`.

    max_change : float, default=0.01
        As :func:`sanitize` takes it.

    random_state : int, RandomState instance or None, default=None
        Where thresholds move, and the noise. It stays in this object: leave it at
        None, and give away ``estimator_``, not this.

    Attributes
    ----------
    estimator_ : estimator
        The sanitized model.

    See Also
    --------
    sanitize : What is taken out, and what stays.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> from skprivacy.defenses import SanitizedRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = SanitizedRegressor(DecisionTreeRegressor(), random_state=0).fit(X, y)
    >>> model.score(X, y) >= 0.99
    True
    """
