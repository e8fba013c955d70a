"""Run propinfer's attacks on recorded shadow models and targets.

Its models are asked through `predict_proba`, so that models which look up what the
handed ones answered stand in for them; its generators hand out the numbers of records.

Usage: ``python run_propinfer.py ARRAYS.npz MODEL OUT.npz`` (`MODEL` is not read).
"""

from __future__ import annotations

import logging
import sys

import numpy as np
import pandas as pd
from _exchange import Answers, stopwatch
from propinfer import Experiment, Generator, Model

LABEL, ROW = "label", "row"
#: Its networks are trained anew in each run, with seeds of numpy's global state.
N_RUNS = 5
DEEP_SETS = {"latent_dim": 5, "epochs": 200, "learning_rate": 1e-3}


class Records(Generator):
    """Hands out records whose answers are known, with the share of a world.

    Parameters
    ----------
    group, y : ndarray of int of shape (n_records,)
        Whether the record has the property, and its class.
    ratios : sequence of two floats
        Share of the property in each world.
    """

    def __init__(self, group, y, ratios):
        rows = [np.flatnonzero(group == value) for value in (0, 1)]
        # As many as both worlds can have without a record that comes twice.
        largest = max(max(ratios), 1 - min(ratios))
        super().__init__(int(min(map(len, rows)) / largest))
        self.rows, self.y, self.ratios = rows, y, ratios

    def sample(self, label, adv=False):
        """Draw records with the share of a world."""
        n_with = round(self.ratios[int(label)] * self.n_samples)
        counts = (self.n_samples - n_with, n_with)
        drawn = [
            np.random.choice(rows, n, replace=False)
            for rows, n in zip(self.rows, counts, strict=True)
        ]
        rows = np.random.permutation(np.concatenate(drawn))
        return pd.DataFrame({ROW: rows, LABEL: self.y[rows]})


class Recorded(Model):
    """Looks up the answers of a model.

    Parameters
    ----------
    label_col : str
        Name of the label.
    hyperparams : dict
        ``answers`` (probability of class 1 to each record) and ``weights`` (a vector,
        or pairs of weights and biases, or None).
    """

    def __init__(self, label_col, hyperparams):
        super().__init__(label_col, False)
        self.answers = hyperparams["answers"]
        self.weights = hyperparams["weights"]

    def fit(self, data):
        """Do nothing: it is trained."""
        return self

    def predict_proba(self, data):
        """Look the answers up."""
        p = self.answers[data[ROW].to_numpy()]
        return np.column_stack([1 - p, p])

    def parameters(self):
        """Return fresh copies, as its sorting works in place."""
        if isinstance(self.weights, np.ndarray):
            return self.weights.copy()
        return [[w.copy(), b.copy()] for w, b in self.weights]


def weights_of(arrays, role, i):
    """Return the weights of a model as propinfer has them, or None."""
    layers = [name for name in arrays if name.startswith(f"{role}_weights_")]
    if not layers:
        return None
    pairs = [
        [arrays[f"{role}_weights_{j}"][i], arrays[f"{role}_biases_{j}"][i][:, None]]
        for j in range(len(layers))
    ]
    if len(pairs) == 1:
        return np.concatenate([pairs[0][1].ravel(), pairs[0][0].ravel()])
    return pairs


def make_experiment(arrays):
    """Set up an experiment with the models that were handed over."""
    records = Records(arrays["group"], arrays["y"], arrays["ratios"].tolist())
    models = {
        role: [
            Recorded(
                LABEL, {"answers": answers, "weights": weights_of(arrays, role, i)}
            )
            for i, answers in enumerate(arrays[f"{role}_answers"])
        ]
        for role in ("shadow", "target")
    }
    n_shadow, n_targets = len(models["shadow"]), len(models["target"])
    some = {"answers": arrays["shadow_answers"][0], "weights": None}
    experiment = Experiment(
        records,
        LABEL,
        Recorded,
        n_targets,
        n_shadow,
        some,
        n_queries=min(1_000, 2 * records.n_samples - 2),
    )
    experiment.targets, experiment.labels = models["target"], arrays["target_worlds"]
    experiment.shadow_models = models["shadow"]
    experiment.shadow_labels = arrays["shadow_worlds"]
    return experiment


def main(arrays_path, model_path, out_path):
    """Run every attack; where one fails, leave the reason."""
    logging.disable(logging.CRITICAL)
    arrays, answers = dict(np.load(arrays_path)), Answers()
    np.random.seed(int(arrays["seed"]))
    experiment = make_experiment(arrays)
    attacks = {
        "black box": experiment.run_blackbox,
        "loss test": experiment.run_loss_test,
        "threshold test": experiment.run_threshold_test,
    }
    if experiment.targets[0].weights is not None:
        attacks["white box, sorted"] = experiment.run_whitebox_sort
        attacks["white box, not sorted"] = lambda: experiment.run_whitebox_sort(False)
    if isinstance(experiment.targets[0].weights, list):
        # 20 epochs at 1e-4, its defaults, are chance on so few models.
        attacks["white box, DeepSets"] = lambda: experiment.run_whitebox_deepsets(
            DEEP_SETS
        )
    for name, attack in attacks.items():
        try:
            with stopwatch() as seconds:
                told = [attack() for _ in range(N_RUNS)]
        except Exception as error:  # noqa: BLE001  a peer's failure is a result
            answers.fail(name, error)
        else:
            answers.add(name, told, shadow_seconds=0.0, attack_seconds=seconds[0])
    answers.save(out_path)


if __name__ == "__main__":
    main(*sys.argv[1:])
