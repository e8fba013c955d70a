"""How a model's answer to each training record hangs on that record."""

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, Ridge, RidgeClassifier
from sklearn.naive_bayes import (
    BernoulliNB,
    CategoricalNB,
    ComplementNB,
    GaussianNB,
    MultinomialNB,
)
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from skprivacy._validation import as_table, encode_labels
from skprivacy.inspection._leave_one_out_formulas import (
    categorical_without,
    counts_without,
    gaussian_naive_bayes_without,
    least_squares_without,
    normalize_log_joint,
)
from skprivacy.records import as_model_input
from skprivacy.signals import compute_signal

__all__ = [
    "last_step",
    "leave_one_out_answers",
    "memorization_scores",
    "supports_leave_one_out",
]


def supports_leave_one_out(model) -> bool:
    """Whether a model without one of its records is a matter of a formula.

    Parameters
    ----------
    model : fitted estimator
        Any model.

    Returns
    -------
    supported : bool

    See Also
    --------
    leave_one_out_answers : The answers without each record, and which models.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression, Ridge
    >>> supports_leave_one_out(Ridge()), supports_leave_one_out(LogisticRegression())
    (True, False)
    """
    return _why_not(last_step(model)[1]) is None


def leave_one_out_answers(model, X, y) -> np.ndarray:
    """Answer to each training record of the model trained without it, exactly.

    Supported are ``LinearRegression``, ``Ridge``, ``RidgeClassifier``, nearest
    neighbors (``KNeighborsClassifier``, ``KNeighborsRegressor``), naive Bayes
    (``GaussianNB``, ``MultinomialNB``, ``ComplementNB``, ``BernoulliNB``,
    ``CategoricalNB``) and pipelines that end in one of them.

    Parameters
    ----------
    model : fitted estimator
        The model.

    X : DataFrame or array-like of shape (n_records, n_features)
        Its training set, all of it.

    y : array-like of shape (n_records,)
        The labels that it was trained on.

    Returns
    -------
    answers : ndarray of shape (n_records, n_columns)
        As :meth:`BlackBox.query <skprivacy.targets.BlackBox.query>` gives the model's
        own: probabilities or decision values, one column a class, or one column of
        predicted values.

    Raises
    ------
    TypeError
        If there is no formula for the model.
    ValueError
        If `X` and `y` are not what it was trained on.

    See Also
    --------
    memorization_scores : How far these answers are from the model's own.

    Notes
    -----
    In a pipeline the earlier steps stay as they are, and the last one is trained
    without the record: the answers equal those of
    ``clone(last).fit(others).predict(record)`` on transformed records. Where a step is
    trained again without the record too, a scaler in front of least squares changes
    nothing, and other pairs change a little.

    Equal distances are the one exception: where several neighbors of a record are
    equally far and not all of them count, a model that is trained again may take
    another of them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LinearRegression
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, 2.0, 7.0])
    >>> model = LinearRegression().fit(X, y)
    >>> leave_one_out_answers(model, X, y).ravel().round(6)
    array([-2.666667,  1.571429,  4.285714,  3.      ])
    """
    steps, last = last_step(model)
    reason = _why_not(last)
    if reason is not None:
        raise TypeError(f"model: {reason}")
    check_is_fitted(last)
    X, y = _as_numbers(_through(steps, X, model)), np.asarray(y)
    check_consistent_length(X, y)
    if len(X) < 2:
        raise ValueError(f"X must hold at least 2 records; got {len(X)}.")
    again = _trained_again(last, X, y)
    return _FORMULAS[type(last)](again, X, y)


