"""Several surrogates, weighted by how well they tell answers they have not seen."""

import numpy as np
from scipy.optimize import nnls

from skprivacy.extraction._surrogate_families import Surrogate

__all__ = ["SurrogateStack", "fit_weights", "out_of_fold"]

#: Families with less weight are left out.
LEAST_WEIGHT = 0.02
#: Families whose error in the first fold is so many times the smallest drop out.
HOPELESS = 3.0
#: A mixture must be better than the best family alone by this share of its error.
LEAST_GAIN = 0.01


def fit_weights(told, answers):
    """Weights of families that bring their mixture nearest to the answers.

    Parameters
    ----------
    told : ndarray of shape (n_families, n_points, n_columns)
        What each family says of points that it has not learned from.

    answers : ndarray of shape (n_points, n_columns)
        What the target says.

    Returns
    -------
    weights : ndarray of shape (n_families,)
        At least 0, and 1 in all.

    Examples
    --------
    >>> answers = np.array([[0.2], [0.4], [0.9]])
    >>> fit_weights(np.stack([answers, 1 - answers]), answers)
    array([1., 0.])
    """
    errors = ((told - answers) ** 2).mean(axis=(1, 2))
    best = int(errors.argmin())
    alone = np.eye(len(told))[best]
    scale = max(float(np.abs(answers).max()), 1e-300)
    flat = told.reshape(len(told), -1).T / scale
    size = np.sqrt(len(flat))
    # One more row, of a large weight, holds the sum at 1; rows of next to none tell
    # families apart that say the same.
    hold, apart = 30 * size, 1e-4 * size * np.eye(len(told))
    weights, _ = nnls(
        np.vstack([flat, np.full(len(told), hold), apart]),
        np.concatenate([answers.ravel() / scale, [hold], np.zeros(len(told))]),
    )
    weights = np.where(weights < LEAST_WEIGHT, 0, weights)
    if not weights.sum() > 0:
        return alone
    weights = weights / weights.sum()
    mixed = ((np.tensordot(weights, told, 1) - answers) ** 2).mean()
    return weights if mixed < (1 - LEAST_GAIN) * errors[best] else alone


def out_of_fold(families, response, features, answers, folds, seed, hopeless=None):
    """Let each family tell points that it has not learned from.

    Parameters
    ----------
    families : list of Family
        Families.

    response : str
        What the target answers with.

    features : ndarray of shape (n_points, n_columns)
        Points.

    answers : ndarray of shape (n_points, n_columns)
        What the target says of them.

    folds : ndarray of int of shape (n_points,)
        Fold of each point, in which it is not learned from.

    seed : int
        Seed.

    hopeless : float or None, default=None
        Families whose error in the first fold is more than so many times the smallest
        drop out of the others; None: nobody does.

    Returns
    -------
    told : ndarray of shape (n_families, n_points, n_columns)
        NaN where a family had dropped out.

    surrogates : list of list of Surrogate
        For each fold, one of each family that was in it.
    """
    told = np.full((len(families), *answers.shape), np.nan)
    surrogates = []
    racing = range(len(families))
    for fold in np.unique(folds):
        left_out = folds == fold
        row = []
        for i in racing:
            family = families[i]
            model = Surrogate(family, response, seed + int(fold))
            model.fit(features[~left_out], answers[~left_out])
            told[i, left_out] = model.answers(features[left_out])
            row.append(model)
        surrogates.append(row)
        if hopeless is not None and len(surrogates) == 1:
            errors = ((told[:, left_out] - answers[left_out]) ** 2).mean(axis=(1, 2))
            racing = np.flatnonzero(errors <= hopeless * errors.min())
    return told, surrogates


class SurrogateStack:
    """A mixture of families.

    Attributes
    ----------
    weights : dict of str to float
        Weight of each family.

    errors : dict of str to float
        Mean squared error of each on answers that it has not seen; of those that were
        far behind, on the first of them.
    """

    def __init__(self, families, response, seed):
        self.families, self.response, self.seed = families, response, seed

    def fit(self, features, answers, folds):
        """Race, weigh, and train those that count on all answers."""
        told, _ = out_of_fold(
            self.families, self.response, features, answers, folds, self.seed, HOPELESS
        )
        finished = ~np.isnan(told).any(axis=(1, 2))
        weights = np.zeros(len(told))
        weights[finished] = fit_weights(told[finished], answers)
        names = [family.name for family in self.families]
        errors = np.nanmean((told - answers) ** 2, axis=(1, 2))
        self.weights = dict(zip(names, weights.tolist(), strict=True))
        self.errors = dict(zip(names, errors.tolist(), strict=True))
        self.told = np.tensordot(weights[finished], told[finished], 1)
        self._parts = []
        for weight, family in zip(weights, self.families, strict=True):
            for start in range(family.n_starts if weight > 0 else 0):
                model = Surrogate(family, self.response, self.seed + start)
                model.fit(features, answers)
                self._parts.append((weight / family.n_starts, model))
        return self

    def answers(self, features):
        """Answer to points."""
        return sum(weight * model.answers(features) for weight, model in self._parts)
