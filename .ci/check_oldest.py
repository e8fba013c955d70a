"""Check that .ci/oldest.txt pins the lower bounds that pyproject.toml promises."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def check():
    """Raise an AssertionError where the two files differ."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    bounds = dict(line.split(">=") for line in wanted)
    lines = (ROOT / ".ci" / "oldest.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert bounds.keys() == pins.keys(), bounds.keys() ^ pins.keys()
    for name, pin in pins.items():
        assert re.fullmatch(rf"{re.escape(bounds[name])}(\.0)*", pin), (name, pin)
    print(f"{len(pins)} lower bounds")


if __name__ == "__main__":
    check()
