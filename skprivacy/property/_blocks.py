"""Default learners: one for each kind of number, and one over them."""

import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.ensemble import StackingClassifier, StackingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

__all__ = ["block_classifier", "block_regressor", "turns_of"]

#: Folds in which the learners of the blocks are compared.
N_FOLDS = 8


def turns_of(worlds) -> np.ndarray:
    """Return the turn of each model: the n-th of its world is of the n-th turn.

    Models of a turn share training records, and must not be split by a fold: what is
    learned of one by heart would be taken for its opposite in the other.

    Parameters
    ----------
    worlds : ndarray of int of shape (n_models,)
        World of each model.

    Returns
    -------
    turns : ndarray of int of shape (n_models,)

    Examples
    --------
    >>> import numpy as np
    >>> turns_of(np.array([0, 1, 0, 1, 1]))
    array([0, 0, 1, 1, 2])
    """
    turns = np.empty(len(worlds), dtype=int)
    for world in np.unique(worlds):
        rows = np.flatnonzero(worlds == world)
        turns[rows] = np.arange(len(rows))
    return turns


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
    parts = [
        (
            name,
            _of_block(columns, _logistic(columns)),
        )
        for name, columns in blocks.items()
    ]
    turns = turns_of(worlds)
    n_folds = min(N_FOLDS, np.bincount(worlds).min())
    if len(parts) == 1 or n_folds < 2:
        columns = slice(0, max(columns.stop for columns in blocks.values()))
        return _of_block(columns, _logistic(columns))
    # A turn that some worlds have no model of goes with another.
    turns %= np.bincount(worlds).min()
    folds = list(GroupKFold(n_folds).split(turns, groups=turns))
    return StackingClassifier(
        parts,
        make_pipeline(StandardScaler(), LogisticRegression(C=1.0)),
        cv=folds,
        stack_method="decision_function",
    )


def block_regressor(blocks, n_models):
    """Build the default regressor of models.

    Parameters
    ----------
    blocks : dict of str to slice
        Columns of each kind of number.

    n_models : int
        Shadow models, of which each is of a turn of its own.

    Returns
    -------
    regressor : estimator
        Unfitted.
    """
    parts = [
        (name, _of_block(columns, Ridge(alpha=1 / strength(columns))))
        for name, columns in blocks.items()
    ]
    if len(parts) == 1 or n_models < 2 * N_FOLDS:
        columns = slice(0, max(columns.stop for columns in blocks.values()))
        return _of_block(columns, Ridge(alpha=1 / strength(columns)))
    # Models 2i and 2i + 1 share training records.
    turns = np.arange(n_models) // 2
    folds = list(GroupKFold(N_FOLDS).split(turns, groups=turns))
    return StackingRegressor(parts, Ridge(alpha=1.0), cv=folds)


def strength(columns) -> float:
    """Return the inverse of the penalty: the more columns, the less each is heard."""
    return 1 / max(columns.stop - columns.start, 1)


def _of_block(columns, learner):
    # Stacking hands every part all columns.
    block = make_column_transformer((StandardScaler(), columns))
    return make_pipeline(block, learner)


def _logistic(columns):
    return LogisticRegression(C=strength(columns), max_iter=2000)
