"""Test accuracy of private models with their defaults, beside other packages.

Run from the repository's root::

    python benchmarks/dp_utility.py --peers-python .dp/bin/python --cache runs.csv

Stratified splits, 70% to learn from, and the same for every model; delta 1e-5. Ends of
the columns, or the longest record, and the classes are taken as public.
"""

from __future__ import annotations

import argparse
import csv
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from _dp_models import MODELS, answers_of
from _dp_tables import TABLES, split_rows
from threadpoolctl import threadpool_limits

EPSILONS = (0.1, 1.0, 10.0)
#: Accuracy to reach at these three epsilons.
TARGETS = {
    ("breast_cancer", "DPLogisticRegression"): (0.60, 0.78, 0.90),
    ("breast_cancer", "DPGaussianNB"): (0.60, 0.88, 0.91),
    ("breast_cancer", "DPRandomForestClassifier"): (0.75, 0.85, 0.91),
    ("digits", "DPLogisticRegression"): (0.15, 0.55, 0.90),
    ("digits", "DPGaussianNB"): (0.12, 0.48, 0.68),
    ("digits", "DPRandomForestClassifier"): (0.20, 0.75, 0.89),
    ("adult", "DPLogisticRegression"): (0.81, 0.835, 0.843),
    ("adult", "DPHistGradientBoostingClassifier"): (0.80, 0.825, 0.84),
}
#: What a mean of few splits may miss of a target.
NEARLY = 0.05
COLUMNS = ["table", "model", "epsilon", "repeat", "accuracy", "seconds"]


def main(argv=None):
    """Run what the cache does not hold, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--tables", nargs="+", default=["breast_cancer", "digits", "adult"])
    add("--models", nargs="+", default=list(MODELS), choices=MODELS)
    add("--epsilons", nargs="+", type=float, default=list(EPSILONS))
    add("--repeats", type=int, help="splits of a table; 10, 8 and 3 by default")
    add("--cache", help="CSV of single runs: read, and added to")
    add("--csv", help="where to write the means")
    add("--peers-python", help="interpreter that has interpret-core")
    options = parser.parse_args(argv)
    unknown = set(options.tables) - set(TABLES)
    if unknown:
        parser.error(f"no such table: {sorted(unknown)}; there are {list(TABLES)}")
    warnings.filterwarnings("ignore")
    with threadpool_limits(1):
        runs = pd.DataFrame(all_runs(options), columns=COLUMNS)
    means = summary(runs)
    if options.csv:
        means.to_csv(options.csv, index=False)
    print(markdown(means))


def all_runs(options):
    """Single runs that were asked for, from the cache or made now."""
    known = read_runs(options.cache)
    wanted = []
    for name in options.tables:
        load, repeats = TABLES[name]
        table = load()
        for model in options.models:
            if not can_run(model, table, options.peers_python):
                continue
            plain = MODELS[model].package == "plain"
            for repeat in range(options.repeats or repeats):
                for epsilon in [np.inf] if plain else options.epsilons:
                    key = name, model, epsilon, repeat
                    if key not in known:
                        known[key] = run(table, *key[1:], options.peers_python)
                        add_run(options.cache, key, known[key])
                    wanted.append([*key, *known[key]])
    return wanted


def can_run(model, table, python):
    """Whether a model takes a table: DP-EBM is there, and knows of two classes."""
    if MODELS[model].package != "interpret-core":
        return True
    return python is not None and len(table.classes) == 2


def run(table, model, epsilon, repeat, python):
    """Accuracy and seconds of one model on one split."""
    train, test = split_rows(table.y, repeat)
    start = time.perf_counter()
    predicted = answers_of(model, epsilon, table, train, test, repeat, python)
    seconds = time.perf_counter() - start
    return float(np.mean(predicted == table.y[test])), seconds


def read_runs(path):
    """Runs of a file, by table, model, epsilon and repeat."""
    if path is None or not Path(path).exists():
        return {}
    with open(path, newline="", encoding="utf-8") as file:
        return {
            (row["table"], row["model"], float(row["epsilon"]), int(row["repeat"])): (
                float(row["accuracy"]),
                float(row["seconds"]),
            )
            for row in csv.DictReader(file)
        }


def add_run(path, key, values):
    """Write one run to the end of a file, so that nothing is lost on the way."""
    if path is None:
        return
    new = not Path(path).exists()
    with open(path, "a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(COLUMNS)
        writer.writerow([*key, f"{values[0]:.5f}", f"{values[1]:.3f}"])


def summary(runs):
    """Mean, standard error, target and difference to diffprivlib of each cell."""
    rows = []
    for (table, model, epsilon), cell in runs.groupby(COLUMNS[:3], sort=False):
        target = dict(zip(EPSILONS, TARGETS.get((table, model), ()), strict=False))
        rows.append(
            {
                "table": table,
                "model": model,
                "epsilon": epsilon,
                "accuracy": cell["accuracy"].mean(),
                "standard_error": cell["accuracy"].sem(),
                "target": target.get(epsilon, np.nan),
                **beside_library(runs, cell),
                "seconds": cell["seconds"].mean(),
            }
        )
    return pd.DataFrame(rows)


def beside_library(runs, cell):
    """Mean difference to the library's model of the family, on the same splits."""
    about = MODELS[cell["model"].iloc[0]]
    same = runs["table"].eq(cell["table"].iloc[0])
    same &= runs["epsilon"].eq(cell["epsilon"].iloc[0])
    same &= runs["model"].map(lambda one: is_library(one, about.family))
    library = runs[same]
    if about.package != "skprivacy" or library.empty:
        return {"above_library": np.nan, "above_library_error": np.nan}
    apart = (
        cell.set_index("repeat")["accuracy"] - library.set_index("repeat")["accuracy"]
    )
    return {"above_library": apart.mean(), "above_library_error": apart.sem()}


def is_library(model, family):
    """Whether a model is diffprivlib's of a family."""
    return MODELS[model].package == "diffprivlib" and MODELS[model].family == family


def markdown(means):
    """One row a table and model, the epsilons side by side."""
    epsilons = [one for one in means["epsilon"].unique() if np.isfinite(one)]
    head = ["table", "model", *(f"ε = {one:g}" for one in epsilons)]
    head += ["target", "met", "above diffprivlib"]
    lines = [head, ["---", "---", *["---:"] * (len(head) - 2)]]
    for (table, model), rows in means.groupby(["table", "model"], sort=False):
        rows = rows.set_index("epsilon")
        if np.isinf(rows.index[0]):
            cells = [interval(rows.iloc[0])] * len(epsilons)
            lines.append([table, f"{model} (not private)", *cells, "", "", ""])
            continue
        rows = rows.reindex(epsilons)
        cells = [interval(row) for _, row in rows.iterrows()]
        cells.append(joined(rows["target"], lambda one: short(one)))
        cells.append(joined(rows["accuracy"] - rows["target"], verdict))
        cells.append(joined(rows["above_library"], lambda one: f"{one:+.3f}"))
        lines.append([table, model, *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def short(number):
    """Three decimals without the 0 before."""
    return f"{number:.3f}".removeprefix("0")


def interval(row):
    """Mean and standard error."""
    if np.isnan(row["accuracy"]):
        return ""
    return f"{short(row['accuracy'])} ± {short(row['standard_error'])}"


def verdict(above):
    """Whether a target is met, or nearly."""
    return "yes" if above >= 0 else "nearly" if above >= -NEARLY else "no"


def joined(values, text):
    """Texts of what is there, side by side."""
    return " / ".join(text(one) for one in values if not np.isnan(one))


if __name__ == "__main__":
    main()
