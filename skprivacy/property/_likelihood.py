"""How likely a model's numbers are in each world."""

import numpy as np

__all__ = [
    "WorldStatistics",
    "effective_number",
    "gaussian_log_likelihoods",
    "shrunk_variances",
]

#: Models that the pooled variance counts for beside those of one world.
PRIOR_MODELS = 10
#: How far the variance of a number goes towards the mean of all numbers.
TOWARDS_MEAN = 0.5


def shrunk_variances(residuals, worlds, prior_models=PRIOR_MODELS):
    """Estimate the variance of each number in each world from few models.

    The variance of a world goes towards that of all worlds, and the latter halfway
    towards the mean over all numbers: a number that happens to vary little among the
    shadow models would otherwise outvote all others.

    Parameters
    ----------
    residuals : ndarray of shape (n_models, n_numbers)
        Numbers less the mean of their world.

    worlds : ndarray of int of shape (n_models,)
        World of each model.

    prior_models : float, default=10
        Models that the pooled variance counts for.

    Returns
    -------
    variances : ndarray of shape (n_worlds, n_numbers)

    Examples
    --------
    >>> import numpy as np
    >>> residuals = np.array([[-1.0], [1.0], [-3.0], [3.0]])
    >>> shrunk_variances(residuals, np.array([0, 0, 1, 1]), prior_models=1)
    array([[ 6.],
           [14.]])
    """
    n_worlds = int(worlds.max()) + 1
    squares = residuals**2
    pooled = squares.sum(axis=0) / max(len(worlds) - n_worlds, 1)
    pooled = (1 - TOWARDS_MEAN) * pooled + TOWARDS_MEAN * pooled.mean()
    # Numbers that no model moves tell nothing: any variance does.
    pooled = np.where(pooled > 0, pooled, 1.0)
    return np.array(
        [
            (squares[worlds == world].sum(axis=0) + prior_models * pooled)
            / (np.count_nonzero(worlds == world) - 1 + prior_models)
            for world in range(n_worlds)
        ]
    )


def effective_number(residuals, n_worlds=1) -> float:
    """Count how many independent numbers correlated ones are worth.

    The square of the trace of the correlation matrix over the trace of its square,
    less what the latter is larger by from chance, among so few models.

    Parameters
    ----------
    residuals : ndarray of shape (n_models, n_numbers)
        Numbers less the mean of their world.

    n_worlds : int, default=1
        Means that were taken off.

    Returns
    -------
    n : float
        From 1 to the number of numbers.

    Examples
    --------
    >>> import numpy as np
    >>> moves = np.random.RandomState(0).normal(size=(50, 1))
    >>> round(effective_number(np.hstack([moves, 2 * moves, 3 * moves])), 9)
    1.0
    """
    spread = np.sqrt((residuals**2).mean(axis=0))
    there = spread > 0
    n_numbers = int(there.sum())
    if n_numbers < 2:
        return 1.0
    scaled = residuals[:, there] / spread[there]
    # The numbers are many and the models few: the small matrix has the same trace.
    trace_of_square = ((scaled @ scaled.T / len(residuals)) ** 2).sum()
    # Among few models independent numbers correlate by chance, equal ones do not.
    chance = 1 / max(len(residuals) - n_worlds, 2)
    trace_of_square = (trace_of_square - chance * n_numbers**2) / (1 - chance)
    n = n_numbers**2 / max(trace_of_square, n_numbers)
    return float(np.clip(n, 1.0, n_numbers))


def gaussian_log_likelihoods(numbers, means, variances) -> np.ndarray:
    """Mean log-density of a model's numbers in each world, up to a constant.

    Parameters
    ----------
    numbers : ndarray of shape (n_models, n_numbers)
        Numbers.

    means, variances : ndarray of shape (n_worlds, n_numbers)
        Of the normal law of each number in each world.

    Returns
    -------
    log_likelihoods : ndarray of shape (n_models, n_worlds)
        The mean over numbers; times their effective number it is that of the model.

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
            -0.5 * ((numbers - mean) ** 2 / variance + np.log(variance)).mean(axis=1)
            for mean, variance in zip(means, variances, strict=True)
        ]
    )


class WorldStatistics:
    """Normal laws of numbers in each world.

    Parameters
    ----------
    numbers : ndarray of shape (n_models, n_numbers)
        Numbers of shadow models.

    worlds : ndarray of int of shape (n_models,)
        World of each.

    blocks : dict of str to slice
        Columns of each kind of number, which are weighed by their effective number.
    """

    def __init__(self, numbers, worlds, blocks):
        n_worlds = int(worlds.max()) + 1
        self.means = np.array(
            [numbers[worlds == world].mean(axis=0) for world in range(n_worlds)]
        )
        residuals = numbers - self.means[worlds]
        self.blocks = [
            (
                columns,
                shrunk_variances(residuals[:, columns], worlds),
                effective_number(residuals[:, columns], n_worlds),
            )
            for columns in blocks.values()
        ]

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
        return sum(
            effective
            * gaussian_log_likelihoods(
                numbers[:, columns], self.means[:, columns], variances
            )
            for columns, variances, effective in self.blocks
        )
