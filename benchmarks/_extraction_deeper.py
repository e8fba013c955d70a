"""Sums of deeper trees: a plain surrogate beside one that searched for thresholds."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

from skprivacy.datasets import load_adult, load_credit_default, load_rand_health
from skprivacy.extraction import SurrogateAttack, ThresholdSearchAttack, fidelity_score
from skprivacy.targets import BlackBox

LOADERS = {
    "Adult": load_adult,
    "Default credit": load_credit_default,
    "RAND HIE": load_rand_health,
}
CLASSIFIERS = {
    "gradient boosting": GradientBoostingClassifier(random_state=0),
    "hist. gradient boosting": HistGradientBoostingClassifier(random_state=0),
    "random forest": RandomForestClassifier(random_state=0),
}
REGRESSORS = {
    "gradient boosting": GradientBoostingRegressor(random_state=0),
    "hist. gradient boosting": HistGradientBoostingRegressor(random_state=0),
    "random forest": RandomForestRegressor(random_state=0),
}
ATTACKS = ["records", "adaptive", "cells"]
N_TRAIN, N_TEST = 7_000, 3_000
HEADER = [
    "| table | target | answers | attack | seed | agreement (R2) | distance | s |",
    "|---|---|---|---|---|---|---|---|",
]


def coded(X):
    """Texts as numbers of their values, missing numbers as -1."""
    X = pd.DataFrame(X).copy()
    for column in X:
        if not pd.api.types.is_numeric_dtype(X[column]):
            X[column] = pd.Categorical(X[column].astype(object)).codes
    return np.nan_to_num(X.to_numpy(dtype=float), nan=-1)


def deeper_rows(tables, targets, budgets, attacks, seeds):
    """Yield a line for each table, target, budget, seed and attack."""
    for table in tables:
        X, y = LOADERS[table](return_X_y=True)
        X, y = coded(X), np.asarray(y)
        order = np.random.default_rng(0).permutation(len(X))
        X, y = X[order], y[order]
        models = REGRESSORS if table == "RAND HIE" else CLASSIFIERS
        for target in targets:
            model = models[target].fit(X[:N_TRAIN], y[:N_TRAIN])
            for budget in budgets:
                for seed in seeds:
                    for attack in attacks:
                        cells = run(model, X, budget, attack, seed)
                        yield f"| {table} | {target} | {budget:,} | {cells} |"


def run(model, X, budget, attack, seed):
    """Copy one target; the last cells of its line."""
    box = BlackBox(model, budget=budget)
    if attack == "cells":
        copy = ThresholdSearchAttack(box, deeper_budget=budget, random_state=seed)
    else:
        copy = SurrogateAttack(box, strategy=attack, budget=budget, random_state=seed)
    begin = time.perf_counter()
    copy.fit(X[N_TRAIN:-N_TEST])
    seconds = time.perf_counter() - begin
    full = BlackBox(model)
    distance = fidelity_score(full, copy, X[-N_TEST:], metric="distance")
    agreement = copy.score(X[-N_TEST:])
    return f"{attack} | {seed} | {agreement:.4f} | {distance:.4f} | {seconds:.0f}"
