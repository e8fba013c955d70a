"""Run ART's attribute attacks on the handed target and records.

Usage: ``python run_art_attribute.py ARRAYS.npz MODEL.joblib OUT.npz``
"""

from __future__ import annotations

import logging
import sys

import numpy as np
import torch
from _exchange import Answers, AttributeTask, stopwatch
from art.attacks.inference.attribute_inference import (
    AttributeInferenceBaselineTrueLabel,
    AttributeInferenceBlackBox,
    AttributeInferenceMembership,
    AttributeInferenceWhiteBoxDecisionTree,
    AttributeInferenceWhiteBoxLifestyleDecisionTree,
)
from art.attacks.inference.membership_inference import MembershipInferenceBlackBox
from art.estimators.classification.scikitlearn import (
    ScikitlearnDecisionTreeClassifier,
    SklearnClassifier,
)
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

ATTACK_MODELS = ("nn", "rf", "gb", "lr", "dt", "knn", "svm")
SEES_ANSWER = "sees the target's answer to the true record"


def run_baseline(task, answers):
    """Impute without the model; one row an attack model."""
    for kind in ATTACK_MODELS:

        def infer(kind=kind):
            attack = AttributeInferenceBaselineTrueLabel(
                attack_model_type=kind,
                attack_feature=task.feature,
                is_continuous=task.numeric,
            )
            attack.fit(task.own_X, task.own_y)
            return attack.infer(task.known, task.y)

        add(answers, f"baseline with the label ({kind})", infer, task)


def run_black_box(task, answers):
    """Learn the secret from the rest and the answer; one row an attack model."""
    target, answer = SklearnClassifier(task.model), task.answer.reshape(-1, 1)
    for kind in ATTACK_MODELS:

        def infer(kind=kind):
            attack = AttributeInferenceBlackBox(
                target,
                attack_model_type=kind,
                attack_feature=task.feature,
                is_continuous=task.numeric,
            )
            attack.fit(task.own_X, task.own_y)
            return attack.infer(task.known, task.y, pred=answer)

        add(answers, f"black box ({kind})", infer, task, note=SEES_ANSWER)


def run_membership(task, answers):
    """Take the value with which the record looks most like a member.

    Its membership attack needs members: it is given the true membership of one half of
    the records, and infers the secret of the other.
    """
    target = SklearnClassifier(task.model)
    for kind in ("gb", "nn"):

        def infer(kind=kind):
            guess = np.empty(len(task.y))
            halves = StratifiedKFold(2, shuffle=True, random_state=task.seed)
            for train, test in halves.split(task.X, task.is_member):
                known = task.is_member[train] == 1
                inside, outside = train[known], train[~known]
                membership = MembershipInferenceBlackBox(target, attack_model_type=kind)
                membership.fit(
                    task.X[inside], task.y[inside], task.X[outside], task.y[outside]
                )
                attack = AttributeInferenceMembership(
                    target, membership, attack_feature=task.feature
                )
                guess[test] = attack.infer(
                    task.known[test], task.y[test], values=task.values
                )
            return guess

        note = "sees the true membership and secret of half of the records"
        add(answers, f"membership ({kind})", infer, task, note, sees_membership=True)


def run_white_box(task, answers):
    """Read a single tree, in both of ART's ways."""
    tree = task.model[-1]
    if not isinstance(tree, DecisionTreeClassifier):
        return
    target, known = ScikitlearnDecisionTreeClassifier(tree), task.known
    given = {"values": task.values, "priors": task.priors}

    def own_way():
        attack = AttributeInferenceWhiteBoxDecisionTree(target, task.feature)
        return attack.infer(known, task.answer, **given)

    def lifestyle():
        attack = AttributeInferenceWhiteBoxLifestyleDecisionTree(target, task.feature)
        return attack.infer(known, **given)

    add(answers, "white-box tree", own_way, task, f"white box, {SEES_ANSWER}")
    add(answers, "white-box tree, lifestyle", lifestyle, task, "white box")


def add(answers, name, infer, task, note="", sees_membership=False):
    """Run one attack and store what it inferred, or why it did not."""
    np.random.seed(task.seed)
    torch.manual_seed(task.seed)
    try:
        with stopwatch() as seconds:
            guess = infer()
    except Exception as error:  # noqa: BLE001  a peer's failure is a result
        answers.fail(name, error)
        return
    answers.add(
        name,
        guess,
        shadow_seconds=0.0,
        attack_seconds=seconds[0],
        sees_membership=sees_membership,
        note=note,
    )


def main(arrays_path, model_path, out_path):
    """Run every attack."""
    logging.disable(logging.CRITICAL)
    torch.set_num_threads(1)
    task, answers = AttributeTask(arrays_path, model_path), Answers()
    for run in (run_baseline, run_black_box, run_membership, run_white_box):
        run(task, answers)
    answers.save(out_path)


if __name__ == "__main__":
    main(*sys.argv[1:])
