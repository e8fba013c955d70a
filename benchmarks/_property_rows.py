"""Figures of the property benchmark: scores of targets in, one row an attack out.

Nothing here is shared with the package.
"""

from __future__ import annotations

import numpy as np
from sklearn.metrics import roc_auc_score

Z = 1.96
N_BOOTSTRAP = 1_000
#: Attack that the summary shows with its intervals.
IN_FULL = "meta-classifier"
#: What is one row: all of it but the split.
KEYS = ["table", "target", "worlds", "label", "package", "access", "attack"]


def accuracy_and_auc(scores, worlds):
    """Judge the scores of the targets of one split.

    Parameters
    ----------
    scores : ndarray of shape (n_targets,)
        Above 0 stands for world 1. Answers 0 and 1 alone are taken as they are.
    worlds : ndarray of int of shape (n_targets,)
        0 or 1.

    Returns
    -------
    accuracy, auc : float
    """
    return np.mean((scores > 0) == (worlds == 1)), roc_auc_score(worlds, scores)


def wilson(n_right, n):
    """Return the 95% interval of a share."""
    share = n_right / n
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * np.sqrt(share * (1 - share) / n + (Z / (2 * n)) ** 2) / (1 + Z**2 / n)
    return middle - half, middle + half


def auc_interval(splits):
    """Return the 95% interval of the mean AUC over splits.

    Parameters
    ----------
    splits : list of (scores, worlds)
        Targets of each split; they are drawn again within split and world.

    Returns
    -------
    low, high : float
    """
    rng = np.random.default_rng(0)
    drawn = np.empty((N_BOOTSTRAP, len(splits)))
    for j, (scores, worlds) in enumerate(splits):
        first, second = scores[worlds == 0], scores[worlds == 1]
        for i in range(N_BOOTSTRAP):
            a, b = rng.choice(first, len(first)), rng.choice(second, len(second))
            drawn[i, j] = _auc(a, b)
    return tuple(np.quantile(drawn.mean(axis=1), [0.025, 0.975]))


def summarize(rows):
    """Return one row an attack: means over splits with intervals.

    Parameters
    ----------
    rows : DataFrame
        One row an attack and split; with ``scores`` and ``worlds_of_targets``, or with
        ``accuracy`` and ``n`` of peers that tell no scores.

    Returns
    -------
    list of dict
    """
    return [
        dict(zip(KEYS, key, strict=True)) | _figures(part)
        for key, part in rows.groupby(KEYS, sort=False)
    ]


def as_markdown(rows):
    """Lay out accuracy and AUC, one line an attack."""
    lines = [
        "| table | target | worlds | label | package | access | attack | accuracy "
        "| AUC | accuracy of each split |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in summarize(rows):
        cells = [row[key] for key in KEYS]
        cells += [_with_interval(row, "accuracy"), _with_interval(row, "auc")]
        cells.append(" ".join(_short(x) for x in row["splits"]))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def as_summary(rows, access):
    """Lay out accuracy (AUC) of the attacks as columns, one line a setting.

    Parameters
    ----------
    rows : DataFrame
        As for :func:`summarize`.
    access : {"black box", "white box"}
        Which attacks.

    Returns
    -------
    str
        In Markdown; the attack of `IN_FULL` with its intervals.
    """
    found = [row for row in summarize(rows) if row["access"] == access]
    attacks = list(dict.fromkeys(_named(row) for row in found))
    where = ["table", "target", "worlds", "label"]
    lines = [
        f"| {' | '.join([*where, 'splits', *attacks])} |",
        f"|{'---|' * (len(where) + 1 + len(attacks))}",
    ]
    settings = dict.fromkeys(tuple(row[key] for key in where) for row in found)
    for setting in settings:
        cells = dict.fromkeys(attacks, "")
        for row in found:
            if tuple(row[key] for key in where) == setting:
                n_splits = str(len(row["splits"]))
                cells[_named(row)] = _in_brief(row)
        lines.append(f"| {' | '.join([*setting, n_splits, *cells.values()])} |")
    return "\n".join(lines)


def ratios_as_markdown(rows):
    """Lay out mean absolute errors of shares, one line an attack."""
    lines = [
        "| table | target | package | access | attack | mean absolute error | told |",
        "|---|---|---|---|---|---:|---:|",
    ]
    keys = ["table", "target", "package", "access", "attack"]
    for key, part in rows.groupby(keys, sort=False):
        error, told = part["error"].mean(), part["told"].mean()
        text = "" if np.isnan(error) else f"{error:.3f}"
        lines.append(f"| {' | '.join(key)} | {text} | {told:.0%} |")
    return "\n".join(lines)


def _figures(part):
    accuracy = part["accuracy"].to_numpy(dtype=float)
    n = part["n"].sum()
    low, high = wilson(float((accuracy * part["n"]).sum()), n)
    figures = {
        "accuracy": accuracy.mean(),
        "accuracy_low": low,
        "accuracy_high": high,
        "splits": accuracy,
        "auc": np.nan,
    }
    # Of peers that tell an accuracy alone there are no scores.
    if part["scores"].notna().all():
        splits = list(zip(part["scores"], part["worlds_of_targets"], strict=True))
        figures["auc"] = part["auc"].mean()
        figures["auc_low"], figures["auc_high"] = auc_interval(splits)
    return figures


def _named(row):
    same = row["package"] == "skprivacy"
    return row["attack"] if same else f"{row['package']}: {row['attack']}"


def _in_brief(row):
    if row["attack"] == IN_FULL:
        auc = f" ({_with_interval(row, 'auc')})"
        return _with_interval(row, "accuracy") + auc
    auc = "" if np.isnan(row["auc"]) else f" ({_short(row['auc'])})"
    return _short(row["accuracy"]) + auc


def _auc(first, second):
    """Return the share of pairs in the right order, ties counted half."""
    difference = second[:, None] - first[None, :]
    return np.mean(difference > 0) + np.mean(difference == 0) / 2


def _with_interval(row, name):
    if np.isnan(row[name]):
        return ""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return f"{_short(row[name])} [{_short(low)}, {_short(high)}]"


def _short(x):
    return f"{x:.2f}".replace("0.", ".", 1)
