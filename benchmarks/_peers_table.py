"""The table of ``peers.py``."""

from __future__ import annotations

import numpy as np
from _machine import sentence

HEAD = (
    "target",
    "attack",
    "CPU, s",
    "of it imports, s",
    "times ours",
    "without imports",
    "peak, MB",
    "AUC",
    "TPR@1%",
)


def summary(figures, ours):
    """Mean of every figure over seeds, and the ratios of means to ours.

    Parameters
    ----------
    figures : DataFrame
        A row for each process.
    ours : str
        Name of the contender that others are compared with.

    Returns
    -------
    DataFrame
        A row for each table, target and contender.
    """
    figures = figures.assign(
        work_seconds=figures["cpu_seconds"] - figures["import_seconds"]
    )
    keys = ["table", "target", "contender"]
    mean = figures.groupby(keys, sort=False).mean(numeric_only=True).reset_index()
    mean["error"] = figures.groupby(keys, sort=False)["error"].max().to_numpy()
    reference = mean[mean["contender"] == ours].set_index(["table", "target"])
    where = list(zip(mean["table"], mean["target"], strict=True))
    for name in ("cpu_seconds", "work_seconds"):
        mean[f"{name}_ratio"] = mean[name] / reference[name].reindex(where).to_numpy()
    return mean


def as_markdown(figures, about, ours):
    """Lay out all tables and targets in one table, under a line on the machine."""
    several = figures["table"].nunique() > 1
    runs = figures.groupby("table", sort=False)["seed"].unique()
    seeds = "; ".join(f"{t}: seeds {', '.join(map(str, s))}" for t, s in runs.items())
    lines = [
        f"{sentence(about)}. {about['shadow_models']} shadow models; {seeds}.",
        "",
        "| " + " | ".join(HEAD) + " |",
        "|" + "---|" * 2 + "---:|" * (len(HEAD) - 2),
    ]
    for _, row in summary(figures, ours).iterrows():
        target = f"{row['table']}, {row['target']}" if several else row["target"]
        lines.append("| " + " | ".join([target, row["contender"], *_cells(row)]) + " |")
    return "\n".join(lines) + "\n"


def _cells(row):
    if np.isnan(row["work_seconds"]):
        return [f"did not run: {row['error']}", *[""] * (len(HEAD) - 3)]
    return [
        f"{row['cpu_seconds']:.1f}",
        f"{row['import_seconds']:.1f}",
        f"{row['cpu_seconds_ratio']:.2f}",
        f"{row['work_seconds_ratio']:.2f}",
        f"{row['peak_bytes'] / 1e6:.0f}",
        f"{row['roc_auc']:.3f}",
        f"{row['tpr_0.01']:.3f}",
    ]
