"""Where answers change along single features, on lines through records."""

import numpy as np

__all__ = ["LineSearch"]

#: Places on each line that are asked before gaps are halved.
N_START = 16
#: Steps that are followed at the same time.
N_AT_ONCE = 4
#: Lines along each feature.
N_LINES = 4


class LineSearch:
    """Finds changes between values that follow each other among the records.

    A target whose trees are deep shows a threshold only to records that lie on its
    branch. Each line therefore goes through another record.

    Parameters
    ----------
    ask : callable
        Takes points, shape (n_points, n_features); gives answers, shape
        (n_points, n_columns).

    records : ndarray of float of shape (n_records, n_features)
        Records: lines go through them, and take their values.

    n_columns : int
        Columns of answers.

    rng : RandomState
        Which records.

    Attributes
    ----------
    points : ndarray of shape (n_asked, n_features)
        What was asked.

    answers : ndarray of shape (n_asked, n_columns)
        Answers to it.

    thresholds : list of ndarray of float
        For each feature, middles of values between which an answer changed.

    Examples
    --------
    >>> import numpy as np
    >>> records = np.linspace(0, 1, 101)[:, None]
    >>> rng = np.random.RandomState(0)
    >>> search = LineSearch(lambda X: X > 0.503, records, 1, rng)
    >>> search.scan([0], 30)
    >>> search.thresholds, len(search.points)
    ([array([0.505])], 30)
    """

    def __init__(self, ask, records, n_columns, rng):
        self._ask, self._records, self._rng = ask, records, rng
        self._values = [np.unique(column) for column in records.T]
        self._points = [np.empty((0, records.shape[1]))]
        self._answers = [np.empty((0, n_columns))]
        self._found = [set() for _ in self._values]

    @property
    def points(self):
        """What was asked."""
        return np.vstack(self._points)

    @property
    def answers(self):
        """Answers to it."""
        return np.vstack(self._answers)

    @property
    def thresholds(self):
        """Middles of values between which an answer changed."""
        return [np.array(sorted(found)) for found in self._found]

    def scan(self, features, limit):
        """Search along features, the first ones first, with so many queries at most."""
        left = limit
        for _ in range(N_LINES):
            for j in features:
                left -= self._line(j, left)

    def _line(self, j, limit):
        """Ask on one line; how many queries it took."""
        values = self._values[j]
        if limit < 2 or len(values) < 2:
            return 0
        record = self._records[self._rng.randint(len(self._records))]
        column = np.sort(self._records[:, j])
        inner = column[np.linspace(0, len(column) - 1, N_START).astype(int)]
        asked = np.unique(np.searchsorted(values, inner))[:limit]
        answers = self._ask_on(record, j, values[asked])
        while True:
            change = np.abs(answers[1:] - answers[:-1].astype(float)).max(axis=1)
            gaps = np.flatnonzero((change > 0) & (asked[1:] > asked[:-1] + 1))
            # The largest steps to their ends first, as queries may run out.
            gaps = gaps[np.argsort(-change[gaps], kind="stable")]
            gaps = np.sort(gaps[: min(N_AT_ONCE, limit - len(asked))])
            if not len(gaps):
                break
            middle = (asked[gaps] + asked[gaps + 1]) // 2
            told = self._ask_on(record, j, values[middle])
            order = np.argsort(np.r_[asked, middle])
            asked = np.r_[asked, middle][order]
            answers = np.vstack([answers, told])[order]
        closed = np.flatnonzero((change > 0) & (asked[1:] == asked[:-1] + 1))
        low, high = values[asked[closed]], values[asked[closed + 1]]
        self._found[j].update((low / 2 + high / 2).tolist())
        return len(asked)

    def _ask_on(self, record, j, values):
        points = np.tile(record, (len(values), 1))
        points[:, j] = values
        answers = self._ask(points)
        self._points.append(points)
        self._answers.append(answers)
        return answers
