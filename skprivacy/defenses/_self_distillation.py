"""A student of models that were each trained without the records they explain."""

from numbers import Integral

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    _fit_context,
)
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval

from skprivacy.defenses._teaching import (
    StudentAnswersMixin,
    answers_left_out,
    check_classifiers,
    draw_seeds,
    fit_on_soft_labels,
)
from skprivacy.dp._teachers import checked_records

__all__ = ["SelfDistillationClassifier", "draw_left_out"]


def draw_left_out(n_records, n_submodels, n_excluding, rng) -> np.ndarray:
    """Draw which models are trained without which records.

    Parameters
    ----------
    n_records, n_submodels : int
        How many.

    n_excluding : int
        Models that are trained without a record, the same for each.

    rng : RandomState
        Where the draw comes from.

    Returns
    -------
    left_out : ndarray of bool of shape (n_submodels, n_records)

    Examples
    --------
    >>> left_out = draw_left_out(5, 3, 2, np.random.RandomState(0))
    >>> left_out.sum(axis=0)
    array([2, 2, 2, 2, 2])
    """
    order = rng.uniform(size=(n_submodels, n_records)).argsort(axis=0)
    return order < n_excluding


class SelfDistillationClassifier(
    StudentAnswersMixin, MetaEstimatorMixin, ClassifierMixin, BaseEstimator
):
    """A student of models that were each trained without the records they explain.

    Models are trained on random parts of the records, so that each record is left out
    by `n_excluding` of `n_submodels`. What these say of it, on average, is what the
    student is taught, in the place of the record's own label. So a model answers to its
    training set much as it does to other records. No guarantee comes with it.

    Parameters
    ----------
    estimator : classifier
        What is trained on each part.

    n_submodels : int, default=25
        Models, K in the paper.

    n_excluding : int, default=10
        Models that are trained without a record, L in the paper; below `n_submodels`.
        Few make the models as good as one of all records, and their mean noisy.

    student : classifier or None, default=None
        What is taught. It learns probabilities if its ``fit`` takes `sample_weight`,
        and the likeliest class of each record if not. None: `estimator` once more,
        which leaks if it can learn records by heart: see the notes.

    n_jobs : int or None, default=None
        Models trained at the same time; the result does not depend on it.

    random_state : int, RandomState instance or None, default=None
        Draws the parts, and a seed for each model, whatever its own is.

    Attributes
    ----------
    student_ : classifier
        The model. Those of the parts are not kept.

    classes_ : ndarray of shape (n_classes,)
        Classes.

    n_features_in_ : int
        Columns.

    privacy_guarantee_ : None
        There is none.

    Raises
    ------
    ValueError
        If `estimator` or `student` is no classifier, `n_excluding` is not below
        `n_submodels`, or a part is empty.

    See Also
    --------
    StackedPartitionClassifier : Leaks less in its worst case, in less time.
    DistilledClassifier : A student of other, public records.

    Notes
    -----
    **Worst case.** A copy of a record, or one that is nearly equal, is seldom left out
    by the same models, so that what is told of the copy gives the record away. Aerni et
    al. find 53% of the members among mislabeled copies, at 0.1% false positives on
    CIFAR-10, where the attack of earlier evaluations found 7%. Of 60 mislabeled copies
    of training records, an attacker with 31 shadow models finds, at 1% false positives,
    41% on 1,000 records of Adult, and 99.7% on 700 of digits, with a random forest as
    estimator and student. Without the defense it is all of them.

    **A student that learns by heart** keeps what it was taught of each record, which
    differs from what it says of others. Of clean records of digits 52% are found, for
    58% of the plain forest's. Leaves of 20 records bring it to 13%, a linear student to
    4%, and neither helps the copies much. Jagielski et al. find that distillation alone
    protects little, least where student and teacher learn from similar records. Here
    they are the same.

    Each record is given to the student once for each class, with probabilities as
    weights that sum to 1. ``min_samples_leaf`` of a tree counts these copies; use
    ``min_weight_fraction_leaf``, of which 5 records are ``5 / n_records``.

    `sample_weight` is not taken.

    References
    ----------
    X. Tang, S. Mahloujifar, L. Song, V. Shejwalkar, M. Nasr, A. Houmansadr, P. Mittal.
    "Mitigating membership inference attacks by self-distillation through a novel
    ensemble architecture". USENIX Security 2022.

    M. Aerni, J. Zhang, F. Tramèr. "Evaluations of machine learning privacy defenses are
    misleading". ACM CCS 2024. M. Jagielski, M. Nasr, K. Lee, C. A. Choquette-Choo, N.
    Carlini, F. Tramèr. "Students parrot their teachers: membership inference on model
    distillation". NeurIPS 2023.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.defenses import SelfDistillationClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> tree = DecisionTreeClassifier()
    >>> plain = tree.fit(X[:400], y[:400])
    >>> student = DecisionTreeClassifier(min_weight_fraction_leaf=0.02)
    >>> model = SelfDistillationClassifier(tree, student=student, random_state=0)
    >>> model.fit(X[:400], y[:400]).score(X[400:], y[400:]) > 0.9
    True
    >>> plain.score(X[:400], y[:400]), model.score(X[:400], y[:400]) < 0.97
    (1.0, True)
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "n_submodels": [Interval(Integral, 2, None, closed="left")],
        "n_excluding": [Interval(Integral, 1, None, closed="left")],
        "student": [HasMethods(["fit", "predict"]), None],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator,
        *,
        n_submodels=25,
        n_excluding=10,
        student=None,
        n_jobs=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.n_submodels = n_submodels
        self.n_excluding = n_excluding
        self.student = student
        self.n_jobs = n_jobs
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Train models on parts, and a student on what they say of the other records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        y : array-like of shape (n_records,)
            Their classes.

        Returns
        -------
        self : SelfDistillationClassifier
        """
        check_classifiers(estimator=self.estimator, student=self.student)
        if self.n_excluding >= self.n_submodels:
            raise ValueError(
                f"n_excluding={self.n_excluding} must be below "
                f"n_submodels={self.n_submodels}: a record that no model is trained on "
                "teaches nothing."
            )
        X, y = checked_records(self, X, y)
        rng = check_random_state(self.random_state)
        left_out = draw_left_out(len(y), self.n_submodels, self.n_excluding, rng)
        if left_out.all(axis=1).any():
            raise ValueError(
                f"n_submodels={self.n_submodels} with n_excluding={self.n_excluding} "
                f"need more records than n_samples={len(y)}: a model was left without "
                "any."
            )
        seeds = draw_seeds(rng, self.n_submodels + 1)
        self.classes_ = np.unique(y)
        answers = answers_left_out(
            self.estimator, X, y, left_out, seeds[:-1], self.classes_, self.n_jobs
        )
        self.student_ = fit_on_soft_labels(
            self._student(), X, answers, self.classes_, seeds[-1]
        )
        self.privacy_guarantee_ = None
        return self
