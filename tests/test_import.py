"""What ``import skprivacy`` loads, and that what it promises is there."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

LOADED_WHEN_USED = [
    *("matplotlib", "jinja2", "diffprivlib", "rich", "click", "skops"),
    *("cryptography", "flwr", "msgpack"),
]
PUBLIC = Path(__file__).with_name("public_api.txt").read_text().split()
FOLDERS = sorted({name.rpartition(".")[0] for name in PUBLIC})


def test_import_leaves_alone_what_it_does_not_need():
    # Some releases of scikit-learn load rich by themselves where it is installed.
    code = (
        "import sys, sklearn.ensemble, pandas\n"
        "before = set(sys.modules)\n"
        f"import {', '.join(FOLDERS)}\n"
        # What draws nothing needs no matplotlib.
        "skprivacy.metrics.tpr_at_fpr([0, 1], [0, 1], 1.0)\n"
        f"print(*sorted(set({LOADED_WHEN_USED}) & (set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize("name", FOLDERS)
def test_everything_in_all_exists(name):
    module = importlib.import_module(name)
    assert len(module.__all__) == len(set(module.__all__))
    assert all(hasattr(module, public) for public in module.__all__)
