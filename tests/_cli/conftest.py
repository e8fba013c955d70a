"""A small case on disk, and the command as a person runs it."""

import pandas as pd
import pytest
import skops.io
from click.testing import CliRunner
from sklearn.linear_model import LogisticRegression

from skprivacy._cli import main


@pytest.fixture
def run():
    """Return a function that runs the command with arguments."""

    def invoke(*arguments):
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture(scope="session")
def tables():
    """Give a training set and a holdout of two features and a label."""
    table = pd.DataFrame(
        {
            "age": [20 + i % 41 for i in range(240)],
            "hours": [10 + i * 7 % 53 for i in range(240)],
            "income": ["high" if i * 7 % 53 > 25 else "low" for i in range(240)],
        }
    )
    return table.iloc[:120], table.iloc[120:].reset_index(drop=True)


@pytest.fixture
def case(tmp_path, tables):
    """Give the arguments of an audit of a small model."""
    train, holdout = tables
    train.to_csv(tmp_path / "train.csv", index=False)
    holdout.to_csv(tmp_path / "holdout.csv", index=False)
    model = LogisticRegression(max_iter=1000).fit(
        train[["age", "hours"]], train["income"]
    )
    skops.io.dump(model, tmp_path / "model.skops")
    return [
        "audit",
        tmp_path / "model.skops",
        "--train",
        tmp_path / "train.csv",
        "--holdout",
        tmp_path / "holdout.csv",
        "--label",
        "income",
    ]


@pytest.fixture
def fake_audit(monkeypatch, make_result):
    """Replace the audit by a result that is there at once; keep its arguments."""
    calls = []

    def audit(*arguments, **options):
        calls.append((arguments, options))
        return make_result(n=1200)

    monkeypatch.setattr("skprivacy.audit", audit)
    return calls


@pytest.fixture
def fails_with(monkeypatch):
    """Return a function that lets the audit fail with an exception."""

    def prepare(error):
        def audit(*arguments, **options):
            raise error

        monkeypatch.setattr("skprivacy.audit", audit)

    return prepare


def one_line_of(result):
    """Return the only line on stderr."""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


@pytest.fixture
def assert_bad_input():
    """Return a function that checks for exit code 2 and one line without traceback."""

    def check(result, *words):
        assert result.exit_code == 2, (result.output, result.exception)
        line = one_line_of(result)
        assert line.startswith("skprivacy: error: ")
        assert isinstance(result.exception, SystemExit)
        for word in words:
            assert word in line

    return check
