"""A regressor of models: which share of the training set has the property."""

import numpy as np
from sklearn.base import RegressorMixin, _fit_context, clone

from skprivacy._validation import check_numbers
from skprivacy.property._base import BasePropertyAttack
from skprivacy.property._blocks import block_regressor

__all__ = ["RatioRegressor"]


class RatioRegressor(RegressorMixin, BasePropertyAttack):
    """Learn from shadow models which share of a training set has the property.

    Parameters
    ----------
    features : ModelFeatures, transformer or None, default=None
        Turns models into numbers. None: the rows of X are numbers already.

    final_estimator : regressor or None, default=None
        Learns from the numbers. None: a strongly regularized linear regression for
        each kind of number, and one more that weighs what they say out of fold.

    clip : bool, default=True
        Keep answers within the shares that the shadow models had.

    Attributes
    ----------
    estimator_ : regressor
        The fitted `final_estimator`.

    features_ : transformer
        The fitted `features`; only where they are given.

    blocks_ : dict of str to slice
        Columns of each kind of number.

    See Also
    --------
    PropertyMetaClassifier : Where there are two shares, or a few.

    References
    ----------
    The setting: A. Suri, D. Evans. "Formalizing and estimating distribution inference
    risks". PoPETs 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.property import RatioRegressor
    >>> rng = np.random.RandomState(0)
    >>> ratios = rng.uniform(0.1, 0.9, size=40)
    >>> numbers = ratios[:, None] + rng.normal(scale=0.01, size=(40, 3))
    >>> attack = RatioRegressor().fit(numbers, ratios)
    >>> bool(attack.score(numbers, ratios) > 0.95)
    True
    """

    _parameter_constraints: dict = {
        **BasePropertyAttack._parameter_constraints,
        "final_estimator": "no_validation",
        "clip": ["boolean"],
    }

    def __init__(self, features=None, final_estimator=None, *, clip=True):
        self.features = features
        self.final_estimator = final_estimator
        self.clip = clip

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Learn from shadow models.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Shadow models, or their numbers where ``features=None``.

        y : array-like of shape (n_models,)
            Share of the property in the training set of each.

        Returns
        -------
        self : RatioRegressor
        """
        numbers = self._fit_numbers(X, y)
        y = check_numbers(y)
        self.range_ = (float(y.min()), float(y.max()))
        final = self.final_estimator
        if final is None:
            final = block_regressor(self.blocks_, y)
        self.estimator_ = clone(final).fit(numbers, y)
        return self

    def predict(self, X):
        """Say which share of each model's training set has the property.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models under attack.

        Returns
        -------
        ratio : ndarray of shape (n_models,)
        """
        numbers = self._numbers(X)
        ratio = self.estimator_.predict(numbers)
        return np.clip(ratio, *self.range_) if self.clip else ratio
