"""What a model would answer to each training record without it, by formula.

Plain functions on arrays: no model is trained again. In each of them row ``i`` of the
result is the answer to record ``i`` of the model that was trained on all others.
"""

import numpy as np

__all__ = [
    "categorical_without",
    "counts_without",
    "gaussian_naive_bayes_without",
    "least_squares_without",
    "normalize_log_joint",
]


def least_squares_without(X, Y, *, alpha=0.0, fit_intercept=True, rank=None):
    r"""Predictions of least squares, or ridge regression, without each record.

    With the hat matrix :math:`H`, the residual without a record is

    .. math:: y_i - \hat{y}_{-i} = (y_i - \hat{y}_i) / (1 - H_{ii}),

    by the formula of Sherman and Morrison. Where :math:`H_{ii} = 1`, the record alone
    settles a direction :math:`w = A^{+} x_i` of the coefficients; without it they are
    those of least length, :math:`\beta - w\,(w^T\beta) / (w^T w)`.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Features.

    Y : ndarray of shape (n_records, n_outputs)
        True values.

    alpha : float, default=0.0
        Penalty on the squared coefficients; the intercept has none.

    fit_intercept : bool, default=True
        Whether the model has an intercept.

    rank : int or None, default=None
        How many singular values count. None: those above the rounding error.

    Returns
    -------
    predictions : ndarray of shape (n_records, n_outputs)

    Examples
    --------
    The mean of 0, 3 and 6, each time without one of them:

    >>> import numpy as np
    >>> least_squares_without(np.zeros((3, 1)), np.array([[0.0], [3.0], [6.0]])).ravel()
    array([4.5, 3. , 1.5])
    """
    n = len(X)
    center = X.mean(axis=0) if fit_intercept else 0.0
    middle = Y.mean(axis=0) if fit_intercept else 0.0
    U, s, Vt = np.linalg.svd(X - center, full_matrices=False)
    if rank is None:
        rank = int((s > max(X.shape) * np.finfo(float).eps * s.max(initial=0)).sum())
    U, s = U[:, :rank], s[:rank]
    shrink = s**2 / (s**2 + alpha)
    scores = U.T @ (Y - middle)
    fitted = middle + U @ (shrink[:, None] * scores)
    leverage = (U**2) @ shrink + (1 / n if fit_intercept else 0)
    free = 1 - leverage
    settles = free < _SETTLES_A_DIRECTION
    predictions = Y - (Y - fitted) / np.where(settles, 1.0, free)[:, None]
    if settles.any():
        # In the coordinates of the right singular vectors.
        coefficients = scores / s[:, None]
        direction = U[settles] / s
        along = direction @ coefficients / (direction**2).sum(axis=1, keepdims=True)
        predictions[settles] = Y[settles] - along
    return predictions


#: Leverages nearer to 1 than this are 1: the difference is the rounding error.
_SETTLES_A_DIRECTION = 1e-9


def gaussian_naive_bayes_without(X, codes, n_classes, *, smoothing, priors=None):
    """Log-joint probabilities of Gaussian naive Bayes without each record.

    Means and variances of a class are sums over its records, from which one record can
    be taken away.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Features.

    codes : ndarray of int of shape (n_records,)
        Class of each record.

    n_classes : int
        Classes.

    smoothing : float
        Share of the largest variance of all columns that is added to every variance.

    priors : ndarray of shape (n_classes,) or None, default=None
        Fixed probabilities of the classes. None: their shares of the records.

    Returns
    -------
    log_joint : ndarray of shape (n_records, n_classes)
        Minus infinity for a class that has no other record.

    Examples
    --------
    Without the record 1, its class has the records 0 and 4: mean 2 and variance 4.

    >>> import numpy as np
    >>> X, codes = np.array([[0.0], [1.0], [4.0]]), np.zeros(3, dtype=int)
    >>> log_joint = gaussian_naive_bayes_without(X, codes, 1, smoothing=0.0)
    >>> expected = -0.5 * np.log(2 * np.pi * 4) - 0.5 * (1 - 2) ** 2 / 4
    >>> bool(np.isclose(log_joint[1, 0], expected))
    True
    """
    everyone = np.zeros(len(X), dtype=int)
    _, spread = _moments_without(X, X, everyone, 0)
    added = smoothing * spread.max(axis=1, keepdims=True)
    log_joint = _log_prior_without(codes, n_classes, priors)
    for c in range(n_classes):
        mean, variance = _moments_without(X, X[codes == c], codes, c)
        variance = variance + added
        with np.errstate(divide="ignore", invalid="ignore"):
            log_density = -0.5 * (
                np.log(2 * np.pi * variance) + (X - mean) ** 2 / variance
            ).sum(axis=1)
        log_joint[:, c] += np.where(np.isneginf(log_joint[:, c]), 0, log_density)
    return log_joint


def _moments_without(X, own, codes, c):
    """Mean and variance of ``own``, for records of class ``c`` without themselves."""
    n = len(own)
    mean, variance = own.mean(axis=0), own.var(axis=0)
    mine = (codes == c)[:, None]
    if n < 2:
        return np.where(mine, 0.0, mean), np.where(mine, 1.0, variance)
    apart = X - mean
    without = (n * variance - apart**2 * n / (n - 1)) / (n - 1)
    # One record, or equal ones, have no variance; what is left is rounding.
    tiny = without < _ROUNDING * (variance + apart**2)
    without = np.where(tiny | (n == 2), 0.0, without)
    return (
        np.where(mine, mean - apart / (n - 1), mean),
        np.where(mine, without, variance),
    )


