"""Train DP-EBM of interpret-core on the handed records, and answer for others.

Usage: ``python run_dp_ebm.py ARRAYS.npz UNUSED OUT.npz``
"""

from __future__ import annotations

import sys

import numpy as np
from _exchange import Answers, stopwatch
from interpret.privacy import DPExplainableBoostingClassifier


def as_columns(X, nominal):
    """Make texts of the codes of categories, as the package wants them."""
    X = X.astype(object)
    for column in np.flatnonzero(nominal):
        X[:, column] = [f"c{code:.0f}" for code in X[:, column]]
    return X


def main(arrays_path, _, out_path):
    """Run the model with its defaults."""
    task = np.load(arrays_path)
    nominal = task["nominal"]
    model = DPExplainableBoostingClassifier(
        epsilon=float(task["epsilon"]),
        delta=float(task["delta"]),
        feature_types=["nominal" if one else "continuous" for one in nominal],
        privacy_bounds=np.column_stack([task["lower"], task["upper"]]),
        random_state=int(task["seed"]),
        n_jobs=1,
    )
    with stopwatch() as training:
        model.fit(as_columns(task["X"], nominal), task["y"])
    answers = Answers()
    answers.add(
        "DP-EBM",
        model.predict(as_columns(task["X_test"], nominal)),
        shadow_seconds=training[0],
        attack_seconds=0.0,
    )
    answers.save(out_path)


if __name__ == "__main__":
    main(*sys.argv[1:])