def memorization_scores(model, X, y) -> np.ndarray:
    """How much better the model does on each training record because of that record.

    Exact, and without training a model for each record.

    Parameters
    ----------
    model : fitted estimator
        A model that :func:`leave_one_out_answers` supports.

    X : DataFrame or array-like of shape (n_records, n_features)
        Its training set, all of it.

    y : array-like of shape (n_records,)
        The labels that it was trained on.

    Returns
    -------
    score : ndarray of shape (n_records,)
        Classifiers: the probability of the own label with the record in the training
        set minus that without it, between -1 and 1; for decision values, under their
        softmax. Regressors: how much nearer the prediction is to the true value with
        the record, in the unit of `y`.

    Raises
    ------
    TypeError
        If there is no formula for the model.
    ValueError
        If `X` and `y` are not what it was trained on.

    See Also
    --------
    skprivacy.membership.LeaveOneOutAttack : What an attacker without the training set
        gets from the same formulas.

    Notes
    -----
    For a classifier this is the memorization of Feldman, for a learner that draws no
    random numbers and with the probability in place of "the label is right".
    Leave-one-out distinguishability (Ye et al.) is the same comparison for any query
    and for whole distributions of answers.

    References
    ----------
    V. Feldman. "Does learning require memorization? A short tale about a long tail".
    STOC 2020.

    J. Ye, A. Borovykh, S. Hayou, R. Shokri. "Leave-one-out distinguishability in
    machine learning". ICLR 2024.

    Examples
    --------
    The last record stands alone with its label among its neighbors.

    >>> import numpy as np
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> X, y = np.array([[0.0], [0.1], [0.3], [0.6]]), np.array([0, 0, 0, 1])
    >>> model = KNeighborsClassifier(1).fit(X, y)
    >>> memorization_scores(model, X, y)
    array([0., 0., 0., 1.])
    """
    without = leave_one_out_answers(model, X, y)
    last = last_step(model)[1]
    with_it = _own_answers(model, as_model_input(as_table(X), model))
    if is_classifier(last):
        signal, response = "confidence", _response(last)
        truth = encode_labels(np.asarray(y), last.classes_)
    else:
        signal, response, truth = "absolute_residual", "value", np.asarray(y, float)
    return compute_signal(signal, with_it, truth, response) - compute_signal(
        signal, without, truth, response
    )


def last_step(model):
    """Return the transformers of a pipeline, and the model at its end.

    Parameters
    ----------
    model : estimator
        A pipeline, also inside ``FrozenEstimator``, or any other model.

    Returns
    -------
    steps : list of transformers

    last : estimator
    """
    if isinstance(model, FrozenEstimator):
        return last_step(model.estimator)
    if isinstance(model, Pipeline):
        before = [
            step for _, step in model.steps[:-1] if step not in (None, "passthrough")
        ]
        inner, last = last_step(model.steps[-1][1])
        return before + inner, last
    return [], model


def _through(steps, X, model):
    X = as_model_input(as_table(X), model)
    for step in steps:
        X = step.transform(X)
    return X


def _as_numbers(X):
    X = X.toarray() if hasattr(X, "toarray") else X
    return np.asarray(X, dtype=float)


def _why_not(last):
    """Why there is no formula for a model; None where there is one."""
    if type(last) not in _FORMULAS:
        known = ", ".join(kind.__name__ for kind in _FORMULAS)
        return (
            "leaving one record out is a formula for "
            f"{known} and pipelines that end in one of them; got "
            f"{type(last).__name__}."
        )
    if getattr(last, "positive", False):
        return "there is no formula with positive=True."
    if getattr(last, "class_weight", None) is not None:
        return (
            "there is no formula with class_weight, which depends on every record; got "
            f"class_weight={last.class_weight!r}."
        )
    if getattr(last, "metric", None) == "precomputed":
        return "there is no formula for metric='precomputed', which has no records."
    return None


def _trained_again(last, X, y):
    """Train on the records as the model was, and see that it was trained on them."""
    not_these = (
        "X and y must be all records that the model was trained on, in their order and "
        "without sample weights: "
    )
    try:
        again = clone(last).fit(X, y)
    except ValueError as error:
        raise ValueError(not_these + str(error)) from error
    if is_classifier(last) and not np.array_equal(again.classes_, last.classes_):
        raise ValueError(
            f"{not_these}y has the classes {again.classes_.tolist()}, the model "
            f"{last.classes_.tolist()}."
        )
    n_trained = getattr(last, "n_samples_fit_", len(X))
    if n_trained != len(X):
        raise ValueError(f"{not_these}got {len(X)}, the model holds {n_trained}.")
    own, expected = _own_answers(last, X), _own_answers(again, X)
    apart = np.abs(own - expected).max(axis=1) > _TOLERANCE * (1 + np.abs(own).max())
    if apart.any():
        raise ValueError(
            f"{not_these}trained on them, it answers differently to {apart.sum()} of "
            f"{len(X)}."
        )
    return again


