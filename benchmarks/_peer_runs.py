"""Start the peers in their own environment, and read back what they scored."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

import joblib
import numpy as np
from _rows import Outcome

HERE = Path(__file__).parent / "_peers"
ONE_CORE = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
PEERS = {"SACRO-ML 2.0.1": "run_sacroml.py", "ART 1.20.1": "run_art.py"}


def run_peers(python, model, records, n_shadow_models, seed):
    """Run all peers on one target.

    Parameters
    ----------
    python : str
        Interpreter of the environment that has the peers.
    model : estimator
        Fitted target.
    records : Records
        Records to score.
    n_shadow_models, seed : int
        Number of shadow models and seed of the run.

    Returns
    -------
    list of Outcome
    """
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        np.savez(
            folder / "task.npz",
            X=records.X,
            y=records.y,
            is_member=records.is_member,
            n_shadow_models=n_shadow_models,
            seed=seed,
        )
        joblib.dump(model, folder / "model.joblib")
        return [
            outcome
            for package, script in PEERS.items()
            for outcome in _run(python, package, script, folder)
        ]


def run_named_peers(table, target, n_shadow_models, seed, python, model, records):
    """Run the peers on a setting that its first four arguments name."""
    return run_peers(python, model, records, n_shadow_models, seed)


def _run(python, package, script, folder):
    try:
        answers = run_script(python, script, folder)
    except RuntimeError as error:
        return [Outcome(package, "did not run", np.empty(0), note=str(error))]
    return [_outcome(package, scores, **about) for about, scores in answers]


def run_script(python, script, folder):
    """Run one peer's script on the task that lies in a folder.

    Parameters
    ----------
    python : str
        Interpreter of the environment that has the peers.
    script : str
        Its file in ``_peers``.
    folder : Path
        Holds ``task.npz`` and ``model.joblib``.

    Returns
    -------
    list of (dict, ndarray)
        What it says of each attack, and what the attack returned.

    Raises
    ------
    RuntimeError
        If the script fails.
    """
    out = folder / f"{script}.npz"
    task = [folder / "task.npz", folder / "model.joblib", out]
    command = [python, "-W", "ignore", HERE / script, *task]
    # The working directory is the temporary one: peers may leave files there.
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=os.environ | ONE_CORE,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(" ".join(done.stderr.strip().splitlines()[-1:]))
    answers = np.load(out)
    about = json.loads(str(answers["about"]))
    return [(what, answers[f"scores_{i}"]) for i, what in enumerate(about)]


def _outcome(package, scores, *, attack, error=None, **about):
    if error is not None:
        return Outcome(package, attack, np.empty(0), note=f"failed: {error}")
    return Outcome(package, attack, scores, **about)
