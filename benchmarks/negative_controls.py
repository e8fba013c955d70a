"""Nobody is a member, or the truth is shuffled: what every attack must not find.

Run from the repository's root::

    python benchmarks/negative_controls.py --seeds 20

For each attack and seed a model is trained on other people's records, and the attack's
figures on two lists of strangers are compared with their 95% intervals; then the same
for an overfit model with the truth shuffled. An honest attack with honest intervals is
outside in at most 5% of the cells, more or less. The last line tells the share of cells
outside, and the number that a coin of 5% would exceed in 1 of 1,000 runs.

Guessing reaches a true positive rate that equals the false positive rate. Where many
records have the same score, which are never split, the threshold for a rate of 1% may
accuse nobody: there guessing reaches the rate that the threshold has, 0.
"""

from __future__ import annotations

import argparse
import warnings

import numpy as np
import pandas as pd
from _ours import ATTACKS, WHITE_BOX
from scipy.stats import binom
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.neighbors import KNeighborsClassifier
from threadpoolctl import threadpool_limits

from skprivacy.datasets import load_credit_default
from skprivacy.metrics import roc_auc_interval, tpr_at_fpr_interval
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

N_EACH = 1_000
FPRS = (0.01, 0.005)


def main(argv=None):
    """Run the controls, print a row an attack and the share outside."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--shadow-models", type=int, default=8)
    options = parser.parse_args(argv)
    warnings.filterwarnings("ignore")
    X, y = load_credit_default(return_X_y=True)
    table = np.column_stack([X.to_numpy(float), np.asarray(y, float)])
    table = np.unique(table, axis=0)
    with threadpool_limits(1):
        cells = pd.DataFrame(
            [
                cell
                for seed in range(options.seeds)
                for cell in run(table, seed, options.shadow_models)
            ]
        )
    outside = cells.groupby(["attack", "control"], sort=False)["outside"].sum()
    auc = cells[cells["figure"] == "AUC"]
    mean = auc.groupby(["attack", "control"], sort=False)["estimate"].mean()
    n_cells = len(cells) // outside.size
    print(f"| attack | control | mean AUC | cells outside, of {n_cells} |")
    print("|---|---|---:|---:|")
    for key, count in outside.items():
        print(f"| {key[0]} | {key[1]} | {mean[key]:.3f} | {count} |")
    n, total = int(cells["outside"].sum()), len(cells)
    limit = int(binom.ppf(0.999, total, 0.05))
    print(f"\n{n} of {total} cells outside ({n / total:.1%}); limit {limit}.")


def run(table, seed, n_models):
    """Yield the cells of one seed: every attack, both controls, three figures."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(table))[: 4 * N_EACH].reshape(4, N_EACH)
    mine, theirs, others, own = (table[part] for part in rows)
    records = np.vstack([mine, theirs])
    is_member = np.repeat([1, 0], N_EACH)
    shuffled = rng.permutation(is_member)
    for attack_set, recipe in (
        (
            [a for a in [*ATTACKS, *WHITE_BOX] if a.name != "leave one out"],
            forest(seed),
        ),
        ([a for a in WHITE_BOX if a.name == "leave one out"], KNeighborsClassifier(5)),
    ):
        for control, train, truth in (
            ("nobody is a member", others, is_member),
            ("shuffled truth", mine, shuffled),
        ):
            model = recipe.fit(train[:, :-1], train[:, -1])
            shadow = ShadowModels(
                target=BlackBox(model), n_models=n_models, random_state=seed
            )
            shadow = FrozenEstimator(shadow.fit(records))
            for ours in attack_set:
                known = own if ours.group == "population" else records
                attack = ours.make(model, shadow).fit(known)
                scores = attack.decision_function(records)
                where = {"attack": ours.name, "control": control, "seed": seed}
                yield from ({**where, **cell} for cell in judged(truth, scores))


def forest(seed):
    """Make an overfit target that trains in little time."""
    return RandomForestClassifier(30, random_state=seed)


def judged(is_member, scores):
    """Yield figure, estimate, and whether guessing lies outside the interval."""
    auc = roc_auc_interval(is_member, scores)
    yield cell("AUC", auc, 0.5)
    for fpr in FPRS:
        interval = tpr_at_fpr_interval(is_member, scores, fpr)
        yield cell(f"TPR@{fpr:g}", interval, reached(scores[is_member == 0], fpr))


def reached(scores, fpr):
    """Share of non-members that the threshold for a false positive rate accuses."""
    n_allowed = int(np.floor(fpr * len(scores) + 1e-9))
    spared = np.sort(scores)[len(scores) - 1 - n_allowed]
    return np.mean(scores > spared)


def cell(figure, interval, guess):
    """Return one cell of the table."""
    outside = not interval.low <= guess <= interval.high
    return {"figure": figure, "estimate": interval.estimate, "outside": outside}


if __name__ == "__main__":
    main()
