"""Tables, targets and draws of the benchmark of copies by training."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from _attribute_data import LABEL, SECRET_TABLES
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from skprivacy.datasets import load_rand_health

#: Natural records that the attacker chooses from, at most.
N_POOL = 22_000


@dataclass(frozen=True)
class OwnedTable:
    """A table in which every column is a number, and whose rows they are.

    Attributes
    ----------
    frame : DataFrame of shape (n_rows, n_features + 1)
        Features, categories as numbers with the dtype ``category``; the label last.
    owners : ndarray of shape (n_rows,)
        Rows of one person go to one party.
    n_trained, n_judged : int
        Records that the target is trained on, and that copies are judged on.
    """

    frame: pd.DataFrame
    owners: np.ndarray
    n_trained: int = 8_000
    n_judged: int = 5_000


@dataclass(frozen=True)
class Case:
    """A target, and disjoint records: its own, the attacker's, the judge's.

    Attributes
    ----------
    target : str
        One of `TARGETS`.
    trained : DataFrame of shape (n_trained, n_features + 1)
        What the target is trained on.
    pool, judged : DataFrame of shape (n_records, n_features)
        Unlabelled records of the attacker, in random order, and of the judge.
    seed : int
        Seed of the draw, of the target and of the attacks.
    """

    target: str
    trained: pd.DataFrame
    pool: pd.DataFrame
    judged: pd.DataFrame
    seed: int

    @cached_property
    def model(self):
        """The target, trained once it is needed."""
        X = self.trained.drop(columns=LABEL)
        is_category = [isinstance(t, pd.CategoricalDtype) for t in X.dtypes]
        categories = np.flatnonzero(is_category).tolist()
        numbers = np.flatnonzero(np.logical_not(is_category)).tolist()
        # Peers hand over arrays, in which a category is a float.
        as_numbers = FunctionTransformer(np.asarray, kw_args={"dtype": float})
        one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        encoder = make_column_transformer(
            (StandardScaler(), numbers), (one_hot, categories)
        )
        model = make_pipeline(as_numbers, encoder, TARGETS[self.target](self.seed))
        return model.fit(X, self.trained[LABEL])

    def answers(self, records):
        """Probability of class 1."""
        return self.model.predict_proba(records)[:, 1]


def draw_case(table, target, seed):
    """Draw who holds what.

    Parameters
    ----------
    table : OwnedTable
        The whole table.
    target : str
        One of `TARGETS`.
    seed : int
        Seed.

    Returns
    -------
    Case
    """
    rng = np.random.default_rng(seed)
    owners = np.unique(table.owners, return_inverse=True)[1]
    place = rng.permutation(owners.max() + 1)[owners]
    # Owner after owner: each party's last owner may be cut, and the rest is nobody's.
    order = np.argsort(place, kind="stable")
    n_trained, n_judged = table.n_trained, table.n_judged
    trained, judged = order[:n_trained], order[n_trained:][:n_judged]
    met = np.isin(place, place[np.concatenate([trained, judged])])
    pool = rng.permutation(np.flatnonzero(~met))[:N_POOL]
    parts = [table.frame.iloc[rows] for rows in (trained, pool, judged)]
    trained, pool, judged = (part.reset_index(drop=True) for part in parts)
    return Case(
        target, trained, pool.drop(columns=LABEL), judged.drop(columns=LABEL), seed
    )


def _one_row_each(name):
    frame = SECRET_TABLES[name]().frame
    return OwnedTable(frame, np.arange(len(frame)))


def _rand_years():
    """Return every year of each person, all columns as numbers."""
    data = load_rand_health(target="binexp")
    X = data.data.fillna(data.data.median())
    # What a 32-bit number holds, in which peers hand records over.
    X = X.astype(np.float32).astype(float)
    frame = X.assign(**{LABEL: (data.target > 0).astype(int)})
    first = ~frame.duplicated().to_numpy()
    owners = data.groups.to_numpy()[first]
    return OwnedTable(frame[first], owners, n_trained=6_000, n_judged=3_000)


#: Name of each table, and how it is loaded.
TABLES = {
    "adult": lambda: _one_row_each("adult"),
    "credit_default": lambda: _one_row_each("credit_default"),
    "rand_health": _rand_years,
}
#: Name of each target, and its last step for a seed.
TARGETS = {
    "rf": lambda seed: RandomForestClassifier(100, random_state=seed),
    "hgb": lambda seed: HistGradientBoostingClassifier(random_state=seed),
    "mlp": lambda seed: MLPClassifier(max_iter=50, random_state=seed),
    # Probabilities of a support vector machine are Platt's.
    "svc": lambda seed: CalibratedClassifierCV(SVC(), ensemble=False),
}
