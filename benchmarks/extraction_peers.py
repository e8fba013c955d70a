r"""Copies by training of skprivacy beside ART and plain code, at equal budgets.

Run from the repository's root, with the peers in an environment of their own::

    python -m venv .peers
    .peers/bin/pip install -r benchmarks/requirements-peers.txt
    python benchmarks/extraction_peers.py --peers-python .peers/bin/python \
        --cache .cells

Without ``--peers-python`` ART is left out; with ``--cache`` a run that was interrupted
goes on where it stopped. ``--help`` lists the rest.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from _extraction_data import TABLES, TARGETS, draw_case
from _extraction_ours import ATTACKS, PACKAGE, PLAIN, run_attack
from _extraction_peers import PACKAGE as ART
from _extraction_peers import run_art
from _extraction_rows import as_markdown, as_overview, judge
from attribute import Cell, say
from threadpoolctl import threadpool_limits

BUDGETS = [500, 2_000, 10_000]


def main(argv=None):
    """Run the benchmark, print the tables, write the CSV."""
    options = parse(argv)
    warnings.filterwarnings("ignore")
    rows = []
    with threadpool_limits(1):
        for budget in options.budgets:
            for name in options.tables:
                table = TABLES[name]()
                for target in options.targets:
                    for seed in options.seeds:
                        case = draw_case(table, target, seed)
                        rows += run(name, case, budget, options)
                        if options.csv:
                            pd.DataFrame(rows).to_csv(options.csv, index=False)
    figures = pd.DataFrame(rows)
    text = as_overview(figures) + "\n\n" + as_markdown(figures)
    if options.markdown:
        Path(options.markdown).write_text(text + "\n", encoding="utf-8")
    print(text)


def parse(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--tables", nargs="+", default=list(TABLES), choices=TABLES)
    add("--targets", nargs="+", default=list(TARGETS), choices=TARGETS)
    add("--budgets", nargs="+", type=int, default=BUDGETS)
    add("--attacks", nargs="*", default=list(ATTACKS), choices=ATTACKS)
    add("--seeds", nargs="+", type=int, default=[0])
    add("--peers-python", help="interpreter that has ART")
    add("--cache", help="folder that keeps what each copy answers")
    add("--csv", help="write every figure here")
    add("--markdown", help="write the tables here, too")
    options = parser.parse_args(argv)
    if options.peers_python is None:
        say("no --peers-python given: ART is left out")
    return options


def run(table, case, budget, options):
    """Run all attacks on one target with one budget."""
    say(f"{table}, {case.target}, {budget:,} queries, seed {case.seed}")
    where = {"table": table, "target": case.target, "budget": budget, "seed": case.seed}
    whole = Cell(f"{table}-{case.target}-{case.seed}", options.cache)
    cell = Cell("-".join(map(str, where.values())), options.cache)
    truth = whole.keep("judged", lambda: [({}, case.answers(case.judged))])[0][1]
    found = []
    if options.peers_python:

        def art():
            pool = whole.keep("pool", lambda: [({}, case.answers(case.pool))])[0][1]
            return run_art(options.peers_python, case, budget, pool)

        found += [(ART, *answer) for answer in cell.keep(ART, art)]
    for name in options.attacks:
        package = "plain" if name in PLAIN else PACKAGE
        kept = cell.keep(name, lambda name=name: [run_attack(name, case, budget)])
        found += [(package, *answer) for answer in kept]
    rows = []
    for package, about, answers in found:
        note = about.get("note", "")
        if "error" in about:
            note = about["error"]
        rows.append(
            where
            | {"package": package, "attack": about["attack"]}
            | judge(answers, truth)
            | {
                "n_queries": about.get("n_queries", budget),
                "seconds": about.get("seconds", about.get("attack_seconds", np.nan)),
                "note": note,
            }
        )
    return rows


if __name__ == "__main__":
    main()
