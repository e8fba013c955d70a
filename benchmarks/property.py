"""Property inference of skprivacy beside propinfer, on the same models.

Run from the repository's root, with the peer in an environment of its own::

    python -m venv .peers
    .peers/bin/pip install -r benchmarks/requirements-peers.txt
    python benchmarks/property.py --peers-python .peers/bin/python --cache .cells

Without ``--peers-python`` the peer is left out; with ``--cache`` what is kept of the
models is not trained again. ``--ratios`` with two equal ones is the control, with none
any share from .1 to .9 is told by regression; ``--shadow`` names the recipe of an
attacker who is mistaken about it. ``--help`` lists the rest.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from _property_cells import Cell, Setting
from _property_data import PROPERTY_TABLES, TARGETS
from _property_ours import CLASSIFIERS, PACKAGE, REGRESSORS, scores_of
from _property_peers import PEER, run_peer
from _property_plain import PLAIN, plain_ratios, plain_scores
from _property_rows import accuracy_and_auc, as_markdown, as_summary, ratios_as_markdown
from threadpoolctl import threadpool_limits

#: Tests of losses need worlds of which the shares differ.
BY_LOSSES = ("threshold", "loss")


def main(argv=None):
    """Run the benchmark, print the table, write the CSV."""
    options = parse(argv)
    warnings.filterwarnings("ignore")
    rows = []
    with threadpool_limits(1):
        for setting in settings(options):
            say(setting)
            table = PROPERTY_TABLES[setting.table]()
            rows += run(Cell(setting, table, options.cache), options)
            if options.csv:
                # After each cell: the figures so far survive an interruption.
                figures = pd.DataFrame(rows).drop(
                    columns=["scores", "worlds_of_targets"], errors="ignore"
                )
                figures.to_csv(options.csv, index=False)
    figures = pd.DataFrame(rows)
    if options.ratios:
        parts = [as_summary(figures, access) for access in ("black box", "white box")]
        text = "\n\n".join([*parts, as_markdown(figures)])
    else:
        text = ratios_as_markdown(figures)
    if options.markdown:
        Path(options.markdown).write_text(text + "\n", encoding="utf-8")
    print(text)


def parse(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--tables", nargs="+", default=["adult"], choices=PROPERTY_TABLES)
    add("--targets", nargs="+", default=["rf", "hgb", "logistic"], choices=TARGETS)
    add("--ratios", nargs="*", type=float, default=[0.3, 0.7], help="two, or none")
    add("--hold", action="store_true", help="the same label shares in all worlds")
    add("--shadow", choices=TARGETS, help="recipe of the shadow models, if another")
    add(
        "--shadow-ratios",
        nargs=2,
        type=float,
        help="worlds of shadow models, if others",
    )
    add("--splits", nargs="+", type=int, default=[0, 1, 2], help="seeds of the halves")
    add("--shadow-models", type=int, default=64, help="a world")
    add("--target-models", type=int, default=100, help="a world")
    add("--peers-python", help="interpreter that has the peer")
    add("--cache", help="folder that keeps what is seen of the models")
    add("--csv", help="write every figure of every split here")
    add("--markdown", help="write the table here, too")
    options = parser.parse_args(argv)
    if len(options.ratios) not in (0, 2):
        parser.error("--ratios takes two shares, or none")
    if options.peers_python is None:
        say(f"no --peers-python given: {PEER} is left out")
    return options


def settings(options):
    """Yield what is attacked, a cell at a time."""
    for table in options.tables:
        for target in options.targets:
            for split in options.splits:
                yield Setting(
                    table,
                    target,
                    tuple(options.ratios),
                    options.hold,
                    split,
                    options.shadow_models,
                    options.target_models,
                    options.shadow,
                    options.shadow_ratios and tuple(options.shadow_ratios),
                )


def run(cell, options):
    """Run all attacks on the targets of one cell."""
    setting = cell.setting
    target = setting.target
    if setting.shadow:
        target += f" (taken for {setting.shadow})"
    worlds = as_text(setting.ratios)
    if setting.shadow_ratios:
        worlds += f" (shadow models {as_text(setting.shadow_ratios)})"
    where = {
        "table": setting.table,
        "target": target,
        "worlds": worlds,
        "label": "held" if setting.hold else "free",
        "split": setting.split,
    }
    judge = judge_worlds if setting.ratios else judge_shares
    rows = [where | row for row in judge(cell)]
    if options.peers_python and setting.ratios and not setting.is_control:
        rows += [where | row for row in rows_of_peer(options.peers_python, cell)]
    return rows


def judge_worlds(cell):
    """Tell two worlds apart, and yield accuracy and AUC of each attack."""
    worlds = cell.worlds("target")
    for package, access, name, score in attacks_on(cell, CLASSIFIERS):
        scores, seconds = cell.keep_scores(f"{package} {name}", score)
        if scores is None:
            continue
        accuracy, auc = accuracy_and_auc(scores, worlds)
        yield {
            "package": package,
            "access": access,
            "attack": name,
            "accuracy": accuracy,
            "auc": auc,
            "n": len(worlds),
            "scores": scores,
            "worlds_of_targets": worlds,
            "training_seconds": cell.shadow["seconds"],
            "attack_seconds": seconds,
        }
    if not cell.setting.is_control:
        yield from direct_worlds(cell, worlds)


def direct_worlds(cell, worlds):
    """Read the share, and say which world is nearer."""
    read = cell.targets["read"]
    if np.isnan(read).all():
        return
    middle = np.mean(cell.setting.ratios)
    scores = np.nan_to_num(read - middle)
    accuracy, auc = accuracy_and_auc(scores, worlds)
    yield {
        "package": PACKAGE,
        "access": "white box",
        "attack": "direct readout, no shadow models",
        "accuracy": accuracy,
        "auc": auc,
        "n": len(worlds),
        "scores": scores,
        "worlds_of_targets": worlds,
        "error": np.nanmean(np.abs(read - cell.targets["ratios"])),
    }


def judge_shares(cell):
    """Tell any share, and yield the mean absolute error of each attack."""
    ratios = cell.targets["ratios"]
    constant = np.full(len(ratios), cell.shadow["ratios"].mean())
    told = [("constant", "none", "mean share of the shadow models", constant)]
    told.append(("plain", "black box", "logits", plain_ratios(cell)))
    for name, ours in REGRESSORS.items():
        shares, _ = cell.keep_scores(name, lambda ours=ours: scores_of(ours, cell))
        told.append((PACKAGE, ours.access, name, shares))
    direct = "direct readout, no shadow models"
    told.append((PACKAGE, "white box", direct, cell.targets["read"]))
    for package, access, name, share in told:
        if share is None:
            continue
        known = ~np.isnan(share)
        yield {
            "package": package,
            "access": access,
            "attack": name,
            "error": np.abs(share - ratios)[known].mean() if known.any() else np.nan,
            "told": known.mean(),
        }


def attacks_on(cell, ours):
    """Yield (package, access, name, function that scores the targets)."""
    for name, numbers in PLAIN.items():
        yield (
            "plain",
            "black box",
            name,
            lambda numbers=numbers: plain_scores(numbers, cell),
        )
    for name, attack in ours.items():
        if cell.setting.is_control and name in BY_LOSSES:
            continue
        yield (
            PACKAGE,
            attack.access,
            name,
            lambda attack=attack: scores_of(attack, cell),
        )


def rows_of_peer(python, cell):
    """Yield the accuracy of each attack of the peer, the mean of its runs."""
    answers, _ = cell.keep_scores(PEER, lambda: run_peer(python, cell))
    for about, told in answers:
        name = about["attack"]
        if "error" in about:
            say(f"{PEER}, {name}: {about['error']}")
            continue
        yield {
            "package": PEER,
            "access": "white box" if name.startswith("white") else "black box",
            "attack": name,
            "accuracy": told.mean(),
            "n": len(cell.worlds("target")),
            "training_seconds": cell.shadow["seconds"],
            "attack_seconds": about["attack_seconds"] / len(told),
        }


def as_text(ratios):
    """Return shares such as .3/.7."""
    return "/".join(f"{ratio:g}".lstrip("0") for ratio in ratios)


def say(message):
    """Tell what happens, apart from the table."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
