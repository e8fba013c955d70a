"""What a fitted model says about the mean of its training set."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, softmax
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeClassifier,
)
from sklearn.naive_bayes import (
    BernoulliNB,
    CategoricalNB,
    ComplementNB,
    GaussianNB,
    MultinomialNB,
)

from skprivacy._validation import encode_labels

__all__ = ["KnownMean", "known_means", "why_no_known_means"]


@dataclass(frozen=True, eq=False)
class KnownMean:
    """A statistic of records whose mean over the training set is known.

    Parameters
    ----------
    statistic : ndarray of shape (n_records, n_values)
        Of each record that was asked about.

    mean : ndarray of shape (n_values,)
        What is known of the training set: its mean, or its sum where `size` is None.

    size : int or None
        Training records behind the mean, where the model holds it.

    counts : ndarray of bool of shape (n_records,)
        Records of the kind that the mean is about.

    judges : ndarray of bool of shape (n_records,)
        Records that the mean says most about.

    possible : ndarray of bool of shape (n_records,)
        False for a record that the training set can't hold: without it, a count or a
        variance would be negative.
    """

    statistic: np.ndarray
    mean: np.ndarray
    size: int | None
    counts: np.ndarray
    judges: np.ndarray
    possible: np.ndarray


def known_means(model, X, y) -> list[KnownMean]:
    r"""Read what a model says about means of its training set.

    Naive Bayes keeps sums over the records of each class. A linear model solves
    equations over all records: with the residual :math:`r` and the features
    :math:`x`, the sum of :math:`r\,x` is the penalty's part, and 0 for the intercept.

    Parameters
    ----------
    model : fitted estimator
        ``LinearRegression``, ``Ridge``, ``RidgeClassifier``, ``LogisticRegression`` or
        naive Bayes.

    X : ndarray of shape (n_records, n_features)
        Records to judge by it, as the model takes them.

    y : ndarray of shape (n_records,)
        Their labels.

    Returns
    -------
    means : list of KnownMean
        In an order that depends on the model alone.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 1.0, 5.0])
    >>> known = known_means(LinearRegression().fit(X, y), X, y)[0]
    >>> known.statistic.mean(axis=0).round(6) + 0.0, known.mean
    (array([0., 0.]), array([0., 0.]))
    """
    return _READERS[type(model)](model, X, y)


def why_no_known_means(model):
    """Why a model says nothing of the kind; None where it does."""
    if type(model) not in _READERS:
        return f"got {type(model).__name__}."
    if getattr(model, "positive", False):
        return f"got {type(model).__name__} with positive=True."
    if getattr(model, "class_weight", None) is not None:
        return f"got class_weight={model.class_weight!r}."
    if isinstance(model, LogisticRegression) and _is_sparse_penalty(model):
        return "got LogisticRegression with an l1 penalty."
    return None


def _is_sparse_penalty(model):
    penalty = getattr(model, "penalty", None)
    return penalty == "l1" or (
        penalty in ("elasticnet", "deprecated") and bool(model.l1_ratio)
    )


def _linear(model, X, y):
    values = np.asarray(y, dtype=float)
    residual = values[:, None] - np.asarray(model.predict(X)).reshape(len(X), -1)
    every = np.ones(len(X), dtype=bool)
    return _equations(model, X, residual, getattr(model, "alpha", 0.0), [every])


def _ridge_classifier(model, X, y):
    own = _own_class(model, y)
    decision = np.asarray(model.decision_function(X)).reshape(len(X), -1)
    residual = np.where(own, 1.0, -1.0)[:, -decision.shape[1] :] - decision
    return _equations(model, X, residual, model.alpha, list(own.T))


def _logistic(model, X, y):
    own = _own_class(model, y)
    decision = np.asarray(model.decision_function(X)).reshape(len(X), -1)
    # One class against the others, or all of them under a softmax.
    separate = decision.shape[1] == 1 or model.solver == "liblinear"
    proba = expit(decision) if separate else softmax(decision, axis=1)
    residual = own[:, -decision.shape[1] :] - proba
    none = model.penalty is None or np.isinf(model.C)
    penalty = 0.0 if none else 1 / model.C
    return _equations(model, X, residual, penalty, list(own.T))


def _own_class(model, y):
    codes = encode_labels(y, model.classes_)
    return codes[:, None] == np.arange(len(model.classes_))


def _equations(model, X, residual, penalty, judged):
    """Residual times features: one block for all outputs, or one for each."""
    coefficients = np.atleast_2d(model.coef_) * penalty
    intercept = np.zeros(len(coefficients))
    if getattr(model, "solver", None) == "liblinear":
        # It penalizes the intercept like any other coefficient.
        intercept = np.ravel(model.intercept_) * penalty
    if model.fit_intercept:
        X = np.column_stack([np.ones(len(X)), X])
        coefficients = np.column_stack([intercept, coefficients])
    every = np.ones(len(X), dtype=bool)
    known = np.any(judged, axis=0)
    size = coefficients.size
    if len(coefficients) == 1 or size <= _MOST_VALUES:
        product = residual[:, :, None] * X[:, None, :]
        statistic = product.reshape(len(X), size)
        return [KnownMean(statistic, coefficients.ravel(), None, every, known, every)]
    return [
        KnownMean(column[:, None] * X, sums, None, every, judges, every)
        for column, sums, judges in zip(residual.T, coefficients, judged, strict=True)
    ]


#: Beyond this, the covariance between the outputs costs more than it tells.
_MOST_VALUES = 1_000


def _gaussian(model, X, y):
    codes = encode_labels(y, model.classes_)
    means = []
    for c, size in enumerate(model.class_count_):
        apart = X - model.theta_[c]
        variance = model.var_[c] - model.epsilon_
        # By Samuelson's inequality none of n values is further from their mean.
        farthest = (size - 1) * variance + _ROUNDING * model.var_[c] * size
        means.append(
            KnownMean(
                np.column_stack([apart, apart**2]),
                np.concatenate([np.zeros_like(variance), variance]),
                size,
                codes == c,
                codes == c,
                (apart**2 <= farthest).all(axis=1),
            )
        )
    return means


_ROUNDING = 1e-9


def _counts(model, X, y):
    if getattr(model, "binarize", None) is not None:
        X = (X > model.binarize).astype(float)
    return _class_sums(model, X, y, model.feature_count_)


def _categories(model, X, y):
    columns = []
    for j, n_here in enumerate(model.n_categories_):
        columns.append(X[:, j][:, None] == np.arange(n_here))
    return _class_sums(
        model, np.hstack(columns).astype(float), y, np.hstack(model.category_count_)
    )


def _class_sums(model, X, y, sums):
    codes = encode_labels(y, model.classes_)
    return [
        KnownMean(
            X,
            sums[c] / max(size, 1),
            size,
            codes == c,
            codes == c,
            (X <= sums[c] + _ROUNDING * (1 + sums[c])).all(axis=1),
        )
        for c, size in enumerate(model.class_count_)
    ]


_READERS = {
    LinearRegression: _linear,
    Ridge: _linear,
    RidgeClassifier: _ridge_classifier,
    LogisticRegression: _logistic,
    GaussianNB: _gaussian,
    MultinomialNB: _counts,
    ComplementNB: _counts,
    BernoulliNB: _counts,
    CategoricalNB: _categories,
}
