"""Models that are trained on a resampled table."""

from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    RegressorMixin,
    _fit_context,
    clone,
    is_classifier,
    is_regressor,
)
from sklearn.utils import _safe_indexing, get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _num_samples, check_is_fitted

__all__ = ["ResampledClassifier", "ResampledRegressor"]


def _has(method):
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), method)


class _Resampled(MetaEstimatorMixin, BaseEstimator):
    """Resample, then train."""

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "resampler": [HasMethods(["fit_resample"])],
    }

    def __init__(self, estimator, resampler):
        self.estimator = estimator
        self.resampler = resampler

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, **fit_params):
        """Draw a training set, and train a clone of the estimator on it.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        y : array-like of shape (n_records,)
            Labels.

        **fit_params : dict
            Passed on to the estimator. What has a value for each record, such as
            `sample_weight`, is drawn along; shares count records, not weights.

        Returns
        -------
        self : object
        """
        self._check_kind()
        resampler = clone(self.resampler)
        X_new, y_new = resampler.fit_resample(X, y)[:2]
        n_records = _num_samples(X)
        fit_params = {
            name: _safe_indexing(value, resampler.sample_indices_)
            if hasattr(value, "__len__") and len(value) == n_records
            else value
            for name, value in fit_params.items()
        }
        self.estimator_ = clone(self.estimator).fit(X_new, y_new, **fit_params)
        self.privacy_guarantee_ = None
        return self

    def predict(self, X):
        """Predict as the model inside does.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
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
        return self.estimator_.n_features_in_

    @property
    def feature_names_in_(self):
        """Names of the features that the model takes."""
        return self.estimator_.feature_names_in_

    def __sklearn_is_fitted__(self):
        return hasattr(self, "estimator_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags = inner.input_tags
        tags.input_tags.sparse = False
        tags.non_deterministic = inner.non_deterministic
        return tags


class ResampledClassifier(ClassifierMixin, _Resampled):
    """A classifier that is trained on a resampled table, to be cloned as a whole.

    The resampler stays out of the fitted model, as the rows that it drew tell what it
    hides.

    Parameters
    ----------
    estimator : estimator
        A classifier.

    resampler : PropertyResampler
        Or anything with ``fit_resample(X, y)`` and ``sample_indices_``, such as the
        samplers of imbalanced-learn that draw rows.

    Attributes
    ----------
    estimator_ : estimator
        The model inside.

    classes_ : ndarray of shape (n_classes,)
        Classes.

    privacy_guarantee_ : None
        There is none.

    Raises
    ------
    ValueError
        If `estimator` is no classifier.

    See Also
    --------
    PropertyResampler : What is hidden, and what is not.

    Notes
    -----
    As it is part of the recipe, shadow models are resampled too, and every attack is
    one that knows of it. What an attacker reaches then is in the notes of
    :class:`PropertyResampler`. Only `fit` resamples; scores are of the records as they
    come.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skprivacy.defenses import PropertyResampler, ResampledClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> wide = PropertyResampler(lambda records: records[:, 1] > 3, 0.5, random_state=0)
    >>> model = ResampledClassifier(LogisticRegression(max_iter=1000), wide).fit(X, y)
    >>> bool(model.score(X, y) > 0.9)
    True
    """

    def _check_kind(self):
        if not is_classifier(self.estimator):
            raise ValueError(
                f"estimator must be a classifier; got {self.estimator!r}. "
                "ResampledRegressor takes regressors."
            )

    @property
    def classes_(self):
        """Classes."""
        return self.estimator_.classes_

    @available_if(_has("predict_proba"))
    def predict_proba(self, X):
        """Probabilities of the classes.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        Returns
        -------
        proba : ndarray of shape (n_records, n_classes)
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)

    @available_if(_has("decision_function"))
    def decision_function(self, X):
        """Scores of the classes.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        Returns
        -------
        scores : ndarray of shape (n_records,) or (n_records, n_classes)
        """
        check_is_fitted(self)
        return self.estimator_.decision_function(X)


class ResampledRegressor(RegressorMixin, _Resampled):
    """A regressor that is trained on a resampled table, to be cloned as a whole.

    Parameters
    ----------
    estimator : estimator
        A regressor.

    resampler : PropertyResampler
        Or anything with ``fit_resample(X, y)`` and ``sample_indices_``.

    Attributes
    ----------
    estimator_ : estimator
        The model inside.

    privacy_guarantee_ : None
        There is none.

    Raises
    ------
    ValueError
        If `estimator` is no regressor.

    See Also
    --------
    PropertyResampler : What is hidden, and what is not.
    ResampledClassifier : The same for classifiers.

    Notes
    -----
    What an attacker reaches who knows of it is in the notes of
    :class:`PropertyResampler`; it was measured on classifiers.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import Ridge
    >>> from skprivacy.defenses import PropertyResampler, ResampledRegressor
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
    >>> model = ResampledRegressor(Ridge(0.1), PropertyResampler("sex > 0", 0.5))
    >>> bool(model.fit(X, y).score(X, y) > 0.4)
    True
    """

    def _check_kind(self):
        if not is_regressor(self.estimator):
            raise ValueError(
                f"estimator must be a regressor; got {self.estimator!r}. "
                "ResampledClassifier takes classifiers."
            )
