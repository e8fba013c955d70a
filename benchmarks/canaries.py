"""Defenses judged by their most vulnerable records, beside a private model.

Run from the repository's root::

    python benchmarks/canaries.py --n-models 32 --markdown canaries.md

Each model is trained on 2,000 records: those that all models have, and half of the
canaries. Location-30 is not shipped: put ``location30.parquet`` into a folder and name
it with ``--data-dir``; digits take its place where it is absent.
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from _data import TABLES, Table
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from skprivacy.defenses import (
    CanaryEvaluation,
    ProtectedOutput,
    SelfDistillationClassifier,
    StackedPartitionClassifier,
)

KINDS = ("clean", "mislabeled", "outlier", "duplicate")
N_TRAIN, N_TEST = 2_000, 3_000
FOREST = RandomForestClassifier(100)
DEFENSES = {
    "forest": FOREST,
    "leaves of 5": RandomForestClassifier(100, min_samples_leaf=5),
    "leaves of 20": RandomForestClassifier(100, min_samples_leaf=20),
    "1 decimal": ProtectedOutput(FOREST, "round", decimals=1),
    "labels alone": ProtectedOutput(FOREST, "label"),
    "noise 1": ProtectedOutput(FOREST, "noise", scale=1.0),
    "stacked": StackedPartitionClassifier(FOREST),
    "SELENA": SelfDistillationClassifier(
        RandomForestClassifier(50),
        student=RandomForestClassifier(100, min_weight_fraction_leaf=0.001),
    ),
    "logistic, C=1": LogisticRegression(max_iter=300),
    "logistic, C=.01": LogisticRegression(C=0.01, max_iter=300),
}


def encoded(model, scaled):
    """Put an encoder for any table before a model."""
    texts = make_column_selector(dtype_exclude="number")
    numbers = make_column_selector(dtype_include="number")
    flags = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer(
        (flags, texts), (StandardScaler() if scaled else "passthrough", numbers)
    )
    return make_pipeline(columns, model)


def recipe(name):
    """Make a defense ready for a table with texts."""
    model = DEFENSES[name]
    if isinstance(model, ProtectedOutput):
        return clone(model).set_params(estimator=encoded(model.estimator, False))
    return encoded(model, isinstance(model, LogisticRegression))


def load(name, data_dir, seed):
    """Draw the records of one run."""
    table = TABLES[name](data_dir) if name in TABLES else None
    if table is None:
        print(f"{name} is absent: digits in its place", flush=True)
        X, y = load_digits(return_X_y=True, as_frame=True)
        table = Table(X, y.to_numpy())
    unique = ~table.X.assign(_y=table.y).duplicated().to_numpy()
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(unique))
    rows = rows[: N_TRAIN + N_TEST]
    return table.X.iloc[rows].reset_index(drop=True), table.y[rows]


def shown(table, name, column):
    """Write a figure with its interval."""
    low, high = table.loc[name, [f"{column}_low", f"{column}_high"]]
    return f"{table.loc[name, column]:.3f} [{low:.3f}, {high:.3f}]"


def markdown(evaluation):
    """Write the table of one run."""
    table = evaluation.summary()
    first, *others = [f"{fpr:g}" for fpr in evaluation.fpr]
    kinds = [kind for kind in evaluation.tpr_[evaluation.names_[0]] if kind != "worst"]
    columns = ["accuracy", *(f"tpr@{first}_{kind}" for kind in kinds)]
    columns += [f"tpr@{fpr}_worst" for fpr in (first, *others)]
    head = ["defense", *columns, "beaten by"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name in table.index:
        cells = [shown(table, name, column) for column in columns]
        cells.append(table.loc[name, "beaten_by"] or "–")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def main(argv=None):
    """Run all defenses on all tables and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", default=["adult", "location30"])
    parser.add_argument(
        "--defenses", nargs="+", default=list(DEFENSES), choices=DEFENSES
    )
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--epsilons", nargs="+", type=float, default=[10, 30, 100, 300])
    parser.add_argument("--n-models", type=int, default=32)
    parser.add_argument("--n-canaries", type=int, default=100)
    parser.add_argument("--n-jobs", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data-dir", default=os.getenv("SKPRIVACY_BENCHMARK_DATA"))
    parser.add_argument("--markdown")
    parser.add_argument("--csv")
    parser.add_argument("--plots", help="folder for a picture of each table")
    options = parser.parse_args(argv)
    warnings.filterwarnings("ignore")
    lines, tables = [], []
    for name in options.tables:
        X, y = load(name, options.data_dir, options.seed)
        n_test = len(X) - N_TRAIN if len(X) > N_TRAIN + 500 else 0.3
        evaluation = CanaryEvaluation(
            {defense: recipe(defense) for defense in options.defenses},
            canaries=options.kinds,
            n_canaries=options.n_canaries,
            n_models=options.n_models,
            dp_baseline=options.epsilons,
            test_size=n_test,
            n_jobs=options.n_jobs,
            random_state=options.seed,
        )
        with threadpool_limits(1):
            evaluation.fit(X, y)
        rows = markdown(evaluation)
        print(f"{name}, seconds: {sum(evaluation.seconds_.values()):.0f}")
        print(*rows, sep="\n", flush=True)
        lines += [f"## {name}", "", *rows, ""]
        tables.append(
            evaluation.summary()
            .assign(seconds=pd.Series(evaluation.seconds_))
            .rename_axis("defense")
            .reset_index()
            .assign(table=name)
        )
        if options.plots:
            figure = evaluation.plot().figure_
            Path(options.plots).mkdir(parents=True, exist_ok=True)
            figure.savefig(Path(options.plots) / f"canaries_{name}.png", dpi=120)
    if options.markdown:
        Path(options.markdown).write_text("\n".join(lines), encoding="utf-8")
    if options.csv:
        pd.concat(tables).to_csv(options.csv, index=False)


if __name__ == "__main__":
    main()
