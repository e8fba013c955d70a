"""Figures of the attribute benchmark: guesses in, one row an attack out.

The interval is of the mean difference between an attack and imputation, record by
record. Nothing here is shared with the package.
"""

from __future__ import annotations

import numpy as np

PACKAGE = "skprivacy"
#: The yardstick of all rows, those of the peers too.
IMPUTATION = "imputation"
Z = 1.96
#: A guessed number is right within this share of the truth.
TOLERANCE = 0.1


def judge(guess, baseline, truth, numeric):
    """Return the figures of one attack.

    Parameters
    ----------
    guess, baseline : ndarray of shape (2 * n_each,)
        What the attack and imputation inferred, members first. NaN where the attack
        makes no inference: imputation stands in.
    truth : ndarray of shape (2 * n_each,)
        The secret.
    numeric : bool
        Whether it is a number.

    Returns
    -------
    dict
        For classes the accuracy, and second the balanced accuracy; for a number R2, and
        second the share within 10% of the truth. Advantages are in the first.
    """
    n_each = len(truth) // 2
    made = ~np.isnan(guess)
    guess = np.where(made, guess, baseline)
    worth = _worth(guess, truth, numeric)
    gain = worth - _worth(baseline, truth, numeric)
    parts = {"members": slice(0, n_each), "others": slice(n_each, None)}
    figures = {}
    for name, part in parts.items():
        figures[f"hit_{name}"] = worth[part].mean()
        figures[f"second_{name}"] = _second(guess[part], truth[part], numeric)
        figures[f"advantage_{name}"] = gain[part].mean()
        half = Z * _standard_error(gain[part])
        figures[f"advantage_{name}_low"] = gain[part].mean() - half
        figures[f"advantage_{name}_high"] = gain[part].mean() + half
        figures[f"made_{name}"] = made[part].mean()
    members, others = (gain[part] for part in parts.values())
    gap = members.mean() - others.mean()
    half = Z * np.hypot(_standard_error(members), _standard_error(others))
    return figures | {"gap": gap, "gap_low": gap - half, "gap_high": gap + half}


def _worth(guess, truth, numeric):
    """What each record adds to accuracy, or to R2."""
    if not numeric:
        return (guess == truth).astype(float)
    return 1 - (guess - truth) ** 2 / np.var(truth)


def _second(guess, truth, numeric):
    if numeric:
        return np.mean(np.abs(guess - truth) <= TOLERANCE * np.abs(truth))
    # A value that nobody has, but that was guessed, is no class of its own.
    present = np.unique(truth)
    recall = [np.mean(guess[truth == value] == value) for value in present]
    return np.mean(recall)


def _standard_error(values):
    return values.std(ddof=1) / np.sqrt(len(values))


def as_overview(figures):
    """Return one row a table, secret and target: imputation, ours, the best of peers.

    The best is the one with the largest advantage on members, a choice that flatters
    the peers. A cell holds the advantage on members with its interval, the first figure
    of members / others, and in brackets the second of members.

    Parameters
    ----------
    figures : DataFrame
        One row a table, target, secret, seed and attack.

    Returns
    -------
    str
    """
    where, keys = ["target", "table", "secret"], ["package", "attack"]
    figures = figures.dropna(subset=["hit_members"])
    mean = figures.groupby([*where, *keys], sort=False).mean(numeric_only=True)
    mean = mean.reset_index()
    ours = mean[mean["package"] == PACKAGE]
    names = [name for name in ours["attack"].unique() if name != IMPUTATION]
    peers = [name for name in mean["package"].unique() if name != PACKAGE]
    head = [*where, IMPUTATION, *names, *(f"best of {name}" for name in peers)]
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join(['---'] * len(head))} |"]
    for cell, rows in mean.groupby(where, sort=False):
        texts = []
        of_package = rows[rows["package"] == PACKAGE].set_index("attack")
        texts.append(_hits(of_package.loc[IMPUTATION]))
        for name in names:
            found = name in of_package.index
            texts.append(_overview(of_package.loc[name]) if found else "")
        for name in peers:
            of_peer = rows[rows["package"] == name]
            if of_peer.empty:
                texts.append("")
                continue
            best = of_peer.loc[of_peer["advantage_members"].idxmax()]
            texts.append(f"{best['attack']}: {_overview(best)}")
        lines.append(f"| {' | '.join([*cell, *texts])} |")
    return "\n".join(lines)


def _overview(row):
    return f"{_interval(row, 'advantage_members')}, {_hits(row)}"


def _hits(row):
    hits = f"{row['hit_members']:.3f} / {row['hit_others']:.3f}"
    return f"{hits} ({row['second_members']:.3f})"


def as_markdown(figures, best_peers=True):
    """Lay out the mean over the seeds, one table a table and secret.

    Parameters
    ----------
    figures : DataFrame
        One row a table, target, secret, seed and attack.
    best_peers : bool
        Of a peer's attack models show only the one with the best figure on members.
    """
    parts = []
    for (table, secret), rows in figures.groupby(["table", "secret"], sort=False):
        parts += [f"#### {table}, {secret}\n", _head()]
        for target, part in rows.groupby("target", sort=False):
            keys = ["package", "attack", "note"]
            mean = part.groupby(keys, sort=False).mean(numeric_only=True).reset_index()
            if best_peers:
                mean = _best_of_kinds(mean)
            parts += [_line(target, row) for _, row in mean.iterrows()]
        parts.append("")
    return "\n".join(parts)


def _best_of_kinds(mean):
    """Keep of "black box (gb)", "black box (nn)", ... the best on members."""
    name = mean["attack"].str.replace(r" \((\w+)\)$", "", regex=True)
    name = name.where(mean["package"] != PACKAGE, mean["attack"])
    ranked = mean.assign(name=name, rank=mean["hit_members"].fillna(-np.inf))
    best = ranked.groupby(["package", "name"], sort=False)["rank"].idxmax()
    return mean.loc[sorted(best)]


def _head():
    names = [
        "target",
        "package",
        "attack",
        "members / others",
        "second, members / others",
        "advantage, members",
        "advantage, others",
        "gap",
        "s",
        "remarks",
    ]
    rules = ["---"] * 3 + ["---:"] * 6 + ["---"]
    return f"| {' | '.join(names)} |\n| {' | '.join(rules)} |"


def _line(target, row):
    if np.isnan(row["hit_members"]):
        cells = ["", "", "", "", "", ""]
    else:
        cells = [
            f"{row['hit_members']:.3f} / {row['hit_others']:.3f}",
            f"{row['second_members']:.3f} / {row['second_others']:.3f}",
            _interval(row, "advantage_members"),
            f"{row['advantage_others']:+.3f}",
            _interval(row, "gap"),
            f"{row['seconds']:.0f}",
        ]
    note = row["note"]
    if row["made_members"] < 1:
        made = f"{row['made_members']:.0%} / {row['made_others']:.0%}"
        note += f"; infers for {made}, else imputation"
    cells = [target, row["package"], row["attack"], *cells, note]
    return f"| {' | '.join(cells)} |"


def _interval(row, name):
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return f"{row[name]:+.3f} [{low:+.3f}, {high:+.3f}]"


def failed():
    """Return the figures of an attack that did not run."""
    names = [*judge(np.zeros(4), np.zeros(4), np.array([0.0, 1, 0, 1]), False)]
    return dict.fromkeys(names, np.nan)