_ROUNDING = 1e-14


def counts_without(model_kind, counts, codes, n_classes, *, alpha=1.0, **settings):
    """Log-joint probabilities of naive Bayes on counts, without each record.

    Parameters
    ----------
    model_kind : {"multinomial", "bernoulli", "complement"}
        How counts become probabilities.

    counts : ndarray of shape (n_records, n_features)
        Counts of each record; 0 and 1 for "bernoulli".

    codes : ndarray of int of shape (n_records,)
        Class of each record.

    n_classes : int
        Classes.

    alpha : float or ndarray of shape (n_features,), default=1.0
        Added to every count.

    **settings : object
        ``priors``, fixed probabilities of the classes; ``norm``, whether "complement"
        divides its weights by their sum.

    Returns
    -------
    log_joint : ndarray of shape (n_records, n_classes)

    Examples
    --------
    Two records of class 0 and one of class 1. Without the first, class 0 has counts
    (0, 1), with 1 added (1, 2): the first record, a 1 in column 0, has 1/2 * 1/3.

    >>> import numpy as np
    >>> counts, codes = np.array([[1.0, 0], [0, 1], [1, 1]]), np.array([0, 0, 1])
    >>> log_joint = counts_without("multinomial", counts, codes, 2)
    >>> np.exp(log_joint[0]).round(4)
    array([0.1667, 0.25  ])
    """
    priors, norm = settings.get("priors"), settings.get("norm", False)
    of_class = np.eye(n_classes)[codes]
    totals = of_class.T @ counts
    sizes = of_class.sum(axis=0)
    log_joint = _log_prior_without(codes, n_classes, priors)
    if model_kind == "complement" and n_classes > 1:
        log_joint = np.where(np.isneginf(log_joint), -np.inf, 0.0)
    for c in range(n_classes):
        mine = (codes == c)[:, None]
        if model_kind == "complement":
            others = totals.sum(axis=0) - totals[c] - np.where(mine, 0.0, counts)
            weights = np.log(others + alpha) - np.log(
                (others + alpha).sum(axis=1, keepdims=True)
            )
            weights = weights / weights.sum(axis=1, keepdims=True) if norm else -weights
            log_joint[:, c] += (counts * weights).sum(axis=1)
            continue
        left = totals[c] - np.where(mine, counts, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            if model_kind == "multinomial":
                weights = np.log(left + alpha) - np.log(
                    (left + alpha).sum(axis=1, keepdims=True)
                )
                own = np.where(counts == 0, 0.0, counts * weights)
            else:
                share = (left + alpha) / (sizes[c] - mine + 2 * np.asarray(alpha))
                own = np.log(np.where(counts > 0, share, 1 - share))
        known = ~np.isneginf(log_joint[:, c])
        log_joint[known, c] += own.sum(axis=1)[known]
    return log_joint


def categorical_without(categories, codes, n_categories, n_classes, *, alpha, priors):
    """Log-joint probabilities of categorical naive Bayes, without each record.

    The number of categories of a column is held fixed.

    Parameters
    ----------
    categories : ndarray of int of shape (n_records, n_features)
        Category of each record in each column.

    codes : ndarray of int of shape (n_records,)
        Class of each record.

    n_categories : ndarray of int of shape (n_features,)
        Categories of each column.

    n_classes : int
        Classes.

    alpha : float
        Added to every count.

    priors : ndarray of shape (n_classes,) or None
        Fixed probabilities of the classes.

    Returns
    -------
    log_joint : ndarray of shape (n_records, n_classes)

    Examples
    --------
    Without the first record its class has one other, of category 1: with 1 added to
    each of two categories, category 0 has 1/3.

    >>> import numpy as np
    >>> categories, codes = np.array([[0], [1]]), np.array([0, 0])
    >>> log_joint = categorical_without(
    ...     categories, codes, np.array([2]), 1, alpha=1.0, priors=None
    ... )
    >>> np.exp(log_joint[0]).round(4)
    array([0.3333])
    """
    log_joint = _log_prior_without(codes, n_classes, priors)
    own = np.eye(n_classes)[codes]
    sizes = own.sum(axis=0) - own
    for j, n_here in enumerate(n_categories):
        table = np.zeros((n_here, n_classes))
        np.add.at(table, (categories[:, j], codes), 1)
        left = table[categories[:, j]] - own
        with np.errstate(divide="ignore"):
            log_share = np.log(left + alpha) - np.log(sizes + alpha * n_here)
        log_joint += np.where(np.isneginf(log_joint), 0.0, log_share)
    return log_joint


def _log_prior_without(codes, n_classes, priors):
    own = np.eye(n_classes)[codes]
    left = own.sum(axis=0) - own
    with np.errstate(divide="ignore"):
        if priors is None:
            return np.log(left) - np.log(len(codes) - 1)
        # A class that has no record left is not known to the model.
        return np.where(left > 0, np.log(np.asarray(priors, dtype=float)), -np.inf)


def normalize_log_joint(log_joint):
    """Probabilities of the classes from their log-joint probabilities.

    Parameters
    ----------
    log_joint : ndarray of shape (n_records, n_classes)
        Log-joint probabilities.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)

    Examples
    --------
    >>> import numpy as np
    >>> normalize_log_joint(np.array([[-1000.0, -1000.0]]))
    array([[0.5, 0.5]])
    """
    top = log_joint.max(axis=1, keepdims=True)
    proba = np.exp(log_joint - top)
    return proba / proba.sum(axis=1, keepdims=True)
