"""Whether a membership attack on a copy tells who is in the target's training set."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.utils import get_tags
from sklearn.utils.validation import check_consistent_length, column_or_1d

from skprivacy._validation import as_table
from skprivacy.metrics import Interval, roc_auc_interval, tpr_at_fpr_interval
from skprivacy.targets import BlackBox, check_target

__all__ = ["MembershipTransfer", "membership_transfer"]

#: Parts into which records are cut for an attack that learns from the truth.
N_FOLDS = 5


@dataclass(frozen=True, eq=False)
class MembershipTransfer:
    """A membership attack on a copy, beside the same attack on the target.

    Parameters
    ----------
    auc_on_copy, auc_on_target : Interval
        ROC AUC of the attack that asks the copy, and of the one that asks the target.

    tpr_on_copy, tpr_on_target : Interval
        True positive rate of both at `fpr`.

    fpr : float
        False positive rate.

    n_queries : int
        Questions that the attack asked the target. The attack on the copy asks none:
        it costs what the copy did.

    score_on_copy, score_on_target : ndarray of shape (n_records,)
        Scores of all records; larger is more like a member.
    """

    auc_on_copy: Interval
    auc_on_target: Interval
    tpr_on_copy: Interval
    tpr_on_target: Interval
    fpr: float
    n_queries: int
    score_on_copy: np.ndarray
    score_on_target: np.ndarray

    def __str__(self):
        return (
            f"AUC {self.auc_on_copy} on the copy, {self.auc_on_target} on the target; "
            f"TPR at {self.fpr:g} FPR {self.tpr_on_copy} and {self.tpr_on_target}"
        )


def membership_transfer(
    attack, copy, X, y, *, fpr: float = 0.01, confidence: float = 0.95
) -> MembershipTransfer:
    """Judge a membership attack that asks a copy in the target's place.

    Whoever holds a copy asks it as often as they like, unseen. What the copy knows of
    the target's training set is what the answers it was made from have told of it.

    Parameters
    ----------
    attack : membership attack
        With the target as its `target`. It is cloned.

    copy : fitted estimator
        The copy: a fitted attack of this package, or any model.

    X : DataFrame or array-like of shape (n_records, n_features + 1)
        Records, as `attack` takes them.

    y : array-like of shape (n_records,)
        The truth: 1 for members of the target's training set, 0 for others.

    fpr : float, default=0.01
        False positive rate at which members found are counted.

    confidence : float, default=0.95
        Probability with which each interval covers its figure.

    Returns
    -------
    transfer : MembershipTransfer

    Raises
    ------
    TypeError
        If `attack` has no target to put the copy in the place of, or only reads
        targets that are opened.
    ValueError
        If the copy does not answer as the target does, or the lengths of `X` and `y`
        differ.

    See Also
    --------
    evasion_transfer : Whether changes that fool a copy fool the target.

    Notes
    -----
    An attack that does not look at the truth is fitted on the records and scores them;
    one that learns from the truth is cross-validated. Shadow models are trained once,
    from the target's recipe, and serve both attacks.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import ExtraTreesRegressor, RandomForestClassifier
    >>> from skprivacy.extraction import SurrogateAttack, membership_transfer
    >>> from skprivacy.membership import ThresholdAttack
    >>> from skprivacy.records import make_membership_records
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> forest = RandomForestClassifier(random_state=0).fit(X[:200], y[:200])
    >>> box = BlackBox(forest)
    >>> learner = ExtraTreesRegressor(random_state=0)
    >>> copy = SurrogateAttack(box, estimator=learner, budget=100, random_state=0)
    >>> copy = copy.fit(X[400:])
    >>> records, is_member = make_membership_records(
    ...     X[:200], y[:200], X[200:400], y[200:400]
    ... )
    >>> told = membership_transfer(ThresholdAttack(box), copy, records, is_member)
    >>> told.auc_on_copy.estimate < told.auc_on_target.low
    True
    >>> told.n_queries  # once for its threshold, once for the scores
    800
    """
    if "target" not in getattr(attack, "get_params", dict)():
        raise TypeError(
            "attack must be a membership attack with the model as its target, such as "
            f"ThresholdAttack(BlackBox(model)); got {attack!r}."
        )
    box = check_target(attack.target)
    X, y = as_table(X), column_or_1d(y, warn=True)
    check_consistent_length(X, y)
    before = box.n_queries_
    on_target, shadow = _score(clone(attack).set_params(target=box), X, y)
    n_queries = box.n_queries_ - before
    on_copy = clone(attack).set_params(target=_in_place_of(box, copy))
    if shadow is not None:
        # The copy's own recipe is to ask the target once more.
        on_copy.set_params(shadow=FrozenEstimator(shadow))
    on_copy, _ = _score(on_copy, X, y)
    options = {"confidence": confidence}
    return MembershipTransfer(
        auc_on_copy=roc_auc_interval(y, on_copy, **options),
        auc_on_target=roc_auc_interval(y, on_target, **options),
        tpr_on_copy=tpr_at_fpr_interval(y, on_copy, fpr, **options),
        tpr_on_target=tpr_at_fpr_interval(y, on_target, fpr, **options),
        fpr=float(fpr),
        n_queries=n_queries,
        score_on_copy=on_copy,
        score_on_target=on_target,
    )


def _in_place_of(box, copy):
    """Put the copy behind a box that answers as the target does."""
    method = {"proba": "predict_proba", "decision": "decision_function"}.get(
        box.response_, "predict"
    )
    if not hasattr(copy, method):
        raise ValueError(
            f"copy must answer as the target does, with response={box.response_!r}; "
            f"{type(copy).__name__} has no {method}."
        )
    classes = None if box.response_ == "value" else box.classes_
    # No rounding: the copy is in the attacker's hands.
    return BlackBox(copy, response=box.response_, classes=classes).fit()


def _score(attack, X, y):
    """Scores of all records, and the shadow models that were trained for them."""
    if get_tags(attack).target_tags.required:
        folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
        scores = cross_val_predict(attack, X, y, cv=folds, method="decision_function")
        return scores, None
    attack.fit(X)
    return attack.decision_function(X), getattr(attack, "shadow_", None)
