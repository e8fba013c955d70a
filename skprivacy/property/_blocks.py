"""Default learners: one for each kind of number, and one over them."""

import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.ensemble import StackingClassifier, StackingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skprivacy.property._weighing import BelievingClassifier

__all__ = ["block_classifier", "block_regressor", "pool_folds", "turns_of"]


def turns_of(worlds) -> np.ndarray:
    """Return the turn of each model: the n-th of its world is of the n-th turn.

    Models of a turn share training records, and must not be split by a fold: what is
    learned of one by heart would be taken for its opposite in the other.

    Parameters
    ----------
    worlds : ndarray of shape (n_models,)
        World of each model. Where all worlds differ, models 2i and 2i + 1 are of a
        turn.

    Returns
    -------
    turns : ndarray of int of shape (n_models,)

    Examples
    --------
    >>> import numpy as np
    >>> turns_of(np.array([0, 1, 0, 1, 1]))
    array([0, 0, 1, 1, 2])
    """
    values, counts = np.unique(worlds, return_counts=True)
    if counts.max() == 1:
        return np.arange(len(worlds)) // 2
    turns = np.empty(len(worlds), dtype=int)
    for world in values:
        rows = np.flatnonzero(worlds == world)
        turns[rows] = np.arange(len(rows))
    return turns


def pool_folds(worlds) -> list:
    """Return two folds, which are the two pools of :class:`PropertyWorlds`.

    What is learned in one fold is judged on models of other records, as it will be on
    the target.

    Parameters
    ----------
    worlds : ndarray of shape (n_models,)
        World of each model.

    Returns
    -------
    folds : list of (train, test) pairs of ndarray of int
        Empty where a fold would lack a world.
    """
    in_second = turns_of(worlds) % 2 == 1
    folds = [
        (np.flatnonzero(~test), np.flatnonzero(test))
        for test in (in_second, ~in_second)
    ]
    n_worlds = len(np.unique(worlds))
    few = n_worlds <= len(worlds) // 2
    if few and any(len(np.unique(worlds[train])) < n_worlds for train, _ in folds):
        return []
    return folds if min(len(train) for train, _ in folds) > 1 else []


def block_classifier(blocks, worlds):
    """Build the default classifier of models.

    Parameters
    ----------
    blocks : dict of str to slice
        Columns of each kind of number.

    worlds : ndarray of int of shape (n_models,)
        World of each model.

    Returns
    -------
    classifier : estimator
        Unfitted.
    """
    folds = pool_folds(worlds)
    if len(blocks) == 1 or not folds:
        return _of_block(_all(blocks), _logistic)
    return StackingClassifier(
        [(name, _of_block(columns, _logistic)) for name, columns in blocks.items()],
        BelievingClassifier(),
        cv=folds,
        stack_method="decision_function",
    )


def block_regressor(blocks, ratios):
    """Build the default regressor of models.

    Parameters
    ----------
    blocks : dict of str to slice
        Columns of each kind of number.

    ratios : ndarray of float of shape (n_models,)
        Share of the property in each training set.

    Returns
    -------
    regressor : estimator
        Unfitted.
    """
    folds = pool_folds(ratios)
    if len(blocks) == 1 or not folds:
        return _of_block(_all(blocks), _ridge)
    return StackingRegressor(
        [(name, _of_block(columns, _ridge)) for name, columns in blocks.items()],
        # As for worlds: what goes wrong by chance is not turned around.
        make_pipeline(StandardScaler(), Ridge(positive=True)),
        cv=folds,
    )


def _of_block(columns, learner):
    """Learn from columns, each heard the less, the more there are."""
    n_columns = max(columns.stop - columns.start, 1)
    # Stacking hands every part all columns.
    block = make_column_transformer((StandardScaler(), columns))
    return make_pipeline(block, learner(n_columns))


def _logistic(n_columns):
    return LogisticRegression(C=1 / n_columns, max_iter=2000)


def _ridge(n_columns):
    return Ridge(alpha=n_columns)


def _all(blocks):
    return slice(0, max(columns.stop for columns in blocks.values()))
