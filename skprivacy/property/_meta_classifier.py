"""A classifier of models."""

from sklearn.base import _fit_context, clone

from skprivacy.property._base import BasePropertyAttack, WorldClassifierMixin
from skprivacy.property._blocks import block_classifier

__all__ = ["PropertyMetaClassifier"]


class PropertyMetaClassifier(WorldClassifierMixin, BasePropertyAttack):
    """Learn from shadow models which world a model is from.

    Parameters
    ----------
    features : ModelFeatures, transformer or None, default=None
        Turns models into numbers. None: the rows of X are numbers already.

    final_estimator : classifier or None, default=None
        Learns from the numbers. None: a strongly regularized logistic regression for
        each kind of number, and one more that weighs what they say out of fold, no kind
        with less than 0.

    Attributes
    ----------
    classes_ : ndarray of shape (n_worlds,)
        The worlds: the different values of `y`.

    estimator_ : classifier
        The fitted `final_estimator`.

    features_ : transformer
        The fitted `features`; only where they are given.

    blocks_ : dict of str to slice
        Columns of each kind of number.

    See Also
    --------
    RatioRegressor : Where the share may be any.
    DistinguishingAttack : Formulas in the place of a learned rule.

    References
    ----------
    G. Ateniese, L. V. Mancini, A. Spognardi, A. Villani, D. Vitali, G. Felici. "Hacking
    smart machines with smarter ones: How to extract meaningful data from machine
    learning classifiers". International Journal of Security and Networks, 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skprivacy.property import (
    ...     ModelFeatures, PropertyMetaClassifier, PropertyWorlds
    ... )
    >>> rng = np.random.RandomState(0)
    >>> group, x = rng.randint(2, size=2000), rng.normal(size=2000)
    >>> records = np.column_stack([group, x, x + group + rng.normal(size=2000) > 1])
    >>> recipe = LogisticRegression().set_params(C=0.1)
    >>> worlds = PropertyWorlds(
    ...     recipe, (0, 1), ratios=(0.2, 0.8), n_models=32, queries=100, random_state=0
    ... ).fit(records)
    >>> features = ModelFeatures(
    ...     "queries", queries=worlds.queries_, strata=worlds.query_strata_
    ... )
    >>> attack = PropertyMetaClassifier(features).fit(worlds.models_, worlds.ratios_)
    >>> attack.predict(worlds.models_[:2])
    array([0.2, 0.8])
    """

    _parameter_constraints = {
        **BasePropertyAttack._parameter_constraints,
        "final_estimator": "no_validation",
    }

    def __init__(self, features=None, final_estimator=None):
        self.features = features
        self.final_estimator = final_estimator

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Learn from shadow models.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Shadow models, or their numbers where ``features=None``.

        y : array-like of shape (n_models,)
            The world of each.

        Returns
        -------
        self : PropertyMetaClassifier
        """
        numbers = self._fit_numbers(X, y)
        worlds = self._worlds_of(y)
        final = self.final_estimator
        if final is None:
            final = block_classifier(self.blocks_, worlds)
        self.estimator_ = clone(final).fit(numbers, worlds)
        return self

    def predict_proba(self, X):
        """Probability of each world.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models under attack.

        Returns
        -------
        proba : ndarray of shape (n_models, n_worlds)
        """
        numbers = self._numbers(X)
        return self.estimator_.predict_proba(numbers)

    def predict(self, X):
        """Say which world each model is from.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models under attack.

        Returns
        -------
        world : ndarray of shape (n_models,)
        """
        numbers = self._numbers(X)
        return self.classes_[self.estimator_.predict(numbers)]
