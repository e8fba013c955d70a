"""Privacy Meter's reference attack on the loss.

Usage: ``privacy_meter_reference.py FOLDER OUT.npz``. It is handed reference models, so
they are trained here, each on a random half of the records. It answers with a decision
for each of 100 false positive rates; a record's score is the share that accuse it.
"""

import contextlib
import io

import numpy as np
from _case import run
from privacy_meter.audit import Audit, MetricEnum
from privacy_meter.constants import InferenceGame
from privacy_meter.dataset import Dataset
from privacy_meter.information_source import InformationSource
from privacy_meter.model import Sklearn_Model
from sklearn.base import clone


def loss(labels, probability):
    own = np.where(labels == 1, probability, 1 - probability)
    return -np.log(np.maximum(own, 1e-12))


def trained(case):
    rng = np.random.default_rng(case.seed)
    for i in range(case.n_shadow_models):
        rows = rng.permutation(len(case.y))[: len(case.y) // 2]
        model = clone(case.model)
        if "random_state" in model.get_params():
            model.set_params(random_state=i)
        yield Sklearn_Model(model.fit(case.X[rows], case.y[rows]), loss)


def attack(case):
    n = case.n_members
    halves = {"train": slice(0, n), "test": slice(n, None)}
    table = {name: {"x": case.X[s], "y": case.y[s]} for name, s in halves.items()}
    dataset = Dataset(table, "x", "y")
    audit = Audit(
        metrics=MetricEnum.REFERENCE,
        inference_game_type=InferenceGame.PRIVACY_LOSS_MODEL,
        target_info_sources=InformationSource(
            [Sklearn_Model(case.model, loss)], [dataset]
        ),
        reference_info_sources=InformationSource([*trained(case)], [dataset]),
        logs_directory_names=["signals"],
    )
    with contextlib.redirect_stdout(io.StringIO()):
        audit.prepare()
        result = audit.run()[0][0]
    return np.mean(result.predicted_labels, axis=0)


if __name__ == "__main__":
    run(attack)
