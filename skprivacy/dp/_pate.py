"""A student of teachers that each saw a part of the records."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    _fit_context,
    clone,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import (
    check_array,
    check_is_fitted,
)

from skprivacy._validation import as_table
from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._observed import Release, observed
from skprivacy.dp._public import public_bounds, public_classes
from skprivacy.dp._teachers import (
    ConstantTeacher,
    checked_records,
    checked_table,
    fit_teachers,
    partition,
    vote_counts,
)
from skprivacy.records import as_model_input, take_rows

__all__ = ["PATEClassifier", "affordable_answers", "confident_votes"]

#: Share of the budget that asks whether teachers agree.
SHARE_OF_CHECKS = 0.2
#: Noise of a vote, in teachers, that a question should have: a fifth of all of them
#: is still outvoted where most agree.
NOISE_IN_VOTES = 0.2
#: Labels at most, where a large epsilon would afford more.
MOST_ANSWERS = 5_000


def _is_frame(X):
    return isinstance(X, pd.DataFrame)


def _student_has(name):
    return lambda model: hasattr(
        model.student_ if hasattr(model, "student_") else model._recipe_of_student(),
        name,
    )


class PATEClassifier(
    PrivateFitMixin, MetaEstimatorMixin, ClassifierMixin, BaseEstimator
):
    r"""A model trained on public records that teachers of private ones labeled.

    The private records are divided into disjoint parts with a teacher each. Of public,
    unlabeled records they are asked for, those get a label on which the teachers agree,
    by a noisy vote; on these the student is trained. Nothing else is kept, so that the
    student may be given away and asked without end.

    Parameters
    ----------
    estimator : classifier or None, default=None
        What is trained on each part. None: a decision tree of depth 5.

    student : classifier or None, default=None
        What is trained on the labels. None: logistic regression on scaled columns.

    n_teachers : int, default=50
        Parts. More of them stand out more clearly from the noise, and learn less each.

    epsilon : float, default=1.0
        Epsilon of the guarantee, at `delta`.

    delta : float, default=1e-5
        Above 0; well below one over the number of records.

    X_public : DataFrame or array-like of shape (n_public, n_features), default=None
        Records that are no secret, without labels. None: points drawn evenly from
        `bounds`, on which teachers agree less often.

    bounds : pair or None, default=None
        Lower and upper end of each column, numbers or one a column, from which points
        are drawn without `X_public`. They must be public knowledge.

    n_answers : int or None, default=None
        Labels at most. None: as many as can be afforded with noise of a fifth of the
        teachers' number, but ten for each class at least.

    threshold : float, default=0.6
        Share of the teachers that must agree, more or less.

    classes : array-like or None, default=None
        All classes that a record may be of. They must be public knowledge.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where `classes` are not given, and would be read off the data.

    ledger : PrivacyLedger or None, default=None
        Books the fit. None: that of the block around it, if any.

    n_jobs : int or None, default=None
        Models trained at the same time.

    random_state : int, RandomState instance or None, default=None
        None: noise that nobody can draw again. With a seed it hides nothing from who
        knows it.

    Attributes
    ----------
    privacy_guarantee_ : PrivacyGuarantee
        What the fit promises.

    reproducible_ : bool
        Whether the noise can be drawn again.

    student_ : classifier
        The model.

    n_answers_ : int
        Public records that got a label.

    classes_ : ndarray of shape (n_classes,)
        Classes.

    n_features_in_ : int
        Columns.

    Raises
    ------
    PrivacyLeakError
        If `classes` are not given, or neither `X_public` nor `bounds`.
    PrivacyBudgetExceeded
        If the ledger has not enough left.

    See Also
    --------
    PrivatePredictionClassifier : The vote without a student, booked by the query.

    Notes
    -----
    Neighbors are data sets of which one record is another: one teacher changes, the
    largest count by one at most, and two counts by one each. With Q questions whether
    teachers agree, with noise :math:`\sigma_1`, and A votes with noise
    :math:`\sigma_2` all is :math:`\mu`-GDP for :math:`\mu^2 = Q / \sigma_1^2 + 2 A /
    \sigma_2^2`, whatever the teachers said. That many of them agreed, which makes the
    usual analysis of the algorithm cheaper, is a fact about the private records, and
    nothing is made of it here.

    References
    ----------
    N. Papernot, S. Song, I. Mironov, A. Raghunathan, K. Talwar, Ú. Erlingsson.
    "Scalable private learning with PATE". ICLR 2018.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from skprivacy.dp import PATEClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = PATEClassifier(
    ...     n_teachers=20, epsilon=20.0, X_public=X[300:450], classes=[0, 1]
    ... ).fit(X[:300], y[:300])
    >>> bool(model.score(X[450:], y[450:]) > 0.8)
    True
    """

    _parameter_constraints = {
        **PRIVACY_CONSTRAINTS,
        "estimator": [HasMethods(["fit", "predict"]), None],
        "student": [HasMethods(["fit", "predict"]), None],
        "n_teachers": [Interval(Integral, 2, None, closed="left")],
        "X_public": "no_validation",
        "bounds": "no_validation",
        "n_answers": [Interval(Integral, 1, None, closed="left"), None],
        "threshold": [Interval(Real, 0, 1, closed="both")],
        "classes": ["array-like", None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        estimator=None,
        student=None,
        n_teachers=50,
        epsilon=1.0,
        delta=1e-5,
        *,
        X_public=None,
        bounds=None,
        n_answers=None,
        threshold=0.6,
        classes=None,
        on_leak="raise",
        ledger=None,
        n_jobs=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.student = student
        self.n_teachers = n_teachers
        self.epsilon = epsilon
        self.delta = delta
        self.X_public = X_public
        self.bounds = bounds
        self.n_answers = n_answers
        self.threshold = threshold
        self.classes = classes
        self.on_leak = on_leak
        self.ledger = ledger
        self.n_jobs = n_jobs
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Train teachers on parts, and a student on what they agree upon.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Private records.

        y : array-like of shape (n_records,)
            Their classes.

        Returns
        -------
        self : PATEClassifier
        """
        X, y = checked_records(self, X, y)
        if len(X) < 2 * self.n_teachers:
            raise ValueError(
                f"n_teachers={self.n_teachers} needs at least {2 * self.n_teachers} "
                f"records, two for each; got n_samples={len(X)}."
            )
        classes = public_classes(self.classes, y, self.on_leak)
        public = self._public_records(X)
        mu, noise = self._start_gaussian_fit(
            "X_public is independent of the private records; the number of records and "
            "classes are public"
        )
        n_answers = self._n_answers(mu, len(classes))
        teachers = fit_teachers(
            self._recipe_of_teacher(noise),
            X,
            y,
            partition(len(X), self.n_teachers, noise),
            self.n_jobs,
        )
        asked = self._asked(public, 2 * n_answers, X, noise)
        counts = vote_counts(teachers, asked, classes)
        rows, labels = confident_votes(
            counts, self.threshold * self.n_teachers, n_answers, mu, noise
        )
        self.classes_, self.n_answers_ = classes, len(rows)
        self.student_ = self._taught(take_rows(asked, rows), classes[labels])
        return self

    def _n_answers(self, mu, n_classes):
        if self.n_answers is not None:
            return self.n_answers
        affordable = affordable_answers(mu, NOISE_IN_VOTES * self.n_teachers)
        return min(max(affordable, 10 * n_classes), MOST_ANSWERS)

    def _asked(self, public, n, X, noise):
        """Choose public records at random, or draw points between bounds."""
        if self.X_public is not None:
            return take_rows(public, np.sort(noise.permutation(len(public))[:n]))
        lower, upper = public
        drawn = lower + (upper - lower) * noise.uniform((n, len(lower)))
        return pd.DataFrame(drawn, columns=X.columns) if _is_frame(X) else drawn

    def _taught(self, X, labels):
        if len(labels) == 0:
            # Nobody agreed on anything: any class will do.
            return ConstantTeacher(self.classes_[0])
        if (labels == labels[0]).all():
            return ConstantTeacher(labels[0])
        return clone(self._recipe_of_student()).fit(X, labels)

    def _recipe_of_teacher(self, noise):
        if self.estimator is not None:
            return self.estimator
        return DecisionTreeClassifier(max_depth=5, random_state=noise.seed())

    def _recipe_of_student(self):
        if self.student is not None:
            return self.student
        return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))

    def predict(self, X):
        """Ask the student.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        y : ndarray of shape (n_records,)
            Classes.
        """
        check_is_fitted(self)
        return self.student_.predict(checked_table(self, X))

    @available_if(_student_has("predict_proba"))
    def predict_proba(self, X):
        """Ask the student for probabilities.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        proba : ndarray of shape (n_records, n_classes)
            0 for classes that no public record was given.
        """
        check_is_fitted(self)
        X = checked_table(self, X)
        proba = np.zeros((len(X), len(self.classes_)))
        columns = np.searchsorted(self.classes_, self.student_.classes_)
        proba[:, columns] = self.student_.predict_proba(X)
        return proba

    def _public_records(self, X):
        """Return the records to ask about, or the bounds to draw them from."""
        if self.X_public is None:
            numbers = check_array(X, dtype=float, input_name="X")
            return np.array(public_bounds(self.bounds, numbers, self.on_leak))
        public = as_table(self.X_public, "X_public")
        if public.shape[1] != X.shape[1]:
            raise ValueError(
                f"X_public must have the {X.shape[1]} columns of the records; got "
                f"{public.shape[1]}."
            )
        return as_model_input(public, self)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        parts = self.estimator or DecisionTreeClassifier(), self._recipe_of_student()
        all_take_nan = all(get_tags(part).input_tags.allow_nan for part in parts)
        tags.input_tags.allow_nan = self.X_public is not None and all_take_nan
        return tags


