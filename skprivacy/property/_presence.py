"""Tell whether a group is in the training set at all."""

from numbers import Real

import numpy as np
from scipy.stats import t as student
from sklearn.base import _fit_context
from sklearn.metrics import roc_auc_score
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skprivacy.property._base import BasePropertyAttack, WorldClassifierMixin
from skprivacy.property._calibration import out_of_fold
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
    The score is the log-likelihood ratio of the two worlds. The threshold is the upper
    end of the one-sided prediction interval for one more score of a model without the
    group, by Student's t. It holds for models that were trained on the same records as
    the shadow models; on another owner's the rate of false alarms is larger.

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

    _parameter_constraints = {
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
        self._rule = self._learn(numbers, worlds)
        scores = _ratio(out_of_fold(self._learn, numbers, worlds))
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
        return _ratio(self._rule.scores(self._numbers(X))) - self.threshold_

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
        scores = self.decision_function(X) + self.threshold_
        absent = self.absent_scores_
        distance = (scores - absent.mean()) / _prediction_error(absent)
        return student.sf(distance, df=len(absent) - 1)

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

    def _learn(self, numbers, worlds):
        return WorldStatistics(numbers, worlds, self.blocks_)


def upper_limit(scores, false_alarm) -> float:
    """Return the score that one more of the same kind exceeds with a given chance.

    Parameters
    ----------
    scores : ndarray of shape (n,)
        Scores, as from a normal law.

    false_alarm : float
        The chance.

    Returns
    -------
    limit : float

    Examples
    --------
    >>> import numpy as np
    >>> round(upper_limit(np.array([-1.0, 0.0, 1.0]), 0.05), 2)
    3.37
    """
    quantile = student.isf(false_alarm, df=len(scores) - 1)
    return float(scores.mean() + quantile * _prediction_error(scores))


def _prediction_error(scores):
    """Spread of one more score about the mean of these."""
    return max(scores.std(ddof=1) * np.sqrt(1 + 1 / len(scores)), 1e-12)


def _ratio(scores):
    return scores[:, 1] - scores[:, 0]
