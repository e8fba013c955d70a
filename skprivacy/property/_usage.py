"""Tell which share of a known set of records was used."""

from numbers import Real

import numpy as np
from scipy.stats import t as student
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import (
    _check_y,
    check_consistent_length,
    check_is_fitted,
)

from skprivacy.property._base import BasePropertyAttack

__all__ = ["UsageAttack"]


class UsageAttack(RegressorMixin, BasePropertyAttack):
    """Tell which share of a known set of records a model was trained on.

    A membership attack names members among the records. It names some wrongly, and
    misses others; on shadow models of which the share is known it is seen how many,
    and the share that it names is corrected for both.

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
    false_positive_rate_, true_positive_rate_ : float
        How far non-members are named members by mistake, and members rightly: the ends
        of the line from the share of members to the share that is named.

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
    A record is named a member to the extent that its score is larger than usual among
    the shadow models: wholly from one standard deviation above their mean, not at all
    from one below. With a share ``p`` of members, the share that is named is ``m = FPR
    + p (TPR - FPR)``, so that ``p = (m - FPR) / (TPR - FPR)``. Both rates are the ends
    of the line through the shadow models, by least squares.

    References
    ----------
    The correction, with rates from known members: Y. Tong, J. Ye, S. Zarifzadeh, R.
    Shokri. "How much of my dataset did you use? Quantitative data usage inference in
    machine learning". ICLR 2025.

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

    _parameter_constraints = {
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
        shares = _check_y(y, y_numeric=True)
        check_consistent_length(scores, shares)
        if len(shares) < 3 or np.ptp(shares) == 0:
            raise ValueError(
                "y must hold at least two different shares, of three models and more "
                f"(minimum of 3 is required); got n_samples = {len(shares)} and the "
                f"shares {np.unique(shares)[:5].tolist()}."
            )
        self._usual, self._spread = scores.mean(axis=0), scores.std(axis=0)
        # A model is no part of the mean that it is compared with.
        others = len(scores) / (len(scores) - 1)
        named = named_share(others * (scores - self._usual), self._spread)
        self.false_positive_rate_, slope, self._scatter = fit_line(shares, named)
        self.true_positive_rate_ = self.false_positive_rate_ + slope
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
        named = named_share(self._numbers(X) - self._usual, self._spread)
        return debiased_share(named, self.false_positive_rate_, self._slope)

    def _within(self, share):
        return np.clip(share, 0, 1) if self.clip else share


def named_share(compared, spread) -> np.ndarray:
    """Share of the records that are named members, each to some extent.

    Parameters
    ----------
    compared : ndarray of shape (n_models, n_records)
        Scores less what is usual for the record.

    spread : ndarray of shape (n_records,)
        Standard deviation of each record's scores.

    Returns
    -------
    named : ndarray of shape (n_models,)

    Examples
    --------
    >>> import numpy as np
    >>> named_share(np.array([[-3.0, 0.0, 1.0, 4.0]]), np.full(4, 2.0))
    array([0.5625])
    """
    units = compared / np.maximum(spread, 1e-12)
    return np.clip((units + 1) / 2, 0, 1).mean(axis=1)


def debiased_share(named, false_positive_rate, slope):
    """Correct the share that is named for those named wrongly, and those missed.

    Parameters
    ----------
    named : ndarray
        Share of the records that the membership attack names.

    false_positive_rate : float
        Share of the non-members that it names.

    slope : float
        True positive rate less the false positive rate.

    Returns
    -------
    share : ndarray

    Examples
    --------
    >>> import numpy as np
    >>> debiased_share(np.array([0.1, 0.3, 0.6]), 0.1, 0.5)
    array([0. , 0.4, 1. ])
    """
    return (named - false_positive_rate) / slope


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
