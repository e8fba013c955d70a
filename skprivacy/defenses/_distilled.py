"""A student that sees no private record, only what a teacher says of others."""

from numbers import Real

import numpy as np
from scipy.special import entr
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    _fit_context,
)
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval

from skprivacy._validation import as_table
from skprivacy.defenses._log_scale import soften
from skprivacy.defenses._teaching import (
    StudentAnswersMixin,
    check_classifiers,
    class_answers,
    draw_seeds,
    fit_on_labels,
    fit_on_soft_labels,
)
from skprivacy.dp._teachers import checked_records
from skprivacy.records import as_model_input, take_rows

__all__ = ["DistilledClassifier", "surest"]


def surest(proba, quantile, rng) -> np.ndarray:
    """Choose the records whose answers have the lowest entropy.

    Parameters
    ----------
    proba : ndarray of shape (n_records, n_classes)
        Answers.

    quantile : float
        Share of the records that is chosen, rounded up.

    rng : RandomState
        Chooses among equal entropies: records may be sorted by class.

    Returns
    -------
    rows : ndarray of int of shape (n_chosen,)
        In their order.

    Examples
    --------
    >>> proba = np.array([[0.5, 0.5], [0.9, 0.1], [1.0, 0.0]])
    >>> surest(proba, 0.6, np.random.RandomState(0))
    array([1, 2])
    """
    entropy = entr(proba).sum(axis=1)
    n_chosen = int(np.ceil(quantile * len(proba) - 1e-9))
    shuffled = rng.permutation(len(proba))
    order = shuffled[np.argsort(entropy[shuffled], kind="stable")]
    return np.sort(order[: max(n_chosen, 1)])


class DistilledClassifier(
    StudentAnswersMixin, MetaEstimatorMixin, ClassifierMixin, BaseEstimator
):
    """A student that sees no private record, only what a teacher says of others.

    A teacher is trained on the private records, as without the defense. It is asked for
    public ones, and the student learns from these, or from those that it was surest of,
    with its answers as labels. No guarantee comes with it.

    Parameters
    ----------
    estimator : classifier
        The teacher.

    student : classifier or None, default=None
        What is taught. It learns probabilities if its ``fit`` takes `sample_weight`,
        and the likeliest class of each record if not. None: `estimator` once more.

    X_public : DataFrame or array-like of shape (n_public, n_features), default=None
        Records that are no secret, without labels, and none of the private ones. None:
        half of the records that ``fit`` is given, whose labels are not used.

    temperature : float, default=1.0
        The logarithms of the teacher's probabilities are divided by it. Above 1 they
        get more alike, below 1 less.

    entropy_quantile : float, default=1.0
        Share of the public records that is used: those whose answers have the lowest
        entropy. Less of them give less away, and teach less of where classes meet; a
        class that the teacher is never sure of may be left out.

    random_state : int, RandomState instance or None, default=None
        Draws the halves without `X_public`, chooses among equal entropies, and draws a
        seed for each model, whatever its own is.

    Attributes
    ----------
    student_ : classifier
        The model. The teacher is not kept.

    n_public_ : int
        Public records that were used.

    classes_ : ndarray of shape (n_classes,)
        Classes of the private records.

    n_features_in_ : int
        Columns.

    privacy_guarantee_ : None
        There is none.

    Raises
    ------
    ValueError
        If `estimator` or `student` is no classifier, or `X_public` has other columns.

    See Also
    --------
    skprivacy.dp.PATEClassifier : Many teachers, noise on their vote, and a guarantee.

    Notes
    -----
    **Worst case.** Where a public record is like a private one, the teacher answers
    with the latter's label, and the student repeats it. At 1% false positives, an
    attacker with 31 shadow models finds 14% of the mislabeled copies of training
    records on 1,000 records of Adult, with 1,000 public ones, and 22% of the mislabeled
    records on 700 of digits, with 500 (100% without the defense), with a random forest
    as estimator and student; with ``entropy_quantile=0.5`` 5% and 14%. Jagielski et al.
    find membership given away even by students that nobody asks for the records
    themselves, most where the records of student and teacher are similar, which is
    where the student is good.

    In a pipeline, `X_public` must be as the steps before have made it. Put the pipeline
    inside: ``DistilledClassifier(make_pipeline(scaler, model), X_public=table)``.

    In the authors' program the student's own logarithms are divided by the temperature
    too, while it learns. Here the teacher's are alone, as `student` may be any
    classifier; at 1 it is the same.

    `sample_weight` is not taken.

    References
    ----------
    V. Shejwalkar, A. Houmansadr. "Membership privacy for machine learning models
    through knowledge transfer". AAAI 2021.

    M. Jagielski, M. Nasr, K. Lee, C. A. Choquette-Choo, N. Carlini, F. Tramèr.
    "Students parrot their teachers: membership inference on model distillation".
    NeurIPS 2023.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skprivacy.defenses import DistilledClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> forest = RandomForestClassifier(20)
    >>> model = DistilledClassifier(forest, X_public=X[200:400], random_state=0)
    >>> model.fit(X[:200], y[:200]).score(X[400:], y[400:]) > 0.85
    True
    >>> model.n_public_
    200
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "student": [HasMethods(["fit", "predict"]), None],
        "X_public": "no_validation",
        "temperature": [Interval(Real, 0, None, closed="neither")],
        "entropy_quantile": [Interval(Real, 0, 1, closed="right")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator,
        student=None,
        *,
        X_public=None,
        temperature=1.0,
        entropy_quantile=1.0,
        random_state=None,
    ):
        self.estimator = estimator
        self.student = student
        self.X_public = X_public
        self.temperature = temperature
        self.entropy_quantile = entropy_quantile
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Train a teacher, and a student on its answers to public records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Private records.

        y : array-like of shape (n_records,)
            Their classes.

        Returns
        -------
        self : DistilledClassifier
        """
        check_classifiers(estimator=self.estimator, student=self.student)
        X, y = checked_records(self, X, y)
        rng = check_random_state(self.random_state)
        taught, public = self._private_and_public(X, rng)
        seeds = draw_seeds(rng, 2)
        self.classes_ = np.unique(y)
        teacher = fit_on_labels(
            self.estimator, take_rows(X, taught), y[taught], seeds[0]
        )
        answers = class_answers(teacher, public, self.classes_)
        rows = surest(answers, self.entropy_quantile, rng)
        softened = soften(answers[rows], self.temperature)
        self.student_ = fit_on_soft_labels(
            self._student(), take_rows(public, rows), softened, self.classes_, seeds[1]
        )
        self.n_public_ = len(rows)
        self.privacy_guarantee_ = None
        return self

    def _private_and_public(self, X, rng):
        """Return the rows that the teacher is given, and the records that it labels."""
        if self.X_public is None:
            if len(X) < 2:
                raise ValueError(
                    "without X_public at least 2 records are needed, one of which the "
                    f"teacher does not see; got n_samples={len(X)}."
                )
            order = rng.permutation(len(X))
            half = (len(X) + 1) // 2
            return np.sort(order[:half]), take_rows(X, np.sort(order[half:]))
        public = as_table(self.X_public, "X_public")
        if public.shape[1] != X.shape[1]:
            raise ValueError(
                f"X_public must have the {X.shape[1]} columns of the records; got "
                f"{public.shape[1]}."
            )
        return np.arange(len(X)), as_model_input(public, self)
