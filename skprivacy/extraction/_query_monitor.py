"""Whether a stream of queries looks like people who use a model."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.stats import shapiro
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from skprivacy._validation import as_table
from skprivacy.records import Coordinates

__all__ = ["QueryMonitor", "largest_gap", "normality", "successive_distances"]

#: Queries whose distances to all before are held at once.
BLOCK = 500
#: Natural records that streams of one kind are drawn from at most.
MOST_RECORDS = 4000


def successive_distances(points, labels):
    """Distance of each query to the nearest before it that got the same label.

    Parameters
    ----------
    points : ndarray of shape (n_queries, n_coordinates)
        Queries in the order in which they came.

    labels : ndarray of shape (n_queries,)
        What was answered.

    Returns
    -------
    distances : ndarray of shape (n_queries,)
        NaN for the first query of each label.

    Examples
    --------
    >>> import numpy as np
    >>> points = np.array([[0.0], [3.0], [5.0], [4.0]])
    >>> successive_distances(points, np.array(["a", "a", "b", "a"]))
    array([nan,  3., nan,  1.])
    """
    parts = []
    for start in range(0, len(points), BLOCK):
        stop = min(start + BLOCK, len(points))
        apart = cdist(points[start:stop], points[:stop])
        parts.append(_nearest_before(apart, labels[:stop]))
    return np.concatenate(parts) if parts else np.zeros(0)


def _nearest_before(apart, labels):
    """Distance of the last queries to the nearest before each with the same label.

    Parameters
    ----------
    apart : ndarray of shape (n_last, n_queries)
        Distances of the last queries to all.

    labels : ndarray of shape (n_queries,)
        What was answered.

    Returns
    -------
    distances : ndarray of shape (n_last,)
        NaN where there is none before it.
    """
    at = np.arange(len(labels))
    last = at[len(labels) - len(apart) :, None]
    counts = (at < last) & (labels == labels[last])
    nearest = np.where(counts, apart, np.inf).min(axis=1)
    return np.where(np.isinf(nearest), np.nan, nearest)


def largest_gap(values, reference):
    """Largest difference between two distribution functions: Kolmogorov and Smirnov's.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        Numbers.

    reference : ndarray of shape (n_reference,)
        Others, in ascending order.

    Returns
    -------
    gap : float

    Examples
    --------
    >>> import numpy as np
    >>> largest_gap(np.array([3.0, 1.0]), np.array([1.0, 2.0, 2.0, 4.0]))
    0.25
    """
    values = np.sort(values)
    # Between two values nothing changes but the other function, which only grows: it
    # is the farthest at one of them, or just before.
    gaps = [
        np.searchsorted(values, values, side) / len(values)
        - np.searchsorted(reference, values, side) / len(reference)
        for side in ("left", "right")
    ]
    return float(np.abs(gaps).max())


def normality(distances):
    """Shapiro and Wilk's W of the distances within three standard deviations.

    Parameters
    ----------
    distances : ndarray of shape (n_queries,)
        Distances; NaN are left out.

    Returns
    -------
    w : float
        1 for a normal distribution; 0 where distances do not vary.
    """
    known = distances[~np.isnan(distances)]
    if len(known) < 3:
        return 1.0
    near = known[np.abs(known - known.mean()) <= 3 * known.std()]
    if len(near) < 3 or np.ptp(near) == 0:
        return 0.0
    # More than 5,000 are beyond what W is tabulated for.
    return float(shapiro(near[-5000:]).statistic)


class QueryMonitor(BaseEstimator):
    """Raises an alarm when queries do not look like those of ordinary users.

    Queries that are crafted lie at other distances from each other than records do. The
    monitor learns on natural queries, drawn into many streams, how far a statistic of
    these distances strays by itself, and sets its threshold so that a given share of
    natural streams raises an alarm at any time.

    Parameters
    ----------
    statistic : {"distribution", "normality"}, default="distribution"
        - "distribution": largest difference between the distribution of the distances
          and that of natural streams (Kolmogorov and Smirnov's), whatever its shape,
          times the root of their number;
        - "normality": one minus Shapiro and Wilk's W, as PRADA has it, for which
          natural distances should be normal.

    false_alarm_rate : float, default=0.01
        Share of natural streams that may raise an alarm.

    n_queries : int, default=500
        Queries of a stream, over which alarms are counted.

    least : int, default=100
        Queries before the first alarm.

    step : int, default=50
        Queries between two looks.

    n_streams : int, default=300
        Natural streams that are drawn: a third to compare with, a third to set the
        threshold on and a third to measure alarms on, each of records of its own.

    random_state : int, RandomState instance or None, default=None
        Which streams are drawn.

    Attributes
    ----------
    threshold_ : float
        An alarm is raised above it.

    false_alarm_rate_ : float
        Share of natural streams, of records that were not learned from, that raised an
        alarm.

    n_features_in_ : int
        Features of a query.

    Raises
    ------
    ValueError
        If there are fewer than four times `least` natural queries.

    See Also
    --------
    SurrogateAttack : Whose strategy "records" cannot be told from ordinary use.

    Notes
    -----
    PRADA compares a query with part of those before it, which one early outlier can
    keep from ever growing; here it is compared with all.

    References
    ----------
    M. Juuti, S. Szyller, S. Marchal, N. Asokan. "PRADA: protecting against DNN model
    stealing attacks". IEEE European Symposium on Security and Privacy 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.extraction import QueryMonitor
    >>> rng = np.random.default_rng(0)
    >>> natural = rng.normal(size=(1000, 4))
    >>> monitor = QueryMonitor(n_queries=200, random_state=0).fit(natural)
    >>> monitor.first_alarm(rng.uniform(-4, 4, size=(200, 4)))
    100
    """

    _parameter_constraints = {
        "statistic": [StrOptions({"distribution", "normality"})],
        "false_alarm_rate": [Interval(Real, 0, 1, closed="neither")],
        "n_queries": [Interval(Integral, 10, None, closed="left")],
        "least": [Interval(Integral, 2, None, closed="left")],
        "step": [Interval(Integral, 1, None, closed="left")],
        "n_streams": [Interval(Integral, 10, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        statistic="distribution",
        false_alarm_rate=0.01,
        n_queries=500,
        least=100,
        step=50,
        n_streams=300,
        random_state=None,
    ):
        self.statistic = statistic
        self.false_alarm_rate = false_alarm_rate
        self.n_queries = n_queries
        self.least = least
        self.step = step
        self.n_streams = n_streams
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn what natural queries look like.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Natural queries, or records like them.

        y : array-like of shape (n_records,) or None, default=None
            Labels that the model gave them. None: distances are between all.

        Returns
        -------
        self : object
            The fitted monitor.
        """
        table, labels = self._checked(X, y, reset=True)
        if len(table) < 4 * self.least:
            raise ValueError(
                f"X must hold at least 4 * least = {4 * self.least} natural queries; "
                f"got {len(table)} samples."
            )
        rng = check_random_state(self.random_state)
        self._coordinates = Coordinates(table)
        points = self._coordinates(table)
        order = rng.permutation(len(points))
        # Records of their own for each, as streams of the same ones are alike.
        n_each = self.n_streams // 3
        reference, learned, fresh = (
            self._streams(points[part], labels[part], n_each, rng)
            for part in (part[:MOST_RECORDS] for part in np.array_split(order, 3))
        )
        # Distances shrink as a stream goes on: each look has its own reference.
        self._reference = [
            np.sort(np.concatenate([_known(d[:n]) for d in reference]))
            for n in self._looks(min(len(d) for d in reference))
        ]
        worst = [self._strays(d).max() for d in learned]
        at = int(np.ceil((1 - self.false_alarm_rate) * (len(worst) + 1))) - 1
        self.threshold_ = float(np.sort(worst)[min(at, len(worst) - 1)])
        alarms = [self._strays(d).max() > self.threshold_ for d in fresh]
        self.false_alarm_rate_ = float(np.mean(alarms))
        return self

    def stray(self, X, y=None):
        """Say how far a stream of queries has strayed, at each look.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_queries, n_features)
            Queries in the order in which they came.

        y : array-like of shape (n_queries,) or None, default=None
            Labels that the model gave them, if `fit` had some.

        Returns
        -------
        stray : ndarray of shape (n_looks,)
            The statistic after `least` queries and every `step` more.
        """
        check_is_fitted(self)
        table, labels = self._checked(X, y, reset=False)
        return self._strays(successive_distances(self._coordinates(table), labels))

    def first_alarm(self, X, y=None):
        """Count the queries after which an alarm is raised.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_queries, n_features)
            Queries in the order in which they came.

        y : array-like of shape (n_queries,) or None, default=None
            Labels that the model gave them, if `fit` had some.

        Returns
        -------
        n_queries : int or None
            None where there is no alarm.
        """
        above = np.flatnonzero(self.stray(X, y) > self.threshold_)
        if not len(above):
            return None
        return self.least + self.step * int(above[0])

    def _streams(self, points, labels, n_streams, rng):
        """Put records in many orders; distances are computed once for all."""
        apart = cdist(points, points)
        streams = []
        for _ in range(n_streams):
            rows = rng.permutation(len(points))[: self.n_queries]
            streams.append(_nearest_before(apart[np.ix_(rows, rows)], labels[rows]))
        return streams

    def _looks(self, n_queries):
        return range(self.least, n_queries + 1, self.step)

    def _strays(self, distances):
        strays = []
        for i, n in enumerate(self._looks(len(distances))):
            known = _known(distances[:n])
            if self.statistic == "normality":
                strays.append(1 - normality(known))
                continue
            # Streams that are longer than natural ones were are held against the last.
            reference = self._reference[min(i, len(self._reference) - 1)]
            full = len(known) and len(reference)
            # Times the root of their number, as it strays the less the more there are.
            far = largest_gap(known, reference) if full else 0.0
            strays.append(far * np.sqrt(len(known)))
        return np.array(strays)

    def _checked(self, X, y, reset):
        if not isinstance(X, pd.DataFrame):
            validate_data(self, X, reset=reset, dtype=None)
        table = as_table(X)
        validate_data(self, X, reset=reset, skip_check_array=True)
        if y is None:
            return table, np.zeros(len(table), dtype=int)
        labels = column_or_1d(y, warn=True)
        check_consistent_length(table, labels)
        # Numbers are compared faster than texts.
        return table, np.unique(labels, return_inverse=True)[1]

    def __sklearn_is_fitted__(self):
        return hasattr(self, "threshold_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags


def _known(distances):
    return distances[~np.isnan(distances)]
