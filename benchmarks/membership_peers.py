"""Membership attacks of skprivacy beside SACRO-ML and ART, on the same targets.

Run from the repository's root, with the peers in an environment of their own::

    python -m venv .peers
    .peers/bin/pip install -r benchmarks/requirements-peers.txt
    python benchmarks/membership_peers.py --peers-python .peers/bin/python

Without ``--peers-python`` the peers are left out. ``--help`` lists the rest.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd
from _data import TABLES, draw_records
from _ours import run_ours
from _peer_runs import run_named_peers
from _plain import run_plain
from _rows import judge
from joblib import Memory
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

#: Name of each target, and its recipe for a seed.
TARGETS = {
    "rf": lambda seed: RandomForestClassifier(100, random_state=seed),
    "hgb": lambda seed: HistGradientBoostingClassifier(random_state=seed),
    "logistic": lambda seed: LogisticRegression(max_iter=1_000),
    "mlp": lambda seed: MLPClassifier(max_iter=100, random_state=seed),
    "knn": lambda seed: KNeighborsClassifier(5),
    # With probabilities, which the peers need.
    "svc": lambda seed: CalibratedClassifierCV(SVC(), cv=3, ensemble=False),
}
FIGURES = {
    "roc_auc": "AUC",
    "tpr_0.01": "TPR@1%",
    "tpr_0.001": "TPR@0.1%",
    "shadow_seconds": "shadows, s",
    "attack_seconds": "rest, s",
    "times_training": "total / training",
}


def main(argv=None):
    """Run the benchmark, print the tables, write the JSON."""
    options = parse(argv)
    warnings.filterwarnings("ignore", module="sklearn")
    with threadpool_limits(1):
        rows = [row for setting in settings(options) for row in run(*setting, options)]
    figures = pd.DataFrame(rows)
    print(as_markdown(figures))
    if options.json:
        write_json(options, rows)


def parse(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", default=["adult"], choices=TABLES)
    parser.add_argument(
        "--targets", nargs="+", default=["rf", "hgb", "logistic"], choices=TARGETS
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--shadow-models", type=int, default=32)
    parser.add_argument("--peers-python", help="interpreter that has the peers")
    parser.add_argument(
        "--peers-cache",
        help="folder that keeps what the peers scored: they need not run again after "
        "a change of skprivacy",
    )
    parser.add_argument(
        "--data-dir",
        default=os.environ.get("SKPRIVACY_BENCHMARK_DATA"),
        help="folder of location30.parquet (default: $SKPRIVACY_BENCHMARK_DATA)",
    )
    parser.add_argument("--json", help="write every figure of every seed here")
    options = parser.parse_args(argv)
    if options.peers_python is None:
        say("no --peers-python given: SACRO-ML and ART are left out")
    return options


def settings(options):
    """Yield (table name, table, target name, seed); absent tables are skipped."""
    for table_name in options.tables:
        table = TABLES[table_name](options.data_dir)
        if table is None:
            say(f"{table_name} is not in --data-dir: skipped")
            continue
        for target_name in options.targets:
            for seed in options.seeds:
                yield table_name, table, target_name, seed


def run(table_name, table, target_name, seed, options):
    """Run every attack on one target, and judge all by the same code."""
    say(f"{table_name}, {target_name}, seed {seed}")
    records = draw_records(table, seed)
    recipe = TARGETS[target_name](seed)
    model = clone(recipe).fit(*records.members)
    case = (model, records, options.shadow_models, seed)
    ours, training_seconds = run_ours(recipe, *case)
    outcomes = [*ours, *run_plain(recipe, *case)]
    if options.peers_python:
        keep = Memory(options.peers_cache, verbose=0).cache(
            run_named_peers, ignore=["python", "model", "records"]
        )
        setting = (table_name, target_name, options.shadow_models, seed)
        outcomes += keep(*setting, options.peers_python, model, records)
    where = {"table": table_name, "target": target_name, "seed": seed}
    return [
        where | judge(outcome, records.is_member, training_seconds)
        for outcome in outcomes
    ]


def as_markdown(figures):
    """Return one table a target: the mean of every figure over the seeds."""
    parts = []
    for (table, target), rows in figures.groupby(["table", "target"], sort=False):
        n_seeds = rows["seed"].nunique()
        parts.append(f"### {table}, {target} (mean of {n_seeds} seeds)\n")
        keys = ["package", "attack", "sees_membership", "note"]
        mean = rows.groupby(keys, sort=False)[list(FIGURES)].mean().reset_index()
        parts.append(markdown_table(mean) + "\n")
    return "\n".join(parts)


def markdown_table(mean):
    """Lay out the rows of one target."""
    head = ["package", "attack", *FIGURES.values(), "remarks"]
    lines = [head, ["---"] * 2 + ["---:"] * len(FIGURES) + ["---"]]
    for _, row in mean.iterrows():
        seen = "sees true membership" if row["sees_membership"] else ""
        remarks = ", ".join(filter(None, [seen, row["note"]]))
        numbers = [number(row[name], name) for name in FIGURES]
        lines.append([row["package"], row["attack"], *numbers, remarks])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value, name):
    """Format a figure: rates to three digits, seconds to one."""
    if np.isnan(value):
        return ""
    digits = {"shadow_seconds": 1, "attack_seconds": 2, "times_training": 2}
    return f"{value:.{digits.get(name, 3)}f}"


def write_json(options, rows):
    """Write the figures of every seed, and what they were measured with."""
    about = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "skprivacy": version("skprivacy"),
        "scikit-learn": version("scikit-learn"),
        "numpy": version("numpy"),
        "n_shadow_models": options.shadow_models,
    }
    with open(options.json, "w", encoding="utf-8") as file:
        json.dump({"about": about, "rows": rows}, file, indent=1)


def say(message):
    """Tell what happens, apart from the table."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
