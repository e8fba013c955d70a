"""Membership by what a model would be without the record, for models with formulas."""

from numbers import Integral

import numpy as np
from sklearn.base import is_classifier
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    NearestNeighbors,
)
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skprivacy._validation import encode_labels
from skprivacy.inspection._known_means import known_means, why_no_known_means
from skprivacy.inspection._leave_one_out import last_step
from skprivacy.membership._base import BaseMembershipAttack
from skprivacy.records import as_model_input, hash_records, split_records
from skprivacy.signals import truth_of
from skprivacy.targets import check_white_box

__all__ = ["LeaveOneOutAttack", "mean_shift_log_ratio"]


class LeaveOneOutAttack(BaseMembershipAttack):
    """Take the record out of the model by formula, and see whether that fits.

    Some models are sums over their records. What such a model would be without a record
    follows from the model and the record alone. If the model without it is nearer to
    what other people's records give, the record was in it. Nearest neighbors hold their
    records themselves, and the attack looks them up.

    Parameters
    ----------
    target : FrozenEstimator
        The model under attack: ``LinearRegression``, ``Ridge``, ``RidgeClassifier``,
        ``LogisticRegression`` without an l1 penalty, naive Bayes, nearest neighbors, or
        a pipeline that ends in one of them.

    n_train : int or "auto", default="auto"
        How many records a linear model was trained on, as far as the attacker knows;
        "auto" is half as many as ``fit`` is given. Naive Bayes holds the number itself.

    label : str or int, default=-1
        The records' label column.

    Attributes
    ----------
    evidence_ : {"records", "means"}
        What the model holds: its training records, or means of them.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    skprivacy.inspection.memorization_scores : The same formulas for the owner, who has
        the training set.
    LiRA : Trains models with and without the record, for targets of any kind.

    Notes
    -----
    Assumes that the attacker holds the model itself, knows a record's label, and holds
    records of the same population. It needs no shadow model and asks no query.

    Nearest neighbors: the score is 1 where a stored record is the record, transformed
    by the pipeline, with its label, and below 0, by distance, elsewhere. It is certain,
    unless two people have equal records.

    The others: a log-likelihood ratio under a Gaussian for the mean of a statistic, see
    :func:`mean_shift_log_ratio`. For a mean of 0 and 1 it is the test by which single
    genomes are found in a pool (Sankararaman et al.). A record without which naive
    Bayes would have a negative count or variance is certainly none of its own. The
    reference is the mean over the records in ``fit``, each time without the record
    itself. Where they hold the whole training set and are fewer than the values of the
    statistic, membership is the solution of linear equations.

    For logistic regression the formula is one step of Newton and no exact removal; the
    attack uses the equations that its coefficients solve, which are exact.

    References
    ----------
    J. Ye, A. Borovykh, S. Hayou, R. Shokri. "Leave-one-out distinguishability in
    machine learning". ICLR 2024.

    S. Sankararaman, G. Obozinski, M. I. Jordan, E. Halperin. "Genomic privacy and
    limits of individual detection in a pool". Nature Genetics 41, 2009.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from skprivacy.membership import LeaveOneOutAttack
    >>> from skprivacy.records import make_membership_records
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_holdout, y_train, y_holdout = train_test_split(
    ...     X, y, test_size=0.5, random_state=0
    ... )
    >>> model = KNeighborsClassifier().fit(X_train, y_train)
    >>> records, is_member = make_membership_records(
    ...     X_train, y_train, X_holdout, y_holdout, random_state=0
    ... )
    >>> attack = LeaveOneOutAttack(FrozenEstimator(model)).fit(records)
    >>> attack.score(records, is_member)
    1.0
    """

    _parameter_constraints: dict = {
        **BaseMembershipAttack._parameter_constraints,
        "n_train": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, target, *, n_train="auto", label=-1):
        self.target = target
        self.n_train = n_train
        self.label = label

    def _fit(self, records):
        check_is_fitted(check_white_box(self.target))
        kind = type(self._last())
        self.evidence_ = "records" if kind in _HOLD_RECORDS else "means"
        X, y = self._as_the_last_step_sees_them(records)
        if self.evidence_ == "records":
            self._look_up = _StoredRecords(self._last())
            return
        reason = why_no_known_means(self._last())
        if reason is not None:
            raise TypeError(
                "target must be linear or ridge or logistic regression, naive Bayes, "
                "nearest neighbors, or a pipeline that ends in one of them, without "
                f"class weights, l1 penalty or sign constraints; {reason}"
            )
        half = max(1, len(records) // 2)
        self._n_train = half if self.n_train == "auto" else self.n_train
        self._own_records = hash_records(records)
        self._references = [
            _Reference(known.statistic[known.counts])
            for known in known_means(self._last(), X, y)
        ]

    def _decide(self, records):
        X, y = self._as_the_last_step_sees_them(records)
        if self.evidence_ == "records":
            return self._look_up.score(X, y)
        seen = np.isin(hash_records(records), self._own_records, kind="sort")
        score = np.full(len(records), -_CERTAIN)
        means = known_means(self._last(), X, y)
        for known, reference in zip(means, self._references, strict=True):
            rows = known.judges
            size = self._n_train if known.size is None else known.size
            mean = known.mean / size if known.size is None else known.mean
            ratio = reference.log_ratio(known.statistic[rows], mean, size, seen[rows])
            score[rows] = ratio - np.where(known.possible[rows], 0.0, _CERTAIN)
        return score

    def _last(self):
        return last_step(check_white_box(self.target))[1]

    def _as_the_last_step_sees_them(self, records):
        X, y = split_records(records, self.label)
        model = check_white_box(self.target)
        X = as_model_input(X, model)
        steps, last = last_step(model)
        for step in steps:
            X = step.transform(X)
        X = X.toarray() if hasattr(X, "toarray") else X
        # Refuses labels of the wrong kind.
        truth_of(y, self._box)
        return np.asarray(X, dtype=float), y


class _Reference:
    """What a statistic is among the attacker's records."""

    def __init__(self, statistic):
        self.n = len(statistic)
        self.mean = statistic.mean(axis=0) if self.n else 0.0
        self.scale = statistic.std(axis=0) if self.n else 1.0
        # What never varies says nothing of anybody.
        self.varies = self.scale > _NO_SPREAD * (1 + np.abs(self.mean))
        if self.n > 1:
            values = self._standardize(statistic)
            self.precision = np.linalg.pinv(
                values.T @ values / self.n, rcond=_NO_SPREAD, hermitian=True
            )

    def log_ratio(self, statistic, mean, size, seen):
        """Compare the mean with each record and without; those `seen` are in here."""
        if self.n < 2:
            return np.zeros(len(statistic))
        values, mean = self._standardize(statistic), self._standardize(mean)
        # Leave the record out of the reference too.
        without = np.where(seen, 1 / (self.n - 1), 0.0)[:, None] * -values
        return mean_shift_log_ratio(values, without, self.precision, mean, size)

    def _standardize(self, values):
        apart = (values - self.mean)[..., self.varies]
        return apart / self.scale[self.varies]


_NO_SPREAD = 1e-10


class _StoredRecords:
    """Records that a model of nearest neighbors keeps."""

    def __init__(self, model):
        stored = model._fit_X
        stored = stored.toarray() if hasattr(stored, "toarray") else stored
        stored = np.asarray(stored, dtype=float)
        self.classes = model.classes_ if is_classifier(model) else None
        labels = np.asarray(model._y).reshape(len(stored), -1)
        if self.classes is None:
            stored = np.column_stack([stored, labels[:, 0]])
            labels = np.zeros((len(stored), 1), dtype=int)
        self.mean, self.scale = stored.mean(axis=0), stored.std(axis=0)
        self.scale[self.scale == 0] = 1.0
        self.of_class = {
            code: (stored[labels[:, 0] == code] - self.mean) / self.scale
            for code in np.unique(labels[:, 0])
        }

    def score(self, X, y):
        """1 for a record that is stored, below 0 by distance for any other."""
        if self.classes is None:
            X = np.column_stack([X, np.asarray(y, dtype=float)])
            codes = np.zeros(len(X), dtype=int)
        else:
            codes = encode_labels(y, self.classes)
        values = (X - self.mean) / self.scale
        score = np.full(len(X), -1.0)
        for code, stored in self.of_class.items():
            rows = np.flatnonzero(codes == code)
            if len(rows):
                score[rows] = closeness(nearest_distance(values[rows], stored))
        return score


def nearest_distance(values, stored):
    """Distance of each row to the nearest stored one.

    Parameters
    ----------
    values : ndarray of shape (n_records, n_features)
        Rows to look up.

    stored : ndarray of shape (n_stored, n_features)
        Rows that are there.

    Returns
    -------
    distance : ndarray of shape (n_records,)

    Examples
    --------
    >>> nearest_distance(np.array([[0.0], [1.5]]), np.array([[0.0], [1.0]]))
    array([0. , 0.5])
    """
    finder = NearestNeighbors(n_neighbors=1).fit(stored)
    nearest = finder.kneighbors(values, return_distance=False)[:, 0]
    # The search rounds squares; the difference is exact where rows are equal.
    return np.linalg.norm(values - stored[nearest], axis=1)


def closeness(distance):
    """1 for a record that is there, from 0 down to -1 for others by their distance.

    Parameters
    ----------
    distance : ndarray of shape (n_records,)
        Distance to the nearest stored record, in standard deviations.

    Returns
    -------
    score : ndarray of shape (n_records,)

    Examples
    --------
    >>> closeness(np.array([0.0, 1.0, 3.0]))
    array([ 1.  , -0.5 , -0.75])
    """
    return np.where(distance <= _SAME, 1.0, -distance / (1 + distance))


#: In standard deviations; transformers of a pipeline round in the last digits.
_SAME = 1e-7


def mean_shift_log_ratio(statistic, reference_mean, precision, mean, size):
    r"""Log-likelihood ratio of a mean, with a record behind it or not.

    With :math:`c = \psi - m`, the record's statistic less its reference, the precision
    :math:`W` of the statistic and the mean :math:`t` over :math:`n` records,

    .. math:: c^T W (t - m) - \frac{c^T W c}{2 n}.

    It is the ratio of two Gaussians with variance :math:`W^{-1} / n`: around
    :math:`m`, and around :math:`m + c / n`, where the record has moved the mean.

    Parameters
    ----------
    statistic : ndarray of shape (n_records, n_values)
        Of each record.

    reference_mean : ndarray of shape (n_values,) or (n_records, n_values)
        What the statistic is on average without the record.

    precision : ndarray of shape (n_values, n_values)
        Inverse of its covariance.

    mean : ndarray of shape (n_values,)
        Over the training set.

    size : int
        Training records.

    Returns
    -------
    log_ratio : ndarray of shape (n_records,)

    Examples
    --------
    The mean of 4 records is 0.5 where 0 is usual. A record of 2 explains it in full:
    2 * 0.5 - 4 / 8. One of -2 does not.

    >>> import numpy as np
    >>> statistic = np.array([[2.0], [-2.0]])
    >>> mean_shift_log_ratio(statistic, np.zeros(1), np.eye(1), np.array([0.5]), 4)
    array([ 0.5, -1.5])
    """
    centered = statistic - reference_mean
    weighted = centered @ precision
    pull = (weighted * (mean - reference_mean)).sum(axis=1)
    return pull - (weighted * centered).sum(axis=1) / (2 * size)


_HOLD_RECORDS = (KNeighborsClassifier, KNeighborsRegressor)

#: Further below 0 than any ratio of a record that is possible.
_CERTAIN = 1e6
