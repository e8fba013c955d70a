"""Figures of copies, and the tables that show them."""

from __future__ import annotations

import numpy as np
from _extraction_ours import PACKAGE, PLAIN


def judge(answers, truth):
    """Compare a copy with its target, of two classes.

    Parameters
    ----------
    answers, truth : ndarray of shape (n_judged,)
        Probabilities of class 1 by copy and target.

    Returns
    -------
    dict
        ``agreement`` of the labels, and ``distance``: half the mean summed difference
        of the probabilities. NaN where there is no copy.
    """
    if len(answers) != len(truth):
        return {"agreement": np.nan, "distance": np.nan}
    return {
        "agreement": float(np.mean((answers > 0.5) == (truth > 0.5))),
        "distance": float(np.mean(np.abs(answers - truth))),
    }


def as_overview(figures):
    """One line a target and budget: the package beside the best of the others.

    Parameters
    ----------
    figures : DataFrame
        One row an attack.

    Returns
    -------
    str
        A Markdown table. The best agreement and the best distance of the others may be
        those of two attacks.
    """
    ours = [a for a in figures[figures["package"] == PACKAGE]["attack"].unique()]
    lines = [
        "| table | target | queries | "
        + " | ".join(ours)
        + " | best plain | best of ART | ahead |",
        "|---|---|---:|" + "---:|" * (len(ours) + 2) + "---|",
    ]
    keys = ["table", "target", "budget"]
    for (table, target, budget), rows in figures.groupby(keys, sort=False):
        of = {name: rows[rows["attack"] == name] for name in ours}
        plain = _best(rows[rows["package"] == "plain"])
        art = _best(rows[~rows["package"].isin(["plain", PACKAGE])])
        mine = _best(of["SurrogateAttack"]) if "SurrogateAttack" in of else _NOTHING
        cells = [_shown(_best(of[name])) for name in ours] + [_shown(plain)]
        cells += [_shown(art), _ahead(mine, plain, art)]
        lines.append(f"| {table} | {target} | {budget:,} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def as_markdown(figures):
    """Every attack on every target: agreement / distance, and CPU seconds.

    Parameters
    ----------
    figures : DataFrame
        One row an attack.

    Returns
    -------
    str
        A Markdown table a table of records and budget.
    """
    parts = []
    for (table, budget), part in figures.groupby(["table", "budget"], sort=False):
        targets = list(part["target"].unique())
        parts += [f"#### {table}, {budget:,} queries", ""]
        parts += ["| | attack | " + " | ".join(targets) + " |"]
        parts += ["|---|---|" + "---:|" * len(targets)]
        for (package, attack), rows in part.groupby(["package", "attack"], sort=False):
            cells = [_cell(rows[rows["target"] == target]) for target in targets]
            parts.append(f"| {package} | {attack} | " + " | ".join(cells) + " |")
        parts.append("")
    return "\n".join(parts).rstrip()


_NOTHING = (np.nan, np.nan)


def _best(rows):
    if not len(rows):
        return _NOTHING
    return rows["agreement"].max(), rows["distance"].min()


def _shown(pair):
    return "" if np.isnan(pair).any() else f"{_short(pair[0])} / {_short(pair[1])}"


def _short(figure):
    return f"{figure:.3f}".removeprefix("0")


def _ahead(mine, *others):
    """Whether both figures are at least as good as those of all others."""
    behind = []
    if any(mine[0] < other[0] for other in others):
        behind.append("agreement")
    if any(mine[1] > other[1] for other in others):
        behind.append("distance")
    return "yes" if not behind else "not in " + ", ".join(behind)


def _cell(rows):
    if not len(rows):
        return ""
    row = rows.iloc[0]
    if np.isnan(row["agreement"]):
        return "failed"
    shown = _shown((row["agreement"], row["distance"]))
    return f"{shown} ({row['seconds']:.0f} s)"


__all__ = ["PLAIN", "as_markdown", "as_overview", "judge"]
