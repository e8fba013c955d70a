"""Run SACRO-ML's attribute attack on the handed target and records.

Its attack reports counts alone, so that its decision is taken here record by record,
from its own table of completions and with its own test of a unique maximum; on a sample
the counts are checked against those that it reports.

Usage: ``python run_sacroml_attribute.py ARRAYS.npz MODEL.joblib OUT.npz``
"""

from __future__ import annotations

import logging
import sys

import numpy as np
from _exchange import Answers, AttributeTask, stopwatch
from sacroml.attacks.attribute_attack import (
    _get_inference_data,
    _infer,
    _unique_max,
)
from sacroml.attacks.target import Target

NOTE = "sees the target's answer to the true record"
# As its attack on quantitative features does.
N_STEPS = 100
N_CHECKED = 200


def make_target(task, inside, outside):
    """Wrap the target and records as SACRO-ML wants them."""
    X, y = task.X, task.y
    target = Target(
        model=task.model,
        dataset_name="benchmark",
        X_train=X[inside],
        y_train=y[inside],
        X_test=X[outside],
        y_test=y[outside],
        X_train_orig=X[inside],
        y_train_orig=y[inside],
        X_test_orig=X[outside],
        y_test_orig=y[outside],
    )
    for j in range(X.shape[1]):
        target.add_feature(str(j), [j], "int" if j == task.feature else "float")
    return target


def infer_class(task):
    """Return the inferred classes, NaN where it makes no inference."""
    inside, outside = (
        np.flatnonzero(task.is_member),
        np.flatnonzero(task.is_member == 0),
    )
    target = make_target(task, inside, outside)
    guess = np.full(len(task.y), np.nan)
    for rows, is_inside in ((inside, True), (outside, False)):
        completed, answer, _ = _get_inference_data(target, task.feature, is_inside)
        n, n_values, n_features = completed.shape
        proba = task.model.predict_proba(completed.reshape(-1, n_features))
        proba = proba.reshape(n, n_values, -1)
        guess[rows] = [
            decide(proba[i], answer[i], completed[i, :, task.feature]) for i in range(n)
        ]
    return guess


def decide(proba, answer, values):
    """Return the value of the unique largest confidence in the answer, or NaN."""
    fits = proba.argmax(axis=1) == answer
    confidence = proba.max(axis=1)[fits]
    if not _unique_max(confidence.tolist(), 0):
        return np.nan
    return values[fits][confidence.argmax()]


def check(task, guess):
    """Compare with the counts of its own loop on the first records of both kinds."""
    inside = np.flatnonzero(task.is_member)[:N_CHECKED]
    outside = np.flatnonzero(task.is_member == 0)[:N_CHECKED]
    part = make_target(task, inside, outside)
    values = np.unique(task.X[np.r_[inside, outside], task.feature])
    if len(values) < len(np.unique(task.X[:, task.feature])):
        # Fewer candidates: another decision.
        return
    for rows, is_inside in ((inside, True), (outside, False)):
        n_right, n_made, *_ = _infer(part, task.feature, 0, is_inside)
        made = ~np.isnan(guess[rows])
        right = guess[rows] == task.X[rows, task.feature]
        if (n_right, n_made) != (right.sum(), made.sum()):
            raise AssertionError(f"{n_right}/{n_made}, {right.sum()}/{made.sum()}")


def infer_number(task):
    """Return the middle of the values at which the confidence is largest.

    Its attack tells only whether all of them are within 10% of the truth.
    """
    column = task.X[:, task.feature]
    steps = np.linspace(column.min(), column.max(), N_STEPS)
    answer = np.searchsorted(task.model.classes_, task.answer)
    guess = np.empty(len(column))
    for i, x in enumerate(task.X):
        completed = np.repeat(x[None], N_STEPS, axis=0)
        completed[:, task.feature] = steps
        scores = task.model.predict_proba(completed)[:, answer[i]]
        peak = steps[scores == scores.max()]
        guess[i] = (peak[0] + peak[-1]) / 2
    return guess


def main(arrays_path, model_path, out_path):
    """Run the attack; if it fails, leave the reason."""
    logging.disable(logging.CRITICAL)
    task, answers = AttributeTask(arrays_path, model_path), Answers()
    name = "attribute attack"
    try:
        with stopwatch() as seconds:
            guess = infer_number(task) if task.numeric else infer_class(task)
        if not task.numeric:
            check(task, guess)
    except Exception as error:  # noqa: BLE001  a peer's failure is a result
        answers.fail(name, error)
    else:
        answers.add(
            name, guess, shadow_seconds=0.0, attack_seconds=seconds[0], note=NOTE
        )
    answers.save(out_path)


if __name__ == "__main__":
    main(*sys.argv[1:])
