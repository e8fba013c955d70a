"""Start ART's extraction attacks in their own environment."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from _peer_runs import run_script

PACKAGE = "ART 1.20.1"


def run_art(python, case, budget, pool_answers):
    """Run ART on one target with one budget.

    Parameters
    ----------
    python : str
        Interpreter of the environment that has ART.
    case : Case
        Target and records.
    budget : int
        Queries.
    pool_answers : ndarray of shape (n_pool,)
        Probability of class 1 of each record of the pool, from which the attacks are
        answered: asking is not on their clock.

    Returns
    -------
    list of (dict, ndarray)
        What there is to say of each attack, and its copy's probabilities.
    """
    # Absolute, but not resolved: a link of an environment is not its Python.
    python = os.path.abspath(python)
    is_category = [isinstance(t, pd.CategoricalDtype) for t in case.pool.dtypes]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        np.savez(
            folder / "task.npz",
            pool=_numbers(case.pool),
            judged=_numbers(case.judged),
            is_category=is_category,
            answers=pool_answers,
            budget=budget,
            seed=case.seed,
        )
        # Only the attack on networks asks for points that are not in the pool.
        model = case.model if case.target == "mlp" else None
        joblib.dump(model, folder / "model.joblib")
        return run_script(python, "run_art_extraction.py", folder)


def _numbers(frame):
    return np.column_stack([frame[name].to_numpy(dtype=float) for name in frame])
