"""Models copied exactly: how many queries, how exactly, and how long.

Run from the repository's root::

    python benchmarks/extraction.py --markdown figures.md

Each target is trained on every other record. The attacker's table is all records, or
with ``--others`` those that the target was not trained on, within the ranges of all.

Sums of deeper trees, which are learned, and the plain surrogate beside them::

    python benchmarks/extraction.py --deeper 2000 10000 --seeds 3
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import _extraction_deeper as deeper
import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from threadpoolctl import threadpool_limits

from skprivacy.datasets import load_adult
from skprivacy.extraction import (
    EquationSolvingAttack,
    LowdMeekAttack,
    NeuralExtractionAttack,
    PathFindingAttack,
    ThresholdSearchAttack,
)
from skprivacy.targets import BlackBox

N_POINTS = 100_000
N_ADULT = 8_000


def adult():
    """One-hot Adult: 105 columns."""
    X, y = load_adult(return_X_y=True)
    X = pd.get_dummies(X, dtype=float).astype(float).to_numpy()
    return X[:N_ADULT], np.asarray(y)[:N_ADULT]


TABLES = {
    "breast cancer": lambda: load_breast_cancer(return_X_y=True),
    "digits": lambda: load_digits(return_X_y=True),
    "Adult": adult,
    "diabetes": lambda: load_diabetes(return_X_y=True),
}


def scaled(model):
    return make_pipeline(StandardScaler(), model)


LOGISTIC = scaled(LogisticRegression(max_iter=1000))
STUMPS = {"max_depth": 1, "random_state": 0}
NETWORK = {"hidden_layer_sizes": 20, "max_iter": 300, "random_state": 0}
# Name, target, what it answers with, decimals, attack.
CLASSIFIERS = [
    ("logistic regression", LOGISTIC, "proba", None, EquationSolvingAttack),
    ("the same", LOGISTIC, "proba", 4, EquationSolvingAttack),
    ("the same", LOGISTIC, "proba", 3, EquationSolvingAttack),
    ("the same", LOGISTIC, "proba", 2, EquationSolvingAttack),
    ("the same", LOGISTIC, "label", None, LowdMeekAttack),
    (
        "linear SVM",
        scaled(LinearSVC(max_iter=20_000)),
        "decision",
        None,
        EquationSolvingAttack,
    ),
    (
        "linear discriminant",
        LinearDiscriminantAnalysis(),
        "proba",
        None,
        EquationSolvingAttack,
    ),
    (
        "quadratic discriminant",
        scaled(QuadraticDiscriminantAnalysis(reg_param=0.1)),
        "proba",
        None,
        EquationSolvingAttack,
    ),
    (
        "Gaussian naive Bayes",
        GaussianNB(var_smoothing=1e-3),
        "proba",
        None,
        EquationSolvingAttack,
    ),
    (
        "tree, 100 leaves at most",
        DecisionTreeClassifier(max_leaf_nodes=100, random_state=0),
        "proba",
        None,
        PathFindingAttack,
    ),
    (
        "the same",
        DecisionTreeClassifier(max_leaf_nodes=100, random_state=0),
        "label",
        None,
        PathFindingAttack,
    ),
    (
        "gradient boosting, depth 1",
        GradientBoostingClassifier(**STUMPS),
        "proba",
        None,
        ThresholdSearchAttack,
    ),
    (
        "hist. gradient boosting, depth 1",
        HistGradientBoostingClassifier(**STUMPS),
        "proba",
        None,
        ThresholdSearchAttack,
    ),
    (
        "AdaBoost",
        AdaBoostClassifier(random_state=0),
        "proba",
        None,
        ThresholdSearchAttack,
    ),
    (
        "network, 20 units",
        scaled(MLPClassifier(**NETWORK)),
        "proba",
        None,
        NeuralExtractionAttack,
    ),
]
REGRESSORS = [
    ("ridge", scaled(Ridge()), "value", None, EquationSolvingAttack),
    ("the same", scaled(Ridge()), "value", 0, EquationSolvingAttack),
    (
        "tree, depth 5",
        DecisionTreeRegressor(max_depth=5, random_state=0),
        "value",
        None,
        PathFindingAttack,
    ),
    (
        "tree, fully grown",
        DecisionTreeRegressor(random_state=0),
        "value",
        None,
        PathFindingAttack,
    ),
    (
        "gradient boosting, depth 1",
        GradientBoostingRegressor(**STUMPS),
        "value",
        None,
        ThresholdSearchAttack,
    ),
    (
        "hist. gradient boosting, depth 1",
        HistGradientBoostingRegressor(**STUMPS),
        "value",
        None,
        ThresholdSearchAttack,
    ),
    (
        "network, 20 units",
        scaled(MLPRegressor(**NETWORK)),
        "value",
        None,
        NeuralExtractionAttack,
    ),
]


def main(argv=None):
    """Run every attack on its targets and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=TABLES)
    parser.add_argument("--others", action="store_true")
    parser.add_argument("--deeper", nargs="+", type=int, metavar="BUDGET")
    parser.add_argument("--deeper-tables", nargs="+", default=list(deeper.LOADERS))
    parser.add_argument("--deeper-targets", nargs="+", default=list(deeper.CLASSIFIERS))
    parser.add_argument("--deeper-attacks", nargs="+", default=deeper.ATTACKS)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--markdown")
    options = parser.parse_args(argv)
    warnings.filterwarnings("ignore")
    with threadpool_limits(1):
        lines = exact_table(options) if not options.deeper else deeper_table(options)
    if options.markdown:
        Path(options.markdown).write_text("\n".join(lines) + "\n", encoding="utf-8")


