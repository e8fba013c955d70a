"""Tables, secrets, targets and draws of the attribute benchmark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skprivacy.datasets import load_adult, load_credit_default, load_rand_health

N_EACH = 4_000
LABEL = "label"
#: Secret that is a number; all others are classes.
NUMERIC = {"income"}


@dataclass(frozen=True)
class SecretTable:
    """A table in which every column is a number.

    Attributes
    ----------
    frame : DataFrame of shape (n_rows, n_features + 1)
        Features, categories as numbers with the dtype ``category``; the label last.
    secrets : tuple of str
        Columns that are inferred, one at a time.
    """

    frame: pd.DataFrame
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Parties:
    """Who holds what: disjoint records of one draw.

    Attributes
    ----------
    members, others : DataFrame of shape (n_each, n_features + 1)
        Records under attack.
    own : DataFrame of shape (n_each, n_features + 1)
        The attacker's complete records.
    trained_on : DataFrame of shape (n_each, n_features + 1)
        What the target was trained on: the members; in the control others again.
    """

    members: pd.DataFrame
    others: pd.DataFrame
    own: pd.DataFrame
    trained_on: pd.DataFrame

    @property
    def under_attack(self):
        """Members and others in one table, not marked."""
        both = pd.concat([self.members, self.others])
        return both.sample(frac=1, random_state=0, ignore_index=True)


def draw_parties(table, seed, control=False, n_each=N_EACH):
    """Draw disjoint members, others and records of the attacker.

    Parameters
    ----------
    table : SecretTable
        The whole table, without duplicates.
    seed : int
        Seed of the draw.
    control : bool
        Train on records that are none of these, so that nobody is a member.
    n_each : int
        Records of each part; of a small table as many as there are.

    Returns
    -------
    Parties
    """
    n_parts = 4 if control else 3
    n_each = min(n_each, len(table.frame) // n_parts)
    order = np.random.default_rng(seed).permutation(len(table.frame))
    rows = order[: n_parts * n_each].reshape(n_parts, n_each)
    parts = [table.frame.iloc[part].reset_index(drop=True) for part in rows]
    return Parties(*parts[:3], trained_on=parts[3] if control else parts[0])


def recipe_of(target, frame, seed):
    """Return the unfitted target for a table of numbers.

    Parameters
    ----------
    target : str
        One of `TARGETS`.
    frame : DataFrame
        Records with the label last.
    seed : int
        Seed of the model.

    Returns
    -------
    Pipeline
        Takes frames and plain arrays of the same numbers alike.
    """
    model = TARGETS[target](seed)
    # The peers hand over arrays, in which a category is a float.
    as_numbers = FunctionTransformer(np.asarray, kw_args={"dtype": float})
    if isinstance(model, DecisionTreeClassifier):
        # Without an encoder, so that white-box attacks of peers can read it.
        return make_pipeline(as_numbers, model)
    is_category = [isinstance(t, pd.CategoricalDtype) for t in frame.dtypes[:-1]]
    categories = np.flatnonzero(is_category).tolist()
    numbers = np.flatnonzero(np.logical_not(is_category)).tolist()
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    encoder = make_column_transformer(
        (StandardScaler(), numbers), (one_hot, categories)
    )
    return make_pipeline(as_numbers, encoder, model)


def _adult():
    # The relationship (husband, wife) tells marital status and sex by itself.
    data = load_adult()
    X = data.data.drop(columns="relationship").rename(columns={"gender": "sex"})
    return _coded(X, data.target, ("marital-status", "race", "sex"))


def _credit_default():
    data = load_credit_default()
    return _coded(data.data, data.target, ("MARRIAGE", "EDUCATION", "SEX"))


def _rand_health():
    return _rand(label="binexp", psychotherapy=True)


def _rand_mental():
    return _rand(label="mentvis", psychotherapy=False)


def _rand(label, psychotherapy):
    """Return one year of each person; the logarithm of the income is left out."""
    data = load_rand_health(target="mentvis")
    X = data.data.drop(columns="linc")
    treated = (data.target > 0).astype(int)
    y = (load_rand_health(target=label).target > 0).astype(int)
    secrets = ("income", "black", "female")
    if psychotherapy:
        X, secrets = X.assign(psychotherapy=treated), ("psychotherapy", *secrets)
    # Where nobody asked, `black` is a mean over others.
    rows = ~data.groups.duplicated() & X["black"].isin([0, 1])
    X = X[rows].fillna(X[rows].median())
    return _coded(X.astype({"black": int}), y[rows], secrets)


def _coded(X, y, secrets):
    columns = {name: _as_number(X[name]) for name in X.columns}
    label = np.unique(y, return_inverse=True)[1]
    frame = pd.DataFrame(columns, index=X.index).assign(**{LABEL: label})
    return SecretTable(frame.drop_duplicates(), secrets)


def _as_number(column):
    if pd.api.types.is_numeric_dtype(column):
        return column
    codes = column.astype(object).fillna("missing").astype("category").cat.codes
    return codes.astype(int).astype("category")


#: Name of each target, and its recipe for a seed.
TARGETS = {
    "rf": lambda seed: RandomForestClassifier(100, random_state=seed),
    "hgb": lambda seed: HistGradientBoostingClassifier(random_state=seed),
    "tree": lambda seed: DecisionTreeClassifier(random_state=seed),
    "logistic": lambda seed: LogisticRegression(max_iter=1_000),
}
#: Name of each table, and how it is loaded.
SECRET_TABLES = {
    "adult": _adult,
    "credit_default": _credit_default,
    "rand_health": _rand_health,
    "rand_mental": _rand_mental,
}
