"""Tell how many records a model was trained on."""

from numbers import Real

import numpy as np
from scipy.stats import t as student
from sklearn.base import RegressorMixin, _fit_context, clone
from sklearn.model_selection import KFold
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
)

from skprivacy._validation import check_numbers
from skprivacy.property._base import BasePropertyAttack
from skprivacy.property._blocks import block_regressor

__all__ = ["SizeAttack"]

N_FOLDS = 5
#: Logarithms of what a float can hold.
FINITE = (-700.0, 700.0)


class SizeAttack(RegressorMixin, BasePropertyAttack):
    """Learn from shadow models how many records a model was trained on.

    What grows with the number of records in equal steps is rare; what grows with each
    doubling is not: the logarithm of the size is learned.

    Parameters
    ----------
    features : ModelFeatures, transformer or None, default=None
        Turns models into numbers. None: the rows of X are numbers already.

    final_estimator : regressor or None, default=None
        Learns the logarithm from the numbers. None: a strongly regularized linear
        regression for each kind of number, and one more that weighs what they say.

    clip : bool, default=True
        Keep answers within the sizes that the shadow models had.

    confidence : float, default=0.95
        Probability with which an interval covers the truth.

    Attributes
    ----------
    estimator_ : regressor
        The fitted `final_estimator`.

    typical_factor_ : float
        By which factor the answer is usually off: the exponential of the root mean
        square error of the logarithm, on shadow models that were left out.

    features_ : transformer
        The fitted `features`; only where they are given.

    blocks_ : dict of str to slice
        Columns of each kind of number.

    See Also
    --------
    UsageAttack : How much of a known set was used.

    References
    ----------
    An addition of this package to what such attacks ask about.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.property import SizeAttack
    >>> from skprivacy.shadow import fit_on_subsets
    >>> rng = np.random.RandomState(0)
    >>> X = rng.normal(size=(1000, 3))
    >>> y = X[:, 0] + rng.normal(size=1000) > 0
    >>> sizes = np.geomspace(50, 800, 24).astype(int)
    >>> subsets = [rng.permutation(1000)[:size] for size in sizes]
    >>> models = fit_on_subsets(DecisionTreeClassifier(), X, y, subsets, range(24))
    >>> leaves = np.array([[np.log(model.get_n_leaves())] for model in models])
    >>> attack = SizeAttack().fit(leaves, sizes)
    >>> bool(attack.typical_factor_ < 1.2)
    True
    """

    _parameter_constraints: dict = {
        **BasePropertyAttack._parameter_constraints,
        "final_estimator": "no_validation",
        "clip": ["boolean"],
        "confidence": [Interval(Real, 0, 1, closed="neither")],
    }

    def __init__(
        self, features=None, final_estimator=None, *, clip=True, confidence=0.95
    ):
        self.features = features
        self.final_estimator = final_estimator
        self.clip = clip
        self.confidence = confidence

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Learn from shadow models.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Shadow models, or their numbers where ``features=None``.

        y : array-like of shape (n_models,)
            Records that each was trained on.

        Returns
        -------
        self : SizeAttack
        """
        numbers = self._fit_numbers(X, y)
        sizes = check_numbers(y)
        check_consistent_length(numbers, sizes)
        if (sizes <= 0).any():
            raise ValueError(
                f"y must hold sizes of training sets, larger than 0; got {sizes.min()}."
            )
        logs = np.log(sizes)
        self.estimator_ = self._learn(numbers, logs)
        self._n_models = len(logs)
        self._range = (logs.min(), logs.max()) if self.clip else FINITE
        self._error = self._out_of_fold_error(numbers, logs)
        self.typical_factor_ = float(np.exp(self._error))
        return self

    def predict(self, X):
        """Say how many records each model was trained on.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models under attack.

        Returns
        -------
        size : ndarray of shape (n_models,)
        """
        return np.exp(self._logs(X))

    def predict_interval(self, X):
        """Say between which ends the number of records lies.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models under attack.

        Returns
        -------
        interval : ndarray of shape (n_models, 2)
            From the errors on shadow models that were left out.
        """
        logs = self._logs(X)
        quantile = student.ppf((1 + self.confidence) / 2, df=self._n_models - 1)
        reach = quantile * self._error * np.sqrt(1 + 1 / self._n_models)
        ends = np.column_stack([logs - reach, logs + reach])
        return np.exp(np.clip(ends, *self._range))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = True
        # What it learns is linear in the logarithm.
        tags.regressor_tags.poor_score = True
        return tags

    def _logs(self, X):
        check_is_fitted(self)
        return np.clip(self.estimator_.predict(self._numbers(X)), *self._range)

    def _learn(self, numbers, logs):
        final = self.final_estimator
        if final is None:
            final = block_regressor(self.blocks_, logs)
        return clone(final).fit(numbers, logs)

    def _out_of_fold_error(self, numbers, logs):
        """Root mean square error on models that were left out."""
        n_folds = min(N_FOLDS, len(logs))
        if n_folds < 2:
            return 0.0
        # Sizes may come in order, and an end that is left out is beyond the range.
        folds = KFold(n_folds, shuffle=True, random_state=0)
        errors = [
            self._learn(numbers[train], logs[train]).predict(numbers[test]) - logs[test]
            for train, test in folds.split(logs)
        ]
        return float(np.sqrt(np.mean(np.concatenate(errors) ** 2)))