def deeper_table(options):
    """Run plain surrogates and searches for thresholds on sums of deeper trees."""
    lines = list(deeper.HEADER)
    print(*lines, sep="\n", flush=True)
    for line in deeper.deeper_rows(
        options.deeper_tables,
        options.deeper_targets,
        options.deeper,
        options.deeper_attacks,
        range(options.seeds),
    ):
        lines.append(line)
        print(line, flush=True)
    return lines


def exact_table(options):
    """Run every attack on its targets."""
    lines = [
        "| table | target | answers | attack | queries | largest difference | "
        "agreement, records | agreement, 100,000 points | s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    print(*lines, sep="\n", flush=True)
    for table in options.tables:
        X, y = TABLES[table]()
        for case in REGRESSORS if table == "diabetes" else CLASSIFIERS:
            lines.append(f"| {table} | {run(X, y, *case, options.others)} |")
            print(lines[-1], flush=True)
    return lines


def run(X, y, name, model, response, decimals, attack, others):
    """Copy one target; its cells of the table."""
    model.fit(X[::2], y[::2])
    bounds = np.column_stack([X.min(axis=0), X.max(axis=0)])
    box = BlackBox(model, response=response, decimals=decimals)
    shown = response if decimals is None else f"{response}, {decimals} decimals"
    copy = attack(box, bounds=bounds, random_state=0)
    begin = time.perf_counter()
    try:
        copy.fit(X[1::2] if others else X)
    except ValueError as error:
        cause = str(error).split(".")[0]
        return f"{name} | {shown} | {attack.__name__} | {cause} | | | |"
    seconds = time.perf_counter() - begin
    points = np.random.default_rng(1).uniform(*bounds.T, (N_POINTS, X.shape[1]))
    full = BlackBox(model, response=response)
    same = [agreement(full, copy, where) for where in (X, points)]
    off = np.nan
    if response != "label":
        off = np.abs(full.query(X) - copy._answers(X)).max()
    largest = "" if np.isnan(off) else f"{off:.0e}"
    return (
        f"{name} | {shown} | {attack.__name__} | {copy.n_queries_:,} | {largest} | "
        f"{same[0]:.4f} | {same[1]:.4f} | {seconds:.1f}"
    )


def agreement(box, copy, X):
    """Share of equal labels; of numbers, of those that differ by 1e-6 at most."""
    theirs, ours = box.predict(X), copy.predict(X)
    if box.response_ == "value":
        return np.mean(np.abs(theirs - ours) <= 1e-6 * np.abs(theirs).max())
    return np.mean(theirs == ours)


if __name__ == "__main__":
    main()
