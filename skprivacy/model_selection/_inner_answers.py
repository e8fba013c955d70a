"""What a wrapper answers with: the model inside."""

from copy import deepcopy

from sklearn.base import BaseEstimator, MetaEstimatorMixin, is_classifier, is_regressor
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

__all__ = ["InnerAnswers", "check_task", "inner_has"]


def check_task(estimator):
    """Refuse what is neither a classifier nor a regressor."""
    if not (is_classifier(estimator) or is_regressor(estimator)):
        raise ValueError(
            "estimator must be a classifier or a regressor, whose answers can be "
            f"attacked; got {estimator!r}."
        )


def inner_has(name):
    """Return a check of whether the model inside has a method."""

    def check(self):
        return hasattr(getattr(self, self._inner, self.estimator), name)

    return check


class InnerAnswers(MetaEstimatorMixin, BaseEstimator):
    """Answer with the model inside, of whatever kind it is."""

    #: Attribute that has the fitted model.
    _inner = "estimator_"

    @available_if(inner_has("predict"))
    def predict(self, X):
        """Labels or values of the model.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        check_is_fitted(self)
        return self._model().predict(X)

    @available_if(inner_has("predict_proba"))
    def predict_proba(self, X):
        """Probabilities of the model.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        Returns
        -------
        proba : ndarray of shape (n_records, n_classes)
        """
        check_is_fitted(self)
        return self._model().predict_proba(X)

    @available_if(inner_has("predict_log_proba"))
    def predict_log_proba(self, X):
        """Logarithms of the model's probabilities.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        Returns
        -------
        log_proba : ndarray of shape (n_records, n_classes)
        """
        check_is_fitted(self)
        return self._model().predict_log_proba(X)

    @available_if(inner_has("decision_function"))
    def decision_function(self, X):
        """Decision values of the model.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        Returns
        -------
        decision : ndarray of shape (n_records,) or (n_records, n_classes)
        """
        check_is_fitted(self)
        return self._model().decision_function(X)

    @property
    def classes_(self):
        """Classes."""
        return self._model().classes_

    @property
    def n_features_in_(self):
        """Features that the model takes."""
        return self._model().n_features_in_

    @property
    def feature_names_in_(self):
        """Names of the features that the model takes."""
        return self._model().feature_names_in_

    def _model(self):
        return getattr(self, self._inner)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags = deepcopy(inner.classifier_tags)
        tags.regressor_tags = deepcopy(inner.regressor_tags)
        tags.input_tags = deepcopy(inner.input_tags)
        tags.input_tags.sparse = False
        if tags.classifier_tags is not None:
            tags.classifier_tags.multi_label = False
        tags.target_tags.multi_output = False
        tags.target_tags.required = True
        return tags
