"""Tests of which world a model is from, by formulas."""

from sklearn.base import _fit_context, is_classifier
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skprivacy._validation import as_table
from skprivacy.property._base import BasePropertyAttack
from skprivacy.property._divergence import WorldAnswers
from skprivacy.property._likelihood import WorldStatistics
from skprivacy.property._losses import best_threshold, group_losses, world_losses
from skprivacy.property._models import check_models
from skprivacy.property._rules import RuleAttack

__all__ = ["DistinguishingAttack"]


def _is_calibrated(attack):
    if attack.method in ("likelihood", "kl"):
        return True
    raise AttributeError(
        f"method={attack.method!r} gives no probabilities; take decision_function."
    )


class DistinguishingAttack(RuleAttack):
    """Tell by a formula which world a model is from.

    Parameters
    ----------
    features : ModelFeatures, transformer or None, default=None
        Turns models into numbers, for "likelihood" and "kl". None: the rows of X are
        numbers already; with `test_records` they are models.

    method : {"likelihood", "kl", "threshold", "loss"}, default="likelihood"
        - "likelihood": how likely each number of the model is in each world, by the
          normal law of the numbers of its shadow models; with `test_records` the
          numbers are its losses on those without and with the property;
        - "kl": how far the model's answers diverge from those of the shadow models of
          each world. It takes log-odds of two classes, or `features` with answers;
        - "threshold": its loss on the test set of one world, against the loss that
          tells the shadow models apart best. For two worlds;
        - "loss": on the test set of which world its loss is least. Shadow models are
          not looked at.

    test_records : DataFrame or array-like of shape (n_records, n_features + 1), \
default=None
        For "threshold", "loss" and "likelihood": labeled records that are in no
        training set, with the property and without it. The test set of a world is a
        mixture of both with the world's share. None: the rows of X are mean losses, one
        column a world, or the numbers of "likelihood".

    property : tuple, str or callable, default=None
        Which of the test records have the property; see :func:`has_property`.

    label : str or int, default=-1
        The test records' label column.

    Attributes
    ----------
    classes_ : ndarray of shape (n_worlds,)
        The worlds: the different values of `y`.

    shadow_scores_ : ndarray of shape (n_models, n_worlds)
        Scores of the shadow models, each from a fit on models of another pool;
        "likelihood" and "kl" with four models a world and more.

    threshold_ : float
        The loss that tells worlds apart; "threshold" alone.

    test_world_ : object
        The world whose test set is used; "threshold" alone.

    features_ : transformer
        The fitted `features`; only where they are given.

    blocks_ : dict of str to slice
        Columns of each kind of number.

    See Also
    --------
    PropertyMetaClassifier : Learns a rule in the place of a formula.

    Notes
    -----
    Scores of "likelihood" and "kl" are calibrated on shadow models that were left out
    of the fit. Models that were trained on records of one owner are off in the same
    direction: the ranking of several of them is better than their distance from 0.

    References
    ----------
    "loss" and "threshold", with accuracies in the place of losses: A. Suri, D. Evans.
    "Formalizing and estimating distribution inference risks". PoPETs 2022. "kl": A.
    Suri, Y. Lu, Y. Chen, D. Evans. "Dissecting distribution inference". IEEE SaTML
    2023.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.property import DistinguishingAttack
    >>> rng = np.random.RandomState(0)
    >>> ratios = np.tile([0.3, 0.7], 20)
    >>> log_odds = 2 * ratios[:, None] + rng.normal(size=(40, 50))
    >>> attack = DistinguishingAttack().fit(log_odds[:30], ratios[:30])
    >>> attack.score(log_odds[30:], ratios[30:])
    1.0
    """

    _parameter_constraints: dict = {
        **BasePropertyAttack._parameter_constraints,
        "method": [StrOptions({"likelihood", "kl", "threshold", "loss"})],
        "test_records": "no_validation",
        "property": "no_validation",
        "label": "no_validation",
    }

    def __init__(
        self,
        features=None,
        method="likelihood",
        *,
        test_records=None,
        property=None,
        label=-1,
    ):
        self.features = features
        self.method = method
        self.test_records = test_records
        self.property = property
        self.label = label

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Learn from shadow models.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Shadow models, or their numbers.

        y : array-like of shape (n_models,)
            The world of each.

        Returns
        -------
        self : DistinguishingAttack
        """
        self._check_arguments()
        if self.method in ("threshold", "loss"):
            return self._fit_losses(X, y)
        if self.method == "kl" and self.features is not None:
            _check_answers_compare(X)
        return super().fit(X, y)

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
        if self.method == "loss":
            scores = -self._losses(X, reset=False)
            return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores
        if self.method == "threshold":
            losses = self._losses(X, reset=False)[:, self._column]
            return self._sign * (losses - self.threshold_)
        return super().decision_function(X)

    @available_if(_is_calibrated)
    def predict_proba(self, X):
        """Probability of each world; of "likelihood" and "kl".

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models under attack.

        Returns
        -------
        proba : ndarray of shape (n_models, n_worlds)
        """
        return super().predict_proba(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.test_records is not None:
            tags.input_tags.two_d_array = False
        if self.method == "threshold":
            tags.classifier_tags.multi_class = False
        return tags

    def _check_arguments(self):
        by_losses = self.method in ("threshold", "loss")
        if self.features is not None and (by_losses or self.test_records is not None):
            raise ValueError(
                f"method={self.method!r} looks at losses alone here: give "
                f"test_records, and features=None; got features={self.features!r}."
            )
        if self.method == "kl" and self.test_records is not None:
            raise ValueError(
                'test_records are for method="threshold", "loss" and "likelihood"; got '
                'method="kl".'
            )
        if self.test_records is not None and self.property is None:
            raise ValueError(
                "test_records need property: which of them have it, such as "
                "('sex', 'Male')."
            )

    def _heard(self, numbers):
        if self.method == "likelihood":
            return numbers
        answers = self._answers(numbers)
        self._n_queries = answers.shape[1]
        return answers.reshape(len(answers), -1)

    def _learn(self, numbers, worlds):
        if self.method == "likelihood":
            return WorldStatistics(numbers, worlds, self.blocks_)
        return WorldAnswers(numbers, worlds, self._n_queries)

    def _fit_losses(self, X, y):
        losses = self._losses(X, reset=True)
        worlds = self._worlds_of(y)
        check_consistent_length(losses, worlds)
        if self.test_records is not None:
            _check_shares(self.classes_)
            losses = world_losses(losses, self.classes_)
        elif self.method == "loss" and losses.shape[1] != len(self.classes_):
            raise ValueError(
                'X must hold a mean loss for each world with method="loss": there are '
                f"{len(self.classes_)} worlds, and {losses.shape[1]} columns."
            )
        if self.method == "threshold":
            if len(self.classes_) > 2:
                raise ValueError(
                    'Only binary classification is supported. method="threshold" '
                    f"tells two worlds apart; got {len(self.classes_)} classes."
                )
            self._column, self.threshold_, self._sign = best_threshold(losses, worlds)
            if losses.shape[1] == 2:
                self.test_world_ = self.classes_[self._column]
        return self

    def _losses(self, X, *, reset):
        """Mean losses; while fitting on models, of the two groups."""
        losses = self._fit_numbers(X, None) if reset else self._numbers(X)
        if reset or self.test_records is None:
            return losses
        return world_losses(losses, self.classes_)

    def _fit_numbers(self, X, y):
        if self.test_records is None:
            return super()._fit_numbers(X, y)
        self.blocks_ = {"losses": slice(0, 2)}
        return self._group_losses(X)

    def _numbers(self, X):
        if self.test_records is None:
            return super()._numbers(X)
        return self._group_losses(X)

    def _group_losses(self, X):
        return group_losses(
            check_models(X),
            as_table(self.test_records, "test_records", min_features=2),
            self.property,
            self.label,
        )


def _check_answers_compare(X):
    if not all(is_classifier(model) or hasattr(model, "query") for model in X):
        raise ValueError(
            'method="kl" compares probabilities and needs classifiers; for models that '
            'answer with values take method="likelihood".'
        )


def _check_shares(worlds):
    if worlds.dtype.kind not in "fiu" or worlds.min() < 0 or worlds.max() > 1:
        raise ValueError(
            "y must hold shares of the property from 0 to 1, of which the test sets "
            f"are mixed; got {worlds.tolist()}."
        )
