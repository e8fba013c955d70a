"""The README's Python runs as written."""

import re
from pathlib import Path

import matplotlib
import pytest

README = Path(__file__).resolve().parents[1] / "README.md"
COMMANDS = [
    "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/skprivacy demo",
    'python3 -m venv .venv && .venv/bin/pip install -e ".[test]" && .venv/bin/pytest',
]


def python_blocks():
    return re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.M | re.S)


def test_python_blocks_run_in_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    matplotlib.use("agg")
    blocks = python_blocks()
    assert len(blocks) >= 4
    namespace = {"__name__": "__main__"}
    for number, block in enumerate(blocks, start=1):
        exec(compile(block, f"README.md, block {number}", "exec"), namespace)
    assert (tmp_path / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_stand_on_a_line_of_their_own(command):
    assert command in README.read_text("utf-8").splitlines()
