"""Tell whether a group is in the training set at all."""

from numbers import Real

import numpy as np
from scipy.stats import t as student
from sklearn.base import _fit_context
from sklearn.metrics import roc_auc_score
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skprivacy.property._base import BasePropertyAttack, WorldClassifierMixin
from skprivacy.property._calibration import folds_of
from skprivacy.property._likelihood import WorldStatistics

__all__ = ["PresenceAttack"]


class PresenceAttack(WorldClassifierMixin, BasePropertyAttack):
    """Tell whether a group was in the training set at all.

    Two worlds: one without the group, one in which it has a small share. The attack
    is a test at a stated rate of false alarms: "present" is said of a model whose
    numbers would be rare in the world without the group.

    Parameters
    ----------
    features : ModelFeatures, transformer or None, default=None
        Turns models into numbers. Those that tell: answers to records of the group,
        and how they change when the record leaves the group; see `flipped` of
        :class:`ModelFeatures`. None: the rows of X are numbers already.

    false_alarm : float, default=0.05
        Share of the models without the group of which "present" is said.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The two values of `y`; the smaller one is the world without the group.

    threshold_ : float
        Score above which "present" is said.

    absent_scores_ : ndarray
        Scores of the shadow models without the group, each from a fit on models of
        another pool.

    features_ : transformer
        The fitted `features`; only where they are given.

    blocks_ : dict of str to slice
        Columns of each kind of number.

    See Also
    --------
    PropertyWorlds : Trains the models; take ``ratios=(0, share)``.
    DistinguishingAttack : Two worlds that weigh alike.

    Notes
    -----
    The score is the log-likelihood ratio of the two worlds, the mean of what was
    learned on each pool. The threshold is the upper end of the one-sided prediction
    interval for one more score of a model without the group, by Student's t, from the
    upper half of their scores.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.property import PresenceAttack
    >>> rng = np.random.RandomState(0)
    >>> ratios = np.tile([0, 0.02], 20)
    >>> numbers = (ratios > 0)[:, None] + rng.normal(size=(40, 50))
    >>> attack = PresenceAttack(false_alarm=0.01).fit(numbers, ratios)
    >>> attack.predict(numbers[:2])
    array([0.  , 0.02])
    >>> (attack.p_value(numbers[:2]) < 0.01).tolist()
    [False, True]
    """

    _parameter_constraints: dict = {
        **BasePropertyAttack._parameter_constraints,
        "false_alarm": [Interval(Real, 0, 1, closed="neither")],
    }

    def __init__(self, features=None, *, false_alarm=0.05):
        self.features = features
        self.false_alarm = false_alarm

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Learn from shadow models.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Shadow models, or their numbers where ``features=None``.

        y : array-like of shape (n_models,)
            Share of the group in the training set of each: 0, or one other value.

        Returns
        -------
        self : PresenceAttack
        """
        numbers = self._fit_numbers(X, y)
        worlds = self._worlds_of(y)
        check_consistent_length(numbers, worlds)
        if len(self.classes_) > 2:
            raise ValueError(
                "Only binary classification is supported. y must hold 0 and one share; "
                f"got {len(self.classes_)} classes."
            )
        if np.bincount(worlds).min() < 2:
            raise ValueError(
                "y must hold at least two models of each class; got "
                f"{np.bincount(worlds).tolist()}."
            )
        self._rules, scores = [], np.empty(len(numbers))
        for train, test in folds_of(worlds):
            rule = WorldStatistics(numbers[train], worlds[train], self.blocks_)
            scores[test] = _ratio(rule.scores(numbers[test]))
            self._rules.append(rule)
        self.absent_scores_ = scores[worlds == 0]
        self.threshold_ = upper_limit(self.absent_scores_, self.false_alarm)
        return self

    def decision_function(self, X):
        """Score models; above 0 stands for a group that is present.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models under attack.

        Returns
        -------
        score : ndarray of shape (n_models,)
        """
        check_is_fitted(self)
        return self._scores(X) - self.threshold_

    def p_value(self, X):
        """Chance of such a score, or a larger one, without the group.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models under attack.

        Returns
        -------
        p : ndarray of shape (n_models,)
        """
        check_is_fitted(self)
        scores = self._scores(X)
        middle, error, df = _upper_half(self.absent_scores_)
        return student.sf((scores - middle) / error, df=df)

    def predict(self, X):
        """Say of each model whether the group was in its training set.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models under attack.

        Returns
        -------
        world : ndarray of shape (n_models,)
        """
        present = self.decision_function(X) > 0
        return self.classes_[present.astype(int)]

    def score(self, X, y, sample_weight=None):
        """ROC AUC: the chance that a model with the group scores higher.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_features)
            Models.

        y : array-like of shape (n_models,)
            The world of each.

        sample_weight : array-like of shape (n_models,), default=None
            Weight of each model.

        Returns
        -------
        auc : float
        """
        scores = self.decision_function(X)
        present = np.asarray(y) == self.classes_[1]
        return float(roc_auc_score(present, scores, sample_weight=sample_weight))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        # Accuracy is not what it is after: false alarms are.
        tags.classifier_tags.poor_score = True
        return tags

    def _scores(self, X):
        # The very rules that the absent scores are from: one that had learned from
        # all shadow models would give scores of another size.
        numbers = self._numbers(X)
        return np.mean([_ratio(rule.scores(numbers)) for rule in self._rules], axis=0)


def upper_limit(scores, false_alarm) -> float:
    """Return the score that one more of the same kind exceeds with a given chance.

    Parameters
    ----------
    scores : ndarray of shape (n,)
        Scores, whose upper half is that of a normal law.

    false_alarm : float
        The chance.

    Returns
    -------
    limit : float

    Examples
    --------
    >>> import numpy as np
    >>> round(upper_limit(np.array([-90.0, -1.0, 0.0, 1.0, 2.0]), 0.05), 2)
    11.44
    """
    middle, error, df = _upper_half(scores)
    return float(middle + student.isf(false_alarm, df=df) * error)


def _upper_half(scores):
    """Return the middle, the spread of one more score above it, and its freedom.

    Models without the group vary far more towards scores that speak against it: the
    lower half says nothing of alarms.
    """
    middle = float(np.median(scores))
    above = scores[scores > middle] - middle
    n_above = max(len(above), 1)
    spread = np.sqrt((above**2).sum() / n_above)
    # The median is pi / 2 times as variable as a mean.
    error = spread * np.sqrt(1 + np.pi / 2 / len(scores))
    return middle, max(error, 1e-12), max(n_above - 1, 1)


def _ratio(scores):
    return scores[:, 1] - scores[:, 0]