def affordable_answers(mu, deviation) -> int:
    """Votes that can be afforded with noise of a standard deviation.

    Parameters
    ----------
    mu : float
        Of all questions and votes together.

    deviation : float
        Noise of each count, in teachers.

    Returns
    -------
    n_answers : int
        0 where not even one can be.

    Examples
    --------
    >>> affordable_answers(2.0, 10.0)
    160
    """
    return int((1 - SHARE_OF_CHECKS) * mu**2 * deviation**2 / 2 + 1e-9)


def confident_votes(counts, threshold, n_answers, mu, noise):
    """Label the questions on which teachers agree, by a noisy vote.

    Parameters
    ----------
    counts : ndarray of int of shape (n_questions, n_classes)
        Teachers that are for each class.

    threshold : float
        Teachers that must agree, more or less.

    n_answers : int
        Labels at most; the first questions get them.

    mu : float
        Of all questions and votes together.

    noise : NoiseSource
        Where noise comes from.

    Returns
    -------
    rows : ndarray of int of shape (n_labeled,)
        Questions that have a label.

    labels : ndarray of int of shape (n_labeled,)
        The label of each.

    Examples
    --------
    >>> from skprivacy.dp._noise import NoiseSource
    >>> counts = np.array([[90, 10], [55, 45], [5, 95]])
    >>> confident_votes(counts, 80, 3, 50.0, NoiseSource())
    (array([0, 2]), array([0, 1]))
    """
    n_questions = len(counts)
    of_check = np.sqrt(n_questions / SHARE_OF_CHECKS) / mu
    of_vote = np.sqrt(2 * n_answers / (1 - SHARE_OF_CHECKS)) / mu
    largest = _with_noise(counts.max(axis=1), 1.0, of_check, noise)
    rows = np.flatnonzero(largest >= threshold)[:n_answers]
    votes = _with_noise(counts[rows], np.sqrt(2), of_vote, noise)
    return rows, votes.argmax(axis=1)


def _with_noise(counts, each, deviation, noise):
    """Add noise to counts, of which a neighbor moves each row by so much."""
    release = Release("gaussian", counts, each * np.sqrt(len(counts)), deviation)
    return observed(
        release, lambda: counts + deviation * noise.normal(counts.shape), noise
    )
