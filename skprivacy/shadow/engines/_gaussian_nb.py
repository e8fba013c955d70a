"""Gaussian naive Bayes: all models from sums over the records of each."""

import numpy as np
from scipy.special import softmax
from sklearn.naive_bayes import GaussianNB
from sklearn.utils import gen_even_slices

from skprivacy.shadow.engines._engine import (
    Engine,
    as_numbers,
    drawn_records,
    is_plain,
    restored,
    shown,
)

__all__ = ["GAUSSIAN_NB", "class_moments", "joint_log_likelihoods"]

#: Numbers that are held of the answers of several models at a time.
MOST_VALUES = 2**22
#: Share of a sum of squares that is a variance still, and not rounding.
LEAST_SHARE = 1e-6


def class_moments(X, codes, membership, n_classes):
    """Count, mean and variance of each column in each class of each model.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Features.

    codes : ndarray of int of shape (n_records,)
        Class of each record.

    membership : ndarray of bool of shape (n_models, n_records)
        Which record is in which training set.

    n_classes : int
        Number of classes.

    Returns
    -------
    counts : ndarray of shape (n_models, n_classes)
    means, variances : ndarray of shape (n_models, n_classes, n_features)
        Zero where a class has no record.

    Notes
    -----
    Sums are of differences from the mean of the class among all records, so that
    nothing is lost where columns are far from 0. Where a column hardly varies in a
    training set, its variance is not what is left of two sums: a rounding error of
    ``var_smoothing``, which is all the variance there is, would decide over records
    with another value.

    Examples
    --------
    >>> X = np.array([[1.0], [3.0], [10.0]])
    >>> one = class_moments(X, np.array([0, 0, 1]), np.array([[True, True, True]]), 2)
    >>> one[0].tolist(), one[1].ravel().tolist(), one[2].ravel().tolist()
    ([[2.0, 1.0]], [2.0, 10.0], [1.0, 0.0])
    """
    shape = len(membership), n_classes, X.shape[1]
    counts, means, variances = np.zeros(shape[:2]), np.zeros(shape), np.zeros(shape)
    for code in range(n_classes):
        own = np.flatnonzero(codes == code)
        if not len(own):
            continue
        center = X[own].mean(axis=0)
        apart = X[own] - center
        drawn = membership[:, own].astype(float)
        counts[:, code] = drawn.sum(axis=1)
        n = np.maximum(counts[:, code], 1.0)[:, None]
        shift, square = drawn @ apart / n, drawn @ apart**2 / n
        variances[:, code] = np.maximum(square - shift**2, 0.0)
        means[:, code] = np.where(counts[:, code, None] > 0, center + shift, 0.0)
        lost = (variances[:, code] < LEAST_SHARE * square) & (n > 1)
        for i in np.flatnonzero(lost.any(axis=1)):
            columns = np.flatnonzero(lost[i])
            part = X[np.ix_(own[membership[i, own]], columns)]
            means[i, code, columns] = part.mean(axis=0)
            variances[i, code, columns] = part.var(axis=0)
    return counts, means, variances


def joint_log_likelihoods(X, log_priors, means, variances):
    """Log of the joint density of records and classes, by several models.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Features.

    log_priors : ndarray of shape (n_models, n_classes)
        Minus infinity for a class that a model does not know.

    means, variances : ndarray of shape (n_models, n_classes, n_features)
        Of the columns in each class.

    Returns
    -------
    joint : ndarray of shape (n_models, n_records, n_classes)

    Notes
    -----
    The squared distance is multiplied out, so that one matrix product does for all
    models; columns are standardized before, as far as that loses nothing.

    Examples
    --------
    >>> joint = joint_log_likelihoods(
    ...     np.array([[1.0]]), np.zeros((1, 1)), np.zeros((1, 1, 1)), np.ones((1, 1, 1))
    ... )
    >>> bool(np.isclose(joint[0, 0, 0], -0.5 * np.log(2 * np.pi) - 0.5))
    True
    """
    center, scale = X.mean(axis=0), X.std(axis=0)
    scale[scale == 0] = 1.0
    Z = (X - center) / scale
    shifts = (means - center) / scale
    weights = scale**2 / variances
    slopes = np.concatenate([shifts * weights, -0.5 * weights], axis=2)
    offsets = log_priors - 0.5 * (
        np.log(2 * np.pi * variances).sum(axis=2) + (shifts**2 * weights).sum(axis=2)
    )
    n_models, n_classes, width = slopes.shape
    joint = np.hstack([Z, Z**2]) @ slopes.reshape(-1, width).T + offsets.ravel()
    return joint.reshape(len(X), n_models, n_classes).transpose(1, 0, 2)


def _handles(task):
    return is_plain(task, GaussianNB) and task.recipe.priors is None


def _run(tasks):
    first = tasks[0]
    X, X_asked = as_numbers(first.X), as_numbers(first.X_asked)
    classes, codes = np.unique(first.y, return_inverse=True)
    membership = drawn_records(tasks)
    counts, means, variances = class_moments(X, codes, membership, len(classes))
    spread = _variance_of_all(counts, means, variances).max(axis=1)
    smoothing = first.recipe.var_smoothing * spread
    variances += smoothing[:, None, None]
    with np.errstate(divide="ignore"):
        log_priors = np.log(counts / counts.sum(axis=1, keepdims=True))
    for own in gen_even_slices(len(tasks), _n_groups(tasks, len(classes))):
        joint = joint_log_likelihoods(
            X_asked, log_priors[own], means[own], variances[own]
        )
        for i, values in zip(range(own.start, own.stop), joint, strict=True):
            known = counts[i] > 0
            yield shown(
                tasks[i],
                _answers(tasks[i], values[:, known], classes[known]),
                classes[known],
                restored(
                    tasks[i],
                    classes_=classes[known],
                    class_count_=counts[i, known],
                    class_prior_=counts[i, known] / counts[i].sum(),
                    theta_=means[i, known],
                    var_=variances[i, known],
                    epsilon_=smoothing[i],
                ),
            )


def _variance_of_all(counts, means, variances):
    """Variance of each column of each model, whatever the class."""
    share = (counts / counts.sum(axis=1, keepdims=True))[:, :, None]
    apart = means - (share * means).sum(axis=1, keepdims=True)
    return (share * (variances + apart**2)).sum(axis=1)


def _n_groups(tasks, n_classes):
    """Part the models so that what a group answers stays small."""
    n_values = len(tasks) * len(tasks[0].X_asked) * n_classes
    return int(np.clip(np.ceil(n_values / MOST_VALUES), 1, len(tasks)))


def _answers(task, joint, classes):
    if task.access.response_ == "label":
        return classes[joint.argmax(axis=1)]
    return softmax(joint, axis=1)


GAUSSIAN_NB = Engine("gaussian_nb", _handles, _run)
