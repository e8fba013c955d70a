"""Do the confidence intervals cover the truth as often as they say?

Draws members and non-members from laws whose AUC and true positive rates are known,
and counts how often the nominal 95% intervals of ``roc_auc_interval`` and
``tpr_at_fpr_interval`` cover them. The exit code is 1 when a coverage is below 93% by
more than the simulation's own error.

    python benchmarks/interval_coverage.py --repeats 2000 --seed 0
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import integrate, stats

from skprivacy.metrics import roc_auc_interval, tpr_at_fpr_interval

SIZES = (500, 4000)
RATES = (0.01, 0.001)
LOWEST_COVERAGE = 0.93
STANDARD_ERRORS = 2


@dataclass(frozen=True)
class Law:
    """Scores of members and non-members, with the truth about them."""

    name: str
    draw_members: Callable
    draw_non_members: Callable
    auc: float
    tpr: Callable

    def truth(self, metric):
        return self.auc if metric == "AUC" else self.tpr(metric)


def binormal(auc):
    shift = np.sqrt(2) * stats.norm.ppf(auc)
    return Law(
        f"binormal, AUC {auc:g}",
        lambda rng, n: rng.normal(shift, 1, n),
        lambda rng, n: rng.normal(0, 1, n),
        auc,
        lambda fpr: stats.norm.sf(stats.norm.isf(fpr) - shift),
    )


def heavy_tailed(shift, df):
    law = stats.t(df)
    auc, _ = integrate.quad(lambda x: law.pdf(x) * law.sf(x - shift), -np.inf, np.inf)
    return Law(
        f"heavy tail (t, {df} df)",
        lambda rng, n: rng.standard_t(df, n) + shift,
        lambda rng, n: rng.standard_t(df, n),
        auc,
        lambda fpr: law.sf(law.isf(fpr) - shift),
    )


def mixture(share, distance):
    return Law(
        f"{share:.0%} of members far out",
        lambda rng, n: rng.normal(np.where(rng.random(n) < share, distance, 0)),
        lambda rng, n: rng.normal(0, 1, n),
        (1 - share) / 2 + share * stats.norm.cdf(distance / np.sqrt(2)),
        lambda fpr: (
            (1 - share) * fpr + share * stats.norm.sf(stats.norm.isf(fpr) - distance)
        ),
    )


def discrete(name, p_members, p_non_members):
    """Scores 0, 1, 2, ... with the given probabilities."""
    values = np.arange(len(p_members))
    higher = np.append(np.cumsum(p_members[::-1])[::-1], 0)[1:]
    accused = np.append(np.cumsum(p_non_members[::-1])[::-1], 0)[1:]

    def tpr(fpr):
        # The lowest threshold that the population's false positive rate admits.
        return higher[np.flatnonzero(accused <= fpr + 1e-12)[0]]

    return Law(
        name,
        lambda rng, n: rng.choice(values, n, p=p_members),
        lambda rng, n: rng.choice(values, n, p=p_non_members),
        float(p_non_members @ (higher + p_members / 2)),
        tpr,
    )


def rounded_binormal(auc, step):
    shift = np.sqrt(2) * stats.norm.ppf(auc)
    edges = np.arange(-6, 8, step)
    return discrete(
        f"binormal in steps of {step:g}",
        *(
            np.diff(np.concatenate([[0], stats.norm.cdf(edges - at), [1]]))
            for at in (shift, 0)
        ),
    )


def laws():
    yield from (binormal(auc) for auc in (0.5, 0.6, 0.8, 0.95, 0.999))
    yield heavy_tailed(shift=1.0, df=2)
    yield rounded_binormal(auc=0.8, step=0.5)
    yield discrete("two values", np.array([0.01, 0.99]), np.array([0.2, 0.8]))
    yield discrete("two values, rare", np.array([0.001, 0.999]), np.array([0.01, 0.99]))
    yield mixture(share=0.1, distance=6.0)


def simulate(law, n, repeats, rng):
    """Coverage and mean width of each metric's interval; NaN where there is none."""
    truth = {metric: law.truth(metric) for metric in ("AUC", *RATES)}
    y = np.repeat([1, 0], n)
    covered = {metric: [] for metric in truth}
    width = {metric: [] for metric in truth}
    for _ in range(repeats):
        score = np.append(law.draw_members(rng, n), law.draw_non_members(rng, n))
        for metric in truth:
            if metric == "AUC":
                interval = roc_auc_interval(y, score)
            elif n * metric < 1:
                interval = None
            else:
                interval = tpr_at_fpr_interval(y, score, metric)
            if interval is not None:
                # Floating point: a truth of exactly 0 or 1 is computed with error.
                inside = interval.low - 1e-12 <= truth[metric] <= interval.high + 1e-12
                covered[metric].append(inside)
                width[metric].append(interval.high - interval.low)
    return {
        metric: (truth[metric], np.mean(covered[metric]), np.mean(width[metric]))
        if covered[metric]
        else (truth[metric], np.nan, np.nan)
        for metric in truth
    }


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    error = np.sqrt(LOWEST_COVERAGE * (1 - LOWEST_COVERAGE) / args.repeats)
    lowest_allowed = LOWEST_COVERAGE - STANDARD_ERRORS * error
    rng = np.random.default_rng(args.seed)

    print(f"{args.repeats} repeats a row, nominal coverage 0.95, seed {args.seed}")
    header = f"{'scores':<24}{'n':>6}  {'metric':<10}{'truth':>8}"
    print(f"{header}{'coverage':>10}{'width':>8}")
    failed = 0
    for law in laws():
        for n in SIZES:
            for metric, row in simulate(law, n, args.repeats, rng).items():
                truth, coverage, width = row
                name = metric if metric == "AUC" else f"TPR@{metric:.1%}"
                line = f"{law.name:<24}{n:>6}  {name:<10}{truth:>8.4f}"
                if np.isnan(coverage):
                    print(f"{line}{'nan':>10}{'nan':>8}  fewer than 1/FPR non-members")
                    continue
                missed = coverage < lowest_allowed
                failed += missed
                mark = "  TOO LOW" if missed else ""
                print(f"{line}{coverage:>10.3f}{width:>8.4f}{mark}", flush=True)
    print(f"{failed} below {LOWEST_COVERAGE} beyond simulation error")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
