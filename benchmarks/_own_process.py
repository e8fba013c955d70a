"""Run a script in a process of its own, and measure all of it."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _peer_runs import ONE_CORE

HERE = Path(__file__).parent / "_end_to_end"


@dataclass(frozen=True)
class Run:
    """What a process computed and what it took.

    Attributes
    ----------
    scores : ndarray of shape (n_records,)
        Empty where it failed.
    cpu_seconds : float
        User and system time of the process and its children, from start to end.
    import_seconds : float
        Those until its packages were loaded; NaN where it failed.
    wall_seconds : float
        By the clock, which other work on the machine slows down.
    peak_bytes : float
        Peak of its resident memory; NaN where it failed.
    error : str
        The last line of what it said, where it failed.
    """

    scores: np.ndarray
    cpu_seconds: float
    import_seconds: float
    wall_seconds: float
    peak_bytes: float
    error: str = ""


def run_alone(python, script, case_folder, *options) -> Run:
    """Run a script of ``_end_to_end`` on the case in a folder, on one core.

    Parameters
    ----------
    python : str
        Interpreter of the environment that has its packages.
    script : str
        Name of the file.
    case_folder : str
        What ``Case.save`` has written.
    *options : str
        For the attack.

    Returns
    -------
    Run
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.npz"
        told = Path(folder) / "stderr"
        command = [python, "-W", "ignore", HERE / script, case_folder, out, *options]
        start = time.perf_counter()
        with told.open("w") as stderr:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=folder,  # peers may leave files there
                env=os.environ | ONE_CORE,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
            _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu = used.ru_utime + used.ru_stime
        if process.returncode:
            said = told.read_text().strip().splitlines()
            error = said[-1] if said else f"exit code {process.returncode}"
            return Run(np.empty(0), cpu, np.nan, wall, np.nan, error)
        found = np.load(out)
        return Run(
            found["scores"],
            cpu,
            float(found["import_seconds"]),
            wall,
            float(found["peak_bytes"]),
        )
