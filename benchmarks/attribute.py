"""Attribute inference of skprivacy beside ART and SACRO-ML, on the same targets.

Run from the repository's root, with the peers in an environment of their own::

    python -m venv .peers
    .peers/bin/pip install -r benchmarks/requirements-peers.txt
    python benchmarks/attribute.py --peers-python .peers/bin/python --cache .cells

Without ``--peers-python`` the peers are left out; with ``--cache`` a run that was
interrupted goes on where it stopped. ``--control`` trains the target on other people,
so that there is no member gap to be found. ``--help`` lists the rest.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from _attribute_control import control_rows, control_table
from _attribute_data import N_EACH, SECRET_TABLES, TARGETS, draw_parties
from _attribute_ours import OURS, Case, kind_of, run_ours, runs_on
from _attribute_peers import ATTRIBUTE_PEERS, run_peer
from _attribute_rows import (
    IMPUTATION,
    PACKAGE,
    as_markdown,
    as_overview,
    failed,
    judge,
)
from threadpoolctl import threadpool_limits

N_CONTROL_SEEDS = 20


def main(argv=None):
    """Run the benchmark or its control, print the tables, write the CSV."""
    options = parse(argv)
    warnings.filterwarnings("ignore")
    rows = []
    with threadpool_limits(1):
        for setting in settings(options):
            rows += run(*setting, options)
            if options.csv:
                # After each target: the tables so far survive an interruption.
                pd.DataFrame(rows).to_csv(options.csv, index=False)
    figures = pd.DataFrame(rows)
    if options.control:
        text = control_table(figures)
    else:
        text = as_overview(figures) + "\n\n" + as_markdown(figures)
    if options.markdown:
        Path(options.markdown).write_text(text + "\n", encoding="utf-8")
    print(text)


def parse(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--tables", nargs="+", default=list(SECRET_TABLES), choices=SECRET_TABLES)
    add("--targets", nargs="+", default=list(TARGETS), choices=TARGETS)
    add("--secrets", nargs="+", help="columns; default: all of each table")
    add("--attacks", nargs="*", default=list(OURS), choices=OURS)
    add("--seeds", nargs="+", type=int, help="default: 0; of the control 0 to 19")
    add("--peers-python", help="interpreter that has the peers")
    add("--peers", nargs="+", default=list(ATTRIBUTE_PEERS), choices=ATTRIBUTE_PEERS)
    add("--n-each", type=int, default=N_EACH, help="records of each part")
    add("--control", action="store_true", help="nobody is a member: look for gaps")
    add("--cache", help="folder that keeps what each attack inferred")
    add("--csv", help="write every figure of every seed here")
    add("--markdown", help="write the tables here, too")
    options = parser.parse_args(argv)
    if options.seeds is None:
        options.seeds = list(range(N_CONTROL_SEEDS)) if options.control else [0]
    if options.peers_python is None and not options.control:
        say("no --peers-python given: ART and SACRO-ML are left out")
    return options


def settings(options):
    """Yield (table name, table, target name, seed)."""
    for table_name in options.tables:
        table = SECRET_TABLES[table_name]()
        for target in options.targets:
            for seed in options.seeds:
                yield table_name, table, target, seed


def run(table_name, table, target, seed, options):
    """Run all attacks on all secrets of one target."""
    parties = draw_parties(table, seed, options.control, options.n_each)
    case = Case(target, parties, seed)
    rows = []
    for secret in table.secrets:
        if options.secrets and secret not in options.secrets:
            continue
        say(f"{table_name}, {target}, seed {seed}: {secret}")
        where = {"table": table_name, "target": target, "secret": secret, "seed": seed}
        kind = "control" if options.control else "members"
        if options.control or options.n_each != N_EACH:
            kind += f"-{len(parties.members)}"
        cell = Cell("-".join(map(str, [kind, *where.values()])), options.cache)
        if options.control:
            found = control_rows(cell, case, secret, options.attacks)
        else:
            found = rows_of(cell, case, secret, options)
        rows += [where | row for row in found]
    return rows


def rows_of(cell, case, secret, options):
    """Judge every attack on one secret against imputation."""
    ours = {
        name: cell.keep(name, lambda name=name: [_ours(name, case, secret)])
        for name in dict.fromkeys([IMPUTATION, *options.attacks])
        if runs_on(name, case.target, secret)
    }
    found = [(PACKAGE, *answer) for answers in ours.values() for answer in answers]
    if options.peers_python:
        for package in options.peers:
            answers = cell.keep(
                package,
                lambda package=package: _peer(options, package, case, secret),
            )
            found += [(package, *answer) for answer in answers]
    parties = case.parties
    truth = np.concatenate([parties.members[secret], parties.others[secret]])
    truth, baseline = truth.astype(float), ours[IMPUTATION][0][1]
    numeric = kind_of(secret) == "numeric"
    for package, about, guess in found:
        if "error" in about:
            figures = failed()
            about = about | {"note": f"failed: {about['error']}"}
        else:
            figures = judge(guess, baseline, truth, numeric)
        yield {
            "package": package,
            "attack": about["attack"],
            "seconds": about.get("seconds", np.nan),
            "note": about.get("note", ""),
            **figures,
        }


def _ours(name, case, secret):
    guess, about = run_ours(name, case, secret)
    return about | {"attack": name}, guess


def _peer(options, package, case, secret):
    answers = run_peer(options.peers_python, package, case, secret)
    for about, _ in answers:
        if "error" not in about:
            about["seconds"] = about["attack_seconds"]
    return answers


class Cell:
    """What the attacks inferred of one secret of one target, kept in a folder.

    Parameters
    ----------
    name : str
        Begins the names of its files.
    folder : str or None
        Where they are kept; None: nowhere.
    """

    def __init__(self, name, folder):
        self.name, self.folder = name, folder and Path(folder)

    def keep(self, attack, infer):
        """Return what is kept of an attack; run it where nothing is.

        Parameters
        ----------
        attack : str
            Its name.
        infer : callable
            Returns a list of (about, guess).
        """
        if not self.folder:
            return infer()
        slug = "".join(c if c.isalnum() else "_" for c in attack)
        path = self.folder / f"{self.name}-{slug}.npz"
        if path.exists():
            kept = np.load(path)
            about = json.loads(str(kept["about"]))
            return [(what, kept[f"guess_{i}"]) for i, what in enumerate(about)]
        answers = infer()
        self.folder.mkdir(parents=True, exist_ok=True)
        guesses = {f"guess_{i}": guess for i, (_, guess) in enumerate(answers)}
        about = json.dumps([what for what, _ in answers])
        part = path.with_suffix(".part.npz")
        np.savez_compressed(part, about=about, **guesses)
        part.rename(path)
        return answers


def say(message):
    """Tell what happens, apart from the table."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
