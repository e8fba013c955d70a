"""What is guessed of a training set without the model."""

from numbers import Real

import numpy as np
from scipy.special import softmax, xlog1py, xlogy
from sklearn.base import BaseEstimator, _fit_context
from sklearn.metrics import r2_score
from sklearn.utils import ClassifierTags, RegressorTags
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import (
    _num_samples,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from skprivacy._validation import check_numbers
from skprivacy.metrics import share_interval
from skprivacy.property._base import WorldClassifierMixin
from skprivacy.property._models import check_models
from skprivacy.records import has_property

__all__ = ["PopulationBaseline"]


def _tells_classes(baseline):
    return baseline.values == "classes"


class PopulationBaseline(BaseEstimator):
    """Guess a property without looking at the model: the yardstick of all attacks.

    Parameters
    ----------
    values : {"classes", "numeric"}, default="classes"
        "classes": which world, a classifier. "numeric": which share, a regressor.

    records : DataFrame or array-like of shape (n_records, n_columns), default=None
        The attacker's own records of the same population. None: what is known is how
        common each world is, or the mean share.

    property : tuple, str or callable, default=None
        Which of the records have the property; see :func:`has_property`.

    confidence : float, default=0.95
        Probability with which the interval of `base_rate_` covers the population's.

    Attributes
    ----------
    classes_ : ndarray of shape (n_worlds,)
        The worlds; only with ``values="classes"``.

    prior_ : ndarray of shape (n_worlds,)
        Probability of each world without the model; only with ``values="classes"``.

    guess_ : object
        What is answered for every model.

    base_rate_ : Interval
        Share of the property in the attacker's records, with Wilson's interval; only
        where there are some.

    See Also
    --------
    PropertyMetaClassifier, RatioRegressor : Look at the model.

    Notes
    -----
    With own records, worlds are as probable as it is to draw these from them: whoever
    takes the owner's data for an ordinary sample of the population guesses so.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.property import PopulationBaseline
    >>> models, ratios = np.zeros((5, 1)), [0.3, 0.3, 0.7, 0.3, 0.7]
    >>> PopulationBaseline().fit(models, ratios).guess_
    0.3
    >>> own = np.array([[1], [1], [1], [0]])
    >>> baseline = PopulationBaseline(records=own, property=(0, 1)).fit(models, ratios)
    >>> baseline.guess_, baseline.prior_.round(2)
    (0.7, array([0.22, 0.78]))
    >>> print(baseline.base_rate_)
    0.75 [0.301, 0.954]
    """

    _parameter_constraints = {
        "values": [StrOptions({"classes", "numeric"})],
        "records": "no_validation",
        "property": "no_validation",
        "confidence": [Interval(Real, 0, 1, closed="neither")],
    }

    def __init__(
        self, values="classes", *, records=None, property=None, confidence=0.95
    ):
        self.values = values
        self.records = records
        self.property = property
        self.confidence = confidence

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Learn what is usual.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Shadow models; not looked at.

        y : array-like of shape (n_models,)
            The property of the training set of each.

        Returns
        -------
        self : PopulationBaseline
        """
        self._count(X, reset=True)
        if self.records is not None:
            if self.property is None:
                raise ValueError(
                    "records need property: which of them have it, such as "
                    "('sex', 'Male')."
                )
            mask = has_property(self.property, self.records)
            self.base_rate_ = share_interval(mask, confidence=self.confidence)
        if self.values == "numeric":
            y = check_numbers(y)
            check_consistent_length(X, y)
            rate = getattr(self, "base_rate_", None)
            self.guess_ = float(y.mean() if rate is None else rate.estimate)
            return self
        worlds = WorldClassifierMixin._worlds_of(self, y)
        check_consistent_length(X, worlds)
        logs = np.log(np.bincount(worlds))
        if self.records is not None:
            logs = logs + binomial_log_likelihood(self.classes_, mask)
        self.prior_ = softmax(logs)
        self.guess_ = self.classes_.tolist()[self.prior_.argmax()]
        return self

    def predict(self, X):
        """Give the same guess for every model.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models; not looked at.

        Returns
        -------
        guess : ndarray of shape (n_models,)
        """
        check_is_fitted(self)
        n_models = self._count(X, reset=False)
        if self.values == "numeric":
            return np.full(n_models, self.guess_)
        return np.repeat(self.classes_[[self.prior_.argmax()]], n_models)

    @available_if(_tells_classes)
    def predict_proba(self, X):
        """Probability of each world, the same for every model.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models; not looked at.

        Returns
        -------
        proba : ndarray of shape (n_models, n_worlds)
        """
        check_is_fitted(self)
        return np.tile(self.prior_, (self._count(X, reset=False), 1))

    def score(self, X, y, sample_weight=None):
        """Share of models whose world is told, or the coefficient of determination.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models.

        y : array-like of shape (n_models,)
            The property of the training set of each.

        sample_weight : array-like of shape (n_models,), default=None
            Weight of each model.

        Returns
        -------
        score : float
        """
        found = self.predict(X)
        if self.values == "numeric":
            return float(r2_score(y, found, sample_weight=sample_weight))
        return float(np.average(found == np.asarray(y), weights=sample_weight))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        if self.values == "numeric":
            tags.estimator_type = "regressor"
            tags.regressor_tags = RegressorTags(poor_score=True)
        else:
            tags.estimator_type = "classifier"
            tags.classifier_tags = ClassifierTags(poor_score=True)
        return tags

    def _count(self, X, *, reset):
        """Return how many models there are."""
        is_list = isinstance(X, list | tuple) and len(X) > 0
        if is_list and hasattr(X[0], "predict"):
            return len(check_models(X))
        return _num_samples(validate_data(self, X, reset=reset))


def binomial_log_likelihood(shares, mask) -> np.ndarray:
    """Log-probability of records under each share of a property.

    Parameters
    ----------
    shares : ndarray of shape (n_worlds,)
        Shares from 0 to 1.

    mask : ndarray of bool of shape (n_records,)
        Which records have the property.

    Returns
    -------
    log_likelihood : ndarray of shape (n_worlds,)
        Without the number of orders, which is that of all worlds.

    Raises
    ------
    ValueError
        If a world is no share.

    Examples
    --------
    >>> import numpy as np
    >>> mask = np.array([True, True, False])
    >>> np.exp(binomial_log_likelihood(np.array([0.0, 0.5]), mask))
    array([0.   , 0.125])
    """
    if shares.dtype.kind not in "fiu" or shares.min() < 0 or shares.max() > 1:
        raise ValueError(
            "y must hold shares of the property from 0 to 1 to be compared with "
            f"records; got {shares.tolist()}."
        )
    with_it = int(mask.sum())
    return xlogy(with_it, shares) + xlog1py(len(mask) - with_it, -shares)
