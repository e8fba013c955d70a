"""Tell membership without the model, where that is possible."""

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.utils import check_random_state
from threadpoolctl import threadpool_limits

from skprivacy.records import as_numbers

__all__ = ["blind_scores", "telling_columns"]


def blind_scores(records, is_member, random_state=None):
    """Score membership from the records alone, each by a model that has not seen it.

    If these scores tell members from non-members, training set and holdout are not
    from one population: they differ in time, in source, or in what was left out. An
    attack's figure then has two causes, and only one of them is the model.

    Parameters
    ----------
    records : DataFrame or ndarray of shape (n_records, n_columns)
        Records, the label included.

    is_member : ndarray of int of shape (n_records,)
        Truth.

    random_state : int, RandomState instance or None, default=None
        Decides the folds.

    Returns
    -------
    scores : ndarray of shape (n_records,)
        Larger is more like a member.
    """
    rng = check_random_state(random_state)
    n_splits = int(min(5, np.bincount(is_member).min()))
    model = HistGradientBoostingClassifier(
        max_iter=60,
        max_leaf_nodes=15,
        early_stopping=False,
        random_state=rng.randint(np.iinfo(np.int32).max),
    )
    folds = StratifiedKFold(
        n_splits, shuffle=True, random_state=rng.randint(np.iinfo(np.int32).max)
    )
    table = _below_all_others(as_numbers(records))
    # Tables of this size gain nothing from threads, and lose much on a busy machine.
    with threadpool_limits(1, user_api="openmp"):
        return cross_val_predict(
            model, table, is_member, cv=folds, method="decision_function"
        )


def telling_columns(records, is_member, n_columns=3):
    """Columns that tell membership best when taken alone.

    Parameters
    ----------
    records : DataFrame or ndarray of shape (n_records, n_columns)
        Records, the label included.

    is_member : ndarray of int of shape (n_records,)
        Truth.

    n_columns : int, default=3
        Columns at the most.

    Returns
    -------
    columns : tuple of str
        Best first; only such as are further from chance than 4 standard errors.
    """
    table = _below_all_others(as_numbers(records))
    n_in, n_out = is_member.sum(), (1 - is_member).sum()
    error = np.sqrt((n_in + n_out + 1) / (12 * n_in * n_out))
    distance = {}
    for j, column in enumerate(columns_of(records)):
        auc = roc_auc_score(is_member, table[:, j])
        distance[column] = abs(auc - 0.5) / error
    telling = sorted(distance, key=distance.get, reverse=True)
    return tuple(c for c in telling[:n_columns] if distance[c] > 4)


def _below_all_others(table):
    """Put missing values below all others: a fold may hold no other of a column."""
    lowest = np.where(np.isfinite(table), table, np.inf).min(axis=0)
    lowest = np.where(np.isfinite(lowest), lowest, 0.0)
    return np.where(np.isnan(table), lowest - 1, table)


def columns_of(records):
    """Names of the columns, or their numbers where there are none."""
    if isinstance(records, pd.DataFrame):
        return [str(c) for c in records.columns]
    return [f"column {j}" for j in range(np.shape(records)[1])]
