"""How much better a guess of the secret is than imputation, by several measures."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from skprivacy.metrics import (
    Interval,
    combined_interval,
    paired_difference_interval,
    r2_gain_interval,
    r2_interval,
    share_interval,
)

__all__ = ["MEASURES", "Gain", "gain_of"]


@dataclass(frozen=True)
class Gain:
    """Figures of one measure.

    Parameters
    ----------
    measure : str
        What is measured.

    score, imputation_score, advantage : Interval
        Of the attack on members, of imputation on them, and their difference.

    score_on_others, imputation_score_on_others, advantage_on_others : Interval
        The same of people who were in no training set.

    member_gap : Interval
        Advantage on members minus that on others.
    """

    measure: str
    score: Interval
    imputation_score: Interval
    advantage: Interval
    score_on_others: Interval
    imputation_score_on_others: Interval
    advantage_on_others: Interval
    member_gap: Interval


def gain_of(measure, members, others, *, tolerance=None, **judged) -> Gain:
    """Measure an attack and imputation on members and on others.

    Parameters
    ----------
    measure : {"accuracy", "balanced accuracy", "R2", "within tolerance"}
        What is measured.

    members, others : Guesses
        Guesses of both kinds of records.

    tolerance : float or None, default=None
        How far a number may be off; for "within tolerance".

    **judged : dict
        ``confidence`` and ``n_comparisons`` of the intervals.

    Returns
    -------
    gain : Gain

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.attribute._guesses import Guesses
    >>> truth, right, wrong = np.array(
    ...     [[0, 1] * 50, [0, 1] * 50, [1] * 100]
    ... )
    >>> members, others = Guesses(truth, right, wrong), Guesses(truth, wrong, wrong)
    >>> print(gain_of("accuracy", members, others).member_gap)
    0.5 [0.395, 0.598]
    """
    if measure == "balanced accuracy":
        measured = partial(_balanced, np.intersect1d(members.secret, others.secret))
    else:
        measured = partial(_MEASURED[measure], tolerance)
    sides = []
    for side, is_member in ((members, True), (others, False)):
        attack, imputation = side.attack, side.imputation
        if measure == "within tolerance":
            attack, imputation = side.near
        parts = (
            measured(side, attack, None, judged),
            measured(side, imputation, None, judged),
            measured(side, attack, imputation, judged),
        )
        sides.append(parts if is_member else tuple(map(_of_others, parts)))
    (score, guess, gain), (its_score, its_guess, its_gain) = sides
    gap = combined_interval([gain, its_gain], [1, -1])
    return Gain(measure, score, guess, gain, its_score, its_guess, its_gain, gap)


def _hits(hit, baseline_hit, judged):
    if baseline_hit is None:
        return share_interval(hit, **judged)
    return paired_difference_interval(hit, baseline_hit, **judged)


def _accuracy(_, side, guess, baseline, judged):
    hit = guess == side.secret
    return _hits(hit, None if baseline is None else baseline == side.secret, judged)


def _balanced(values, side, guess, baseline, judged):
    """Mean over the values; a value that one side lacks would not be comparable."""
    parts = []
    for value in values:
        rows = side.secret == value
        part = side[rows]
        other = None if baseline is None else baseline[rows]
        parts.append(_accuracy(None, part, guess[rows], other, judged))
    if not parts:
        nan = float("nan")
        return Interval(nan, nan, nan, judged.get("confidence", 0.95), 0, 0)
    return combined_interval(parts)


def _r2(_, side, guess, baseline, judged):
    if baseline is None:
        return r2_interval(side.secret, guess, **judged)
    return r2_gain_interval(side.secret, guess, baseline, **judged)


def _within(tolerance, side, guess, baseline, judged):
    hit = np.abs(guess - side.secret) <= tolerance
    other = None
    if baseline is not None:
        other = np.abs(baseline - side.secret) <= tolerance
    return _hits(hit, other, judged)


def _of_others(interval):
    """Count the records behind a figure as non-members."""
    return replace(interval, n_members=0, n_non_members=interval.n_members)


_MEASURED = {"accuracy": _accuracy, "R2": _r2, "within tolerance": _within}
#: Measures by kind of secret, the first of them the main one.
MEASURES = {
    "classes": ("accuracy", "balanced accuracy"),
    "numeric": ("R2", "within tolerance"),
}
