"""What a peer is handed and what it hands back: two files.

The peers live in an environment of their own, without skprivacy, so this module
imports nothing beyond numpy and joblib.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager

import joblib
import numpy as np


class Task:
    """Records, fitted target and number of shadow models of one run.

    Parameters
    ----------
    arrays_path : str
        The ``.npz`` with ``X``, ``y``, ``is_member`` (members first),
        ``n_shadow_models`` and ``seed``.
    model_path : str
        The fitted target, written by joblib.
    """

    def __init__(self, arrays_path, model_path):
        arrays = np.load(arrays_path)
        self.X, self.y = arrays["X"], arrays["y"]
        self.is_member = arrays["is_member"]
        self.n_shadow_models = int(arrays["n_shadow_models"])
        self.seed = int(arrays["seed"])
        self.model = joblib.load(model_path)

    @property
    def n_members(self):
        """Number of members; they are the first rows."""
        return int(self.is_member.sum())


class AttributeTask:
    """What is known, what is inferred, and the fitted target of one run.

    Parameters
    ----------
    arrays_path : str
        The ``.npz`` with ``X`` and ``y`` of the records under attack (members first),
        ``is_member``, the attacker's own ``own_X`` and ``own_y``, the position
        ``feature`` of the secret, ``numeric``, its ``values`` and ``seed``.
    model_path : str
        The fitted target, written by joblib.
    """

    def __init__(self, arrays_path, model_path):
        arrays = np.load(arrays_path)
        self.X, self.y = arrays["X"], arrays["y"]
        self.is_member = arrays["is_member"]
        self.own_X, self.own_y = arrays["own_X"], arrays["own_y"]
        self.feature = int(arrays["feature"])
        self.numeric = bool(arrays["numeric"])
        self.values = arrays["values"].tolist()
        self.seed = int(arrays["seed"])
        self.model = joblib.load(model_path)

    @property
    def known(self):
        """The records under attack without the secret."""
        return np.delete(self.X, self.feature, axis=1)

    @property
    def answer(self):
        """What the target answers to the true records: the class alone."""
        return self.model.predict(self.X)

    @property
    def priors(self):
        """How frequent each of the values is among the attacker's own records."""
        values, own = np.array(self.values), self.own_X[:, self.feature]
        if self.numeric:
            own = values[np.searchsorted((values[1:] + values[:-1]) / 2, own)]
        return [float(np.mean(own == value)) for value in values]


class Answers:
    """Scores of a peer's attacks with their cost, one entry an attack."""

    def __init__(self):
        self.scores, self.about = [], []

    def add(self, attack, scores, *, shadow_seconds, attack_seconds, **about):
        """Store the scores of one attack, in the order of the records.

        Parameters
        ----------
        attack : str
            Name of the attack in the table.
        scores : ndarray of shape (n_records,)
            Larger means more likely a member.
        shadow_seconds, attack_seconds : float
            Time of training the shadow models, and of all the rest.
        **about
            ``sees_membership`` and ``note``.
        """
        self.scores.append(np.asarray(scores, dtype=float).ravel())
        self.about.append(
            {
                "attack": attack,
                "shadow_seconds": shadow_seconds,
                "attack_seconds": attack_seconds,
                **about,
            }
        )

    def fail(self, attack, error):
        """Store that an attack did not run, and why."""
        self.scores.append(np.empty(0))
        self.about.append({"attack": attack, "error": f"{error!r}"[:200]})

    def save(self, path):
        """Write everything to one ``.npz``."""
        named = {f"scores_{i}": scores for i, scores in enumerate(self.scores)}
        np.savez(path, about=json.dumps(self.about), **named)


@contextmanager
def stopwatch():
    """Yield a list that holds the CPU seconds after the block."""
    elapsed = []
    start = time.process_time()
    try:
        yield elapsed
    finally:
        elapsed.append(time.process_time() - start)
