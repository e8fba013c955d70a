"""How models learn from what other models answer."""

import numpy as np
from sklearn import get_config
from sklearn.base import clone, is_classifier
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from skprivacy.dp._teachers import ConstantTeacher, checked_table
from skprivacy.records import take_rows
from skprivacy.shadow import with_random_states

__all__ = [
    "StudentAnswersMixin",
    "answers_left_out",
    "check_classifiers",
    "class_answers",
    "draw_seeds",
    "fit_on_labels",
    "fit_on_soft_labels",
    "fit_on_parts",
    "weight_argument",
]

#: A class with a smaller probability than this is not taught.
LEAST_WEIGHT = 1e-6


def check_classifiers(**models):
    """Refuse what is not a classifier; None is left for a default.

    Parameters
    ----------
    **models : estimator or None
        By the names of the parameters.

    Raises
    ------
    ValueError
        If one is no classifier.
    """
    for name, model in models.items():
        if model is not None and not is_classifier(model):
            raise ValueError(f"{name} must be a classifier; got {model!r}.")


def draw_seeds(rng, n_seeds) -> list:
    """Draw seeds of models, each a whole number."""
    return rng.randint(np.iinfo(np.int32).max, size=n_seeds).tolist()


def class_answers(model, X, classes) -> np.ndarray:
    """Ask a model for the probability of each class, those that it never saw too.

    Parameters
    ----------
    model : fitted classifier
        Without ``predict_proba``, its label has all of the probability.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    classes : ndarray of shape (n_classes,)
        Sorted; all that the model knows, and others.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)

    Examples
    --------
    >>> class_answers(ConstantTeacher("b"), np.zeros((1, 1)), np.array(["a", "b"]))
    array([[0., 1.]])
    """
    proba = np.zeros((len(X), len(classes)))
    if hasattr(model, "predict_proba"):
        known = np.searchsorted(classes, model.classes_)
        proba[:, known] = model.predict_proba(X)
    else:
        told = np.searchsorted(classes, model.predict(X))
        proba[np.arange(len(X)), told] = 1.0
    return proba


def fit_on_labels(estimator, X, y, seed=None):
    """Train a clone, or a model that always says the same where there is one class.

    Parameters
    ----------
    estimator : classifier
        Unfitted.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    y : ndarray of shape (n_records,)
        Classes.

    seed : int or None, default=None
        For all sources of randomness in the clone. None leaves them as they are.

    Returns
    -------
    model : fitted classifier
    """
    if (y == y[0]).all():
        return ConstantTeacher(y[0])
    return _seeded(estimator, seed).fit(X, y)


def fit_on_parts(estimator, X, y, parts, seeds, n_jobs=None) -> list:
    """Train a clone on each part of the records.

    Parameters
    ----------
    estimator : classifier
        Unfitted.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    y : ndarray of shape (n_records,)
        Classes.

    parts : list of ndarray of int
        Records of each.

    seeds : list of int
        Of each.

    n_jobs : int or None, default=None
        Models trained at the same time.

    Returns
    -------
    models : list of fitted classifiers
    """
    return Parallel(n_jobs=n_jobs)(
        delayed(fit_on_labels)(estimator, take_rows(X, part), y[part], seed)
        for part, seed in zip(parts, seeds, strict=True)
    )


def answers_left_out(estimator, X, y, left_out, seeds, classes, n_jobs=None):
    """Train models on parts, and ask each for the records that it was not given.

    The models are not kept.

    Parameters
    ----------
    estimator : classifier
        Unfitted.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    y : ndarray of shape (n_records,)
        Classes.

    left_out : ndarray of bool of shape (n_models, n_records)
        Which model is trained without which record; each record is left out once at
        least, and each model has one at least.

    seeds : list of int
        Of each model.

    classes : ndarray of shape (n_classes,)
        Sorted.

    n_jobs : int or None, default=None
        Models trained at the same time.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)
        Mean answer of the models that are without the record.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> X, y = np.zeros((3, 1)), np.array([0, 1, 1])
    >>> left_out = np.array([[True, False, False], [False, True, True]])
    >>> answers_left_out(
    ...     DummyClassifier(), X, y, left_out, [0, 0], np.array([0, 1])
    ... ).tolist()
    [[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]]
    """
    answers = Parallel(n_jobs=n_jobs)(
        delayed(_answers_without)(estimator, X, y, out, seed, classes)
        for out, seed in zip(left_out, seeds, strict=True)
    )
    total = np.zeros((len(y), len(classes)))
    for out, proba in zip(left_out, answers, strict=True):
        total[out] += proba
    return total / left_out.sum(axis=0)[:, None]


