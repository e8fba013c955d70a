"""Gaussian naive Bayes: all models from sums over the records of each."""

import numpy as np
from sklearn.naive_bayes import GaussianNB

from skprivacy.shadow._train import ask
from skprivacy.shadow.engines._engine import Engine, as_numbers, is_plain, restored

__all__ = ["GAUSSIAN_NB", "class_moments"]


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
    nothing is lost where columns are far from 0.

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
        shift = drawn @ apart / n
        variances[:, code] = np.maximum(drawn @ apart**2 / n - shift**2, 0.0)
        means[:, code] = np.where(counts[:, code, None] > 0, center + shift, 0.0)
    return counts, means, variances


def _handles(task):
    return is_plain(task, GaussianNB) and task.recipe.priors is None


def _run(tasks):
    first = tasks[0]
    X = as_numbers(first.X)
    classes, codes = np.unique(first.y, return_inverse=True)
    membership = np.zeros((len(tasks), len(X)), dtype=bool)
    for own, task in zip(membership, tasks, strict=True):
        own[task.rows] = True
    moments = class_moments(X, codes, membership, len(classes))
    whole = class_moments(X, np.zeros(len(X), dtype=int), membership, 1)[2][:, 0]
    for task, counts, means, variances, spread in zip(
        tasks, *moments, whole, strict=True
    ):
        yield ask(task, _model(task, classes, counts, means, variances, spread))


def _model(task, classes, counts, means, variances, spread):
    drawn = counts > 0
    smoothing = task.recipe.var_smoothing * spread.max()
    return restored(
        task,
        classes_=classes[drawn],
        class_count_=counts[drawn],
        class_prior_=counts[drawn] / counts.sum(),
        theta_=means[drawn],
        var_=variances[drawn] + smoothing,
        epsilon_=smoothing,
    )


GAUSSIAN_NB = Engine("gaussian_nb", _handles, _run)
