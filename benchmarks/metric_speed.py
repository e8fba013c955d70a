"""Do metrics and the scores of RMIA take no more than n log n, and how long?

Prints CPU seconds on one core for each number of records, half of them members, and
what they grow by for a tenfold in the last step (10 is linear). RMIA is its formula,
from the probabilities under the target and 4 shadow models to the score of each record.

    python -m benchmarks metrics --sizes 10000 100000 1000000
"""

import argparse
import time
from functools import partial

import numpy as np
from _machine import machine, sentence
from threadpoolctl import threadpool_limits

from skprivacy.membership._empirical import break_ties, pairwise_rate
from skprivacy.membership._rmia import membership_ratio
from skprivacy.metrics import (
    epsilon_from_roc,
    epsilon_from_roc_interval,
    membership_advantage,
    paired_difference_interval,
    r2_gain_interval,
    r2_interval,
    roc_auc_interval,
    share_interval,
    tpr_at_fpr,
    tpr_at_fpr_interval,
)

N_MODELS = 4


def rmia_scores(probability, shadow_probabilities, membership):
    """Score all records, which are the population as well."""
    ratio = membership_ratio(probability, shadow_probabilities, membership, 0.3)
    rate = pairwise_rate(ratio, np.sort(ratio))
    return break_ties(rate, np.log(ratio), 1 / len(ratio))


def calls(n, seed):
    """Return what is timed by its name."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    score = rng.normal(0.3 * y)
    guesses = rng.normal(size=(2, n))
    hits = guesses > 0
    shadows = rng.uniform(0.01, 1, (N_MODELS, n)), rng.random((N_MODELS, n)) < 0.5
    return {
        "`roc_auc_interval`": partial(roc_auc_interval, y, score),
        "`roc_auc_interval`, scores in 20 steps": partial(
            roc_auc_interval, y, np.round(score, 1)
        ),
        "`tpr_at_fpr_interval`, 1%": partial(tpr_at_fpr_interval, y, score, 0.01),
        "`tpr_at_fpr_interval`, 0.1%": partial(tpr_at_fpr_interval, y, score, 0.001),
        "`tpr_at_fpr_interval`, 50%": partial(tpr_at_fpr_interval, y, score, 0.5),
        "`epsilon_from_roc_interval`": partial(epsilon_from_roc_interval, y, score),
        "`share_interval`": partial(share_interval, hits[0]),
        "`paired_difference_interval`": partial(paired_difference_interval, *hits),
        "`r2_interval`": partial(r2_interval, score, guesses[0]),
        "`r2_gain_interval`": partial(r2_gain_interval, score, *guesses),
        "`membership_advantage`": partial(membership_advantage, y, score),
        "`tpr_at_fpr`, 1%": partial(tpr_at_fpr, y, score, 0.01),
        "`epsilon_from_roc`": partial(epsilon_from_roc, y, score),
        "scores of `RMIA`": partial(rmia_scores, rng.uniform(0.01, 1, n), *shadows),
    }


def seconds(call):
    """Return the least CPU seconds of three calls."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        call()
        spent.append(time.process_time() - start)
    return min(spent)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    sizes = [10_000, 100_000, 1_000_000]
    parser.add_argument("--sizes", type=int, nargs="+", default=sizes)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(sentence(machine()) + ".\n")
    with threadpool_limits(1):
        rows = {}
        for n in options.sizes:
            for name, call in calls(n, options.seed).items():
                rows.setdefault(name, []).append(seconds(call))
    heads = [f"n = {n:,}" for n in options.sizes]
    print(f"| CPU seconds | {' | '.join(heads)} | growth for a tenfold |")
    print("|---|" + "---:|" * (len(heads) + 1))
    for name, spent in rows.items():
        growth = ""
        if len(spent) > 1:
            slope = np.log(spent[-1] / spent[-2])
            slope /= np.log(options.sizes[-1] / options.sizes[-2])
            growth = f"{10**slope:.1f}"
        cells = " | ".join(f"{one:.4f}" for one in spent)
        print(f"| {name} | {cells} | {growth} |")


if __name__ == "__main__":
    main()
