"""From scores of worlds to their probabilities."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

from skprivacy.property._blocks import pool_folds, turns_of

__all__ = ["Calibration", "folds_of", "out_of_fold"]

#: A slope of 0 would make all models alike, a negative one turn their order around:
#: scores of models left out of the fit do so by chance where there is nothing to find.
LEAST_SLOPE = 0.01


class Calibration:
    """Scale scores, and shift them, so that they are log-probabilities.

    One slope for all worlds, and an offset for each, by maximum likelihood; a penalty
    of half the square of the slope keeps it finite where scores separate the worlds.

    Parameters
    ----------
    scores : ndarray of shape (n_models, n_worlds)
        Scores of models that had no part in what made them.

    worlds : ndarray of int of shape (n_models,)
        World of each.

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.array([[0.0, 4.0], [0.0, 6.0]] * 9)
    >>> calibration = Calibration(scores, np.array([0, 1] * 9))
    >>> logits = calibration.log_odds(np.array([[0.0, 5.0], [0.0, 6.0]]))
    >>> bool(abs(logits[0, 1] - logits[0, 0]) < 1e-3), bool(logits[1, 1] > logits[1, 0])
    (True, True)
    """

    def __init__(self, scores, worlds):
        compared = scores - scores.mean(axis=1, keepdims=True)
        self.scale = max(float(compared.std()), 1e-12)
        compared = compared / self.scale
        n_worlds = scores.shape[1]
        own = np.eye(n_worlds)[worlds]

        def cost(values):
            logits = values[0] * compared + np.append(0.0, values[1:])
            logs = log_softmax(logits, axis=1)
            wrong = np.exp(logs) - own
            slope = (wrong * compared).sum() + values[0]
            gradient = np.append(slope, wrong.sum(axis=0)[1:])
            return -(own * logs).sum() + values[0] ** 2 / 2, gradient

        bounds = [(LEAST_SLOPE, None)] + [(None, None)] * (n_worlds - 1)
        start = np.append(1.0, np.zeros(n_worlds - 1))
        found = minimize(cost, start, jac=True, bounds=bounds, method="L-BFGS-B").x
        self.slope = found[0] / self.scale
        self.offsets = np.append(0.0, found[1:])

    def log_odds(self, scores) -> np.ndarray:
        """Turn scores into logarithms of probabilities, up to a constant.

        Parameters
        ----------
        scores : ndarray of shape (n_models, n_worlds)
            Scores.

        Returns
        -------
        logits : ndarray of shape (n_models, n_worlds)
        """
        compared = scores - scores.mean(axis=1, keepdims=True)
        return self.slope * compared + self.offsets


def out_of_fold(learn, numbers, worlds) -> np.ndarray:
    """Score shadow models, each by a fit on models of another pool.

    Where too few are left for that, by a fit without the models of its turn.

    Parameters
    ----------
    learn : callable
        ``learn(numbers, worlds)`` returns what has the method ``scores(numbers)``.

    numbers : ndarray of shape (n_models, n_numbers)
        Numbers of shadow models, at least two of each world.

    worlds : ndarray of int of shape (n_models,)
        World of each.

    Returns
    -------
    scores : ndarray of shape (n_models, n_worlds)
    """
    scores = np.empty((len(numbers), int(worlds.max()) + 1))
    for train, test in folds_of(worlds):
        scores[test] = learn(numbers[train], worlds[train]).scores(numbers[test])
    return scores


def folds_of(worlds) -> list:
    """Return folds of shadow models: their pools, or else their turns.

    Parameters
    ----------
    worlds : ndarray of int of shape (n_models,)
        World of each model; at least two of each.

    Returns
    -------
    folds : list of (train, test) pairs of ndarray of int
    """
    pools = pool_folds(worlds)
    if pools:
        return pools
    # A turn that some worlds have no model of goes with another.
    turns = turns_of(worlds) % np.bincount(worlds).min()
    return [
        (np.flatnonzero(turns != turn), np.flatnonzero(turns == turn))
        for turn in np.unique(turns)
    ]
