"""Train shadow models until more of them would not help, or time is up."""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from skprivacy.shadow._likelihood import contrast, log_likelihood_ratio, pull_together
from skprivacy.shadow._pretend import auc_and_tpr, pretend_records
from skprivacy.shadow._shrinkage import (
    estimated_variance,
    normal_prior,
    variance_prior,
)
from skprivacy.shadow._statistics import Moments
from skprivacy.signals import decision_log_odds, label_log_odds

__all__ = ["LOOKS", "MAX_MODELS", "Look", "Watch", "look_at", "train_in_batches"]

#: Numbers of models at which it is asked whether more would help.
LOOKS = (32, 64, 96, 128, 192, 256)

#: The most models that are trained where the number is left open.
MAX_MODELS = LOOKS[-1]

#: By how much the last doubling may still have changed the attack.
AUC_TOLERANCE = 0.005
TPR_TOLERANCE = 0.01

_CONFIDENCE = 0.95
_MAX_PAIRS = 32
_SMOOTHING = 1e-3
#: Under a time budget: small enough to end in time, large enough for engines.
_LARGEST_BATCH = 32


class Look(NamedTuple):
    """How strong the attack among the shadow models is, and what the last half added.

    Parameters
    ----------
    n_models : int
        Shadow models so far.

    auc, tpr : float
        ROC AUC, and true positive rate at 1% false positives, of the likelihood ratio
        attack on shadow models by the others; the mean over those that play the target.

    auc_gain, tpr_gain : tuple of two floats
        Interval, at 95%, of what an attack with all others has over one with half of
        them.
    """

    n_models: int
    auc: float
    tpr: float
    auc_gain: tuple[float, float]
    tpr_gain: tuple[float, float]

    @property
    def has_converged(self) -> bool:
        """Whether both gains are within their tolerance of 0, with both ends.

        An attack that gets weaker with more models has not settled either.

        Examples
        --------
        >>> Look(16, 0.8, 0.1, (-0.001, 0.004), (-0.002, 0.009)).has_converged
        True
        >>> Look(16, 0.8, 0.1, (-0.001, 0.004), (-0.02, 0.002)).has_converged
        False
        """
        return (
            max(map(abs, self.auc_gain)) < AUC_TOLERANCE
            and max(map(abs, self.tpr_gain)) < TPR_TOLERANCE
        )


class Watch:
    """Keeps one signal of each model and record, and looks at what models add.

    Parameters
    ----------
    membership : ndarray of bool of shape (n_models, n_records)
        Which model is trained on which record; also of models to come.

    truth : ndarray of shape (n_records,)
        Labels, as signals take them.

    response : {"value", "decision", "proba", "label"}
        What models answer.
    """

    def __init__(self, membership, truth, response):
        self.records = pretend_records(membership.shape[1])
        self.membership = membership[:, self.records]
        self.truth = truth[self.records]
        self.response = response
        self.signals = []
        self.looks = []

    def add(self, answers):
        """Take the answers of one more model to all records."""
        answers = answers[self.records]
        if self.response == "value":
            signal = answers[:, 0]
        elif self.response == "decision":
            signal = decision_log_odds(answers, self.truth)
        else:
            signal = label_log_odds(answers, self.truth, _SMOOTHING)
        self.signals.append(np.nan_to_num(signal.astype(float)))

    def has_converged(self) -> bool:
        """Look at all models so far, and say whether more of them would not help."""
        signals = np.array(self.signals)
        self.looks.append(look_at(signals, self.membership[: len(signals)]))
        return self.looks[-1].has_converged


def look_at(signals: np.ndarray, membership: np.ndarray) -> Look:
    """Let shadow models play the target, and compare attacks by all others and by half.

    Models 2i and 2i + 1 may be complements: neither helps to attack the other. What
    they say is taken as one finding. Both halves of the others are tried.

    Parameters
    ----------
    signals : ndarray of shape (n_models, n_records)
        Finite numbers.

    membership : ndarray of bool of shape (n_models, n_records)
        Which model was trained on which record. The attacker drew it: the target's
        members are not looked at.

    Returns
    -------
    look : Look
        Gains without an end where there are too few models to tell.

    Examples
    --------
    Two pairs of models: one attacks the other, and half of it is nothing.

    >>> import numpy as np
    >>> membership = np.array([[1, 0, 1, 0], [0, 1, 0, 1]] * 2, dtype=bool)
    >>> look_at(membership.astype(float), membership).auc_gain
    (-inf, inf)
    """
    n_models = len(signals)
    # Sums of squares lose less where numbers are small.
    signals = signals - signals.mean(axis=0)
    pair = np.arange(n_models) // 2
    n_pairs = n_models // 2
    half = pair % 2
    sums = [_sums(signals[half == h], membership[half == h]) for h in (0, 1)]
    chosen = np.linspace(0, n_pairs - 1, min(n_pairs, _MAX_PAIRS)).round().astype(int)
    full, gains = [], []
    for i in chosen if n_pairs >= 4 else ():
        members = np.flatnonzero(pair == i)
        own = _sums(signals[members], membership[members])
        others = [sums[h] - own if h == i % 2 else sums[h] for h in (0, 1)]
        found, gain = [], []
        for target in members:
            truth = membership[target]
            if truth.all() or not truth.any():
                continue
            power = np.array(
                [
                    auc_and_tpr(truth, _evidence(signals[target], part))
                    for part in (others[0] + others[1], *others)
                ]
            )
            found.append(power[0])
            gain.append(power[0] - power[1:].mean(axis=0))
        if found:
            full.append(np.mean(found, axis=0))
            gains.append(np.mean(gain, axis=0))
    if len(full) < 2:
        unknown = (-np.inf, np.inf)
        return Look(n_models, np.nan, np.nan, unknown, unknown)
    auc, tpr = np.mean(full, axis=0)
    auc_gain, tpr_gain = (_interval_of_mean(gain) for gain in np.transpose(gains))
    return Look(n_models, float(auc), float(tpr), auc_gain, tpr_gain)


