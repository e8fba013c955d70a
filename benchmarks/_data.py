"""Records of the benchmark: one table, one draw, members first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skprivacy.datasets import load_adult, load_credit_default, load_rand_health

N_MEMBERS = 4_000


@dataclass(frozen=True)
class Table:
    """A table as it is loaded.

    Attributes
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        Features.
    y : ndarray of shape (n_rows,)
        Class of each row.
    """

    X: pd.DataFrame
    y: np.ndarray


@dataclass(frozen=True)
class Records:
    """Encoded records, the members in the first half.

    Attributes
    ----------
    X : ndarray of shape (n_records, n_features)
        One-hot encoded and standardized features.
    y : ndarray of int of shape (n_records,)
        Class numbers from 0.
    is_member : ndarray of shape (n_records,)
        1 for the training set of the target, 0 for the rest.
    X_population, y_population : ndarray
        Further rows, as many as the members where the table has them, of which
        nothing is judged: what an attacker with data of their own holds.
    """

    X: np.ndarray
    y: np.ndarray
    is_member: np.ndarray
    X_population: np.ndarray
    y_population: np.ndarray

    @property
    def members(self):
        """Features and labels of the members."""
        n = len(self.y) // 2
        return self.X[:n], self.y[:n]


def draw_records(table, seed):
    """Draw members, non-members and a population, and encode them.

    Rows that occur twice are dropped first: the copy of a member among the
    non-members would be scored as both.

    Parameters
    ----------
    table : Table
        The whole table.
    seed : int
        Seed of the draw.

    Returns
    -------
    Records
    """
    unique = ~table.X.assign(_y=table.y).duplicated().to_numpy()
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(unique))
    n_members = min(N_MEMBERS, len(rows) // 2)
    codes = np.unique(table.y, return_inverse=True)[1]
    n_drawn = 2 * n_members
    rows = rows[: n_drawn + n_members]
    X, y = table.X.iloc[rows], codes[rows]
    X = _encoder().fit(X[:n_drawn]).transform(X)
    is_member = np.repeat([1, 0], n_members)
    return Records(X[:n_drawn], y[:n_drawn], is_member, X[n_drawn:], y[n_drawn:])


def _encoder():
    numbers = make_column_selector(dtype_include="number")
    others = make_column_selector(dtype_exclude="number")
    columns = make_column_transformer(
        (SimpleImputer(strategy="median"), numbers),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), others),
    )
    return make_pipeline(columns, StandardScaler())


def _adult(data_dir):
    return _as_table(load_adult())


def _credit_default(data_dir):
    return _as_table(load_credit_default())


def _rand_health(data_dir):
    # One year of each person: other years of a member are no non-members.
    data = load_rand_health(target="binexp")
    first = ~data.groups.duplicated().to_numpy()
    return Table(data.data[first], data.target[first].to_numpy())


def _location30(data_dir):
    path = Path(data_dir or ".") / "location30.parquet"
    if not path.exists():
        return None
    frame = pd.read_parquet(path)
    return Table(frame.drop(columns="label"), frame["label"].to_numpy())


def _as_table(dataset):
    return Table(dataset.data, dataset.target.to_numpy())


#: Name of each table, and how it is loaded from an optional folder; None if absent.
TABLES = {
    "adult": _adult,
    "credit_default": _credit_default,
    "rand_health": _rand_health,
    "location30": _location30,
}
