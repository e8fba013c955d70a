"""Records with the truth about their membership, for whoever holds both tables."""

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import validate_params

from skprivacy._validation import as_table
from skprivacy.records._identity import hash_records
from skprivacy.records._table import join_records, label_name, take_rows

__all__ = ["Together", "keep_strangers", "lay_together", "make_membership_records"]


@validate_params(
    {
        "label": [str, None],
        "balance": ["boolean"],
        "groups_train": ["array-like", None],
        "groups_holdout": ["array-like", None],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_membership_records(
    X_train,
    y_train,
    X_holdout,
    y_holdout,
    *,
    label: str | None = None,
    balance: bool = True,
    groups_train=None,
    groups_holdout=None,
    random_state=None,
) -> tuple[pd.DataFrame | np.ndarray, np.ndarray]:
    """Lay training set and holdout together, with the truth about who is a member.

    A holdout record that is in the training set too, or whose group is, is no
    non-member: it is left out, and a warning says how many were.

    Parameters
    ----------
    X_train, X_holdout : DataFrame or array-like of shape (n_rows, n_features)
        Features. Strings, categories and missing values are kept as they are. Columns
        of the holdout are brought into the order of the training set.

    y_train, y_holdout : array-like of shape (n_rows,)
        Labels.

    label : str or None, default=None
        Name of the label's column where the features are a DataFrame; by default the
        name of ``y_train``, or "label". In an array the label is the last column.

    balance : bool, default=True
        Draw from the larger side, so that members and non-members are equally many.

    groups_train, groups_holdout : array-like of shape (n_rows,) or None, default=None
        What must not be in both: the person, where a person has several rows.

    random_state : int, RandomState instance or None, default=None
        Decides what is drawn by `balance`.

    Returns
    -------
    records : DataFrame or ndarray of shape (n_records, n_features + 1)
        Members first. A DataFrame keeps the index labels of its rows.

    is_member : ndarray of int of shape (n_records,)
        1 for a row of the training set, 0 for a row of the holdout.

    Raises
    ------
    ValueError
        If the two tables have other columns, or nothing is left of the holdout.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.records import make_membership_records
    >>> records, is_member = make_membership_records(
    ...     np.array([[1.0], [2.0]]), [0, 1], np.array([[3.0], [4.0]]), [1, 1]
    ... )
    >>> records
    array([[1., 0.],
           [2., 1.],
           [3., 1.],
           [4., 1.]])
    >>> is_member
    array([1, 1, 0, 0])
    """
    together = lay_together(
        X_train, y_train, X_holdout, y_holdout, label, groups_train, groups_holdout
    )
    if together.n_dropped:
        warnings.warn(
            f"{together.n_dropped} of {len(y_holdout)} holdout records were left out: "
            "they, or their group, are in the training set too.",
            UserWarning,
            # Past the decorator, to the line of the caller.
            stacklevel=3,
        )
    is_member = together.is_member
    if not balance:
        return together.records, is_member
    rng = check_random_state(random_state)
    sides = [np.flatnonzero(is_member == side) for side in (1, 0)]
    size = min(len(rows) for rows in sides)
    kept = np.concatenate([_draw(rows, size, rng) for rows in sides])
    return take_rows(together.records, kept), is_member[kept]


class Together(NamedTuple):
    """Both tables as one, members first.

    Parameters
    ----------
    records : DataFrame or ndarray of shape (n_records, n_features + 1)
        Records.

    is_member : ndarray of int of shape (n_records,)
        Truth.

    row : ndarray of int of shape (n_records,)
        Row of each record in the table that it came from.

    n_dropped : int
        Holdout records that were left out.
    """

    records: object
    is_member: np.ndarray
    row: np.ndarray
    n_dropped: int


def lay_together(
    X_train,
    y_train,
    X_holdout,
    y_holdout,
    label=None,
    groups_train=None,
    groups_holdout=None,
) -> Together:
    """Lay both tables together, without holdout records that are members too.

    Parameters
    ----------
    X_train, y_train, X_holdout, y_holdout : tables and arrays
        As `make_membership_records` takes them.

    label : str or None, default=None
        Name of the label's column.

    groups_train, groups_holdout : array-like of shape (n_rows,) or None, default=None
        What must not be in both.

    Returns
    -------
    together : Together
    """
    X_train = as_table(X_train, "X_train")
    X_holdout = _like(as_table(X_holdout, "X_holdout"), X_train)
    name = label_name(y_train, label)
    train = join_records(X_train, y_train, name)
    holdout = join_records(X_holdout, y_holdout, name)
    strangers = keep_strangers(train, holdout, groups_train, groups_holdout)
    others = np.flatnonzero(strangers)
    return Together(
        _stack(train, take_rows(holdout, others)),
        np.repeat([1, 0], [len(train), len(others)]),
        np.concatenate([np.arange(len(train)), others]),
        len(holdout) - len(others),
    )


def keep_strangers(
    train, holdout, groups_train=None, groups_holdout=None
) -> np.ndarray:
    """Which holdout records have nothing to do with the training set.

    Parameters
    ----------
    train, holdout : DataFrame or ndarray of shape (n_rows, n_columns)
        Records of the two sides.

    groups_train, groups_holdout : array-like of shape (n_rows,) or None, default=None
        Group of each record.

    Returns
    -------
    strangers : ndarray of bool of shape (n_holdout,)

    Raises
    ------
    ValueError
        If none is left, or only one side has groups.
    """
    strangers = ~np.isin(hash_records(holdout), hash_records(train), kind="sort")
    if (groups_train is None) != (groups_holdout is None):
        raise ValueError("groups_train and groups_holdout must be given together.")
    if groups_train is not None:
        for name, groups, side in (
            ("groups_train", groups_train, train),
            ("groups_holdout", groups_holdout, holdout),
        ):
            if len(groups) != len(side):
                raise ValueError(
                    f"{name} must hold one group for each of {len(side)} rows; got "
                    f"{len(groups)}."
                )
        strangers &= (
            ~pd.Series(np.asarray(groups_holdout)).isin(groups_train).to_numpy()
        )
    if not strangers.any():
        raise ValueError(
            f"nothing is left of X_holdout: all its {len(holdout)} records, or their "
            "groups, are in X_train too. A holdout must be data that the model was not "
            "trained on."
        )
    return strangers


def _like(X_holdout, X_train):
    """Bring the holdout into the training set's container and column order."""
    if isinstance(X_train, pd.DataFrame) != isinstance(X_holdout, pd.DataFrame):
        raise TypeError(
            "X_train and X_holdout must both be DataFrames or both be arrays; got "
            f"{type(X_train).__name__} and {type(X_holdout).__name__}."
        )
    if not isinstance(X_train, pd.DataFrame):
        if X_train.shape[1] != X_holdout.shape[1]:
            raise ValueError(
                f"X_holdout has {X_holdout.shape[1]} features, X_train has "
                f"{X_train.shape[1]}; they must have the same."
            )
        return X_holdout
    missing = [c for c in X_train.columns if c not in X_holdout.columns]
    extra = [c for c in X_holdout.columns if c not in X_train.columns]
    if missing or extra:
        raise ValueError(
            f"X_holdout must have the columns of X_train; missing {missing}, beyond "
            f"them {extra}."
        )
    return X_holdout[list(X_train.columns)]


def _draw(rows, size, rng):
    return np.sort(rng.choice(rows, size, replace=False)) if len(rows) > size else rows


def _stack(top, bottom):
    if not isinstance(top, pd.DataFrame):
        return np.vstack([top, bottom])
    for column in top.columns:
        ours, theirs = top[column].dtype, bottom[column].dtype
        if isinstance(ours, pd.CategoricalDtype) and ours != theirs:
            # pandas would fall back to objects; the model expects categories.
            union = ours.categories.union(
                pd.Index(bottom[column].astype("category").cat.categories), sort=False
            )
            both = pd.CategoricalDtype(union, ordered=False)
            top = top.assign(**{column: top[column].astype(both)})
            bottom = bottom.assign(**{column: bottom[column].astype(both)})
    return pd.concat([top, bottom])
