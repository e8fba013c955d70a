"""The control of the attribute benchmark: nobody is a member, so no gap is to be found.

Here the package judges itself: what is tested is that `AttributeInferenceResult` claims
no gap where there is none.
"""

from __future__ import annotations

import numpy as np
from _attribute_ours import fit_ours, known_to, runs_on
from _attribute_rows import IMPUTATION
from scipy.stats import binom

from skprivacy.attribute import AttributeInferenceResult


def control_rows(cell, case, secret, attacks):
    """Judge each attack on one secret of a target that knows nobody.

    Parameters
    ----------
    cell : Cell
        Keeps the figures.
    case : Case
        The target and its records; none of those under attack was trained on.
    secret : str
        Sensitive column.
    attacks : list of str
        Names among `OURS`.

    Yields
    ------
    dict
        Figures of one attack.
    """
    for name in attacks:
        if name == IMPUTATION or not runs_on(name, case.target, secret):
            continue
        answers = cell.keep(name, lambda name=name: [_judged(name, case, secret)])
        yield {"attack": name} | answers[0][0]


def _judged(name, case, secret):
    """Return the figures, and no guesses."""
    sides = []
    for part in (case.parties.members, case.parties.others):
        sides += [known_to(name, case, part, secret), part[secret]]
    result = AttributeInferenceResult.from_estimators(
        fit_ours(name, case, secret),
        fit_ours(IMPUTATION, case, secret, knows=name),
        *sides,
    )
    figures = {"verdict": result.verdict.level}
    for order, gain in zip(("", "second_"), result.gains_, strict=True):
        figures[f"{order}advantage"] = gain.advantage.estimate
        for end in ("estimate", "low", "high"):
            figures[f"{order}gap_{end}"] = getattr(gain.member_gap, end)
    return figures, np.empty(0)


def control_table(figures):
    """Count the intervals of the gap that miss 0, which is the truth here.

    At 95% one in twenty may. The limit is what a coin of 5% would exceed in 1 of 1,000
    runs, if each interval were tossed by itself. Attacks on the same records are not,
    so that the last line's limit is a little too strict.

    Parameters
    ----------
    figures : DataFrame
        One row a table, target, secret, seed and attack.

    Returns
    -------
    str
        One row a table, target, secret and attack, and one of all.
    """
    lines = [
        "| table | target | secret | attack | mean advantage | mean gap | gap misses 0 "
        "| of balanced accuracy | breach | cells | limit |",
        "|---|---|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    where = ["table", "target", "secret", "attack"]
    for names, rows in figures.groupby(where, sort=False):
        lines.append(_line(names, rows))
    for attack, rows in figures.groupby("attack", sort=False):
        lines.append(_line(("all", "", "", attack), rows))
    lines.append(_line(("all", "", "", ""), figures))
    return "\n".join(lines)


def _line(names, rows):
    cells = [
        *names,
        f"{rows['advantage'].mean():+.4f}",
        f"{rows['gap_estimate'].mean():+.4f}",
        _missed(rows, "gap"),
        _missed(rows, "second_gap"),
        (rows["verdict"] == "breach").sum(),
        len(rows),
        int(binom.ppf(0.999, len(rows), 0.05)),
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _missed(rows, name):
    return int(((rows[f"{name}_low"] > 0) | (rows[f"{name}_high"] < 0)).sum())