#: Two fits of one model may differ by this much: solvers stop at a tolerance.
_TOLERANCE = 1e-3


def _response(model):
    return "proba" if hasattr(model, "predict_proba") else "decision"


def _own_answers(model, X):
    """Answers of a model as a table, one column a class."""
    # A model that was trained on a frame would warn of a table without names.
    X = as_model_input(X, model)
    if not is_classifier(model):
        return np.asarray(model.predict(X), dtype=float).reshape(len(X), -1)
    if hasattr(model, "predict_proba"):
        return model.predict_proba(X)
    return _decision_columns(model.decision_function(X))


def _decision_columns(decision):
    """Lay out decision values as a box does: 0 for the first of two classes."""
    decision = np.asarray(decision, dtype=float).reshape(len(decision), -1)
    if decision.shape[1] == 1:
        return np.column_stack([np.zeros(len(decision)), decision])
    return decision


def _linear(model, X, y):
    Y = np.asarray(y, dtype=float).reshape(len(X), -1)
    return least_squares_without(
        X, Y, fit_intercept=model.fit_intercept, rank=getattr(model, "rank_", None)
    )


def _ridge(model, X, y):
    Y = np.asarray(y, dtype=float).reshape(len(X), -1)
    return least_squares_without(
        X, Y, alpha=model.alpha, fit_intercept=model.fit_intercept
    )


def _ridge_classifier(model, X, y):
    own = encode_labels(y, model.classes_)[:, None] == np.arange(len(model.classes_))
    Y = np.where(own, 1.0, -1.0)
    Y = Y[:, 1:] if Y.shape[1] == 2 else Y
    return _decision_columns(_ridge(model, X, Y))


def _neighbors(model, X, y):
    # Asked about nobody, it answers for each of its records, from the others.
    answer = model.predict_proba if is_classifier(model) else model.predict
    return np.asarray(answer(None), dtype=float).reshape(len(X), -1)


def _gaussian_naive_bayes(model, X, y):
    return normalize_log_joint(
        gaussian_naive_bayes_without(
            X,
            encode_labels(y, model.classes_),
            len(model.classes_),
            smoothing=model.var_smoothing,
            priors=model.priors,
        )
    )


def _count_naive_bayes(kind):
    def formula(model, X, y):
        if kind == "bernoulli" and model.binarize is not None:
            X = (X > model.binarize).astype(float)
        log_joint = counts_without(
            kind,
            X,
            encode_labels(y, model.classes_),
            len(model.classes_),
            alpha=_alpha(model),
            priors=_fixed_priors(model),
            norm=getattr(model, "norm", False),
        )
        return normalize_log_joint(log_joint)

    return formula


def _categorical_naive_bayes(model, X, y):
    log_joint = categorical_without(
        X.astype(int),
        encode_labels(y, model.classes_),
        model.n_categories_,
        len(model.classes_),
        alpha=_alpha(model),
        priors=_fixed_priors(model),
    )
    return normalize_log_joint(log_joint)


def _alpha(model):
    alpha = np.asarray(model.alpha, dtype=float)
    return alpha if model.force_alpha else np.maximum(alpha, 1e-10)


def _fixed_priors(model):
    """Probabilities of the classes that do not depend on the records."""
    if model.class_prior is not None:
        return np.asarray(model.class_prior)
    if model.fit_prior:
        return None
    return np.full(len(model.classes_), 1 / len(model.classes_))


_FORMULAS = {
    LinearRegression: _linear,
    Ridge: _ridge,
    RidgeClassifier: _ridge_classifier,
    KNeighborsClassifier: _neighbors,
    KNeighborsRegressor: _neighbors,
    GaussianNB: _gaussian_naive_bayes,
    MultinomialNB: _count_naive_bayes("multinomial"),
    ComplementNB: _count_naive_bayes("complement"),
    BernoulliNB: _count_naive_bayes("bernoulli"),
    CategoricalNB: _categorical_naive_bayes,
}
