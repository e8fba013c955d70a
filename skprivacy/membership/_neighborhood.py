"""Membership by comparison of a record with its neighbors."""

from numbers import Integral

import numpy as np
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils._param_validation import Interval, StrOptions

from skprivacy.membership._base import BaseMembershipAttack
from skprivacy.records import (
    Coordinates,
    Perturber,
    as_model_input,
    split_records,
    take_rows,
)
from skprivacy.signals import (
    check_signal,
    compute_signal,
    decision_log_odds,
    label_log_odds,
    residual_scale,
)

__all__ = ["NeighborhoodAttack", "standing_out"]


class NeighborhoodAttack(BaseMembershipAttack):
    """Ask how far the target does better on a record than around it.

    A model that learned a record by heart does well on the record, and less well on
    records that are nearly the same. No shadow models are needed.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    neighbors : {"generated", "records"}, default="generated"
        "generated" compares with altered copies of the record, with its label.
        "records" compares with the nearest of the records given to ``fit`` that have
        the same label; for a regressor, with the nearest.

    n_neighbors : int, default=16
        Neighbors of each record.

    signal : str, default="auto"
        What to compare; one of the columns of
        :class:`~skprivacy.signals.TargetSignals`. "auto" takes the log-odds of the
        record's label, for labels alone the correctness, and for a regressor the
        absolute residual. Of probabilities, the log-odds are smoothed: 0.02 is added.

    label : str or int, default=-1
        The records' label column.

    random_state : int, RandomState instance or None, default=None
        Decides the altered copies.

    Attributes
    ----------
    signal_ : str
        The signal in force.

    usual_variance_ : float
        Mean variance of the signal in the neighborhood of a record.

    threshold_ : float
        Mean score of the records seen in ``fit``.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    ThresholdAttack : One query a record; does not know which records are easy.
    CalibratedAttack : Learns from shadow models which records are easy.
    LabelOnlyAttack : For labels alone, and with shadow models.

    Notes
    -----
    Assumes that the attacker can ask the target 17 times for each record, knows its
    label, and holds records of the same population. With ``neighbors="records"``, one
    query is enough.

    Copies hold only values that the records in ``fit`` have, or numbers within their
    range; see :class:`~skprivacy.records.Perturber`. They are drawn by the record
    itself, so that its score does not depend on the records beside it.

    Mattern et al. compare texts with texts of which words were replaced, and take the
    plain difference. Altering records of a table, and dividing by how widely the
    signal varies around the record, are additions of this package.

    References
    ----------
    J. Mattern, F. Mireshghallah, Z. Jin, B. Schoelkopf, M. Sachan,
    T. Berg-Kirkpatrick. "Membership inference attacks against language models via
    neighbourhood comparison". Findings of ACL 2023.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import NeighborhoodAttack
    >>> from skprivacy.records import make_membership_records
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_holdout, y_train, y_holdout = train_test_split(
    ...     X, y, test_size=0.5, random_state=0
    ... )
    >>> model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    >>> records, is_member = make_membership_records(
    ...     X_train, y_train, X_holdout, y_holdout, random_state=0
    ... )
    >>> attack = NeighborhoodAttack(BlackBox(model), random_state=0).fit(records)
    >>> round(attack.score(records, is_member), 1)
    0.7
    """

    _parameter_constraints: dict = {
        **BaseMembershipAttack._parameter_constraints,
        "neighbors": [StrOptions({"generated", "records"})],
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "signal": [str],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        target,
        *,
        neighbors="generated",
        n_neighbors=16,
        signal="auto",
        label=-1,
        random_state=None,
    ):
        self.target = target
        self.neighbors = neighbors
        self.n_neighbors = n_neighbors
        self.signal = signal
        self.label = label
        self.random_state = random_state

    def _fit(self, records):
        response = self._box.response_
        self.signal_ = _AUTO[response] if self.signal == "auto" else self.signal
        check_signal(self.signal_, response)
        asked = self._ask(records)
        if response == "value":
            self._scale = residual_scale(asked.answers[:, 0] - asked.truth)
        own = self._signal_of(asked.answers, asked.truth)
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        self._perturber = Perturber(records, self.label, seed)
        if self.neighbors == "records":
            self._learn_records(records, own, asked.truth)
        around = self._signals_around(records, asked.truth)
        self.usual_variance_ = float(around.var(axis=1).mean())
        self.threshold_ = float(standing_out(own, around, self.usual_variance_).mean())

    def _decide(self, records):
        asked = self._ask(records)
        own = self._signal_of(asked.answers, asked.truth)
        around = self._signals_around(records, asked.truth)
        score = standing_out(own, around, self.usual_variance_) - self.threshold_
        if self._box.response_ == "value":
            return score
        # A label that the target does not know was in no training set.
        return np.where(asked.truth < 0, np.minimum(score, -1.0), score)

    def _signals_around(self, records, truth):
        """Signals of each record's neighbors, shape (n_records, n_neighbors)."""
        if self.neighbors == "records":
            return self._nearest_signals(records, truth)
        around = np.empty((len(records), self.n_neighbors))
        # The copies of all records of a large table would not fit into memory.
        for rows in gen_batches(len(records), max(1, _BLOCK // self.n_neighbors)):
            copies = self._perturber.copies(
                take_rows(records, rows), self.n_neighbors, share=_SHARE, scale=_SCALE
            )
            X, _ = split_records(copies, self.label)
            answers = self._box.query(as_model_input(X, self._box))
            signal = self._signal_of(answers, truth[rows].repeat(self.n_neighbors))
            around[rows] = signal.reshape(-1, self.n_neighbors)
        return around

    def _learn_records(self, records, signal, truth):
        X, _ = split_records(records, self.label)
        self._place = Coordinates(X)
        groups = self._groups(truth)
        self._of_group = {}
        points, keys = self._place(X), self._perturber.keys(records)
        for group in np.unique(groups):
            # One of several equal records stands for all, and never for itself.
            rows = np.flatnonzero(groups == group)
            rows = rows[np.unique(keys[rows], return_index=True)[1]]
            search = NearestNeighbors().fit(points[rows])
            self._of_group[int(group)] = search, signal[rows], keys[rows]

    def _nearest_signals(self, records, truth):
        X, _ = split_records(records, self.label)
        points, keys = self._place(X), self._perturber.keys(records)
        groups = self._groups(truth)
        around = np.zeros((len(keys), self.n_neighbors))
        for group in np.unique(groups):
            if int(group) not in self._of_group:
                continue
            search, signal, known = self._of_group[int(group)]
            rows = np.flatnonzero(groups == group)
            n = min(self.n_neighbors + 1, len(known))
            near = search.kneighbors(points[rows], n, return_distance=False)
            itself = known[near] == keys[rows][:, None]
            # The record itself goes last and, where there are others, out.
            order = np.argsort(itself, axis=1, kind="stable")
            near = np.take_along_axis(near, order, axis=1)
            others = np.maximum(n - itself.sum(axis=1), 1)
            column = np.arange(self.n_neighbors) % others[:, None]
            around[rows] = signal[np.take_along_axis(near, column, axis=1)]
        return around

    def _groups(self, truth):
        """Classes, within which neighbors are looked for; one group of all values."""
        regression = self._box.response_ == "value"
        return np.zeros(len(truth), dtype=int) if regression else truth

    def _signal_of(self, answers, truth):
        response = self._box.response_
        if self.signal == "auto" and response == "proba":
            return label_log_odds(answers, truth, _SMOOTHING)
        if self.signal == "auto" and response == "decision":
            return decision_log_odds(answers, truth)
        scale = getattr(self, "_scale", 1.0)
        return compute_signal(self.signal_, answers, truth, response, scale)


def standing_out(
    signal: np.ndarray, around: np.ndarray, usual_variance: float
) -> np.ndarray:
    """Signal of a record less the mean of its neighbors', in standard deviations.

    Parameters
    ----------
    signal : ndarray of shape (n_records,)
        Signals of records.

    around : ndarray of shape (n_records, n_neighbors)
        Signals of their neighbors.

    usual_variance : float
        Added to each neighborhood's own variance: neighbors that happen to agree are
        not taken to be sure.

    Returns
    -------
    z : ndarray of shape (n_records,)
        0 where nothing varies.

    Examples
    --------
    (5 - 2) / sqrt(1 + 3) and (4 - 4) / sqrt(0 + 3)

    >>> import numpy as np
    >>> around = np.array([[1.0, 3.0], [4.0, 4.0]])
    >>> standing_out(np.array([5.0, 4.0]), around, 3.0)
    array([1.5, 0. ])
    """
    difference = signal - around.mean(axis=1)
    spread = np.sqrt(around.var(axis=1) + usual_variance)
    return np.divide(
        difference, spread, out=np.zeros_like(difference), where=spread > 0
    )


_AUTO = {
    "proba": "logit",
    "decision": "logit",
    "label": "correctness",
    "value": "absolute_residual",
}

#: Forests answer 0 and 1, whose log-odds are extreme.
_SMOOTHING = 0.02

#: Chance of a column to be altered, and noise in its standard deviations.
_SHARE, _SCALE = 0.3, 1.0
#: Copies that are made and asked about at the same time.
_BLOCK = 2**17
