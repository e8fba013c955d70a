"""What ``import skprivacy`` loads."""

import subprocess
import sys

import pytest

LOADED_WHEN_USED = ["matplotlib", "jinja2", "diffprivlib", "rich", "click", "skops"]
FOLDERS = [
    "skprivacy",
    "skprivacy.datasets",
    "skprivacy.membership",
    "skprivacy.metrics",
    "skprivacy.records",
    "skprivacy.shadow",
    "skprivacy.signals",
    "skprivacy.targets",
]


@pytest.mark.parametrize("module", FOLDERS)
def test_import_leaves_alone_what_it_does_not_need(module):
    # Some releases of scikit-learn load rich by themselves where it is installed.
    code = (
        "import sys, sklearn.ensemble, pandas\n"
        "before = set(sys.modules)\n"
        f"import {module}\n"
        f"print(*sorted(set({LOADED_WHEN_USED}) & (set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize("module", FOLDERS)
def test_everything_in_all_exists(module):
    code = (
        f"import {module} as m\n"
        "missing = [name for name in m.__all__ if not hasattr(m, name)]\n"
        "assert not missing, missing"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
