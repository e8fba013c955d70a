"""Naive Bayes of counts and of bits: all models from one product of matrices."""

import numpy as np
from scipy.special import softmax
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.preprocessing import binarize

from skprivacy.shadow.engines._engine import (
    Engine,
    as_numbers,
    drawn_records,
    is_plain,
    restored,
    shown,
)

__all__ = ["DISCRETE_NB", "class_sums"]

KINDS = BernoulliNB, ComplementNB, MultinomialNB


def class_sums(X, codes, membership, n_classes):
    """Sum each column over the records of each class, in each training set.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Counts.

    codes : ndarray of int of shape (n_records,)
        Class of each record.

    membership : ndarray of bool of shape (n_models, n_records)
        Which record is in which training set.

    n_classes : int
        Number of classes.

    Returns
    -------
    counts : ndarray of shape (n_models, n_classes)
        Records.

    sums : ndarray of shape (n_models, n_classes, n_features)

    Examples
    --------
    >>> X, codes = np.array([[1.0], [2.0], [4.0]]), np.array([0, 0, 1])
    >>> drawn = np.array([[True, True, True], [True, False, False]])
    >>> counts, sums = class_sums(X, codes, drawn, 2)
    >>> counts.tolist(), sums[:, :, 0].tolist()
    ([[2.0, 1.0], [1.0, 0.0]], [[3.0, 4.0], [1.0, 0.0]])
    """
    counts = np.empty((len(membership), n_classes))
    sums = np.empty((len(membership), n_classes, X.shape[1]))
    for code in range(n_classes):
        own = np.flatnonzero(codes == code)
        drawn = membership[:, own].astype(float)
        counts[:, code] = drawn.sum(axis=1)
        sums[:, code] = drawn @ X[own]
    return counts, sums


def _handles(task):
    recipe = task.recipe
    if (
        not any(is_plain(task, kind) for kind in KINDS)
        or recipe.class_prior is not None
    ):
        return False
    # A smaller one is raised, with a warning, or makes infinite logarithms.
    if np.ndim(recipe.alpha) or recipe.alpha < 1e-10:
        return False
    if type(recipe) is BernoulliNB:
        return recipe.binarize is not None
    return as_numbers(task.X).min() >= 0


def _run(tasks):
    first = tasks[0]
    X, X_asked = as_numbers(first.X), as_numbers(first.X_asked)
    if type(first.recipe) is BernoulliNB:
        X, X_asked = (
            binarize(one, threshold=first.recipe.binarize) for one in (X, X_asked)
        )
    classes, codes = np.unique(first.y, return_inverse=True)
    counts, sums = class_sums(X, codes, drawn_records(tasks), len(classes))
    for task, n, own in zip(tasks, counts, sums, strict=True):
        known = n > 0
        yield _result(task, X_asked, classes[known], n[known], own[known])


def _result(task, X_asked, classes, counts, sums):
    recipe = task.recipe
    log_prior = np.full(len(classes), -np.log(len(classes)))
    if recipe.fit_prior:
        log_prior = np.log(counts / counts.sum())
    log_proba, joint = _JOINT[type(recipe)](recipe, X_asked, counts, sums, log_prior)
    if task.access.response_ == "label":
        raw = classes[joint.argmax(axis=1)]
    else:
        raw = softmax(joint, axis=1)
    fitted = {
        "classes_": classes,
        "class_count_": counts,
        "class_log_prior_": log_prior,
        "feature_count_": sums,
        "feature_log_prob_": log_proba,
    }
    if type(recipe) is ComplementNB:
        fitted["feature_all_"] = sums.sum(axis=0)
    return shown(task, raw, classes, restored(task, **fitted))


def _multinomial(recipe, X, counts, sums, log_prior):
    smooth = sums + recipe.alpha
    log_proba = np.log(smooth) - np.log(smooth.sum(axis=1, keepdims=True))
    return log_proba, X @ log_proba.T + log_prior


def _bernoulli(recipe, X, counts, sums, log_prior):
    log_proba = np.log(sums + recipe.alpha) - np.log(counts + 2 * recipe.alpha)[:, None]
    absent = np.log(1 - np.exp(log_proba))
    return log_proba, X @ (log_proba - absent).T + log_prior + absent.sum(axis=1)


def _complement(recipe, X, counts, sums, log_prior):
    others = sums.sum(axis=0) + recipe.alpha - sums
    logged = np.log(others / others.sum(axis=1, keepdims=True))
    weights = logged / logged.sum(axis=1, keepdims=True) if recipe.norm else -logged
    joint = X @ weights.T
    return weights, joint + log_prior if len(counts) == 1 else joint


_JOINT = {
    BernoulliNB: _bernoulli,
    ComplementNB: _complement,
    MultinomialNB: _multinomial,
}
DISCRETE_NB = Engine("discrete_nb", _handles, _run)
