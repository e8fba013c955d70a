"""Run ART's extraction attacks on the handed answers.

Usage: ``python run_art_extraction.py ARRAYS.npz MODEL.joblib OUT.npz``
"""

from __future__ import annotations

import logging
import sys

import joblib
import numpy as np
import torch
from _exchange import Answers, stopwatch
from art.attacks.extraction import (
    CopycatCNN,
    FunctionallyEquivalentExtraction,
    KnockoffNets,
)
from art.estimators.classification import PyTorchClassifier
from art.estimators.classification.blackbox import (
    BlackBoxClassifier,
    BlackBoxClassifierNeuralNetwork,
)
from art.estimators.classification.scikitlearn import (
    ScikitlearnRandomForestClassifier,
)
from sklearn.ensemble import RandomForestClassifier

BATCH = 64
#: Passes over the answers: a network that stops early, and one that learns them well.
EPOCHS = (20, 100)


class ExtractionTask:
    """Records, the target's answers to them, and the budget.

    Parameters
    ----------
    arrays_path : str
        The ``.npz`` with ``pool`` and ``judged`` (categories as codes),
        ``is_category`` of each column, ``answers`` to the pool, ``budget``, ``seed``.
    model_path : str
        The fitted target where it is a network, written by joblib.
    """

    def __init__(self, arrays_path, model_path):
        arrays = np.load(arrays_path)
        self.pool = arrays["pool"].astype(np.float32)
        self.judged = arrays["judged"].astype(np.float32)
        self.is_category = arrays["is_category"]
        one = arrays["answers"].astype(np.float32)
        self.answers = np.column_stack([1 - one, one])
        self.budget, self.seed = int(arrays["budget"]), int(arrays["seed"])
        self.model = joblib.load(model_path)
        self._known = {
            row.tobytes(): answer
            for row, answer in zip(self.pool, self.answers, strict=True)
        }

    @property
    def width(self):
        """Number of columns."""
        return self.pool.shape[1]

    def victim(self):
        """Return the target as ART asks it, answering from what it said."""

        def ask(x):
            rows = np.ascontiguousarray(x, dtype=np.float32)
            return np.array([self._known[row.tobytes()] for row in rows])

        return BlackBoxClassifier(ask, (self.width,), 2)


class Encoder(torch.nn.Module):
    """Standardize numbers, and expand categories into one column a value."""

    def __init__(self, pool, is_category):
        super().__init__()
        pool = torch.from_numpy(pool)
        self.numbers = np.flatnonzero(~is_category)
        self.categories = np.flatnonzero(is_category)
        self.values = [torch.unique(pool[:, j]) for j in self.categories]
        mean, spread = pool[:, self.numbers].mean(0), pool[:, self.numbers].std(0)
        self.register_buffer("mean", mean)
        self.register_buffer("spread", torch.where(spread > 0, spread, 1.0))
        self.width = len(self.numbers) + sum(map(len, self.values))

    def forward(self, x):
        """Turn codes into inputs of a network."""
        parts = [(x[:, self.numbers] - self.mean) / self.spread]
        for j, values in zip(self.categories, self.values, strict=True):
            parts.append((x[:, j, None] == values).float())
        return torch.cat(parts, dim=1)


class ForestThief(ScikitlearnRandomForestClassifier):
    """A thief that is not put off by the settings of networks."""

    def fit(self, x, y, **settings):
        """Fit, without epochs and batches, on which ART insists."""
        super().fit(x, y)


def network(task):
    """Return an untrained thief: two hidden layers on standardized inputs."""
    encoder = Encoder(task.pool, task.is_category)
    model = torch.nn.Sequential(
        encoder,
        torch.nn.Linear(encoder.width, 128),
        torch.nn.ReLU(),
        torch.nn.Linear(128, 64),
        torch.nn.ReLU(),
        torch.nn.Linear(64, 2),
    )
    return PyTorchClassifier(
        model=model,
        loss=torch.nn.CrossEntropyLoss(),
        optimizer=torch.optim.Adam(model.parameters(), lr=1e-3),
        input_shape=(task.width,),
        nb_classes=2,
    )


