"""What a benchmark was run on."""

from __future__ import annotations

import datetime
import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("scikit-learn", "numpy", "scipy")


def machine() -> dict:
    """Return date, processor, cores, load and versions."""
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": [os.getloadavg()[1]],
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def processor() -> str:
    """Return the model of the processor."""
    known = Path("/proc/cpuinfo")
    if known.exists():
        for line in known.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def sentence(about) -> str:
    """Say it in one line for the head of a table."""
    versions = ", ".join(f"{name} {v}" for name, v in about["versions"].items())
    load = " to ".join(
        f"{f(about['load']):.1f}" for f in (min, max)[: len(about["load"])]
    )
    return (
        f"{about['date']}, {about['processor']}, {about['cores']} cores "
        f"(load {load}), one core used; Python {about['python']}, {versions}"
    )
