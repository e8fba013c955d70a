"""What makes attribute inference look strong or weak by itself."""

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils import check_random_state

from skprivacy._validation import as_table
from skprivacy.attribute._base import check_secret
from skprivacy.attribute._candidates import candidates_of, kind_of_secret
from skprivacy.attribute._completion import Completer, as_columns
from skprivacy.records import ColumnCodes
from skprivacy.targets import check_target

__all__ = ["redundant_columns", "secret_influence"]

#: A column value settles the secret if so large a share of its records agree.
SETTLED = 0.99
#: Nothing is settled that nearly everybody has anyhow.
COMMON = 0.9

#: Whose squares can still be summed.
LARGEST = 1e150


def redundant_columns(X, y, *, values="auto", random_state=None) -> pd.DataFrame:
    """How far each single column settles the secret, without any model.

    A column from which the secret follows makes every figure of attribute inference
    meaningless: to hide the secret alone protects nobody.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_records, n_known)
        What is known of complete records, without the secret.

    y : array-like of shape (n_records,)
        The secret.

    values : {"auto", "classes", "numeric"} or array-like, default="auto"
        As the attacks take it.

    random_state : int, RandomState instance or None, default=None
        For the folds.

    Returns
    -------
    columns : DataFrame
        One row a column of ``X``, the most telling first. ``explained``: share of the
        errors of the best constant guess that a tree on this column alone avoids,
        cross-validated; for a number its R2. ``settled``: share of the records for
        which it tells the secret with a chance of at least 99%, values that at least
        90% of all have apart; 0 for a number.

    Raises
    ------
    ValueError
        If `y` has one value, misses some, or its length is not that of ``X``.

    Examples
    --------
    >>> import pandas as pd
    >>> from skprivacy.attribute import redundant_columns
    >>> married = pd.Series([0, 1] * 50)
    >>> wed = married.map({0: "no", 1: "yes"})
    >>> known = pd.DataFrame({"age": range(100), "wed": wed})
    >>> redundant_columns(known, married, random_state=0)
      column  explained  settled
    0    wed        1.0      1.0
    1    age        0.0      0.0
    """
    table = as_table(X)
    secret = check_secret(table, y, ("y",)).to_numpy()
    numeric = kind_of_secret(secret, values) == "numeric"
    truth = candidates_of(secret, values).encode(secret)
    if numeric:
        truth = secret[:, 0].astype(float)
    frame = pd.DataFrame(table)
    codes = ColumnCodes(table)(table)
    seed = check_random_state(random_state).randint(2**31 - 1)
    rows = []
    for j, column in enumerate(frame.columns):
        of_column = codes[:, [j]]
        told = _told_number if numeric else _told_class
        explained, settled = told(of_column, truth, seed)
        name = column if isinstance(column, str) else f"column {column}"
        rows.append({"column": name, "explained": explained, "settled": settled})
    table = pd.DataFrame(rows, columns=["column", "explained", "settled"])
    return table.sort_values(
        ["explained", "settled"], ascending=False, kind="stable", ignore_index=True
    )


def _told_class(codes, truth, seed):
    shares = np.bincount(truth) / len(truth)
    tree = DecisionTreeClassifier(
        min_samples_leaf=5, max_leaf_nodes=64, random_state=seed
    )
    guess, chance = np.empty(len(truth)), np.empty(len(truth))
    for rest, held in _folds(seed, truth).split(codes):
        proba = tree.fit(codes[rest], truth[rest]).predict_proba(codes[held])
        guess[held] = tree.classes_[proba.argmax(axis=1)]
        chance[held] = proba.max(axis=1)
    errors, least = np.mean(guess != truth), 1 - shares.max()
    rare = shares[guess.astype(int)] < COMMON
    settled = (chance >= SETTLED) & rare & (guess == truth)
    return max(0.0, float(1 - errors / least)), float(settled.mean())


def _told_number(codes, truth, seed):
    largest = np.abs(truth).max()
    if largest > LARGEST:
        # What is told does not depend on the unit, and squares must not overflow.
        truth = truth / largest
    tree = DecisionTreeRegressor(
        min_samples_leaf=5, max_leaf_nodes=64, random_state=seed
    )
    found = cross_val_predict(tree, codes, truth, cv=_folds(seed, truth))
    spread = np.sum((truth - truth.mean()) ** 2)
    return max(0.0, float(1 - np.sum((truth - found) ** 2) / spread)), 0.0


def _folds(seed, truth):
    return KFold(min(5, len(truth)), shuffle=True, random_state=seed)


def secret_influence(
    target, X, y, *, sensitive, label=-1, label_known=True, values="auto"
) -> float:
    """Share of records for which the model's answer depends on the secret.

    Where it is 0 the model does not use the column, and no attack that puts values
    into it can learn anything.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model.

    X : DataFrame or array-like of shape (n_records, n_known)
        Complete records without the secret, the label among their columns.

    y : array-like of shape (n_records,)
        Their secret.

    sensitive : str, int or list
        The sensitive column, as the attacks take it.

    label : str, int or None, default=-1
        The label's column in ``X``.

    label_known : bool, default=True
        As the attacks take it.

    values : {"auto", "classes", "numeric"} or array-like, default="auto"
        As the attacks take it.

    Returns
    -------
    share : float
        Of the records, those that get different answers with different values in the
        place of the secret.

    Raises
    ------
    ValueError
        If `y` has one value, misses some, or its length is not that of ``X``; or a
        column is not where it should be.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skprivacy.attribute import secret_influence
    >>> from skprivacy.targets import BlackBox
    >>> X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 5)
    >>> model = LogisticRegression().fit(X, X[:, 0])
    >>> known = np.column_stack([X[:, 1], X[:, 0]])  # without the first, with the label
    >>> secret_influence(BlackBox(model), known, X[:, 0], sensitive=0)
    1.0
    """
    box = check_target(target)
    table = as_table(X)
    columns = as_columns(sensitive)
    secret = check_secret(table, y, columns)
    completer = Completer(table, secret, columns, label, label_known, box)
    if not completer.in_target:
        return 0.0
    known = completer.known(table)
    candidates = candidates_of(secret.to_numpy(), values)
    answers = [
        box.query(completer.complete(known.features, value))
        for value in candidates.values
    ]
    differs = np.zeros(len(table), dtype=bool)
    for answer in answers[1:]:
        differs |= (answer != answers[0]).any(axis=1)
    return float(differs.mean())
