"""Run ART's membership attacks on the handed target and records.

Usage: ``python run_art.py ARRAYS.npz MODEL.joblib OUT.npz``
"""

from __future__ import annotations

import logging
import sys

import numpy as np
from _exchange import Answers, Task, stopwatch
from art.attacks.inference.membership_inference import (
    MembershipInferenceBlackBox,
    MembershipInferenceBlackBoxRuleBased,
    ShadowModels,
)
from art.estimators.classification.scikitlearn import SklearnClassifier
from sklearn.model_selection import StratifiedKFold

# "rf" scores as "gb" does here, and takes minutes where answers hardly repeat.
ATTACK_MODELS = ("gb", "nn")
# The default of 100 epochs is meant for one small attack set: 32 shadow models give
# 256,000 rows, on which 5 epochs take as many steps as 100 epochs do on 12,800. More
# epochs, or a tenfold learning rate, change the AUC by about 0.01.
NN_SETTINGS = {"nn_model_epochs": 5}


def shadow_answers(task, target):
    """Train the shadow models on random halves of the records, and ask them.

    Returns members and non-members, each as (records, one-hot labels, predictions).
    """
    shadows = ShadowModels(
        target, num_shadow_models=task.n_shadow_models, random_state=task.seed
    )
    one_hot = np.eye(task.y.max() + 1)[task.y]
    return shadows.generate_shadow_dataset(task.X, one_hot, member_ratio=0.5)


def run_shadow(task, target, answers):
    """Learn membership from the shadows' answers; one row an attack model."""
    with stopwatch() as training:
        members, non_members = shadow_answers(task, target)
    for kind in ATTACK_MODELS:
        settings = NN_SETTINGS if kind == "nn" else {}
        with stopwatch() as rest:
            attack = MembershipInferenceBlackBox(
                target, attack_model_type=kind, **settings
            )
            fit_on(attack, members, non_members)
            scores = attack.infer(task.X, task.y, probabilities=True)
        answers.add(
            f"black box on shadow models ({kind})",
            scores,
            shadow_seconds=training[0],
            attack_seconds=rest[0],
            sees_membership=False,
            note="",
        )


def fit_on(attack, members, non_members):
    """Fit the attack on answers that exist already."""
    attack.fit(
        x=members[0],
        y=members[1],
        pred=members[2],
        test_x=non_members[0],
        test_y=non_members[1],
        test_pred=non_members[2],
    )


def run_supervised(task, target, answers):
    """Train the black-box attack on the true membership, cross-validated."""
    scores = np.empty(len(task.y))
    splitter = StratifiedKFold(5, shuffle=True, random_state=task.seed)
    with stopwatch() as total:
        for train, test in splitter.split(task.X, task.is_member):
            known = task.is_member[train] == 1
            inside, outside = train[known], train[~known]
            attack = MembershipInferenceBlackBox(target, attack_model_type="gb")
            attack.fit(task.X[inside], task.y[inside], task.X[outside], task.y[outside])
            inferred = attack.infer(task.X[test], task.y[test], probabilities=True)
            scores[test] = inferred.ravel()
    answers.add(
        "black box on true membership (gb)",
        scores,
        shadow_seconds=0.0,
        attack_seconds=total[0],
        sees_membership=True,
        note="5-fold cross-validated",
    )


def run_rule(task, target, answers):
    """Call every correctly classified record a member."""
    with stopwatch() as total:
        attack = MembershipInferenceBlackBoxRuleBased(target)
        scores = attack.infer(task.X, task.y)
    answers.add(
        "rule: correct means member",
        scores,
        shadow_seconds=0.0,
        attack_seconds=total[0],
        sees_membership=False,
        note="label only",
    )


def main(arrays_path, model_path, out_path):
    """Run every attack; one that fails leaves its reason."""
    logging.disable(logging.CRITICAL)
    task, answers = Task(arrays_path, model_path), Answers()
    target = SklearnClassifier(task.model)
    for run in (run_shadow, run_supervised, run_rule):
        try:
            run(task, target, answers)
        except Exception as error:  # noqa: BLE001  a peer's failure is a result
            answers.fail(run.__name__.removeprefix("run_"), error)
    answers.save(out_path)


if __name__ == "__main__":
    main(*sys.argv[1:])
