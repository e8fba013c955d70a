"""Tables, properties, targets and halves of the property benchmark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skprivacy.datasets import load_adult, load_credit_default, load_rand_health

LABEL = "label"
#: Columns that tell the group, each of one table.
GROUPS = ("gender", "SEX", "female")


@dataclass(frozen=True)
class PropertyTable:
    """A table, and the group whose share is the secret.

    Attributes
    ----------
    frame : DataFrame of shape (n_rows, n_features + 1)
        Features, and the label as class numbers.
    column : str
        Column that tells the group.
    value : object
        Its value for the group.
    size : int
        Records that a model is trained on.
    n_queries : int
        Records that models are asked about.
    """

    frame: pd.DataFrame
    column: str
    value: object
    size: int = 2_000
    n_queries: int = 1_000

    @property
    def property(self):
        """The property, as the package takes it."""
        return self.column, self.value

    def halves(self, split):
        """Divide the table between attacker and owners of targets.

        Parameters
        ----------
        split : int
            Seed of the draw.

        Returns
        -------
        own, theirs : DataFrame
            Disjoint halves.
        """
        order = np.random.default_rng(split).permutation(len(self.frame))
        middle = len(order) // 2
        parts = order[:middle], order[middle:]
        return tuple(self.frame.iloc[part].reset_index(drop=True) for part in parts)


def recipe_of(target):
    """Return an unfitted target.

    Parameters
    ----------
    target : str
        One of `TARGETS`.

    Returns
    -------
    Pipeline
        Takes the tables as they are.
    """
    model, encoder = TARGETS[target]
    return make_pipeline(encoder(), model())


def _one_hot():
    return make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), _others()),
        (StandardScaler(), _numbers()),
    )


def _codes():
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-2, encoded_missing_value=-1
    )
    columns = make_column_transformer((codes, _others()), remainder="passthrough")
    return make_pipeline(columns, StandardScaler())


def _hidden():
    """Take the column that tells the group away: it is known of records alone."""
    rest = make_column_transformer(
        ("drop", lambda X: [name for name in GROUPS if name in X]),
        remainder="passthrough",
        verbose_feature_names_out=False,
    )
    return make_pipeline(rest.set_output(transform="pandas"), _one_hot())


def _all_scaled():
    return make_pipeline(_one_hot(), StandardScaler())


def _numbers():
    return make_column_selector(dtype_include="number")


def _others():
    return make_column_selector(dtype_exclude="number")


def _adult():
    data = load_adult()
    return PropertyTable(_table(data.data, data.target), "gender", "Male")


def _credit_default():
    data = load_credit_default()
    frame = _table(data.data, data.target)
    # Codes of groups, no quantities: one-hot encoded as in the other tables.
    names = ["SEX", "EDUCATION", "MARRIAGE"]
    frame[names] = frame[names].astype(str)
    values = frame["SEX"].value_counts().index
    return PropertyTable(frame, "SEX", values[0])


def _rand_health():
    """Return one year of each person; people of whom it is known who they are."""
    data = load_rand_health(target="binexp")
    X = data.data.drop(columns="linc")
    rows = ~data.groups.duplicated() & X["black"].isin([0, 1])
    X = X[rows].fillna(X[rows].median())
    y = (data.target[rows] > 0).astype(int)
    # A half has 2,900 people, and a pool of the attacker's a half of that.
    return PropertyTable(_table(X, y), "female", 1, size=500, n_queries=600)


def _table(X, y):
    frame = X.reset_index(drop=True)
    frame[LABEL] = np.unique(y, return_inverse=True)[1]
    return frame.drop_duplicates(ignore_index=True)


#: Name of each target: the model, and what encodes its records.
TARGETS = {
    "rf": (lambda: RandomForestClassifier(100), _one_hot),
    "hgb": (HistGradientBoostingClassifier, _one_hot),
    "logistic": (lambda: LogisticRegression(max_iter=1_000), _one_hot),
    "logistic, scaled": (lambda: LogisticRegression(max_iter=1_000), _all_scaled),
    "logistic, codes": (lambda: LogisticRegression(max_iter=1_000), _codes),
    "nb": (GaussianNB, _one_hot),
    "tree": (DecisionTreeClassifier, _one_hot),
    "mlp": (lambda: MLPClassifier((32,), max_iter=50), _one_hot),
    "rf, hidden": (lambda: RandomForestClassifier(100), _hidden),
    "hgb, hidden": (HistGradientBoostingClassifier, _hidden),
    "logistic, hidden": (lambda: LogisticRegression(max_iter=1_000), _hidden),
    # What a mistaken attacker trains shadow models with.
    "rf, depth 8": (lambda: RandomForestClassifier(100, max_depth=8), _one_hot),
    "hgb, depth 3": (lambda: HistGradientBoostingClassifier(max_depth=3), _one_hot),
    "logistic, C=0.01": (lambda: LogisticRegression(C=0.01, max_iter=1_000), _one_hot),
}
#: Name of each table, and how it is loaded.
PROPERTY_TABLES = {
    "adult": _adult,
    "credit_default": _credit_default,
    "rand_health": _rand_health,
}
