"""What does an audit cost, start to end, beside other packages, and what does it find?

Every contender is run in a process of its own, one after the other, on the same target,
the same records and as many shadow models, for each seed. Writes ``peers.md`` (one
table), ``peers.png`` (one plot) and ``peers.json`` (all figures) into the folder of
``--out``.

    python -m venv .peers && .peers/bin/pip install -r benchmarks/requirements-peers.txt
    python -m benchmarks peers --out figures --peers-python .peers/bin/python

Without ``--peers-python`` and ``--privacy-meter-python`` these are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
from _data import TABLES, draw_records
from _machine import machine
from _own_process import run_alone
from _peers_plot import draw
from _peers_table import as_markdown
from _rows import rates
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

sys.path.insert(0, str(Path(__file__).parent / "_end_to_end"))
from _case import Case  # noqa: E402

#: Name of each target, and its recipe for a seed.
TARGETS = {
    "random forest": lambda seed: RandomForestClassifier(100, random_state=seed),
    "logistic regression": lambda seed: LogisticRegression(max_iter=1_000),
    "Gaussian naive Bayes": lambda seed: GaussianNB(),
    "HGB": lambda seed: HistGradientBoostingClassifier(random_state=seed),
}


@dataclass(frozen=True)
class Contender:
    """One way to attack, as the benchmark sets it up.

    Attributes
    ----------
    name : str
        What the table calls it.
    python : {"ours", "peers", "privacy meter"}
        Whose interpreter runs it.
    script : str
        File of ``_end_to_end``.
    options : tuple of str
        For the script.
    targets : tuple of str
        Targets that it is run on; empty: all.
    """

    name: str
    python: str
    script: str
    options: tuple = ()
    targets: tuple = ()


OURS = "skprivacy, LiRA"
CONTENDERS = {
    "ours": Contender(OURS, "ours", "ours.py", ("auto",)),
    "generic": Contender(
        "skprivacy, engine='generic'", "ours", "ours.py", ("generic",)
    ),
    "ten-trees": Contender(
        "skprivacy, shadow forests of 10 trees",
        "ours",
        "ours.py",
        ("auto", "10"),
        ("random forest",),
    ),
    "sacro-ml": Contender("SACRO-ML 2.0.1, LiRA", "peers", "sacro_ml.py"),
    "art": Contender("ART 1.20.1, shadow models", "peers", "art_shadow.py"),
    "privacy-meter": Contender(
        "Privacy Meter 1.0.1, reference", "privacy meter", "privacy_meter_reference.py"
    ),
}


def main(argv=None):
    """Run the benchmark, write table, plot and figures."""
    options = parse(argv)
    about, rows = machine(), []
    if options.earlier:
        earlier = json.loads(Path(options.earlier).read_text())
        about["load"] += earlier["about"]["load"]
        rows += earlier["rows"]
    rows += [row for setting in settings(options) for row in run(*setting, options)]
    rows.sort(key=place)
    figures = pd.DataFrame(rows)
    about["load"] += machine()["load"]
    about["shadow_models"] = options.shadow_models
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "peers.json").write_text(
        json.dumps({"about": about, "rows": rows}, indent=1)
    )
    (out / "peers.md").write_text(as_markdown(figures, about, OURS))
    draw(figures, about, OURS, out / "peers.png")
    print((out / "peers.md").read_text())


def parse(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks peers", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--out", required=True, help="folder to write to")
    parser.add_argument("--tables", nargs="+", default=["adult"], choices=TABLES)
    parser.add_argument("--targets", nargs="+", default=[*TARGETS], choices=TARGETS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument(
        "--contenders", nargs="+", default=[*CONTENDERS], choices=CONTENDERS
    )
    parser.add_argument("--shadow-models", type=int, default=32)
    parser.add_argument("--peers-python", help="interpreter that has SACRO-ML and ART")
    parser.add_argument(
        "--privacy-meter-python", help="interpreter that has Privacy Meter"
    )
    parser.add_argument(
        "--earlier", help="peers.json of an earlier run, to be shown together"
    )
    return parser.parse_args(argv)


def settings(options):
    """Yield (table name, table, target name, seed)."""
    for table_name in options.tables:
        table = TABLES[table_name](os.environ.get("SKPRIVACY_BENCHMARK_DATA"))
        if table is None:
            say(f"{table_name} is not in $SKPRIVACY_BENCHMARK_DATA: skipped")
            continue
        for seed in options.seeds:
            for target_name in options.targets:
                yield table_name, table, target_name, seed


def run(table_name, table, target_name, seed, options):
    """Run every contender on one target, one process after the other."""
    records = draw_records(table, seed)
    model = TARGETS[target_name](seed).fit(*records.members)
    case = Case(
        records.X, records.y, records.is_member, model, options.shadow_models, seed
    )
    pythons = {
        "ours": sys.executable,
        "peers": options.peers_python,
        "privacy meter": options.privacy_meter_python,
    }
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        case.save(folder)
        for one in map(CONTENDERS.get, options.contenders):
            fits = not one.targets or target_name in one.targets
            if not fits or pythons[one.python] is None:
                continue
            done = run_alone(pythons[one.python], one.script, folder, *one.options)
            about = asdict(done)
            scores = about.pop("scores")
            where = {"table": table_name, "target": target_name, "seed": seed}
            rows.append(
                where
                | {"contender": one.name}
                | about
                | rates(records.is_member, scores)
            )
            say(
                f"{table_name}, {target_name}, seed {seed}, {one.name}: "
                f"{done.cpu_seconds:.1f} s {done.error}"
            )
    return rows


def place(row):
    """Order rows as tables, targets and contenders are listed."""
    names = [one.name for one in CONTENDERS.values()]
    return (
        [*TABLES].index(row["table"]),
        [*TARGETS].index(row["target"]),
        names.index(row["contender"]),
    )


def say(message):
    """Tell what happens, apart from the table."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
