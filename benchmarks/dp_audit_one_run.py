"""What does one run with many canaries find of private models whose epsilon is known?

DPLogisticRegression, DPGaussianNB and DPHistGradientBoostingClassifier are trained on
bundled tables with claims of epsilon 1, 4 and 10 at delta 1e-5, and audited by
OneRunAuditor with each kind of canaries. Printed are the mean bound, the share of right
guesses, the largest bound, and how often a claim was refuted, which would be an error.
For comparison, a tree without any privacy, against a claim of 1. The exit code is 1
when claims are refuted more often than 5% by more than the simulation's own error.

    python benchmarks/dp_audit_one_run.py --repeats 10
"""

import argparse
import sys
import time

import numpy as np
from _dp_tables import TABLES
from scipy.stats import binom
from sklearn.tree import DecisionTreeClassifier

from skprivacy.auditing import OneRunAuditor
from skprivacy.dp import (
    DPGaussianNB,
    DPHistGradientBoostingClassifier,
    DPLogisticRegression,
)

EPSILONS = (1.0, 4.0, 10.0)
DELTA = 1e-5
LARGEST_ERROR = 0.05
#: A share of refuted claims that chance has less often than this is an error.
RARE = 0.001


def models(table, X, epsilon):
    """Return each model and the data it takes."""
    scaled = table.scaled[: len(X)]
    common = {"epsilon": epsilon, "delta": DELTA, "classes": table.classes}
    bounds = {"bounds": (table.lower, table.upper)}
    norm = float(np.linalg.norm(scaled, axis=1).max())
    return {
        "DPLogisticRegression": (
            DPLogisticRegression(data_norm=norm, random_state=0, **common),
            scaled,
        ),
        "DPGaussianNB": (DPGaussianNB(random_state=0, **common, **bounds), X),
        "DPHistGradientBoosting": (
            DPHistGradientBoostingClassifier(random_state=0, **common, **bounds),
            X,
        ),
    }


def audits(model, X, y, args, claimed=None):
    """Bounds, shares of right guesses and verdicts of all repeats."""
    found = []
    for seed in range(args.repeats):
        auditor = OneRunAuditor(
            model,
            canaries=args.kind,
            guess_fraction=args.guess_fraction,
            method=args.method,
            n_references=args.references,
            claimed=claimed,
            delta=DELTA,
            random_state=seed,
        ).fit(X, y)
        right = auditor.n_correct_ / auditor.n_guesses_
        found.append((auditor.epsilon_lower_bound_, right, auditor.violated_))
    return np.array(found, dtype=float), auditor.n_canaries_


def print_row(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def report(table_name, name, claim, found, m, seconds):
    bounds, right, refuted = found.T
    print_row(
        f"{table_name}, {m:,}",
        name,
        claim,
        f"{bounds.mean():.2f}",
        f"{bounds.max():.2f}",
        f"{100 * right.mean():.0f}%",
        f"{int(refuted.sum())} of {len(found)}",
        f"{seconds / len(found):.1f} s",
    )
    return int(refuted.sum()), len(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--tables", nargs="+", default=["breast_cancer", "digits"])
    parser.add_argument("--most-rows", type=int, default=4000)
    parser.add_argument("--kinds", nargs="+", default=["mislabeled", "outlier"])
    parser.add_argument("--guess-fraction", type=float, default=0.1)
    parser.add_argument("--method", default="steinke", choices=["steinke", "fdp"])
    parser.add_argument("--references", type=int, default=8)
    parser.add_argument("--epsilons", type=float, nargs="+", default=EPSILONS)
    args = parser.parse_args()
    n_refuted = n_audits = 0
    for kind in args.kinds:
        args.kind = kind
        print(f"\nCanaries: {kind}, method {args.method}\n")
        head = ("table, canaries", "model", "claim", "mean bound", "largest", "right")
        print_row(*head, "refuted", "an audit")
        print("|---" * 8 + "|")
        for name in args.tables:
            table = TABLES[name][0]()
            X, y = table.X[: args.most_rows], table.y[: args.most_rows]
            start = time.perf_counter()
            plain = audits(DecisionTreeClassifier(random_state=0), X, y, args, 1.0)
            report(name, "plain tree", "1", *plain, time.perf_counter() - start)
            for epsilon in args.epsilons:
                for label, (model, data) in models(table, X, epsilon).items():
                    start = time.perf_counter()
                    found = audits(model, data, y, args)
                    seconds = time.perf_counter() - start
                    row = report(name, label, f"{epsilon:g}", *found, seconds)
                    n_refuted, n_audits = n_refuted + row[0], n_audits + row[1]
    chance = binom.sf(n_refuted - 1, n_audits, LARGEST_ERROR)
    print(f"\n{n_refuted} of {n_audits} true claims refuted")
    return int(chance < RARE)


if __name__ == "__main__":
    sys.exit(main())
