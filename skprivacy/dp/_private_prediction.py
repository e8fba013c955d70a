"""Answers with noise, of teachers that each saw a part of the records."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    _fit_context,
)
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import (
    check_is_fitted,
)

from skprivacy.dp._approximate import ApproximateDP
from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._compose import as_loss
from skprivacy.dp._errors import PrivacyBudgetExceeded
from skprivacy.dp._guarantee import PrivacyGuarantee
from skprivacy.dp._ledger import ledger_in_use
from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._observed import Release, observed
from skprivacy.dp._public import public_classes
from skprivacy.dp._teachers import (
    checked_records,
    checked_table,
    fit_teachers,
    partition,
    vote_counts,
)
from skprivacy.records import hash_records, take_rows

__all__ = ["PrivatePredictionClassifier", "noisy_winner"]

#: Epsilon of all answers together up to which their losses are added up on a grid.
LARGEST_TOTAL = 200.0


class PrivatePredictionClassifier(
    PrivateFitMixin, MetaEstimatorMixin, ClassifierMixin, BaseEstimator
):
    """Answers queries privately: a noisy vote of models of disjoint parts.

    Any classifier will do, as a record changes one vote at most. Each new question
    costs `epsilon_per_query`; a question that was asked before gets the answer that it
    got, for nothing. Only answers may be given away: the fitted object holds models
    without privacy.

    Parameters
    ----------
    estimator : classifier or None, default=None
        What is trained on each part. None: a decision tree of depth 5.

    n_partitions : int, default=50
        Parts. More of them stand out more clearly from the noise, and learn less each.

    epsilon_per_query : float, default=0.1
        Epsilon of each new answer.

    query_budget : int, default=100
        New answers in all.

    classes : array-like or None, default=None
        All classes that a record may be of. They must be public knowledge.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where `classes` are not given, and would be read off the data.

    ledger : PrivacyLedger or None, default=None
        Books each new answer when it is given. None: that of the block around it, if
        any.

    n_jobs : int or None, default=None
        Models trained at the same time.

    random_state : int, RandomState instance or None, default=None
        None: noise that nobody can draw again. With a seed it hides nothing from who
        knows it.

    Attributes
    ----------
    privacy_guarantee_ : PrivacyGuarantee
        Of all answers that the budget allows for.

    n_queries_ : int
        New answers so far.

    reproducible_ : bool
        Whether the noise can be drawn again.

    classes_ : ndarray of shape (n_classes,)
        Classes.

    n_features_in_ : int
        Columns.

    Raises
    ------
    PrivacyLeakError
        If `classes` are not given.
    PrivacyBudgetExceeded
        By ``predict``, if it is asked more than the budget or the ledger has left.
        None of its questions is answered then.

    Notes
    -----
    Neighbors are data sets of which one record is another. One teacher changes then,
    and with it two counts by one. The class with the largest count plus Gumbel noise of
    scale ``2 / epsilon`` is that of the exponential mechanism.

    References
    ----------
    C. Dwork, V. Feldman. "Privacy-preserving prediction". COLT 2018; N. Papernot et al.
    "Semi-supervised knowledge transfer for deep learning from private training data".
    ICLR 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from skprivacy.dp import PrivatePredictionClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = PrivatePredictionClassifier(
    ...     n_partitions=20, epsilon_per_query=1.0, query_budget=40, classes=[0, 1]
    ... ).fit(X[:469], y[:469])
    >>> bool((model.predict(X[469:499]) == y[469:499]).mean() > 0.7), model.n_queries_
    (True, 30)
    """

    _parameter_constraints = {
        **{
            k: v
            for k, v in PRIVACY_CONSTRAINTS.items()
            if k not in {"epsilon", "delta"}
        },
        "estimator": [HasMethods(["fit", "predict"]), None],
        "n_partitions": [Interval(Integral, 2, None, closed="left")],
        "epsilon_per_query": [Interval(Real, 0, None, closed="neither")],
        "query_budget": [Interval(Integral, 1, None, closed="left")],
        "classes": ["array-like", None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        estimator=None,
        n_partitions=50,
        epsilon_per_query=0.1,
        query_budget=100,
        *,
        classes=None,
        on_leak="raise",
        ledger=None,
        n_jobs=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.n_partitions = n_partitions
        self.epsilon_per_query = epsilon_per_query
        self.query_budget = query_budget
        self.classes = classes
        self.on_leak = on_leak
        self.ledger = ledger
        self.n_jobs = n_jobs
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Train a model on each part. Nothing is released, and nothing booked.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        y : array-like of shape (n_records,)
            Classes.

        Returns
        -------
        self : PrivatePredictionClassifier
        """
        X, y = checked_records(self, X, y)
        self.classes_ = public_classes(self.classes, y, self.on_leak)
        if len(X) < 2 * self.n_partitions:
            raise ValueError(
                f"n_partitions={self.n_partitions} needs at least "
                f"{2 * self.n_partitions} records, two for each part; got "
                f"n_samples={len(X)}."
            )
        self._noise = NoiseSource(self.random_state)
        self.reproducible_ = not self._noise.is_secure
        parts = partition(len(X), self.n_partitions, self._noise)
        recipe = self._recipe()
        self.teachers_ = fit_teachers(recipe, X, y, parts, self.n_jobs)
        self._answers = {}
        self.privacy_guarantee_ = self._guarantee_of_all()
        return self

    def predict(self, X):
        """Answer, with a new draw of noise for each record not asked before.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        y : ndarray of shape (n_records,)
            Classes.

        Raises
        ------
        PrivacyBudgetExceeded
            If less is left than it takes.
        """
        check_is_fitted(self)
        X = checked_table(self, X)
        keys = [key.tobytes() for key in hash_records(X)]
        new = {key: i for i, key in reversed(list(enumerate(keys)))}
        new = {key: i for key, i in new.items() if key not in self._answers}
        if new:
            self._book(len(new))
            asked = take_rows(X, np.array(list(new.values())))
            counts = vote_counts(self.teachers_, asked, self.classes_)
            won = noisy_winner(counts, self.epsilon_per_query, self._noise)
            self._answers.update(zip(new, won.tolist(), strict=True))
        return self.classes_[[self._answers[key] for key in keys]]

    @property
    def n_queries_(self):
        """New answers so far."""
        return len(self._answers)

    def _book(self, n_new):
        left = self.query_budget - len(self._answers)
        if n_new > left:
            raise PrivacyBudgetExceeded(
                f"{n_new} records were not asked before, and {left} of "
                f"query_budget={self.query_budget} new answers are left. None was "
                "answered."
            )
        ledger = ledger_in_use(self.ledger)
        if ledger is not None:
            guarantee = PrivacyGuarantee.pure(self.epsilon_per_query)
            ledger.spend(guarantee, f"{type(self).__name__}.predict", times=n_new)

    def _guarantee_of_all(self):
        curve = ApproximateDP(self.epsilon_per_query)
        total = self.epsilon_per_query * self.query_budget
        # Losses without end can't be laid out, and promise nothing.
        if total <= LARGEST_TOTAL:
            curve = as_loss(curve).repeat(self.query_budget)
        else:
            curve = ApproximateDP(total)
        assumptions = ("answers alone are given away; classes are public",)
        return PrivacyGuarantee(curve, "replace", assumptions)

    def _recipe(self):
        if self.estimator is not None:
            return self.estimator
        return DecisionTreeClassifier(max_depth=5, random_state=self._noise.seed())

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = DecisionTreeClassifier() if self.estimator is None else self.estimator
        tags.input_tags.allow_nan = get_tags(inner).input_tags.allow_nan
        return tags


def noisy_winner(counts, epsilon, noise) -> np.ndarray:
    """Draw the class of the largest count, more or less.

    Parameters
    ----------
    counts : ndarray of int of shape (n_queries, n_classes)
        Of which a neighbor changes two by one, of each query.

    epsilon : float
        Of each query.

    noise : NoiseSource
        Where noise comes from.

    Returns
    -------
    winners : ndarray of int of shape (n_queries,)
        Class ``c`` with a chance in proportion to ``exp(epsilon * counts[c] / 2)``.

    Examples
    --------
    >>> from skprivacy.dp._noise import NoiseSource
    >>> noisy_winner(np.array([[900, 100], [0, 1000]]), 1.0, NoiseSource())
    array([0, 1])
    """

    def draw():
        return (counts + 2 / epsilon * noise.gumbel(counts.shape)).argmax(axis=1)

    return observed(Release("choice", counts, 1.0, 2 / epsilon), draw, noise)
