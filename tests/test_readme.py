"""The README's Python runs as written."""

from pathlib import Path

import matplotlib
import pytest
from markdown_code import python_blocks, run_python_blocks

README = Path(__file__).resolve().parents[1] / "README.md"
COMMANDS = [
    "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/skprivacy demo",
    'python3 -m venv .venv && .venv/bin/pip install -e ".[test]" && .venv/bin/pytest',
]


@pytest.mark.prose
def test_python_blocks_run_in_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    matplotlib.use("agg")
    assert len(python_blocks(README)) >= 4
    run_python_blocks(README, {})
    assert (tmp_path / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_stand_on_a_line_of_their_own(command):
    assert command in README.read_text("utf-8").splitlines()
