"""Membership from predicted labels alone."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from skprivacy._validation import encode_labels
from skprivacy.membership._base import BaseShadowAttack
from skprivacy.membership._path_ends import PathEnds, take
from skprivacy.records import Perturber, split_records, stack_tables
from skprivacy.shadow._robustness import (
    answer_evidence,
    bisect_flips,
    information,
    right_rates,
    robustness,
    usual_gain,
)
from skprivacy.signals import ask, truth_of
from skprivacy.targets import QueryBudgetExceeded

__all__ = ["LabelOnlyAttack"]


class LabelOnlyAttack(BaseShadowAttack):
    """Ask how firmly the target holds on to a record's label.

    Only predicted labels are used; a box that shows more is read as if it did not. A
    model is often right about a member even where the member is altered a little. With
    shadow models, the attack knows which altered copies tell members from others.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    method : {"gap", "noise", "boundary"}, default="noise"
        "gap" asks about the record alone: right or wrong. "noise" asks about the record
        and altered copies of it. "boundary" goes from the record towards similar
        records of another label, and asks where the label is lost.

    shadow : ShadowModels, FrozenEstimator or None, default=None
        Shadow models; fitted ones inside
        :class:`~sklearn.frozen.FrozenEstimator` are used as they are. They are asked
        about the altered copies: with ``keep_models=False`` each is trained once more
        for that. None: no shadow models.

    budget : int or None, default=None
        Queries for each record, at the most. None: 1 for "gap", 16 otherwise. "noise"
        needs 2, and "boundary" 4. Where the box has a budget that is too small for
        this, fewer are asked.

    label : str or int, default=-1
        The records' label column.

    random_state : int, RandomState instance or None, default=None
        Decides the altered copies; also for shadow models that have none of their own.

    Attributes
    ----------
    n_queries_ : int
        Queries for each record.

    shadow_ : ShadowModels or None
        The fitted shadow models.

    threshold_ : float
        What the score is compared with; 0 with shadow models and for "gap".

    tolerance_ : float
        For regressors: how far off a prediction may be to be right.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    Raises
    ------
    QueryBudgetExceeded
        By ``fit`` or ``decision_function``, before anything is asked, if the box's
        budget does not last for all of the records.

    See Also
    --------
    NeighborhoodAttack : The same idea where more than labels is shown.
    LiRA : Stronger where probabilities are shown; works on labels, too.

    Notes
    -----
    Assumes that the attacker can ask the target for labels, knows a record's label,
    and holds records of the same population. With shadow models, also that the
    attacker knows how the target was trained.

    Copies hold only values that the records in ``fit`` have, or numbers within their
    range; see :class:`~skprivacy.records.Perturber`. ``fit`` asks about its records
    once, and ``decision_function`` does not ask about them again.

    Without shadow models, the score of "noise" is the share of copies that keep the
    label, and that of "boundary" the shortest part of the way; both are 0 for a record
    that the target gets wrong. With shadow models, about two copies, or points of the
    way, are drawn for each one that may be asked about. Asked are those whose answers
    are expected to tell the most, and the log-likelihood ratios of the answers are
    added up. Choosing copies and weighing answers with shadow models are additions of
    this package.

    A regressor has no label. Its prediction counts as right where it is off by less
    than usual: the median error of shadow models on records that they were not trained
    on, or of the target on the records in ``fit``.

    References
    ----------
    C. A. Choquette-Choo, F. Tramer, N. Carlini, N. Papernot. "Label-only membership
    inference attacks". ICML 2021: robustness to noise, and the distance to the
    boundary.

    Z. Li, Y. Zhang. "Membership leakage in label-only exposures". CCS 2021: the
    distance to the boundary.

    S. Yeom, I. Giacomelli, M. Fredrikson, S. Jha. "Privacy risk in machine learning:
    analyzing the connection to overfitting". CSF 2018: the gap.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.membership import LabelOnlyAttack
    >>> from skprivacy.records import make_membership_records
    >>> from skprivacy.shadow import ShadowModels
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_holdout, y_train, y_holdout = train_test_split(
    ...     X, y, test_size=0.5, random_state=0
    ... )
    >>> model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
    >>> records, is_member = make_membership_records(
    ...     X_train, y_train, X_holdout, y_holdout, random_state=0
    ... )
    >>> attack = LabelOnlyAttack(
    ...     BlackBox(model, response="label"),
    ...     shadow=ShadowModels(n_models=16, keep_models=True),
    ...     random_state=0,
    ... ).fit(records)
    >>> round(attack.score(records, is_member), 1)
    0.6
    """

    _parameter_constraints: dict = {
        **BaseShadowAttack._parameter_constraints,
        "method": [StrOptions({"gap", "noise", "boundary"})],
        "budget": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init__(
        self,
        target,
        *,
        method="noise",
        shadow=None,
        budget=None,
        label=-1,
        random_state=None,
    ):
        self.target = target
        self.method = method
        self.shadow = shadow
        self.budget = budget
        self.label = label
        self.random_state = random_state

    def _fit(self, records):
        self.n_queries_ = self._plan(len(records))
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        self._perturber = Perturber(records, self.label, seed)
        self.shadow_ = None if self.shadow is None else self._fitted_shadow(records)
        if self.method == "boundary":
            self._ends = PathEnds(
                records, self.label, (self.n_queries_ - 1) // _HALVINGS
            )
        if self.shadow_ is not None:
            self._learn()
        score = self._score_known(records, truth_of(self._labels(records), self._box))
        fixed = self.shadow_ is not None or self.method == "gap"
        self.threshold_ = 0.0 if fixed else float(score.mean())
        keys, first = np.unique(self._perturber.keys(records), return_index=True)
        self._known = keys, score[first]

    def _learn(self):
        """Learn from the shadow models how often records are answered rightly."""
        shadow = self.shadow_
        if self._box.response_ == "value":
            error = np.abs(shadow.answers_[..., 0] - shadow.truth_)
            self.tolerance_ = float(np.median(error[~shadow.membership_]))
        right = self._right(shadow.answers_, shadow.truth_)[..., None]
        outside = right[~shadow.membership_]
        self._base = float((outside.sum() + 0.5) / (outside.size + 1))
        self._gain = usual_gain(right, shadow.membership_)

    def _decide(self, records):
        known, scores = self._known
        keys = self._perturber.keys(records)
        found = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        score = scores[found].copy()
        strange = np.flatnonzero(known[found] != keys)
        if len(strange):
            strangers = take(records, strange)
            truth = self._labels(strangers)
            if self._box.response_ != "value":
                truth = encode_labels(truth, self._box.classes_)
            score[strange] = self._score_known(strangers, truth, scores.min())
        return score - self.threshold_

    def _labels(self, records):
        return split_records(records, self.label)[1]

    def _score_known(self, records, truth, least=None):
        """Score records; one of an unknown label as no better than any in ``fit``."""
        known = np.ones(len(truth), bool)
        if self._box.response_ != "value":
            known = truth >= 0
        score = np.zeros(len(truth))
        if known.any():
            _check_budget(self._box, int(known.sum()), self.n_queries_)
            score[known] = self._ask_and_score(take(records, np.flatnonzero(known)))
        score[~known] = score[known].min() if least is None else least
        return score

    def _ask_and_score(self, records):
        """Score records that the target has not been asked about."""
        right = self._ask_record(records)
        if self.method == "gap":
            return self._gap(records, right)
        score = self._noise if self.method == "noise" else self._boundary
        return score(records, right)

    def _ask_record(self, records):
        asked = ask(self._box, records, self.label)
        if self._box.response_ == "value" and not hasattr(self, "tolerance_"):
            error = np.abs(asked.answers[:, 0] - asked.truth)
            self.tolerance_ = float(np.median(error))
        return self._right(asked.answers, asked.truth)

    def _gap(self, records, right):
        if self.shadow_ is None:
            return right - 0.5
        answers, membership = self._ask_shadows(records, records, 0)
        return answer_evidence(right[:, None], self._rates(answers, membership))

    def _noise(self, records, right):
        n_asked = self.n_queries_ - 1
        if self.shadow_ is not None:
            n_drawn = n_asked * _DRAWN_FOR_EACH
            copies = self._noisy_copies(records, n_drawn)
            return self._ask_telling(records, right, copies, n_drawn)
        copies = self._noisy_copies(records, n_asked)
        kept = self._target_right(copies).reshape(len(records), n_asked)
        return robustness(np.column_stack([right, kept]))

    def _ask_telling(self, records, right, copies, n_copies):
        """Ask about those copies whose answers shadow models expect to tell most."""
        n, n_asked = len(records), min(self.n_queries_ - 1, n_copies)
        rates = self._rates(*self._ask_shadows(records, copies, n_copies))
        told = information(rates)[:, 1:]
        chosen = np.argsort(-told, axis=1, kind="stable")[:, :n_asked]
        rows = chosen + n_copies * np.arange(n)[:, None]
        answers = self._target_right(take(copies, rows.ravel())).reshape(n, n_asked)
        columns = np.column_stack([np.zeros(n, int), 1 + chosen])
        picked = [np.take_along_axis(rate, columns, axis=1) for rate in rates]
        return answer_evidence(np.column_stack([right, answers]), rates._make(picked))

    def _noisy_copies(self, records, n_copies):
        """Alter records, in turn by each of some kinds of noise."""
        kinds = _NOISE if self.shadow_ is not None else _NOISE[:1]
        each = -(-n_copies // len(kinds))
        n, tables = len(records), []
        for kind, (share, scale) in enumerate(kinds):
            copies = self._perturber.copies(
                records, each, share=share, scale=scale, stream=kind
            )
            tables.append(copies)
        copy = np.arange(n_copies)
        kind, number = copy % len(kinds), copy // len(kinds)
        rows = (kind * n * each + number) + each * np.arange(n)[:, None]
        return take(stack_tables(tables), rows.ravel())

    def _boundary(self, records, right):
        ends, n_paths = self._ends.of(records), self._ends.n_paths
        starts = take(records, np.repeat(np.arange(len(records)), n_paths))
        if self.shadow_ is not None:
            steps = np.arange(1, 2**_HALVINGS)
            path = np.repeat(np.arange(len(starts)), len(steps))
            step = np.tile(steps, len(starts))
            points = self._on_the_way(take(starts, path), take(ends, path), step)
            return self._ask_telling(records, right, points, n_paths * len(steps))

        def keeps(step):
            return self._target_right(self._on_the_way(starts, ends, step)) > 0

        way = bisect_flips(keeps, (len(starts),), _HALVINGS)
        return right * way.reshape(len(records), n_paths).min(axis=1)

    def _on_the_way(self, starts, ends, step):
        return self._perturber.between(starts, ends, step / 2**_HALVINGS)

    def _target_right(self, records):
        asked = ask(self._box, records, self.label)
        return self._right(asked.answers, asked.truth)

    def _ask_shadows(self, records, copies, n_copies):
        """Whether shadow models are right about records and then their copies."""
        n, shadow = len(records), self.shadow_
        # Without the models, each question costs their training: all go in one.
        step = _CHUNK if hasattr(shadow, "models_") else n
        parts = []
        for start in range(0, n, step):
            rows = np.arange(start, min(start + step, n))
            part = take(records, rows)
            if n_copies:
                own = rows[:, None] * n_copies + np.arange(n_copies)
                part = stack_tables([part, take(copies, own.ravel())])
            answers, membership, truth = shadow.query(part)
            right = self._right(answers, truth)
            parts.append(
                (
                    np.concatenate(
                        [
                            right[:, : len(rows), None],
                            right[:, len(rows) :].reshape(
                                len(right), len(rows), n_copies
                            ),
                        ],
                        axis=2,
                    ),
                    membership[:, : len(rows)],
                )
            )
        right, membership = zip(*parts, strict=True)
        return np.concatenate(right, axis=1), np.concatenate(membership, axis=1)

    def _rates(self, right, membership):
        return right_rates(right, membership, self._base, self._gain)

    def _right(self, answers, truth):
        """1 where the predicted label is the record's own, 0 elsewhere."""
        if self._box.response_ == "value":
            return (np.abs(answers[..., 0] - truth) <= self.tolerance_).astype(float)
        return (answers.argmax(axis=-1) == truth).astype(float)

    def _plan(self, n_records):
        """Say how many queries a record the box can pay for."""
        fewest, usual = _QUERIES[self.method]
        wanted = usual if self.budget is None else self.budget
        if wanted < fewest:
            raise ValueError(
                f"budget must be at least {fewest} queries a record for "
                f"method={self.method!r}; got {wanted}."
            )
        wanted = wanted if self.method != "gap" else 1
        if self._box.budget is not None:
            left = self._box.budget - self._box.n_queries_
            wanted = max(fewest, min(wanted, left // n_records))
        _check_budget(self._box, n_records, wanted)
        return wanted


def _check_budget(box, n_records, n_queries):
    """Refuse before anything is asked."""
    needed = n_records * n_queries
    if box.budget is not None and box.n_queries_ + needed > box.budget:
        raise QueryBudgetExceeded(needed, box.n_queries_, box.budget)


#: Fewest and usual queries for each record.
_QUERIES = {"gap": (1, 1), "noise": (2, 16), "boundary": (4, 16)}

#: Share of the columns that are altered, and how much; the first without shadow models.
_NOISE = ((0.1, 0.1), (0.1, 1.0), (0.0, 2.0))

#: Copies to choose from, for each one that is asked about.
_DRAWN_FOR_EACH = 2

_HALVINGS = 3
_CHUNK = 1000
