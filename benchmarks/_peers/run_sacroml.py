"""Run SACRO-ML's membership attacks on the handed target and records.

Usage: ``python run_sacroml.py ARRAYS.npz MODEL.joblib OUT.npz``
"""

from __future__ import annotations

import logging
import sys
import tempfile

import numpy as np
from _exchange import Answers, Task, stopwatch
from sacroml.attacks import likelihood_attack, utils
from sacroml.attacks.likelihood_attack import LIRAAttack
from sacroml.attacks.qmia_attack import QMIAAttack
from sacroml.attacks.target import Target
from sacroml.attacks.worst_case_attack import WorstCaseAttack
from sklearn.model_selection import StratifiedKFold

# The default mode is what its quick start runs; the others are its closest to the
# paper. All share the shadow models that the first one leaves on disk.
LIRA_MODES = {
    "LiRA, mode offline (its default)": {"mode": "offline"},
    "LiRA, mode online-carlini": {"mode": "online-carlini"},
    "LiRA, mode online-carlini, fixed variance": {
        "mode": "online-carlini",
        "fix_variance": True,
    },
}
N_FOLDS = 5


def make_target(task, non_members=None):
    """Wrap the target and records as SACRO-ML wants them."""
    n = task.n_members
    rows = np.arange(n, len(task.y)) if non_members is None else non_members
    return Target(
        model=task.model,
        dataset_name="benchmark",
        X_train=task.X[:n],
        y_train=task.y[:n],
        X_test=task.X[rows],
        y_test=task.y[rows],
    )


def run_lira(task, answers):
    """Run LiRA in each mode on one set of shadow models."""
    train = utils.train_shadow_models
    spent = []

    def timed_training(**kwargs):
        with stopwatch() as elapsed:
            train(**kwargs)
        spent.extend(elapsed)

    likelihood_attack.utils.train_shadow_models = timed_training
    with tempfile.TemporaryDirectory() as folder:
        for name, mode in LIRA_MODES.items():
            attack = LIRAAttack(
                output_dir=folder,
                write_report=False,
                n_shadow_models=task.n_shadow_models,
                report_individual=True,
                **mode,
            )
            with stopwatch() as total:
                attack.attack(make_target(task))
            answers.add(
                name,
                attack.result["member_prob"],
                shadow_seconds=spent[0],
                attack_seconds=total[0] - spent[-1],
                sees_membership=False,
                note="",
            )
    likelihood_attack.utils.train_shadow_models = train


def run_worst_case(task, answers):
    """Train its attack model on the true membership, cross-validated.

    Its own loop judges a random fifth of the records in each repetition; five folds
    with its features and its attack model score every record once.
    """
    with tempfile.TemporaryDirectory() as folder, stopwatch() as total:
        attack = WorstCaseAttack(
            output_dir=folder, write_report=False, include_model_correct_feature=True
        )
        n, proba = task.n_members, task.model.predict_proba(task.X)
        correct = 1 * (task.model.predict(task.X) == task.y)
        features, membership = attack._prepare_attack_data(
            proba[:n], proba[n:], correct[:n], correct[n:]
        )
        scores = np.empty(len(membership))
        for train, test in folds(task).split(features, membership):
            model = attack._get_attack_model().fit(features[train], membership[train])
            scores[test] = model.predict_proba(features[test])[:, 1]
    answers.add(
        "worst case",
        scores,
        shadow_seconds=0.0,
        attack_seconds=total[0],
        sees_membership=True,
        note="5-fold cross-validated",
    )


def run_quantile(task, answers):
    """Fit QMIA's regressor on four fifths of the true non-members, score the rest."""
    n, scores = task.n_members, np.empty(len(task.y))
    proba = task.model.predict_proba(task.X)
    hinge = utils.qmia_hinge_score(proba, task.y)
    rows = np.column_stack((task.X, task.y))
    with tempfile.TemporaryDirectory() as folder, stopwatch() as total:
        for train, test in folds(task).split(task.X, task.is_member):
            attack = QMIAAttack(output_dir=folder, write_report=False)
            attack.attack(make_target(task, non_members=train[train >= n]))
            threshold = attack.quantile_model.predict(rows[test])
            scores[test] = hinge[test] - threshold
    answers.add(
        "QMIA",
        scores,
        shadow_seconds=0.0,
        attack_seconds=total[0],
        sees_membership=True,
        note="5-fold cross-validated",
    )


def folds(task):
    """Return the splitter of the attacks that see the true membership."""
    return StratifiedKFold(N_FOLDS, shuffle=True, random_state=task.seed)


def main(arrays_path, model_path, out_path):
    """Run every attack; one that fails leaves its reason."""
    logging.disable(logging.CRITICAL)
    task, answers = Task(arrays_path, model_path), Answers()
    for run in (run_lira, run_worst_case, run_quantile):
        try:
            run(task, answers)
        except Exception as error:  # noqa: BLE001  a peer's failure is a result
            answers.fail(run.__name__.removeprefix("run_"), error)
    answers.save(out_path)


if __name__ == "__main__":
    main(*sys.argv[1:])
