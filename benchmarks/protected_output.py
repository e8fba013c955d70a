"""Answers that say less: what is left for attacks, and what it costs.

Run from the repository's root::

    python benchmarks/protected_output.py --markdown figures.md

Random forests of 50 trees and 1,000 records of Default of Credit Card Clients, attacked
with these and 1,000 others by an attacker who trains 16 shadow models with the same
defense; 3,000 more are what a copy may ask about, and 5,000 judge.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import accuracy_score, roc_auc_score

from skprivacy.datasets import load_credit_default
from skprivacy.defenses import ProtectedOutput
from skprivacy.extraction import SurrogateAttack
from skprivacy.membership import LabelOnlyAttack, LiRA
from skprivacy.metrics import tpr_at_fpr
from skprivacy.records import join_records
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

N_MEMBERS, N_OTHERS, N_ASKED, N_JUDGES = 1_000, 1_000, 3_000, 5_000
N_SHADOW, BUDGET = 16, 500
#: What a copy is made of: a forest of random records' answers, or the default.
SURROGATES = {
    "forest": {
        "estimator": RandomForestRegressor(min_samples_leaf=2, random_state=0),
        "strategy": "records",
        "budget": BUDGET,
        "batch_size": BUDGET,
    },
    "auto": {"budget": BUDGET},
}

MODELS = {
    "leaves of 1": RandomForestClassifier(50, random_state=0),
    "leaves of 5": RandomForestClassifier(50, min_samples_leaf=5, random_state=0),
}
DEFENSES = {
    "none": None,
    "round, 1 decimal": {"method": "round", "decimals": 1},
    "temperature 2": {"method": "temperature", "temperature": 2.0},
    "noise .5": {"method": "noise", "scale": 0.5},
    "reverse sigmoid": {"method": "reverse_sigmoid"},
    "MemGuard .5": {"method": "memguard", "max_distortion": 0.5},
    "HAMP's answers": {"method": "hamp"},
    "label": {"method": "label"},
}
#: Those that change labels. For others, attacks by labels alone find what they find
#: without a defense: the forests are the same.
CHANGES_LABELS = {"none", "round, 1 decimal", "noise .5"}


def measure(forest, defense, seed, surrogate):
    """Figures of one defense on one draw of records."""
    options = DEFENSES[defense]
    X, y = load_credit_default(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(X))
    X, y = X.iloc[order].reset_index(drop=True), np.asarray(y)[order]
    ends = np.cumsum([N_MEMBERS, N_OTHERS, N_ASKED, N_JUDGES])
    members, asked, judges = (
        slice(0, ends[0]),
        slice(*ends[1:3]),
        slice(*ends[2:4]),
    )
    recipe = forest if options is None else ProtectedOutput(forest, **options)
    model = recipe.fit(X[members], y[members])
    own = model if options is None else model.estimator_
    records = join_records(X[: ends[1]], y[: ends[1]], "default")
    is_member = np.arange(ends[1]) < ends[0]

    shadow = ShadowModels(
        target=BlackBox(model),
        n_models=N_SHADOW,
        keep_models=True,
        label="default",
        random_state=seed,
    )
    shadow = FrozenEstimator(shadow.fit(records))
    common = {"shadow": shadow, "label": "default", "random_state": seed}
    lira = LiRA(BlackBox(model), **common).fit(records).decision_function(records)
    by_labels = np.nan
    if defense in CHANGES_LABELS:
        attack = LabelOnlyAttack(BlackBox(model), **common).fit(records)
        by_labels = roc_auc_score(is_member, attack.decision_function(records))
    copy = SurrogateAttack(BlackBox(model), random_state=seed, **SURROGATES[surrogate])
    copy.fit(X[asked])
    off = np.nan
    if hasattr(model, "predict_proba"):
        told = model.predict_proba(X[judges]) - own.predict_proba(X[judges])
        off = np.abs(told).sum(axis=1).mean()
    return [
        accuracy_score(y[judges], model.predict(X[judges])),
        off,
        roc_auc_score(is_member, lira),
        tpr_at_fpr(is_member, lira, 0.01),
        by_labels,
        np.mean(copy.predict(X[judges]) == own.predict(X[judges])),
    ]


def main(argv=None):
    """Measure every defense and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument(
        "--defenses", nargs="+", default=list(DEFENSES), choices=DEFENSES
    )
    parser.add_argument("--surrogate", default="forest", choices=SURROGATES)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--markdown")
    options = parser.parse_args(argv)
    warnings.filterwarnings("ignore")
    lines = [
        "| forest | defense | accuracy | distortion | LiRA AUC | TPR at 1% | "
        "LabelOnlyAttack AUC | agreement of a copy |",
        "|---" * 8 + "|",
    ]
    print(*lines, sep="\n", flush=True)
    for model in options.models:
        for defense in options.defenses:
            rows = [
                measure(MODELS[model], defense, seed, options.surrogate)
                for seed in range(options.seeds)
            ]
            cells = " | ".join(f"{cell:.3f}" for cell in np.mean(rows, axis=0))
            lines.append(f"| {model} | {defense} | {cells} |")
            print(lines[-1], flush=True)
    if options.markdown:
        Path(options.markdown).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
