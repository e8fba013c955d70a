"""What attacks share whose scores of worlds come from a formula."""

import numpy as np
from scipy.special import expit, softmax
from sklearn.base import _fit_context
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skprivacy.property._base import BasePropertyAttack, WorldClassifierMixin
from skprivacy.property._calibration import Calibration, out_of_fold

__all__ = ["RuleAttack"]


class RuleAttack(WorldClassifierMixin, BasePropertyAttack):
    """Scores worlds by a formula, and calibrates the scores on shadow models.

    A subclass says which numbers it looks at (``_heard``), and what it learns from
    those of shadow models (``_learn``): something with a method ``scores``.
    """

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
        self : object
            The fitted attack.
        """
        numbers = self._heard(self._fit_numbers(X, y))
        worlds = self._worlds_of(y)
        check_consistent_length(numbers, worlds)
        self._rule = self._learn(numbers, worlds)
        self._calibration = None
        # With less, each fold would be judged by what two models have in common.
        if np.bincount(worlds).min() >= 4:
            self.shadow_scores_ = out_of_fold(self._learn, numbers, worlds)
            self._calibration = Calibration(self.shadow_scores_, worlds)
        return self

    def decision_function(self, X):
        """Score worlds; with two of them, above 0 stands for the second.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models under attack.

        Returns
        -------
        score : ndarray of shape (n_models,) or (n_models, n_worlds)
        """
        check_is_fitted(self)
        scores = self._rule.scores(self._heard(self._numbers(X)))
        if self._calibration is not None:
            scores = self._calibration.log_odds(scores)
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores

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
        scores = self.decision_function(X)
        if scores.ndim == 2:
            return softmax(scores, axis=1)
        return np.column_stack([expit(-scores), expit(scores)])

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
        scores = self.decision_function(X)
        if scores.ndim == 1:
            return self.classes_[(scores > 0).astype(int)]
        return self.classes_[scores.argmax(axis=1)]

    def _heard(self, numbers):
        return numbers

    def _answers(self, numbers):
        """Return the numbers of the answers, query by query."""
        n_queries = numbers.shape[1]
        if self.features is not None:
            if "answers" not in self.blocks_:
                raise ValueError(
                    f"{type(self).__name__} looks at answers here, which features do "
                    'not hold; take ModelFeatures("queries", queries=...).'
                )
            numbers = numbers[:, self.blocks_["answers"]]
            n_queries = len(self.features.queries)
        return numbers.reshape(len(numbers), n_queries, -1)
