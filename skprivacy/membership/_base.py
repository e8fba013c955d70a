"""What all membership attacks share: records in, a score for each record out."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.metrics import roc_auc_score
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    _check_y,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from skprivacy._validation import as_table
from skprivacy.records import as_model_input, split_records
from skprivacy.shadow import fitted_shadow
from skprivacy.signals import ask, truth_of
from skprivacy.targets import allows_nan, check_target

__all__ = ["BaseMembershipAttack", "BaseShadowAttack"]


class BaseMembershipAttack(ClassifierMixin, BaseEstimator):
    """A binary classifier of records: in the training set, or not.

    A subclass says how it learns (``_fit``) and how it scores (``_decide``); a score
    above 0 stands for a member.
    """

    _parameter_constraints: dict = {"target": "no_validation", "label": "no_validation"}

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn what the attacker can learn from records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            The attacker's records, the label among their columns.

        y : array-like of shape (n_records,) or None, default=None
            Ignored, but for the names of the two classes in the answers: the larger
            one stands for members. The attack does not look at the truth.

        Returns
        -------
        self : object
            The fitted attack.
        """
        self._box = check_target(self.target)
        records = self._check_records(X, reset=True)
        self.classes_ = _membership_classes(X, y)
        self._fit(records)
        return self

    def decision_function(self, X):
        """Score records; larger means more like a member, above 0 stands for one.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            Records.

        Returns
        -------
        score : ndarray of shape (n_records,)
        """
        check_is_fitted(self)
        return self._decide(self._check_records(X, reset=False))

    def predict(self, X):
        """Say which records were members.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            Records.

        Returns
        -------
        is_member : ndarray of shape (n_records,)
            Values of `classes_`: 0 and 1, unless ``fit`` was given other names.
        """
        check_is_fitted(self)
        return self.classes_[(self.decision_function(X) > 0).astype(int)]

    def score(self, X, y, sample_weight=None):
        """ROC AUC: the chance that a member scores higher than a non-member.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            Records.

        y : array-like of shape (n_records,)
            Truth: which were members.

        sample_weight : array-like of shape (n_records,) or None, default=None
            Weights.

        Returns
        -------
        auc : float
        """
        return float(
            roc_auc_score(y, self.decision_function(X), sample_weight=sample_weight)
        )

    def _check_records(self, X, reset):
        table = as_table(X, min_features=2 if reset else 1)
        validate_data(self, X, reset=reset, skip_check_array=True)
        return table

    def _ask(self, records):
        """Answers of the target, and what the records say themselves."""
        return ask(self._box, records, self.label)

    def _features_and_truth(self, records):
        """Features as the target takes them, and labels, for who reads the target."""
        X, y = split_records(records, self.label)
        X = as_model_input(X, self._box)
        numbers = isinstance(X, np.ndarray) and X.dtype.kind == "f"
        if numbers and not allows_nan(self.target):
            # No model is asked, so none refuses them.
            assert_all_finite(X)
        return X, truth_of(y, self._box)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "classes_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        tags.classifier_tags.multi_class = False
        # It tells members from non-members, not the classes of any table apart.
        tags.classifier_tags.poor_score = True
        tags.input_tags.allow_nan = allows_nan(self.target)
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags


class BaseShadowAttack(BaseMembershipAttack):
    """A membership attack that compares the target with shadow models."""

    _parameter_constraints: dict = {
        **BaseMembershipAttack._parameter_constraints,
        "shadow": "no_validation",
        "random_state": ["random_state"],
    }

    def _fit(self, records):
        self.shadow_ = self._fitted_shadow(records)
        self._learn()

    def _learn(self):
        """Settle what is chosen on the shadow models alone; nothing by default."""

    def _fitted_shadow(self, records):
        """Return the given shadow models, trained first unless they are fitted."""
        return fitted_shadow(
            self.shadow,
            records,
            target=self.target,
            label=self.label,
            random_state=self.random_state,
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.non_deterministic = False
        return tags


def _membership_classes(X, y):
    """Names of non-members and members; ``y`` is looked at for nothing else."""
    if y is None:
        return np.array([0, 1])
    y = _check_y(y)
    check_consistent_length(X, y)
    check_classification_targets(y)
    classes = np.unique(y)
    if len(classes) == 1:
        raise ValueError(
            "y must hold two classes, members and non-members; got one class: "
            f"{classes.tolist()}. The attack does not use y and can be fitted without."
        )
    if len(classes) > 2:
        raise ValueError(
            "Only binary classification is supported. The type of the target is "
            f"{type_of_target(y)}."
        )
    return classes
