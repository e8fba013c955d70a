"""Start the peers' attribute attacks in their own environment."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from _attribute_data import LABEL
from _attribute_ours import kind_of
from _peer_runs import run_script

ATTRIBUTE_PEERS = {
    "ART 1.20.1": "run_art_attribute.py",
    "SACRO-ML 2.0.1": "run_sacroml_attribute.py",
}
#: Steps of the number line for attacks that try values one by one.
N_STEPS = 16


def run_peer(python, package, case, secret):
    """Run one package on one secret of one target.

    Parameters
    ----------
    python : str
        Interpreter of the environment that has the peers.
    package : str
        One of `ATTRIBUTE_PEERS`.
    case : Case
        The target and its records.
    secret : str
        Sensitive column.

    Returns
    -------
    list of (dict, ndarray)
        What the package says of each attack, and what the attack inferred.
    """
    parties = case.parties
    attacked = pd.concat([parties.members, parties.others], ignore_index=True)
    # Absolute, but not resolved: a link of an environment is not its Python.
    python = os.path.abspath(python)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        np.savez(
            folder / "task.npz",
            X=_numbers(attacked.drop(columns=LABEL)),
            y=attacked[LABEL].to_numpy(),
            is_member=np.repeat([1, 0], len(parties.members)),
            own_X=_numbers(parties.own.drop(columns=LABEL)),
            own_y=parties.own[LABEL].to_numpy(),
            feature=attacked.columns.get_loc(secret),
            numeric=kind_of(secret) == "numeric",
            values=_values(parties.own[secret], secret),
            seed=case.seed,
        )
        joblib.dump(case.model, folder / "model.joblib")
        return run_script(python, ATTRIBUTE_PEERS[package], folder)


def _values(own, secret):
    own = own.to_numpy(dtype=float)
    if kind_of(secret) == "classes":
        return np.unique(own)
    return np.unique(np.quantile(own, (np.arange(N_STEPS) + 0.5) / N_STEPS))


def _numbers(frame):
    return np.column_stack([frame[name].to_numpy(dtype=float) for name in frame])