def forest(task):
    """Return an untrained thief; ART trains it on labels."""
    return ForestThief(RandomForestClassifier(200, random_state=task.seed))


def answers_of(thief, records):
    """Probability of class 1."""
    told = thief.predict(records)
    if isinstance(thief, PyTorchClassifier):
        told = np.exp(told - np.logaddexp(*told.T)[:, None])
    return told[:, 1]


def run_training(task, answers):
    """Run the attacks that train a thief on answers to natural records."""
    asked = {"nb_stolen": task.budget, "batch_size_query": len(task.pool)}
    labels = task.answers.argmax(axis=1)
    for epochs in EPOCHS:
        trained = asked | {"batch_size_fit": BATCH, "nb_epochs": epochs}
        attack = CopycatCNN(task.victim(), **trained)
        name = f"Copycat, labels, network, {epochs} epochs"
        add(answers, task, name, attack, network)
        # With probabilities Copycat does the same, to the last digit.
        attack = KnockoffNets(
            task.victim(), use_probability=True, verbose=False, **trained
        )
        name = f"Knockoff random, probabilities, network, {epochs} epochs"
        add(answers, task, name, attack, network)
    trained = asked | {"batch_size_fit": BATCH, "nb_epochs": EPOCHS[0]}
    attack = KnockoffNets(
        task.victim(), sampling_strategy="adaptive", verbose=False, **trained
    )
    name = f"Knockoff adaptive, labels, network, {EPOCHS[0]} epochs"
    # Its actions are groups of records, here by the class that the target says: the
    # attacker has no labels, and is spared these queries.
    add(answers, task, name, attack, network, labels)
    attack = KnockoffNets(task.victim(), verbose=False, **asked)
    add(answers, task, "Knockoff random, labels, forest", attack, forest)


def add(answers, task, name, attack, make_thief, y=None):
    """Run one attack and store what its copy answers, or why there is none."""
    np.random.seed(task.seed)
    torch.manual_seed(task.seed)
    try:
        with stopwatch() as seconds:
            thief = attack.extract(task.pool, y, thieved_classifier=make_thief(task))
        told = answers_of(thief, task.judged)
    except Exception as error:  # noqa: BLE001  a peer's failure is a result
        answers.fail(name, error)
        return
    answers.add(name, told, shadow_seconds=0.0, attack_seconds=seconds[0])


def run_equivalent(task, answers):
    """Run the exact attack on a network of one hidden layer.

    It is told the number of units, asks for encoded points of any kind, however far
    from records, and gets log-odds that were never rounded to probabilities: more than
    an attacker has.
    """
    if task.model is None:
        return
    encoder, last = task.model[:-1], task.model[-1]
    judged = encoder.transform(task.judged)
    n_asked = 0

    def ask(x):
        nonlocal n_asked
        n_asked += len(x)
        if n_asked > task.budget:
            raise RuntimeError("the budget was spent before the first weight")
        hidden = np.maximum(x @ last.coefs_[0] + last.intercepts_[0], 0)
        odds = hidden @ last.coefs_[1] + last.intercepts_[1]
        return np.hstack([-odds / 2, odds / 2])

    victim = BlackBoxClassifierNeuralNetwork(ask, (judged.shape[1],), 2)
    name = "functionally equivalent"
    np.random.seed(task.seed)
    try:
        attack = FunctionallyEquivalentExtraction(victim, last.coefs_[0].shape[1])
        with stopwatch() as seconds:
            copy = attack.extract(judged)
        logs = copy.predict(judged)
        told = 1 / (1 + np.exp(logs[:, 0] - logs[:, 1]))
    except Exception as error:  # noqa: BLE001  a peer's failure is a result
        answers.fail(name, error)
        return
    answers.add(name, told, shadow_seconds=0.0, attack_seconds=seconds[0])


def main(arrays_path, model_path, out_path):
    """Run every attack."""
    logging.disable(logging.CRITICAL)
    torch.set_num_threads(1)
    task, answers = ExtractionTask(arrays_path, model_path), Answers()
    run_training(task, answers)
    run_equivalent(task, answers)
    answers.save(out_path)


if __name__ == "__main__":
    main(*sys.argv[1:])
