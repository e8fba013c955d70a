"""How likely a model's numbers are in each world."""

import numpy as np

__all__ = [
    "WorldStatistics",
    "gaussian_log_likelihoods",
    "shrunk_variances",
    "whitening_axes",
]

#: Models that the variance of all worlds counts for beside those of one world.
PRIOR_MODELS = 30
#: How far the covariance goes towards that of uncorrelated numbers.
TOWARDS_UNCORRELATED = 0.9
#: How far the variance of a number goes towards the mean of its kind.
TOWARDS_MEAN = 0.1


def shrunk_variances(residuals, worlds, prior_models=PRIOR_MODELS):
    """Estimate the variance of each number in each world from few models.

    Parameters
    ----------
    residuals : ndarray of shape (n_models, n_numbers)
        Numbers less the mean of their world.

    worlds : ndarray of int of shape (n_models,)
        World of each model.

    prior_models : float, default=30
        Models that the pooled variance counts for.

    Returns
    -------
    variances : ndarray of shape (n_worlds, n_numbers)
        In units of the variance pooled over worlds, towards which they are shrunk.

    Examples
    --------
    >>> import numpy as np
    >>> residuals = np.array([[-1.0], [1.0], [-3.0], [3.0]])
    >>> shrunk_variances(residuals, np.array([0, 0, 1, 1]), prior_models=1)
    array([[0.6],
           [1.4]])
    """
    n_worlds = int(worlds.max()) + 1
    squares = residuals**2
    pooled = squares.sum(axis=0) / max(len(worlds) - n_worlds, 1)
    units = squares / np.where(pooled > 0, pooled, 1.0)
    # A number that no model moves is as variable in one world as in the other.
    units[:, pooled == 0] = 1.0
    return np.array(
        [
            (units[worlds == world].sum(axis=0) + prior_models)
            / (np.count_nonzero(worlds == world) - 1 + prior_models)
            for world in range(n_worlds)
        ]
    )


def whitening_axes(residuals, differences, n_free):
    """Find axes along which numbers are uncorrelated, and of variance 1.

    The covariance is shrunk towards that of uncorrelated numbers of equal variance:
    there are more numbers than models, and directions in which the latter happen not
    to vary would outvote all others.

    Parameters
    ----------
    residuals : ndarray of shape (n_models, n_numbers)
        Numbers, in units of their spread, less the mean of their world.

    differences : ndarray of shape (n_worlds, n_numbers)
        Means of the worlds, less the mean of all.

    n_free : int
        Models less worlds.

    Returns
    -------
    axes : ndarray of shape (n_axes, n_numbers)
        All along which models or worlds differ.

    Examples
    --------
    >>> import numpy as np
    >>> residuals = np.array([[2.0, 0.0], [-2.0, 0.0]])
    >>> axes = whitening_axes(residuals, np.array([[0.0, 1.0], [0.0, -1.0]]), 1)
    >>> np.abs(axes @ axes.T).round(3)
    array([[0.227, 0.   ],
           [0.   , 0.278]])
    """
    level = (residuals**2).mean() * len(residuals) / n_free
    level = level if level > 0 else 1.0
    within, lengths = _directions(residuals, np.linalg.norm(residuals))
    beside = differences - differences @ within.T @ within
    apart, _ = _directions(beside, np.linalg.norm(differences))
    variances = np.concatenate([lengths**2 / n_free, np.zeros(len(apart))])
    variances = (1 - TOWARDS_UNCORRELATED) * variances + TOWARDS_UNCORRELATED * level
    return np.vstack([within, apart]) / np.sqrt(variances)[:, None]


def gaussian_log_likelihoods(numbers, means, variances) -> np.ndarray:
    """Log-density of a model's independent numbers in each world, up to a constant.

    Parameters
    ----------
    numbers : ndarray of shape (n_models, n_numbers)
        Numbers.

    means, variances : ndarray of shape (n_worlds, n_numbers)
        Of the normal law of each number in each world.

    Returns
    -------
    log_likelihoods : ndarray of shape (n_models, n_worlds)

    Examples
    --------
    >>> import numpy as np
    >>> means, variances = np.array([[0.0], [2.0]]), np.ones((2, 1))
    >>> gaussian_log_likelihoods(np.array([[0.0], [1.0]]), means, variances)
    array([[-0. , -2. ],
           [-0.5, -0.5]])
    """
    return np.column_stack(
        [
            -0.5 * ((numbers - mean) ** 2 / variance + np.log(variance)).sum(axis=1)
            for mean, variance in zip(means, variances, strict=True)
        ]
    )


class WorldStatistics:
    """Normal law of the numbers in each world.

    Parameters
    ----------
    numbers : ndarray of shape (n_models, n_numbers)
        Numbers of shadow models.

    worlds : ndarray of int of shape (n_models,)
        World of each.

    blocks : dict of str to slice
        Columns of each kind of number.
    """

    def __init__(self, numbers, worlds, blocks):
        n_worlds = int(worlds.max()) + 1
        n_free = max(len(worlds) - n_worlds, 1)
        means = np.array(
            [numbers[worlds == world].mean(axis=0) for world in range(n_worlds)]
        )
        residuals = numbers - means[worlds]
        self.center = means.mean(axis=0)
        self.spread = _spread(residuals, blocks, n_free)
        differences = (means - self.center) / self.spread
        residuals = residuals / self.spread
        self.axes = whitening_axes(residuals, differences, n_free)
        self.means = differences @ self.axes.T
        self.variances = shrunk_variances(residuals @ self.axes.T, worlds)

    def scores(self, numbers) -> np.ndarray:
        """Log-likelihood of each world.

        Parameters
        ----------
        numbers : ndarray of shape (n_models, n_numbers)
            Numbers of models under attack.

        Returns
        -------
        log_likelihoods : ndarray of shape (n_models, n_worlds)
        """
        along = ((numbers - self.center) / self.spread) @ self.axes.T
        return gaussian_log_likelihoods(along, self.means, self.variances)


def _spread(residuals, blocks, n_free):
    """Return the deviation of each number, shrunk towards that of its kind."""
    variances = (residuals**2).sum(axis=0) / n_free
    for columns in blocks.values():
        mean = variances[columns].mean()
        variances[columns] += TOWARDS_MEAN * (mean - variances[columns])
    return np.sqrt(np.where(variances > 0, variances, 1.0))


def _directions(rows, scale):
    """Return unit vectors that span rows, and the length of the rows along each.

    Lengths that are nothing beside the scale are rounding.
    """
    _, lengths, directions = np.linalg.svd(rows, full_matrices=False)
    there = lengths > 1e-9 * scale
    return directions[there], lengths[there]
