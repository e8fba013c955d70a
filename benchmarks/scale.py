"""Do the memory and time of an audit grow no faster than the number of records?

Each number of records is audited in a process of its own: 20 columns, half of the
records members, 64 shadow models of histogram gradient boosting. Prints CPU seconds,
those of shadow training among them, the peak of resident memory, and how much the
seconds grow by for each tenfold of the records (10 is linear).

    python benchmarks/scale.py --sizes 10000 100000 1000000 --seed 0
"""

import argparse
import json
import resource
import subprocess
import sys
import time
import warnings

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier

from skprivacy import audit

WIDTH = 20


def one(n, iterations, effort, seed):
    X, y = make_classification(
        n, WIDTH, n_informative=8, n_redundant=0, flip_y=0.1, random_state=seed
    )
    half = n // 2
    model = HistGradientBoostingClassifier(max_iter=iterations, random_state=seed)
    start = time.process_time()
    model.fit(X[:half], y[:half])
    training = time.process_time() - start
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = audit(
            model, X[:half], y[:half], X[half:], y[half:], effort=effort, random_state=0
        )
    total = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "n": n,
        "training": training,
        "seconds": total,
        "before_gib": before / 2**20,
        "peak_gib": peak / 2**20,
        "worst": str(result.verdict),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--effort", default="standard")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one(given.one, given.iterations, given.effort, given.seed)))
        return
    print("| records | one fit, s | audit, s | peak, GiB | growth for a tenfold |")
    print("|---|---|---|---|---|")
    last = None
    for n in given.sizes:
        options = ("iterations", "effort", "seed")
        told = [f"--{name}={getattr(given, name)}" for name in options]
        done = subprocess.run(
            [sys.executable, __file__, f"--one={n}", *told],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        row = json.loads(done.stdout.splitlines()[-1])
        growth = ""
        if last is not None:
            slope = np.log(row["seconds"] / last["seconds"]) / np.log(n / last["n"])
            growth = f"{10**slope:.1f}"
        print(
            f"| {n:,} | {row['training']:.2f} | {row['seconds']:.1f} | "
            f"{row['peak_gib']:.2f} | {growth} |",
            flush=True,
        )
        last = row


if __name__ == "__main__":
    main()
