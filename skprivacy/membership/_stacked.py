"""An attack that learns its decision on shadow models that play the target."""

from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.base import is_classifier
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from skprivacy.membership._base import BaseShadowAttack
from skprivacy.membership._company import Company, neighbor_evidence
from skprivacy.membership._crowding import crowding
from skprivacy.membership._forest_columns import ForestColumns, holds_trees
from skprivacy.membership._log_odds import LinearAndTrees, fitted_clone, log_odds
from skprivacy.membership._stacked_evidence import (
    evidence_columns,
    fit_signal,
    learn_priors,
    moments_of_signals,
)
from skprivacy.records import hash_records, split_records, take_rows
from skprivacy.shadow import ShadowAnswers, pretend_targets
from skprivacy.shadow._store import in_blocks
from skprivacy.signals import residual_scale

__all__ = ["StackedAttack"]


class StackedAttack(BaseShadowAttack):
    """Learn the decision on shadow models, each taken as the target in turn.

    What a shadow model was trained on is known. So each plays the target against the
    others, a classifier learns which evidence tells its members, and the target's
    records are judged by it. The evidence is that of the other attacks together, and
    what the answers to the nearest other records say.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    shadow : ShadowModels, FrozenEstimator or None, default=None
        Shadow models; fitted ones inside
        :class:`~sklearn.frozen.FrozenEstimator` are used as they are. None:
        ``ShadowModels()``. At least two must remain where one plays the target and
        its complement is left out.

    final_estimator : classifier or None, default=None
        Learns from the columns of evidence; any classifier with ``decision_function``
        or ``predict_proba``. None: the mean of the log-odds of a logistic regression
        and of boosted trees.

    n_pretend : int or "auto", default="auto"
        Shadow models that play the target. "auto": up to 16, or up to 4 where their
        inside is read.

    n_neighbors : int, default=60
        Nearest records whose answers are looked at; 0 for none, and for no look at how
        many records get the same answer.

    label : str or int, default=-1
        The records' label column.

    random_state : int, RandomState instance or None, default=None
        For the rows to learn from, for the classifier, and for shadow models that have
        none of their own.

    Attributes
    ----------
    shadow_ : ShadowModels
        The fitted shadow models.

    final_estimator_ : classifier
        For records that some shadow models were trained on and others were not.

    offline_estimator_ : classifier
        For records that no shadow model was trained on.

    n_pretend_ : int
        Shadow models that played the target.

    white_box_ : bool
        Whether the evidence has columns from inside of the models.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    LiRA : The strongest single column, and simpler to explain.
    ShadowModelAttack : Learns from answers alone.

    Notes
    -----
    Assumes that the attacker can ask the target, knows a record's label, knows how the
    target was trained, and holds records of the same population.

    Columns for each of a few signals: the signal; its distance from the mean of models
    without the record and with it, plain and in standard deviations; both means and
    variances; the log likelihood ratio of LiRA. Then the ratio of RMIA, the rank among
    the models of either kind, and the label. A model that plays the target and its
    complement are not among the models that it is compared with, and variances carry
    the correction for their number, so that the columns mean the same for the target.

    A member also pulls the answers to similar records towards its own label, and
    whether its neighbors are members moves the answer to itself. Hence six columns on
    the nearest records among those given to ``fit``, which the target is asked about
    once more there. Two more say whether many of these get the very same answer, as the
    support vectors on a margin do. All eight are left out if not all of these records
    are in the pool of the shadow models. Of more than 100,000 records, 100,000 taken by
    chance may be neighbors.

    Where the target is held, as a ``FrozenEstimator``, and so are the shadow models, by
    ``ShadowModels(keep_models=True)``, and all hold trees that can be read, the columns
    of :class:`WhiteBoxForestAttack` are added: those of the target, and those of each
    shadow model that plays it. The records given to ``fit`` are then taken to have the
    training rows among them, and must be all of the pool.

    At most 50,000 rows are learned from. Where no shadow model lacks a record, nothing
    is known of it, and the score is 0.

    References
    ----------
    The columns are those of LiRA (Carlini et al. 2022), RMIA (Zarifzadeh et al. 2024)
    and difficulty calibration (Watson et al. 2022). Learning them on shadow models that
    play the target, and the evidence of the neighbors, are additions of this package.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import StackedAttack
    >>> from skprivacy.records import make_membership_records
    >>> from skprivacy.shadow import ShadowModels
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_holdout, y_train, y_holdout = train_test_split(
    ...     X, y, test_size=0.5, random_state=0
    ... )
    >>> model = RandomForestClassifier(30, random_state=0).fit(X_train, y_train)
    >>> records, is_member = make_membership_records(
    ...     X_train, y_train, X_holdout, y_holdout, random_state=0
    ... )
    >>> attack = StackedAttack(
    ...     BlackBox(model), shadow=ShadowModels(n_models=8), random_state=0
    ... ).fit(records)
    >>> attack.score(records, is_member) > 0.6
    True
    """

    _parameter_constraints: dict = {
        **BaseShadowAttack._parameter_constraints,
        "final_estimator": "no_validation",
        "n_pretend": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "n_neighbors": [Interval(Integral, 0, None, closed="left")],
    }

    def __init__(
        self,
        target,
        *,
        shadow=None,
        final_estimator=None,
        n_pretend="auto",
        n_neighbors=60,
        label=-1,
        random_state=None,
    ):
        self.target = target
        self.shadow = shadow
        self.final_estimator = final_estimator
        self.n_pretend = n_pretend
        self.n_neighbors = n_neighbors
        self.label = label
        self.random_state = random_state

    def _fit(self, records):
        _check_final_estimator(self.final_estimator)
        super()._fit(records)
        self._settle_scales()
        held = self.shadow_.query(records)
        self._holds_pool = bool(held.membership.any(axis=0).all())
        pool = held
        if not self._holds_pool:
            shadow = self.shadow_
            pool = ShadowAnswers(shadow.answers_, shadow.membership_, shadow.truth_)
        self._company = self._settle_company(records)
        self._inside = self._look_inside(records)
        self.white_box_ = self._inside is not None
        self._learn_from(pool, records)
        if self._company is not None:
            asked = self._ask(records)
            # A label that the target does not know has no place in its answers.
            pool = pool._replace(truth=asked.truth)
            self._pool_signal = self._signal(*asked)
            self._shown, self._direction = self._shown_by_all(asked.answers, pool)

    def _settle_scales(self):
        """Learn what every comparison shares, on the whole pool."""
        shadow, response = self.shadow_, self._box.response_
        self._scale = 1.0
        if response == "value":
            error = shadow.answers_[..., 0] - shadow.truth_
            self._scale = residual_scale(error[~shadow.membership_])
        of_signals = moments_of_signals(
            shadow.answers_, shadow.membership_, shadow.truth_, response, self._scale
        )
        self._priors = [learn_priors(*pair) for pair in of_signals]

    def _settle_company(self, records):
        if not self._holds_pool or self.n_neighbors == 0:
            return None
        X, _ = split_records(records, self.label)
        return Company(X, hash_records(records), self.n_neighbors)

    def _look_inside(self, records):
        """Evidence from inside of the target, where it may be had and learned."""
        held = self._holds_pool and isinstance(self.target, FrozenEstimator)
        if not held or not hasattr(self.shadow_, "models_"):
            return None
        model = self.target.estimator
        if not holds_trees([model, *self.shadow_.models_]):
            return None
        X, y = split_records(records, self.label)
        return ForestColumns(model, X, y, hash_records(records))

    def _learn_from(self, pool, records):
        membership, n_records = pool.membership, len(pool.truth)
        rng = check_random_state(self.random_state)
        n_pretend = self.n_pretend
        if n_pretend == "auto":
            n_pretend = _MOST_PRETEND if self._inside is None else _MOST_READ
        pairs = list(pretend_targets(membership, n_pretend))
        if not pairs:
            raise ValueError(
                "shadow must hold enough models that two remain where one plays the "
                "target and its complement is left out: at least 4 in pairs, or 3; got "
                f"n_models={len(membership)}."
            )
        self.n_pretend_ = len(pairs)
        per_model = min(n_records, max(MAX_ROWS // len(pairs), 1))
        drawn = [np.sort(rng.permutation(n_records)[:per_model]) for _ in pairs]
        searched = np.unique(np.concatenate(drawn))
        if self._company is not None:
            neighbors = self._neighbors(take_rows(records, searched))
        online, offline, is_member = [], [], []
        for (target, others), rows in zip(pairs, drawn, strict=True):
            near = None
            if self._company is not None:
                near = neighbors[np.searchsorted(searched, rows)]
            columns = self._pretended(pool, target, others, rows, near)
            extra = columns.extra
            if self._inside is not None:
                inside = self._inside_shadow(records, target)
                extra = np.column_stack([extra, inside[rows]])
            online.append(np.column_stack([columns.online, extra]))
            offline.append(np.column_stack([columns.offline, extra]))
            is_member.append(membership[target, rows])
        seed = rng.randint(np.iinfo(np.int32).max)
        truth = np.concatenate(is_member).astype(int)
        self.final_estimator_ = self._learned(online, truth, seed)
        self.offline_estimator_ = self._learned(offline, truth, seed)

    def _learned(self, columns, is_member, seed):
        columns = np.concatenate(columns)
        known = np.isfinite(columns).all(axis=1)
        if len(np.unique(is_member[known])) < 2:
            return None
        recipe = self.final_estimator
        recipe = LinearAndTrees() if recipe is None else recipe
        return fitted_clone(recipe, columns[known], is_member[known], seed)

    def _decide(self, records):
        asked, shadow = self._ask(records), self.shadow_.query(records)
        pool = shadow._replace(truth=asked.truth)
        beside = self._beside(records, asked)

        def score(rows):
            evidence = self._evidence(asked.answers, pool, rows)
            extra = [part[rows] for part in beside]
            if self._company is not None:
                near = self._neighbors(take_rows(records, rows))
                told = self._shown, evidence.direction, self._direction
                extra.insert(0, neighbor_evidence(near, *told))
            return self._judged(evidence, extra)

        return in_blocks(score, *shadow.membership.shape)

    def _judged(self, evidence, extra):
        score = np.zeros(len(evidence.direction))
        # The more that is known of a record, the later.
        for columns, estimator in (
            (evidence.offline, self.offline_estimator_),
            (evidence.online, self.final_estimator_),
        ):
            columns = np.column_stack([columns, *extra])
            known = np.isfinite(columns).all(axis=1)
            if estimator is not None and known.any():
                score[known] = log_odds(estimator, columns[known])
        return score

    def _pretended(self, pool, target, others, rows, near):
        """Columns of some records by a shadow model that plays the target."""
        answers, extra = pool.answers[target], []
        used = rows
        if near is not None:
            # What is known of all the other records is not needed.
            used = np.union1d(rows, near[near >= 0])

        def of_block(block):
            return self._evidence(answers, pool, used[block], others)

        evidence = in_blocks(of_block, len(others), len(used))
        own = np.searchsorted(used, rows)
        direction = evidence.direction[own]
        if near is not None:
            near = np.where(near < 0, -1, np.searchsorted(used, near))
            told = evidence.shown, direction, evidence.direction
            signal = self._signal(answers, pool.truth)
            extra = [neighbor_evidence(near, *told), crowding(signal[rows], signal)]
        extra = np.column_stack([np.zeros((len(rows), 0)), *extra])
        return _Columns(evidence.online[own], evidence.offline[own], extra)

    def _evidence(self, answers, pool, rows, others=None):
        """Evidence on some records from all models, or from those at `others`."""
        held, drawn = pool.answers[:, rows], pool.membership[:, rows]
        return evidence_columns(
            answers[rows],
            held if others is None else held[others],
            drawn if others is None else drawn[others],
            pool.truth[rows],
            self._box.response_,
            self._scale,
            self._priors,
        )

    def _shown_by_all(self, answers, pool):
        """Tell what each record of the pool shows its neighbors, and its direction."""

        def of_block(rows):
            evidence = self._evidence(answers, pool, rows)
            return evidence.shown, evidence.direction

        return in_blocks(of_block, *pool.membership.shape)

    def _signal(self, answers, truth):
        return fit_signal(answers, truth, self._box.response_, self._scale)

    def _neighbors(self, records):
        X, _ = split_records(records, self.label)
        return self._company.of(X, hash_records(records))

    def _beside(self, records, asked):
        """Columns that need more than the answers to records and their neighbors."""
        columns = []
        if self._company is not None:
            columns.append(crowding(self._signal(*asked), self._pool_signal))
        if self._inside is not None:
            X, y = split_records(records, self.label)
            columns.append(self._inside.of(X, y, hash_records(records)))
        return columns

    def _inside_shadow(self, records, number):
        """Evidence from inside of a shadow model that plays the target."""
        X, y = split_records(records, self.label)
        model, hashes = self.shadow_.models_[number], self._inside.hashes
        return ForestColumns(model, X, y, hashes, self._inside).columns


class _Columns(NamedTuple):
    """What is learned from, where some models have a record, and where none has."""

    online: np.ndarray
    offline: np.ndarray
    #: Beside both.
    extra: np.ndarray


def _check_final_estimator(final_estimator):
    if final_estimator is not None and not is_classifier(final_estimator):
        raise TypeError(
            "final_estimator must be a classifier of scikit-learn, unfitted, or None; "
            f"got {final_estimator!r}."
        )


_MOST_PRETEND = 16

#: Shadow models of trees whose inside is read, at the most.
_MOST_READ = 4

#: Rows to learn from at the most.
MAX_ROWS = 50_000
