"""Tell which share of a known set of records was used."""

from numbers import Real

import numpy as np
from scipy.stats import t as student
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
)

from skprivacy._validation import check_numbers
from skprivacy.property._base import BasePropertyAttack

__all__ = ["UsageAttack"]


#: Shares that differ by less are one.
LEAST_RANGE = 1e-9


class UsageAttack(RegressorMixin, BasePropertyAttack):
    """Tell which share of a known set of records a model was trained on.

    A membership attack gives members larger scores than others, on the average. On
    shadow models of which the share is known it is seen how large both averages are;
    where the average over all records lies between them tells the share.

    Parameters
    ----------
    features : MembershipScores, transformer or None, default=None
        Scores the records under each model. None: the rows of X are such scores.

    clip : bool, default=True
        Keep answers from 0 to 1.

    confidence : float, default=0.95
        Probability with which an interval covers the truth.

    Attributes
    ----------
    outside_, inside_ : float
        Mean score of the records where none was used, and where all were: the ends of
        the line from the share to the mean score.

    bounds_ : tuple of float
        Scores are cut off here, the outermost hundredth of all at each end: a few that
        are nearly infinite would drown the others.

    features_ : transformer
        The fitted `features`; only where they are given.

    blocks_ : dict of str to slice
        Columns of each kind of number.

    See Also
    --------
    MembershipScores : Makes the scores.
    RatioRegressor : The share of a property, where no record is known.

    Notes
    -----
    With a share ``p`` of members the mean score is ``m = outside + p (inside -
    outside)``, so that ``p = (m - outside) / (inside - outside)``. With scores that are
    1 for a record that is named a member and 0 for others, `outside_` is the false
    positive rate, and `inside_` the true positive rate. Both are the ends of the line
    through the shadow models, by least squares. The answer is as good for one share as
    for another; an attacker who knows which shares are usual guesses better in between.

    References
    ----------
    The correction, of names with rates from known members: Y. Tong, J. Ye, S.
    Zarifzadeh, R. Shokri. "How much of my dataset did you use? Quantitative data usage
    inference in machine learning". ICLR 2025.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.property import UsageAttack
    >>> rng = np.random.RandomState(0)
    >>> shares = np.linspace(0, 1, 11)
    >>> is_member = rng.rand(11, 400) < shares[:, None]
    >>> scores = is_member + rng.normal(size=(11, 400))
    >>> attack = UsageAttack().fit(scores[::2], shares[::2])
    >>> bool(attack.score(scores[1::2], shares[1::2]) > 0.9)
    True
    """

    _parameter_constraints: dict = {
        **BasePropertyAttack._parameter_constraints,
        "clip": ["boolean"],
        "confidence": [Interval(Real, 0, 1, closed="neither")],
    }

    def __init__(self, features=None, *, clip=True, confidence=0.95):
        self.features = features
        self.clip = clip
        self.confidence = confidence

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Learn from shadow models how often the membership attack errs.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_records)
            Shadow models, or the scores of the records under each.

        y : array-like of shape (n_models,)
            Share of the records that each was trained on.

        Returns
        -------
        self : UsageAttack
        """
        scores = self._fit_numbers(X, y)
        shares = check_numbers(y)
        check_consistent_length(scores, shares)
        if len(shares) < 3 or np.ptp(shares) < LEAST_RANGE:
            raise ValueError(
                "y must hold at least two different shares, of three models and more "
                f"(minimum of 3 is required); got n_samples = {len(shares)} and the "
                f"shares {np.unique(shares)[:5].tolist()}."
            )
        self.bounds_ = tuple(np.quantile(scores, (0.01, 0.99)).tolist())
        means = np.clip(scores, *self.bounds_).mean(axis=1)
        self.outside_, slope, self._scatter = fit_line(shares, means)
        self.inside_ = self.outside_ + slope
        # Scores that grow with membership are asked for: nothing is turned around.
        self._slope = max(slope, 1e-12)
        self._shares = shares
        return self

    def predict(self, X):
        """Say which share of the records each model was trained on.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_records)
            Models under attack.

        Returns
        -------
        share : ndarray of shape (n_models,)
        """
        return self._within(self._share(X))

    def predict_interval(self, X):
        """Say between which ends the share lies.

        Parameters
        ----------
        X : sequence of fitted models, or array-like of shape (n_models, n_records)
            Models under attack.

        Returns
        -------
        interval : ndarray of shape (n_models, 2)
            From the scatter of the shadow models about the line.
        """
        share = self._share(X)
        n_models, center = len(self._shares), self._shares.mean()
        away = (share - center) ** 2 / ((self._shares - center) ** 2).sum()
        error = self._scatter / self._slope * np.sqrt(1 + 1 / n_models + away)
        reach = student.ppf((1 + self.confidence) / 2, df=n_models - 2) * error
        return self._within(np.column_stack([share - reach, share + reach]))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # It looks for scores that grow with the share, all of them alike.
        tags.regressor_tags.poor_score = True
        return tags

    def _share(self, X):
        check_is_fitted(self)
        means = np.clip(self._numbers(X), *self.bounds_).mean(axis=1)
        return debiased_share(means, self.outside_, self._slope)

    def _within(self, share):
        return np.clip(share, 0, 1) if self.clip else share


def debiased_share(mean_score, outside, slope):
    """Say where a mean score lies between that of non-members and that of members.

    Parameters
    ----------
    mean_score : ndarray
        Mean score of the records.

    outside : float
        Mean score of non-members, or the share of them that is named members.

    slope : float
        That of members, less that of non-members.

    Returns
    -------
    share : ndarray

    Examples
    --------
    >>> import numpy as np
    >>> debiased_share(np.array([0.1, 0.3, 0.6]), 0.1, 0.5)
    array([0. , 0.4, 1. ])
    """
    return (mean_score - outside) / slope


def fit_line(x, y) -> tuple[float, float, float]:
    """Fit a line by least squares.

    Parameters
    ----------
    x, y : ndarray of shape (n,)
        Points, at least three.

    Returns
    -------
    offset, slope, scatter : float
        The line, and the standard deviation of the points about it.

    Examples
    --------
    >>> import numpy as np
    >>> fit_line(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]))
    (1.0, 2.0, 0.0)
    """
    away = x - x.mean()
    slope = (away @ y) / (away @ away)
    offset = y.mean() - slope * x.mean()
    rest = y - offset - slope * x
    return float(offset), float(slope), float(np.sqrt(rest @ rest / (len(x) - 2)))
