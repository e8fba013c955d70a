"""What all property attacks share: models in, the property of each out."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.metrics import accuracy_score
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _check_y, check_is_fitted, validate_data

from skprivacy._validation import classes_of, encode_labels
from skprivacy.property._models import check_models

__all__ = ["BasePropertyAttack", "WorldClassifierMixin"]


class BasePropertyAttack(BaseEstimator):
    """Turns models into numbers, and leaves the rest to the attack.

    With ``features=None`` the rows of X are numbers already, such as
    ``worlds.features_``: then the attack is an estimator like any other.
    """

    _parameter_constraints = {"features": "no_validation"}

    def _fit_numbers(self, X, y):
        """Return the numbers of the shadow models, and their blocks."""
        if self.features is None:
            numbers = validate_data(self, X, dtype=float)
            self.blocks_ = {"numbers": slice(0, numbers.shape[1])}
            return numbers
        models = check_models(X)
        if len(models) != len(y):
            raise ValueError(
                f"y must hold the property of each of the {len(models)} models; got "
                f"{len(y)} values."
            )
        self.features_ = clone(self.features)
        numbers = self.features_.fit_transform(models)
        assert_all_finite(numbers, input_name="features of the models")
        self.blocks_ = getattr(
            self.features_, "blocks_", {"numbers": slice(0, numbers.shape[1])}
        )
        return numbers

    def _numbers(self, X):
        """Return the numbers of models under attack."""
        check_is_fitted(self)
        if self.features is None:
            return validate_data(self, X, dtype=float, reset=False)
        return self.features_.transform(check_models(X))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # Lists of fitted models, unless they are numbers already.
        tags.input_tags.two_d_array = self.features is None
        return tags


class WorldClassifierMixin(ClassifierMixin):
    """Tells worlds apart: a classifier whose classes may be shares such as 0.3."""

    def _worlds_of(self, y) -> np.ndarray:
        """Return the number of each model's world, and set `classes_`."""
        y = _check_y(y)
        self.classes_, codes = classes_of(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                "y must hold at least two worlds; got one class: "
                f"{self.classes_.tolist()}."
            )
        if type_of_target(y).startswith("continuous") and len(self.classes_) > max(
            len(y) // 4, 2
        ):
            raise ValueError(
                f"Unknown label type: y holds {len(self.classes_)} different numbers "
                f"for {len(y)} models; for shares that are all different take "
                "RatioRegressor."
            )
        return codes

    def score(self, X, y, sample_weight=None):
        """Share of models whose world is told right.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models under attack.

        y : array-like of shape (n_models,)
            The world of each.

        sample_weight : array-like of shape (n_models,) or None, default=None
            Weights.

        Returns
        -------
        accuracy : float
        """
        right = encode_labels(y, self.classes_)
        # Shares such as 0.3 are names here, and no numbers to be compared.
        told = encode_labels(self.predict(X), self.classes_)
        return float(accuracy_score(right, told, sample_weight=sample_weight))
