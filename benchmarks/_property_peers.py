"""Hand recorded models over to propinfer, which runs in an environment of its own."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
from _peer_runs import run_script

PEER = "propinfer 1.3.0"
SCRIPT = "run_propinfer.py"


def run_peer(python, cell):
    """Run propinfer on the models of one cell.

    Parameters
    ----------
    python : str
        Interpreter of the environment that has it.
    cell : Cell
        Shadow models and targets.

    Returns
    -------
    list of (dict, ndarray)
        What it says of each attack, and its accuracy in each of several runs: it tells
        no scores.
    """
    arrays = {
        "group": cell.strata % 2,
        "y": cell.strata // 2,
        "ratios": np.array(cell.setting.ratios),
        "seed": cell.setting.split,
    }
    kept = {"shadow": cell.shadow, "target": cell.targets}
    for role, models in kept.items():
        arrays[f"{role}_answers"] = models["answers"][:, : len(cell.strata)]
        arrays[f"{role}_worlds"] = cell.worlds(role)
    if cell.shadow["weights"][0] is not None:
        arrays |= _weights({role: models["weights"] for role, models in kept.items()})
    # Absolute, but not resolved: a link of an environment is not its Python.
    python = os.path.abspath(python)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        np.savez(folder / "task.npz", **arrays)
        return run_script(python, SCRIPT, folder)


def _weights(found):
    """Lay the weights out alike: a category that a model has not met weighs 0."""
    names = {name for models in found.values() for m in models for name in m["names"]}
    places = {name: i for i, name in enumerate(sorted(names))}
    arrays = {}
    for role, models in found.items():
        for j in range(len(models[0]["layers"])):
            layers = [model["layers"][j][0] for model in models]
            if j == 0:
                layers = [_widened(model, places) for model in models]
            # It has a row for each output.
            arrays[f"{role}_weights_{j}"] = np.array([w.T for w in layers])
            biases = [model["layers"][j][1] for model in models]
            arrays[f"{role}_biases_{j}"] = np.array(biases)
    return arrays


def _widened(model, places):
    weights = model["layers"][0][0]
    wide = np.zeros((len(places), weights.shape[1]))
    wide[[places[name] for name in model["names"]]] = weights
    return wide
