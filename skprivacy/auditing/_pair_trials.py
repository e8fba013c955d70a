"""Runs on pairs of data sets, in rounds of fewer pairs and more runs each."""

from functools import partial

import numpy as np

from skprivacy.auditing._learned_score import LearnedScore
from skprivacy.auditing._readout import probe_rows, read_output, stack_readouts
from skprivacy.auditing._runs import Failure, run_worlds

__all__ = ["LEAST_RUNS", "Trial", "halving_plan"]

#: Of the pairs in a round one in so many is in the next.
KEEP_ONE_IN = 3
#: Fewest runs on each data set from which anything is learned.
LEAST_RUNS = 8
#: Runs on each data set below which trees have nothing to split.
RUNS_FOR_TREES = 50


def halving_plan(n_pairs, n_runs, max_fits) -> list:
    """How many pairs are run in each round, and how often.

    Each round has the same share of the runs, but for what the first one leaves over.

    Parameters
    ----------
    n_pairs : int
        Pairs in the first round.

    n_runs : int
        Most runs on each data set in the first round.

    max_fits : int
        Runs in all.

    Returns
    -------
    plan : list of (int, int)
        Pairs, and runs on each data set of each of them.

    Raises
    ------
    ValueError
        If there are too few runs.

    Examples
    --------
    >>> halving_plan(30, n_runs=20, max_fits=3000)
    [(30, 16), (10, 51), (4, 127)]
    """
    sizes = [n_pairs]
    while sizes[-1] > KEEP_ONE_IN + 1:
        sizes.append(-(-sizes[-1] // KEEP_ONE_IN))
    plan, left = [], max_fits
    for i, size in enumerate(sizes):
        n_new = left // (len(sizes) - i) // (2 * size)
        if i == 0:
            n_new = min(n_new, n_runs)
            if n_new < LEAST_RUNS:
                least = 2 * size * LEAST_RUNS * len(sizes) + 1
                raise ValueError(
                    f"max_fits must be at least {least} for {n_pairs} pairs; got "
                    f"{max_fits + 1}. Name fewer kinds, or allow for more runs."
                )
        plan.append((size, n_new))
        left -= 2 * size * n_new
    return plan


class Trial:
    """A pair, and what came out of its runs.

    Parameters
    ----------
    pair : NeighborPair
        Two data sets.

    delta : float
        Delta at which epsilon is guessed.
    """

    def __init__(self, pair, delta):
        self.pair = pair
        self.delta = delta
        self.worlds = [pair.first, pair.second]
        self.read = partial(read_output, rows=probe_rows(self.worlds))
        self.outcomes = [[], []]
        self.epsilon = self.auc = np.nan
        self.is_certain = self.is_out = self.is_refused = False
        self.error = ""

    @property
    def n_runs(self):
        return len(self.outcomes[0])

    def run(self, mechanism, seeds, n_jobs):
        """Run on both data sets, and look at all that came out so far."""
        if self.is_out:
            return 0
        found = run_worlds(mechanism, self.worlds, seeds, self.read, n_jobs)
        for own, more in zip(self.outcomes, found, strict=True):
            own.extend(more)
        self._judge(seed=int(seeds[0, 0]))
        return seeds.size

    def _judge(self, seed):
        failures = [
            [one for one in own if isinstance(one, Failure)] for own in self.outcomes
        ]
        self.n_failed = [len(own) for own in failures]
        always = [n == self.n_runs for n in self.n_failed]
        if any(self.n_failed):
            self.error = (failures[0] or failures[1])[0].text
        self.is_refused = (
            self.pair.kind == "missing"
            and always == [True, False]
            and self.n_failed[1] == 0
            and all(one.is_refusal for one in failures[0])
        )
        self.is_out = self.is_refused or all(always)
        if self.is_out:
            return
        table = stack_readouts([*self.outcomes[0], *self.outcomes[1]])
        first, second = table[: self.n_runs], table[self.n_runs :]
        self.is_certain = always[0] != always[1] and 0 in self.n_failed
        self.is_certain = self.is_certain or _differ_for_certain(first, second)
        learned = LearnedScore(self.delta, seed, self.n_runs >= RUNS_FOR_TREES)
        self.epsilon, self.auc = learned.fit(first, second).merit_

    def merit(self):
        """Return what pairs are ordered by."""
        if self.is_out:
            return False, -1.0, -1.0
        return self.is_certain, self.epsilon, self.auc

    def row(self):
        """Row of the results."""
        return {
            "kind": self.pair.kind,
            "detail": self.pair.detail,
            "epsilon": self.epsilon,
            "auc": self.auc,
            "is_certain": self.is_certain,
            "n_runs": self.n_runs,
            "failed_first": self.n_failed[0],
            "failed_second": self.n_failed[1],
            "is_refused": self.is_refused,
            "error": self.error,
        }


def _differ_for_certain(first, second):
    """Say whether a part is the same in all runs of a world, and not in the other."""
    gone = np.isnan(first), np.isnan(second)
    # What is not there is a value, too.
    first, second = (np.where(np.isnan(own), np.inf, own) for own in (first, second))
    return any(
        (
            (one == one[0]).all(axis=0)
            & (two == two[0]).all(axis=0)
            & (one[0] != two[0])
        ).any()
        for one, two in (gone, (first, second))
    )