def train_in_batches(
    train: Callable,
    n_models: int,
    *,
    watch: Watch | None = None,
    time_budget: float | None = None,
    n_first: int = 2,
    clock: Callable[[], float] = time.perf_counter,
):
    """Train models in batches, until more would not help, time is up or all are there.

    A batch is begun only if it will end in time at the speed of the last one; each is
    at most twice as large as the last, so that a change of speed is noticed soon.

    Parameters
    ----------
    train : callable
        ``train(first, last)`` yields the results of models `first` to `last` - 1.

    n_models : int
        The most that are trained.

    watch : Watch or None, default=None
        Says whether more models would help. None: nobody asks.

    time_budget : float or None, default=None
        Seconds. None: no limit.

    n_first : int, default=2
        Models of the first batch under a time budget, whatever it takes.

    clock : callable, default=time.perf_counter
        Tells the time in seconds.

    Returns
    -------
    results : list of ShadowResult
        Those of the models that were trained.

    stopped_by : {"converged", "time_budget", "max_models"}
        Why there are no more.

    Examples
    --------
    One model a second, and time for five: pairs stay together.

    >>> seconds = 0
    >>> def train(first, last):
    ...     global seconds
    ...     for i in range(first, last):
    ...         seconds += 1
    ...         yield i
    >>> train_in_batches(train, 64, time_budget=5, clock=lambda: seconds)
    ([0, 1, 2, 3], 'time_budget')
    """
    began = clock()
    results: list = []
    looks = [n for n in LOOKS if n < n_models] if watch is not None else []
    size = n_first
    while len(results) < n_models:
        n_next = next((n for n in looks if n > len(results)), n_models)
        n_next -= len(results)
        if time_budget is not None:
            n_next = min(n_next, size)
        batch_began = clock()
        for result in train(len(results), len(results) + n_next):
            results.append(result)
            if watch is not None:
                watch.add(result.answers)
        ended = clock()
        asked = len(results) in looks or len(results) == n_models
        if watch is not None and asked and watch.has_converged():
            return results, "converged"
        if time_budget is not None and len(results) < n_models:
            left = time_budget - (clock() - began)
            affordable = left / max(ended - batch_began, 1e-9) * n_next
            size = int(min(affordable, 2 * n_next, _LARGEST_BATCH)) // 2 * 2
            if size < 2:
                return results, "time_budget"
    return results, "max_models"


def _sums(signals, membership):
    """Numbers, sums and sums of squares with each record, then without it."""
    inside = membership.astype(float)
    return np.array(
        [
            [np.einsum("ij,ij->j", signals**power, side) for power in (0, 1, 2)]
            for side in (inside, 1 - inside)
        ]
    )


def _evidence(signal, sums):
    """Likelihood ratio of each record, as `LiRA` has it by default."""
    inside, outside = (_moments(*side) for side in sums)
    priors = [variance_prior(side.variance, side.n) for side in (inside, outside)]
    variance = [
        estimated_variance(side.variance, side.n, prior, "shrunk")
        for side, prior in zip((inside, outside), priors, strict=True)
    ]
    apart = contrast(inside, outside, *variance)
    gaussians = pull_together(
        apart,
        normal_prior(apart.distance, apart.distance_error),
        normal_prior(apart.log_ratio, apart.log_ratio_error),
        (inside.mean + outside.mean) / 2,
        tuple(variance),
    )
    ratio = log_likelihood_ratio(signal, *gaussians)
    return np.nan_to_num(ratio, nan=0.0, posinf=0.0, neginf=0.0)


def _moments(n, total, squares):
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        variance = np.maximum(squares - total * mean, 0) / (n - 1)
    return Moments(n.astype(int), mean, np.where(n > 1, variance, np.nan))


def _interval_of_mean(values):
    n = len(values)
    error = values.std(ddof=1) / np.sqrt(n)
    reach = student.ppf((1 + _CONFIDENCE) / 2, n - 1) * error
    return float(values.mean() - reach), float(values.mean() + reach)
