"""What all extraction attacks share: the fitted attack is the copy."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, _fit_context
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import ClassifierTags, RegressorTags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import (
    assert_all_finite,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from skprivacy._validation import check_numbers
from skprivacy.extraction._answer_store import AnswerStore
from skprivacy.extraction._design_space import text_columns
from skprivacy.extraction._fidelity import unlimited
from skprivacy.extraction._oracle import Oracle
from skprivacy.extraction._space import QuerySpace
from skprivacy.targets import BlackBox, check_target

__all__ = ["FEWEST_LEFT", "N_REPEATS", "BaseExtractionAttack"]

#: Points that are asked twice, to see whether the target contradicts itself, if so many
#: queries are left.
N_REPEATS, FEWEST_LEFT = 3, 200

#: Numbers that differ by less, as a share of the largest, are the same.
SAME = 1e-13


def _n_columns(box):
    return 1 if box.response_ == "value" else len(box.classes_)


def _copies(*responses):
    def check(attack):
        return attack._response_of_copy() in responses

    return check


class BaseExtractionAttack(BaseEstimator):
    """Copies a target by asking it; once fitted, it is the copy.

    A subclass asks the target (``_fit``, which gets an oracle and the space of queries)
    and answers in its place (``_answers``, laid out as the target's own). One that
    takes more than numbers says what may be asked (``_space_of``) and what it takes
    (``_check_table``, ``_checked``).

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The target's classes; only where it is a classifier.

    is_deterministic_ : bool or None
        Whether the target answers the same question the same way twice; None where that
        was not looked at.

    n_queries_ : int
        Points that were asked.

    n_features_in_ : int
        Features that the target takes.

    See Also
    --------
    EquationSolvingAttack : For linear models and all that are linear inside.
    """

    #: Whether the first points are asked twice, and what to do if answers differ.
    _asks_twice = False

    _parameter_constraints = {
        "target": "no_validation",
        "bounds": ["array-like", None],
    }

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Ask the target, and copy it.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            What queries look like: unlabelled records, in the types of their columns.

        y : object
            Ignored: what the target answers is asked for.

        Returns
        -------
        self : object
            The fitted attack, which is the copy.

        Raises
        ------
        ValueError
            If the target's answers are not of the kind that the attack reads, or the
            budget is smaller than what it needs.
        """
        box = check_target(self.target)
        table = self._check_table(X, reset=True)
        self._check_ignored(X, y)
        space = self._space_of(table)
        oracle = Oracle(box, space, self._store_of(box))
        self._shown = box.response_
        if self._shown != "value":
            self.classes_ = np.asarray(box.classes_)
        self.is_deterministic_ = None
        if self._asks_twice and box.response_ != "label":
            oracle.watch = _Repeats(self, oracle)
        self._fit(oracle, space)
        self.n_queries_ = oracle.n_paid
        return self

    def predict(self, X):
        """Answer as the target would: its label, or its number.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        answers = self._answers(self._checked(X))
        if self._shown == "value":
            return answers[:, 0]
        return self.classes_[answers.argmax(axis=1)]

    @available_if(_copies("proba"))
    def predict_proba(self, X):
        """Answer with the probabilities that the target would give.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        proba : ndarray of shape (n_records, n_classes)
        """
        return self._answers(self._checked(X))

    @available_if(_copies("decision"))
    def decision_function(self, X):
        """Answer with the decision values that the target would give.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        decision : ndarray of shape (n_records,) or (n_records, n_classes)
            One number a record where there are two classes.
        """
        answers = self._answers(self._checked(X))
        if answers.shape[1] == 2:
            return answers[:, 1] - answers[:, 0]
        return answers

    def score(self, X, y=None, sample_weight=None):
        """Fidelity: how often the copy answers as the target does.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        y : array-like of shape (n_records,) or None, default=None
            What the target answered to them, where that is known. None: it is asked,
            without rounding and without a budget, as to measure is not to attack.

        sample_weight : array-like of shape (n_records,) or None, default=None
            Weights.

        Returns
        -------
        score : float
            Share of labels that agree; of numbers R2.
        """
        check_is_fitted(self)
        found = self.predict(X)
        if y is None:
            y = unlimited(check_target(self.target)).predict(X)
        if self._shown == "value":
            # Of a constant target, a rounding error would be no fidelity at all.
            y = check_numbers(y)
            same = np.abs(found - y) <= SAME * np.abs(y).max(initial=0)
            found = np.where(same, y, found)
            return float(r2_score(y, found, sample_weight=sample_weight))
        return float(accuracy_score(y, found, sample_weight=sample_weight))

    def _store_of(self, box):
        """Return where answers are kept; None where the attack sees to it itself."""
        return AnswerStore(getattr(self, "memory", None), _n_columns(box))

    def _found_noise(self, gap):
        """Refuse to look for steps and corners among answers that contradict."""
        raise ValueError(
            "target: it answers the same question differently when asked again, by up "
            f"to {gap:.2g}, and {type(self).__name__} reads small differences. "
            "SurrogateAttack learns from such answers."
        )

    def _check_ignored(self, X, y):
        """Check labels: not used, but ones that cannot be right are a mistake."""
        if y is not None:
            y = column_or_1d(y, warn=True)
            check_consistent_length(X, y)
            assert_all_finite(y, input_name="y")

    def _space_of(self, table):
        """Return what may be asked; another kind of table has a space of its own."""
        return QuerySpace(table, self.bounds)

    def _checked(self, X):
        check_is_fitted(self)
        return np.asarray(self._check_table(X, reset=False), dtype=float)

    def _check_table(self, X, reset):
        """Check records; the attacker's own keep the types of their columns."""
        odd = text_columns(X)
        if odd:
            raise ValueError(
                f"{type(self).__name__} needs numbers in all columns of X; these "
                f"hold others: {odd}. SurrogateAttack copies models of any table, and "
                "EquationSolvingAttack linear ones."
            )
        least = 2 if reset and self.bounds is None else 1
        checked = validate_data(
            self,
            X,
            reset=reset,
            dtype="numeric",
            ensure_min_samples=least,
        )
        return X if isinstance(X, pd.DataFrame) else checked

    def _refuse(self, oracle, allowed, instead):
        """Refuse a target whose answers the attack cannot read."""
        if oracle.response not in allowed:
            raise ValueError(
                f"target: {type(self).__name__} reads answers of the kinds "
                f"{list(allowed)}; the target gives response={oracle.response!r}. "
                f"{instead}"
            )

    def _response_of_copy(self):
        """Say what the copy answers with; before it is fitted, what the target does."""
        if hasattr(self, "_shown"):
            return self._shown
        if isinstance(self.target, FrozenEstimator):
            return BlackBox(self.target.estimator).response_
        # A bare or senseless target is refused by fit, not here.
        return self.target.response_ if isinstance(self.target, BlackBox) else None

    def __sklearn_is_fitted__(self):
        return hasattr(self, "n_queries_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        shown = self._response_of_copy()
        if shown == "value":
            tags.estimator_type = "regressor"
            tags.regressor_tags = RegressorTags(poor_score=True)
        elif shown is not None:
            tags.estimator_type = "classifier"
            tags.classifier_tags = ClassifierTags(poor_score=True)
        tags.target_tags.required = False
        return tags


class _Repeats:
    """Asks the first points of an attack twice, where queries are not scarce."""

    def __init__(self, attack, oracle):
        self.attack, self.oracle = attack, oracle
        self.left = N_REPEATS

    def __call__(self, points, answers):
        if self.oracle.left < FEWEST_LEFT:
            return False
        n = min(self.left, len(points))
        gap = self.oracle.repeat(points[:n], answers[:n])
        self.attack.is_deterministic_ = gap == 0
        if gap > 0:
            self.attack._found_noise(gap)
            return False
        self.left -= n
        return self.left > 0
