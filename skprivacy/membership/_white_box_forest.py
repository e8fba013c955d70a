"""Membership by all that a model of trees holds, weighed on models of one's own."""

from numbers import Integral

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from skprivacy.inspection._bootstrap import replay_bootstrap
from skprivacy.membership._base import BaseMembershipAttack
from skprivacy.membership._forest_evidence import EVIDENCE, Candidates, logit_of
from skprivacy.records import (
    as_model_input,
    find_records,
    hash_records,
    split_records,
    take_rows,
)
from skprivacy.shadow import with_random_states
from skprivacy.signals import truth_of
from skprivacy.targets import check_target, check_white_box, recipe_of

__all__ = ["WhiteBoxForestAttack"]

#: Records of own models that are enough to learn from.
LEARNED = 8_000


class WhiteBoxForestAttack(BaseMembershipAttack):
    """Learn on forests of one's own what the inside of a forest gives away.

    Thresholds, leaf counts and answers, and replayed bootstrap samples each say
    something. How much depends on the table and on the recipe, and is learned where
    the truth is known: on models that the attacker trains on halves of the candidates.

    Parameters
    ----------
    target : FrozenEstimator
        The model under attack: a model whose trees can be read, or a pipeline that ends
        in one.

    label : str or int, default=-1
        The records' label column.

    n_models : int or "auto", default="auto"
        Models to learn on. "auto": as many as give some 8,000 records to learn from, or
        half of that where leaves are solved as equations; from 1 to 3.

    recipe : estimator or None, default=None
        How they are trained. None: as the target.

    final_estimator : classifier or None, default=None
        Learns members from evidence. None: a logistic regression on evidence whose
        largest values are pulled in.

    random_state : int, RandomState instance or None, default=None
        For the halves, and the models on them.

    Attributes
    ----------
    final_estimator_ : classifier
        The fitted classifier of evidence.

    evidence_names_ : list of str
        Columns of evidence that are used: those that the target has.

    row_ : ndarray of int of shape (n_records,)
        The training row for which each record given to ``fit`` is taken; -1 where the
        bootstrap samples can't be drawn again.

    seed_ : int or None
        The target's seed that was found; None where the trees keep their own, or
        nothing was found.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    BootstrapReplayAttack : The strongest part of the evidence, without own models.
    SplitPointAttack : Thresholds alone.

    Notes
    -----
    Assumes that the attacker holds the model itself, knows how it was trained, and
    holds candidates, given to ``fit``, among whom the training rows are, unmarked.
    Other records are compared with the candidates by the leaves alone.

    Where the target's seeds were removed and none is found, the attacker's own models
    are read without theirs, so that the classifier learns to do without.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import WhiteBoxForestAttack
    >>> from skprivacy.records import make_membership_records
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_holdout, y_train, y_holdout = train_test_split(
    ...     X, y, test_size=0.5, random_state=0
    ... )
    >>> model = RandomForestClassifier(30, random_state=0).fit(X_train, y_train)
    >>> records, is_member = make_membership_records(
    ...     X_train, y_train, X_holdout, y_holdout, random_state=0
    ... )
    >>> attack = WhiteBoxForestAttack(FrozenEstimator(model), random_state=0)
    >>> attack.fit(records).score(records, is_member) > 0.8
    True
    """

    _parameter_constraints: dict = {
        **BaseMembershipAttack._parameter_constraints,
        "n_models": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "recipe": [HasMethods(["fit", "predict"]), None],
        "final_estimator": [HasMethods(["fit", "predict"]), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        target,
        *,
        label=-1,
        n_models="auto",
        recipe=None,
        final_estimator=None,
        random_state=None,
    ):
        self.target = target
        self.label = label
        self.n_models = n_models
        self.recipe = recipe
        self.final_estimator = final_estimator
        self.random_state = random_state

    def _fit(self, records):
        model = check_white_box(self.target)
        X, y = self._features(records)
        truth = truth_of(y, self._box)
        replay = replay_bootstrap(model)
        self._known = Candidates(model, X, truth, replay)
        self.seed_ = None if replay is None else replay.seed
        self.row_ = self._known.rows.row
        self._hashes = hash_records(records)
        # A label that the target does not know is no label to train on.
        usable = (truth >= 0) | (self._box.response_ == "value")
        own, inside = self._learn_on_own(X, y, usable)
        evidence = _with_logit(self._box, X, truth, self._known.columns())
        self._used = np.flatnonzero((np.ptp(own, axis=0) > 0) & np.any(evidence, 0))
        self.evidence_names_ = [EVIDENCE[j] for j in self._used]
        final = self.final_estimator
        final = plain_final_estimator() if final is None else clone(final)
        self.final_estimator_ = final.fit(own[:, self._used], inside)
        self._score = self._weigh(evidence)

    def _learn_on_own(self, X, y, usable):
        """Evidence of the attacker's own models, and who was in each."""
        rng = check_random_state(self.random_state)
        recipe = recipe_of(self.target) if self.recipe is None else self.recipe
        n = len(y)
        size = max(1, min(self._known.draws.n_rows, n // 2))
        found, inside = [], []
        for _ in range(self._n_own(n)):
            part = np.zeros(n, dtype=bool)
            part[rng.permutation(np.flatnonzero(usable))[:size]] = True
            model = with_random_states(clone(recipe), rng)
            model.fit(take_rows(X, part), y[part])
            box = check_target(FrozenEstimator(model))
            truth = truth_of(y, box)
            candidates = Candidates(
                model,
                as_model_input(X, box),
                truth,
                replay_bootstrap(model) if self._known.draws.known else None,
                counts=self._known.tells_counts,
            )
            found.append(_with_logit(box, X, truth, candidates.columns()))
            inside.append(part)
        return np.concatenate(found), np.concatenate(inside).astype(int)

    def _n_own(self, n_records):
        if self.n_models != "auto":
            return self.n_models
        wanted = LEARNED // 2 if self._known.has_equations else LEARNED
        return int(np.clip(-(-wanted // n_records), 1, 3))

    def _decide(self, records):
        place = find_records(self._hashes, hash_records(records))
        known = place >= 0
        score = self._score[place]
        if not known.all():
            X, y = self._features(records)
            X, truth = take_rows(X, ~known), truth_of(y, self._box)[~known]
            columns = self._known.further_columns(X, truth)
            score[~known] = self._weigh(_with_logit(self._box, X, truth, columns))
        return score

    def _weigh(self, evidence):
        final, evidence = self.final_estimator_, evidence[:, self._used]
        if hasattr(final, "decision_function"):
            return final.decision_function(evidence)
        chance = np.clip(final.predict_proba(evidence)[:, 1], 1e-15, 1 - 1e-15)
        return np.log(chance / (1 - chance))

    def _features(self, records):
        X, y = split_records(records, self.label)
        return as_model_input(X, self._box), y


def plain_final_estimator():
    """Return the default classifier of evidence.

    Returns
    -------
    final_estimator : Pipeline
    """
    return make_pipeline(
        FunctionTransformer(pull_in),
        StandardScaler(),
        LogisticRegression(C=1.0, max_iter=1000),
    )


def pull_in(evidence):
    """Take the logarithm of large evidence, on both sides of 0.

    Parameters
    ----------
    evidence : ndarray
        Evidence.

    Returns
    -------
    evidence : ndarray
        The evidence itself, and its logarithm, side by side.

    Examples
    --------
    >>> pull_in(np.array([[0.0, -1.0]])).round(2)
    array([[ 0.  , -1.  ,  0.  , -0.69]])
    """
    return np.hstack([evidence, np.sign(evidence) * np.log1p(np.abs(evidence))])


def _with_logit(box, X, truth, columns):
    answers = box.query(as_model_input(X, box))
    return np.column_stack([columns, logit_of(box, answers, truth)])
