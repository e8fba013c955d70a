"""What a process of its own is handed, and what it hands back.

Without skprivacy, which the environments of the peers do not have.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np


@dataclass(frozen=True)
class Case:
    """Records, fitted target and number of shadow models.

    Attributes
    ----------
    X, y : ndarray
        Features and class numbers of the records, members first.
    is_member : ndarray of shape (n_records,)
        The truth, for what an attack says of itself when it is done.
    model : estimator
        The fitted target.
    n_shadow_models, seed : int
        Number of shadow models and seed of the run.
    """

    X: np.ndarray
    y: np.ndarray
    is_member: np.ndarray
    model: Any
    n_shadow_models: int
    seed: int

    @property
    def n_members(self):
        """Number of members; they are the first rows."""
        return int(self.is_member.sum())

    def save(self, folder):
        """Write everything into a folder."""
        joblib.dump(self.model, Path(folder) / "model.joblib")
        np.savez(
            Path(folder) / "case.npz",
            X=self.X,
            y=self.y,
            is_member=self.is_member,
            n_shadow_models=self.n_shadow_models,
            seed=self.seed,
        )


def load(folder) -> Case:
    """Read what :meth:`Case.save` has written."""
    arrays = np.load(Path(folder) / "case.npz")
    return Case(
        arrays["X"],
        arrays["y"],
        arrays["is_member"],
        joblib.load(Path(folder) / "model.joblib"),
        int(arrays["n_shadow_models"]),
        int(arrays["seed"]),
    )


def run(attack):
    """Run an attack on the case of the command line.

    Usage: ``script.py FOLDER OUT.npz [OPTIONS...]``; options are handed to the attack.

    Parameters
    ----------
    attack : callable
        ``attack(case, *options)`` gives a score for each record; larger means more
        likely a member.
    """
    loaded = time.process_time()
    folder, out, *options = sys.argv[1:]
    scores = attack(load(folder), *options)
    np.savez(
        out,
        scores=np.asarray(scores, dtype=float).ravel(),
        import_seconds=loaded,
        peak_bytes=peak_memory(),
    )


def peak_memory() -> int:
    """Peak of the resident memory of this process, in bytes.

    On Linux ``getrusage`` begins with that of the process which started this one, so
    what the kernel keeps of this program alone is read where there is such a file.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