def _answers_without(estimator, X, y, out, seed, classes):
    if not out.any():
        return np.zeros((0, len(classes)))
    model = fit_on_labels(estimator, take_rows(X, ~out), y[~out], seed)
    return class_answers(model, take_rows(X, out), classes)


def weight_argument(model) -> str | None:
    """Name the argument of ``fit`` that takes weights of records.

    Parameters
    ----------
    model : estimator
        Of a pipeline, the last step must take them.

    Returns
    -------
    name : str or None
        None if there is none.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> weight_argument(make_pipeline(LogisticRegression()))
    'logisticregression__sample_weight'
    >>> weight_argument(KNeighborsClassifier())
    """
    if isinstance(model, Pipeline):
        name, last = model.steps[-1]
        inner = weight_argument(last)
        return None if inner is None else f"{name}__{inner}"
    return "sample_weight" if has_fit_parameter(model, "sample_weight") else None


def fit_on_soft_labels(student, X, proba, classes, seed=None):
    """Train a clone on probabilities in the place of labels.

    Each record is given once for each class, with the probability as its weight. Of a
    loss that adds up over records, this is the cross-entropy with the probabilities. A
    model that takes no weights is given the likeliest class of each record.

    Parameters
    ----------
    student : classifier
        Unfitted.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    proba : ndarray of shape (n_records, n_classes)
        Probabilities.

    classes : ndarray of shape (n_classes,)
        Sorted.

    seed : int or None, default=None
        For all sources of randomness in the clone. None leaves them as they are.

    Returns
    -------
    model : fitted classifier
        It may not know all classes.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> proba = np.array([[0.9, 0.1], [0.5, 0.5]])
    >>> X, classes = np.zeros((2, 1)), np.array(["a", "b"])
    >>> model = fit_on_soft_labels(DummyClassifier(), X, proba, classes)
    >>> model.predict_proba(X[:1])
    array([[0.7, 0.3]])
    """
    weights = weight_argument(student)
    if weights is None:
        return fit_on_labels(student, X, classes[proba.argmax(axis=1)], seed)
    rows, columns = np.nonzero(proba > LEAST_WEIGHT)
    if (columns == columns[0]).all():
        return ConstantTeacher(classes[columns[0]])
    model = _seeded(student, seed)
    if isinstance(model, Pipeline) and get_config()["enable_metadata_routing"]:
        weights = "sample_weight"
        _request_weights(model)
    given = {weights: proba[rows, columns]}
    return model.fit(take_rows(X, rows), classes[columns], **given)


def _request_weights(pipeline):
    """Route weights to the last step, and past all others, as without routing."""
    for part in pipeline.get_params().values():
        if hasattr(part, "set_fit_request") and has_fit_parameter(
            part, "sample_weight"
        ):
            part.set_fit_request(sample_weight=False)
    last = pipeline
    while isinstance(last, Pipeline):
        last = last.steps[-1][1]
    last.set_fit_request(sample_weight=True)


def _seeded(estimator, seed):
    model = clone(estimator)
    return model if seed is None else with_random_states(model, seed)


def _student_has(name):
    return lambda model: hasattr(getattr(model, "student_", model._student()), name)


class StudentAnswersMixin:
    """Answers of ``student_``; ``_student()`` is what it is trained from."""

    def _student(self):
        return self.estimator if self.student is None else self.student

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
            0 for classes that it was not taught.
        """
        check_is_fitted(self)
        return class_answers(self.student_, checked_table(self, X), self.classes_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        models = self.estimator, self._student()
        tags.input_tags.allow_nan = all(
            get_tags(m).input_tags.allow_nan for m in models
        )
        return tags
