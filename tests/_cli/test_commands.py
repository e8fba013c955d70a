"""The commands, with an audit that is there at once."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from skprivacy import __version__
from skprivacy._cli import main

COMMAND = "from skprivacy._cli import main; main()"
ROOT = Path(__file__).parents[2]


def run_process(*arguments, code=COMMAND):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )


class TestGroup:
    def test_version(self, run):
        result = run("--version")
        assert result.exit_code == 0
        assert result.stdout == f"skprivacy {__version__}\n"

    def test_without_arguments_it_shows_help(self, run):
        result = run()
        assert result.exit_code == 0
        assert "audit" in result.stdout
        assert "demo" in result.stdout

    @pytest.mark.parametrize("flag", ["-h", "--help"])
    def test_help_of_audit_names_exit_codes_and_grammar(self, run, flag):
        text = " ".join(run("audit", flag).stdout.split())
        assert "Exit codes: 0 done, 2 bad input, 3" in text
        assert "METRIC[.low|.high] OP NUMBER" in text

    @pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"], ["audit"]])
    def test_bad_usage_is_one_line(self, run, assert_bad_input, arguments):
        assert_bad_input(run(*arguments))

    def test_inside_another_program_it_raises(self):
        assert main.main(["--version"], standalone_mode=False) == 0

    def test_a_process_shows_the_version_and_loads_no_more_than_the_package(self):
        code = (
            "import sys, skprivacy; before = set(sys.modules)\n"
            "from skprivacy._cli import main\n"
            "try: main()\n"
            "finally:\n"
            "    new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
            "    assert not new & {'rich', 'jinja2', 'skops', 'matplotlib'}, new\n"
        )
        done = run_process("--version", code=code)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"skprivacy {__version__}\n"


class TestAudit:
    def test_prints_summary_verdict_and_files(self, run, case, fake_audit, tmp_path):
        html, document = tmp_path / "out.html", tmp_path / "out.json"
        result = run(*case, "--report", html, "--json", document)
        assert result.exit_code == 0, result.output
        assert "RMIA" in result.stdout
        assert "Strong leakage." in result.stdout
        assert f"Wrote {html}\nWrote {document}\n" in result.stdout
        assert "Can an outsider tell" in html.read_text("utf-8")
        assert json.loads(document.read_text("utf-8"))["schema_version"] == "1.7"
        assert result.stderr == ""

    def test_hands_over_tables_and_options(self, run, case, fake_audit, tmp_path):
        options = ["--effort", "fast", "--n-jobs", 1, "--random-state", 7]
        run(*case, *options, "--memory", tmp_path / "kept")
        [((model, X_train, y_train, X_holdout, y_holdout), options)] = fake_audit
        assert type(model).__name__ == "LogisticRegression"
        assert (
            X_train.columns.tolist() == X_holdout.columns.tolist() == ["age", "hours"]
        )
        assert set(y_train) == set(y_holdout) == {"high", "low"}
        assert options == {
            "effort": "fast",
            "n_jobs": 1,
            "random_state": 7,
            "memory": str(tmp_path / "kept"),
        }

    def test_hides_the_file_and_names_groups_if_asked(self, run, case, fake_audit):
        result = run(*case, "--black-box", "--groups", "age", "--groups", "hours")
        assert result.exit_code == 0, result.output
        [((model, *_), options)] = fake_audit
        assert type(model).__name__ == "BlackBox"
        assert options["groups"] == ["age", "hours"]

    def test_leaves_the_number_of_models_open(self, run, case, fake_audit):
        result = run(*case, "--shadow-models", "auto", "--time-budget", "1.5")
        assert result.exit_code == 0, result.output
        ((_, options),) = fake_audit
        assert (options["n_shadow_models"], options["time_budget"]) == ("auto", 1.5)

    @pytest.mark.parametrize("number", ["7", "2", "many", "-4"])
    def test_refuses_other_numbers_of_models(
        self, run, case, fake_audit, assert_bad_input, number
    ):
        result = run(*case, "--shadow-models", number)
        assert_bad_input(result)
        assert "--shadow-models" in result.stderr and "even number" in result.stderr
        assert not fake_audit

    def test_asks_for_sensitive_columns(self, run, case, fake_audit):
        result = run(*case, "--sensitive", "age", "--sensitive", "hours")
        assert result.exit_code == 0, result.output
        [(_, options)] = fake_audit
        assert options["sensitive"] == ["age", "hours"]

    def test_asks_for_copies(self, run, case, fake_audit):
        result = run(*case, "--extraction-budget", "500")
        assert result.exit_code == 0, result.output
        ((_, options),) = fake_audit
        assert options["extraction"] == 500

    def test_asks_for_properties(self, run, case, fake_audit):
        result = run(*case, "--property", "age > 40", "--property", "hours == 40")
        assert result.exit_code == 0, result.output
        [(_, options)] = fake_audit
        assert options["property"] == ["age > 40", "hours == 40"]

    def test_says_who_can_do_it(self, run, case, monkeypatch, make_result):
        result = make_result(n=1200)
        best, *others = result.attacks
        attacks = (replace(best, access="white box"), *others)
        monkeypatch.setattr(
            "skprivacy.audit", lambda *_, **__: replace(result, attacks=attacks)
        )
        text = run(*case).stdout
        assert "white box" in text and "black box" in text
        assert "Who holds the model file: Strong leakage" in text
        assert "as behind an API: Strong leakage" in text

    def test_fail_if_holds(self, run, case, fake_audit):
        result = run(*case, "--fail-if", "auc>0.99", "--fail-if", "tpr@1%.low > 5%")
        assert result.exit_code == 3
        assert result.stderr == (
            "skprivacy: failed: --fail-if 'tpr@1%.low > 5%' holds.\n"
        )

    def test_fail_if_does_not_hold(self, run, case, fake_audit):
        result = run(*case, "--fail-if", "auc>0.99")
        assert (result.exit_code, result.stderr) == (0, "")

    def test_files_are_written_even_if_a_condition_holds(
        self, run, case, fake_audit, tmp_path
    ):
        path = tmp_path / "out.json"
        assert run(*case, "--json", path, "--fail-if", "auc>0.5").exit_code == 3
        assert path.exists()

    def test_bad_condition(self, run, case, fake_audit, assert_bad_input):
        assert_bad_input(run(*case, "--fail-if", "auc=1"), "--fail-if 'auc=1'")
        assert not fake_audit

    def test_a_condition_that_cannot_be_judged_is_refused_before_the_work(
        self, run, case, fake_audit, assert_bad_input
    ):
        result = run(*case, "--fail-if", "tpr@0.001>0.1")
        assert_bad_input(result, "at least 1,000 records in --holdout, which has 120")
        assert not fake_audit

    @pytest.mark.parametrize("option", ["--report", "--json"])
    def test_unwritable_files_are_refused_before_the_work(
        self, run, case, fake_audit, assert_bad_input, tmp_path, option
    ):
        result = run(*case, option, tmp_path / "absent" / "file")
        assert_bad_input(result, option, "does not exist")
        assert not fake_audit

    def test_an_absent_model_is_named(self, run, case, assert_bad_input, tmp_path):
        case[1] = tmp_path / "absent.skops"
        assert_bad_input(run(*case), "absent.skops", "does not exist")

    def test_an_absent_label_names_the_columns(self, run, case, assert_bad_input):
        assert_bad_input(run(*case[:-1], "wage"), "'wage'", "age, hours, income")

    def test_a_column_that_the_model_needs(self, run, case, assert_bad_input, tmp_path):
        table = pd.read_csv(tmp_path / "holdout.csv").drop(columns="hours")
        table.to_csv(tmp_path / "holdout.csv", index=False)
        assert_bad_input(run(*case), "--holdout lacks", "hours")

    @pytest.mark.parametrize(
        "error",
        [
            ValueError("X_train: bad\n  value"),
            TypeError("X_train: bad value"),
            PermissionError("X_train: bad value"),
        ],
    )
    def test_errors_of_the_audit_are_one_line(
        self, run, case, fails_with, assert_bad_input, error
    ):
        fails_with(error)
        assert_bad_input(run(*case), "X_train: bad value")

    def test_a_fault_of_the_program_keeps_its_traceback(self, run, case, fails_with):
        fails_with(RuntimeError("a fault"))
        assert isinstance(run(*case).exception, RuntimeError)

    def test_interrupted_with_memory(self, run, case, fails_with, tmp_path):
        fails_with(KeyboardInterrupt())
        result = run(*case, "--memory", tmp_path / "kept")
        assert result.exit_code == 130
        assert f"are kept in {tmp_path / 'kept'}" in result.stderr
        assert len(result.stderr.splitlines()) == 1

    def test_interrupted_without_memory(self, run, case, fails_with):
        fails_with(KeyboardInterrupt())
        result = run(*case)
        assert result.exit_code == 130
        assert "with --memory DIR" in result.stderr

    def test_warnings_are_one_line_each_once(self, run, case, monkeypatch, make_result):
        import warnings

        def audit(*arguments, **options):
            warnings.warn("few\nrecords", stacklevel=1)
            warnings.warn("few\nrecords", stacklevel=2)
            return make_result(n=100)

        monkeypatch.setattr("skprivacy.audit", audit)
        result = run(*case)
        assert result.stderr == "skprivacy: warning: few records\n"

    def test_bad_input_as_a_process(self, case):
        done = run_process(*case[:-1], "wage")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert len(done.stderr.splitlines()) == 1


class TestDemo:
    @pytest.fixture
    def small_case(self, monkeypatch):
        monkeypatch.setattr("skprivacy._cli._main.make_demo_case", lambda: (None,) * 5)

    def test_writes_both_files_and_says_where(
        self, run, fake_audit, small_case, tmp_path
    ):
        result = run("demo", "--out", tmp_path / "new" / "demo", "--effort", "fast")
        assert result.exit_code == 0, result.output
        for name in ("report.html", "report.json"):
            assert (tmp_path / "new" / "demo" / name).exists()
            assert f"Wrote {tmp_path / 'new' / 'demo' / name}" in result.stdout
        assert fake_audit[0][1]["effort"] == "fast"
        assert fake_audit[0][1]["random_state"] == 0

    def test_default_folder(self, run, fake_audit, small_case, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        run("demo")
        assert (tmp_path / "skprivacy-demo" / "report.html").exists()

    def test_a_file_in_the_way(self, run, assert_bad_input, tmp_path):
        (tmp_path / "taken").write_text("")
        result = run("demo", "--out", tmp_path / "taken")
        assert_bad_input(result, "--out: cannot make")


def test_a_bar_is_shown_in_a_terminal(monkeypatch, make_result):
    from contextlib import contextmanager

    import rich.console

    import skprivacy.shadow
    from skprivacy._cli._console import show_progress

    seen = []

    @contextmanager
    def report_progress(callback):
        for done in range(1, 4):
            callback(done, 3)
            time.sleep(0.01)
        seen.append(callback)
        yield

    monkeypatch.setattr(
        skprivacy.shadow, "report_progress", report_progress, raising=False
    )
    monkeypatch.setattr(rich.console.Console, "is_terminal", True)
    runner = CliRunner()
    with runner.isolation() as (_, stderr, _), show_progress("Shadow models"):
        pass
    assert seen
    assert "Shadow models" in stderr.getvalue().decode()
