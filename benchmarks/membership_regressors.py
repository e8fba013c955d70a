"""Membership attacks of skprivacy on regressors: medical costs and visits of RAND HIE.

Run from the repository's root::

    python benchmarks/membership_regressors.py

One row a person, 1,500 members and as many non-members and records of the attacker's
own. No peer attacks regressors from the records alone, so ours stand beside the plain
loss threshold.
"""

from __future__ import annotations

import argparse
import warnings

import numpy as np
import pandas as pd
from _ours import ATTACKS, WHITE_BOX, known_to, run_attack
from _rows import judge
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skprivacy.datasets import load_rand_health
from skprivacy.records import join_records
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

N_MEMBERS = 1_500
TARGETS = {
    "rf": lambda seed: RandomForestRegressor(100, random_state=seed),
    "rf, leaf 5": lambda seed: RandomForestRegressor(
        100, min_samples_leaf=5, random_state=seed
    ),
    "hgb": lambda seed: HistGradientBoostingRegressor(random_state=seed),
    "ridge": lambda seed: make_pipeline(StandardScaler(), Ridge()),
    "knn": lambda seed: make_pipeline(StandardScaler(), KNeighborsRegressor()),
    "mlp": lambda seed: make_pipeline(
        StandardScaler(), MLPRegressor((100,), max_iter=300, random_state=seed)
    ),
}


class Draw:
    """Members, non-members and a population of one column to be predicted.

    "log " before the column's name: the logarithm of one more than its value.
    """

    def __init__(self, column, seed):
        name = column.removeprefix("log ")
        data = load_rand_health(target=name)
        first = np.flatnonzero(~data.groups.duplicated().to_numpy())
        X = data.data.iloc[first].apply(pd.to_numeric, errors="coerce")
        X = X.dropna(axis=1).to_numpy(float)
        y = data.target.to_numpy(float)[first]
        y = np.log1p(y) if name != column else y
        known = ~np.isnan(y)
        unique = ~pd.DataFrame(np.column_stack([X, y])).duplicated().to_numpy()
        rows = np.random.default_rng(seed).permutation(np.flatnonzero(known & unique))
        n = min(N_MEMBERS, len(rows) // 3)
        self.X, self.y = X[rows[: 2 * n]], y[rows[: 2 * n]]
        self.is_member = np.repeat([1, 0], n)
        self.X_population, self.y_population = X[rows[2 * n :]], y[rows[2 * n :]]

    @property
    def members(self):
        """Features and values of the members."""
        n = len(self.y) // 2
        return self.X[:n], self.y[:n]


def run(column, target_name, seed, n_models):
    """Run every attack that can be run on one regressor."""
    records = Draw(column, seed)
    recipe = TARGETS[target_name](seed)
    model = clone(recipe).fit(*records.members)
    table = join_records(records.X, records.y)
    shadow = ShadowModels(
        recipe, target=BlackBox(model), n_models=n_models, random_state=seed
    ).fit(table)
    for ours in [*ATTACKS, *WHITE_BOX]:
        own = known_to(ours, records, table)
        if own is None:
            continue
        attack = ours.make(model, FrozenEstimator(shadow))
        try:
            outcome = run_attack(ours, attack, own, table)
        except ValueError as error:
            if "regress" not in str(error):
                raise
            continue
        if outcome is None:
            continue
        figures = judge(outcome, records.is_member, 1.0)
        yield {"column": column, "target": target_name, "seed": seed} | figures


def main(argv=None):
    """Run the benchmark and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--columns", nargs="+", default=["log meddol", "mdvis"])
    parser.add_argument("--targets", nargs="+", default=list(TARGETS), choices=TARGETS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--shadow-models", type=int, default=32)
    options = parser.parse_args(argv)
    warnings.filterwarnings("ignore", module="sklearn")
    with threadpool_limits(1):
        rows = [
            row
            for column in options.columns
            for target in options.targets
            for seed in options.seeds
            for row in run(column, target, seed, options.shadow_models)
        ]
    names = ["roc_auc", "tpr_0.01", "tpr_0.001"]
    figures = pd.DataFrame(rows)
    mean = figures.groupby(["attack", "column", "target"], sort=False)[names].mean()
    text = mean.apply(lambda row: " / ".join(f"{v:.3f}" for v in row), axis=1)
    wide = text.unstack(["column", "target"]).reindex(
        list(dict.fromkeys(figures["attack"]))
    )
    wide.columns = [f"{column}, {target}" for column, target in wide.columns]
    print("| attack | " + " | ".join(wide.columns) + " |")
    print("|---" * (1 + len(wide.columns)) + "|")
    for name, row in wide.iterrows():
        cells = ["" if pd.isna(v) else v for v in row]
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
