"""The plot of ``peers.py``."""

from __future__ import annotations

import matplotlib
from _machine import sentence
from _peers_table import summary

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


def draw(figures, about, ours, path):
    """Draw how many times our CPU seconds each contender takes, without imports.

    Parameters
    ----------
    figures : DataFrame
        A row for each process.
    about : dict
        What they were measured on.
    ours : str
        Name of the contender that is 1.
    path : path-like
        Where to write the PNG.
    """
    mean = summary(figures, ours)
    names = list(dict.fromkeys(figures["contender"]))
    tables = list(dict.fromkeys(figures["table"]))
    fig, axes = plt.subplots(
        1, len(tables), figsize=(7.5 * len(tables), 4.5), squeeze=False, sharey=True
    )
    width = 0.8 / len(names)
    for ax, table in zip(axes[0], tables, strict=True):
        own = mean[mean["table"] == table]
        targets = list(dict.fromkeys(own["target"]))
        for i, name in enumerate(names):
            rows = own[own["contender"] == name].set_index("target").reindex(targets)
            places = [
                t + (i - (len(names) - 1) / 2) * width for t in range(len(targets))
            ]
            bars = ax.bar(places, rows["work_seconds_ratio"], width, label=name)
            ax.bar_label(bars, fmt="%.2g", fontsize=7, padding=1)
        ax.axhline(1, color="black", linewidth=0.8)
        ax.set(yscale="log", title=table)
        ax.set_xticks(range(len(targets)), targets)
    axes[0, 0].set_ylabel("CPU seconds of the audit, times ours")
    fig.legend(
        *axes[0, 0].get_legend_handles_labels(),
        loc="outside upper center",
        ncols=3,
        fontsize=8,
    )
    fig.text(0.5, 0.01, sentence(about), ha="center", fontsize=6)
    fig.tight_layout(rect=(0, 0.03, 1, 0.88))
    fig.savefig(path, dpi=120)
    plt.close(fig)
