"""From files to a report, with a real model and real attacks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import skops.io
from sklearn.tree import DecisionTreeClassifier

from skprivacy._audit._plan import EFFORTS
from skprivacy.datasets import load_adult

ROOT = Path(__file__).parents[2]
NUMBERS = ["age", "capital-gain", "hours-per-week"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Give a folder with an overfit tree and its tables."""
    folder = tmp_path_factory.mktemp("case")
    table = load_adult(as_frame=True).frame[[*NUMBERS, "income"]]
    # Without duplicates, so that every outside record counts.
    table = table.drop_duplicates(NUMBERS).iloc[:500].reset_index(drop=True)
    train, holdout = table.iloc[:250], table.iloc[250:]
    model = DecisionTreeClassifier(random_state=0).fit(train[NUMBERS], train["income"])
    skops.io.dump(model, folder / "model.skops")
    train.to_csv(folder / "train.csv", index=False)
    holdout.to_csv(folder / "holdout.csv", index=False)
    return folder


@pytest.fixture
def arguments(files):
    tables = ["--train", files / "train.csv", "--holdout", files / "holdout.csv"]
    options = ["--label", "income", "--effort", "fast", "--n-jobs", 1]
    options += ["--trust", "sklearn.tree._tree.Tree"]
    return ["audit", files / "model.skops", *tables, *options]


def test_a_process_writes_report_and_figures(arguments, tmp_path):
    html, document = tmp_path / "report.html", tmp_path / "report.json"
    code = "from skprivacy._cli import main; main()"
    done = subprocess.run(
        [
            *(sys.executable, "-c", code),
            *map(str, [*arguments, "--report", html, "--json", document]),
        ],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "RMIA" in done.stdout
    figures = json.loads(document.read_text("utf-8"))
    assert figures["settings"]["random_state"] == 0
    assert figures["attacks"][0]["roc_auc"]["low"] > 0.5
    best = figures["attacks"][0]["roc_auc"]["estimate"]
    assert f"{best:.3f}" in html.read_text("utf-8")


def test_a_condition_that_holds_is_exit_code_3(run, arguments):
    result = run(*arguments, "--fail-if", "auc.low > 0.5", "--fail-if", "blind > 0.99")
    assert result.exit_code == 3, result.output
    assert "--fail-if 'auc.low > 0.5' holds" in result.stderr
    assert "blind" not in result.stderr


def test_a_refusal_of_the_audit_is_one_line(run, arguments, assert_bad_input):
    train = arguments[arguments.index("--train") + 1]
    arguments[arguments.index("--holdout") + 1] = train
    assert_bad_input(run(*arguments), "holdout")


def test_an_untrusted_tree_names_the_option(run, arguments, assert_bad_input):
    assert_bad_input(run(*arguments[:-2]), "--trust sklearn.tree._tree.Tree")


def test_demo_on_fewer_records(run, tmp_path, monkeypatch):
    monkeypatch.setattr("skprivacy._cli._demo.N_RECORDS", 150)
    monkeypatch.setitem(EFFORTS, "fast", 8)
    result = run("demo", "--out", tmp_path, "--n-jobs", 1)
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert figures["data"]["n_train"] == 150
    assert figures["best_attack"] in (tmp_path / "report.html").read_text("utf-8")
