"""The numbers with which a target answers what it is known to have answered."""

import numpy as np

from skprivacy.attribute._steps import Posterior

__all__ = ["MOST_SEARCHED", "NumberLine", "search_numbers"]

#: Rounds and intervals of each: what is likely is looked through; then crossings are
#: closed in on; then the same for records of which no number matches yet.
EXPLORE, POLISH, EXPLORE_ON, POLISH_ON = (16, 8), (8, 3), (16, 16), (4, 3)
#: Most numbers of a record that are tried beside the grid.
MOST_SEARCHED = 16 * 8 + 8 * 3 * 3 + 16 * 16 + 4 * 3 * 3
#: How far to either side of where a line would cross, in widths of the interval.
ASIDE = 0.02
#: Weight of what lies between two numbers that match: by chance others do not.
WITHIN = 0.1
#: An end of what matches is known well enough.
FINE = 1e-4
#: A crossing so steep is a jump.
JUMP = 1e4
#: Least width of what a number stands for, in shares of the own records.
LEAST_SHARE = 1e-4


class NumberLine:
    """A number line on which the attacker's own records lie evenly.

    Parameters
    ----------
    secret : ndarray of shape (n_records,)
        Numbers of the attacker's own records.

    grid : ndarray of shape (n_steps,)
        Steps of the grid.

    Examples
    --------
    >>> line = NumberLine(np.array([0.0, 1.0, 10.0, 11.0]), np.array([0.0, 10.0]))
    >>> line.share(np.array([1.0, 5.5, 10.0])).round(3)
    array([0.375, 0.5  , 0.625])
    """

    def __init__(self, secret, grid):
        secret = secret.astype(float)
        values, counts = np.unique(secret, return_counts=True)
        shares = (counts.cumsum() - counts / 2) / len(secret)
        self.whole = bool((values == np.round(values)).all())
        self.ends = low, high = _ends(values, self.whole)
        self._values = np.r_[low, values, high]
        self._shares = np.r_[0.0, shares, 1.0]
        middles = self.share((grid[1:] + grid[:-1]) / 2)
        self._edges = np.r_[0.0, middles, 1.0]

    def share(self, values):
        """Share of the own records below values."""
        return np.interp(values, self._values, self._shares)

    def value(self, shares):
        """Return numbers with a share of the own records below them."""
        return np.interp(shares, self._shares, self._values)

    def chance_below(self, chances, shares):
        """Chance that a number lies below, if it is spread evenly within its step.

        Parameters
        ----------
        chances : ndarray of shape (n_records, n_steps)
            Of each step.

        shares : ndarray of shape (n_records, n_values)
            Share of the own records below.

        Returns
        -------
        below : ndarray of shape (n_records, n_values)
        """
        step = np.searchsorted(self._edges[1:-1], shares, side="right")
        low, width = self._edges[step], np.diff(self._edges)[step]
        within = np.take_along_axis(chances, step, axis=1)
        before = np.take_along_axis(chances.cumsum(axis=1), step, axis=1) - within
        return before + within * (shares - low) / width


def search_numbers(ask, line, chances, values, gaps, error, most):
    """Look for the numbers with which the target answers what is known.

    Parameters
    ----------
    ask : callable
        ``ask(rows, values)`` returns the answers to some records with a number each,
        minus the known ones, shape (n_asked, n_columns).

    line : NumberLine
        The number line.

    chances : ndarray of shape (n_records, n_steps)
        Of each step of the grid without the target.

    values : ndarray of shape (n_records, n_values)
        Numbers that were asked about, in ascending order.

    gaps : ndarray of shape (n_records, n_values, n_columns)
        Answers to them, minus the known ones.

    error : AnswerError
        How exactly answers must match.

    most : int
        Most further numbers of a record.

    Returns
    -------
    posterior : Posterior
        Of all numbers that were asked about.
    """
    spent = 0
    plan = (
        (EXPLORE, _split),
        (POLISH, _narrow),
        (EXPLORE_ON, _split_unmatched),
        (POLISH_ON, _narrow),
    )
    for (n_rounds, n_intervals), look in plan:
        for _ in range(n_rounds):
            found = look(_Intervals(line, chances, values, gaps, error), n_intervals)
            found = found[:, : max(most - spent, 0)]
            rows, places = np.nonzero(~np.isnan(found))
            if not len(rows):
                break
            spent += found.shape[1]
            answered = np.full((*found.shape, gaps.shape[2]), np.nan)
            answered[rows, places] = ask(rows, found[rows, places])
            values, gaps = _in_order(values, gaps, found, answered)
    return _posterior(line, chances, values, gaps, error)


def _in_order(values, gaps, found, answered):
    values = np.concatenate([values, found], axis=1)
    gaps = np.concatenate([gaps, answered], axis=1)
    order = np.argsort(values, axis=1, kind="stable")  # what is NaN goes last
    values = np.take_along_axis(values, order, axis=1)
    return values, np.take_along_axis(gaps, order[:, :, None], axis=1)


class _Intervals:
    """Between each number that was asked about and the next one."""

    def __init__(self, line, chances, values, gaps, error):
        self.line = line
        self.low, self.high = values[:, :-1], values[:, 1:]
        shares = line.share(values)
        self.low_share, self.high_share = shares[:, :-1], shares[:, 1:]
        self.chance = np.diff(line.chance_below(chances, shares), axis=1)
        start, change = gaps[:, :-1], np.diff(gaps, axis=1)
        squared = (change**2).sum(axis=2)
        with np.errstate(invalid="ignore", divide="ignore"):
            at = -(start * change).sum(axis=2) / squared
        # Where a straight line between the two answers comes nearest to the known one.
        self.at = np.clip(np.where(squared > 0, at, 0.5), 0, 1)
        self.nearest = np.abs(start + self.at[:, :, None] * change).max(axis=2)
        self.change = np.abs(change).max(axis=2)
        matches = np.abs(gaps).max(axis=2) <= error.width + error.scale
        self.n_matching = matches[:, :-1].astype(int) + matches[:, 1:]
        least = 1.0 if line.whole else 0.0
        room = self.high - self.low > least
        self.is_open = room & (self.high_share > self.low_share)

    def best(self, score, n_best):
        """Positions of the open intervals with the largest score, and which are."""
        score = np.where(self.is_open & np.isfinite(score), score, 0.0)
        best = np.argsort(-score, axis=1, kind="stable")[:, :n_best]
        return best, np.take_along_axis(score, best, axis=1) > 0

    def middle(self, best):
        """Numbers with as many of the own records to either side."""
        low, high = _taken(best, self.low_share, self.high_share)
        return self._inside(best, self.line.value((low + high) / 2))

    def part(self, best, at):
        """Numbers at a part of the length."""
        low, high = _taken(best, self.low, self.high)
        return self._inside(best, low + at * (high - low))

    def _inside(self, best, values):
        low, high = _taken(best, self.low, self.high)
        if self.line.whole:
            values = np.clip(np.round(values), low + 1, high - 1)
        return np.where((values > low) & (values < high), values, np.nan)


def _split(intervals, n_intervals):
    """Halve the intervals that are likely to hold a match."""
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = np.nanmean(intervals.change, axis=1, keepdims=True)
        far = intervals.nearest / (intervals.change + usual)
        score = intervals.chance / (1 + far**2)
    score[intervals.n_matching == 2] *= WITHIN
    best, is_one = intervals.best(score, n_intervals)
    return np.where(is_one, intervals.middle(best), np.nan)


def _split_unmatched(intervals, n_intervals):
    """Do the same for records of which no number matches."""
    none = ~intervals.n_matching.any(axis=1, keepdims=True)
    return np.where(none, _split(intervals, n_intervals), np.nan)


def _narrow(intervals, n_intervals):
    """Close in on crossings, and on the ends of what matches."""
    range_ = np.nansum(intervals.change, axis=1, keepdims=True)
    crosses = (intervals.nearest <= 0.1 * intervals.change) & (intervals.change > 0)
    is_jump = intervals.change > JUMP * range_ * intervals.chance
    is_end = intervals.n_matching == 1
    worth = np.where(is_end, intervals.chance > FINE, crosses & ~is_jump)
    worth &= intervals.n_matching < 2
    best, is_one = intervals.best(
        np.where(worth, intervals.chance + is_end, 0.0), n_intervals
    )
    at, end = _taken(best, intervals.at, is_end)
    found = [
        intervals.part(best, np.where(end, quarter, tried))
        for quarter, tried in ((0.25, at - ASIDE), (0.5, 0.5), (0.75, at + ASIDE))
    ]
    return np.concatenate([np.where(is_one, f, np.nan) for f in found], axis=1)


def _posterior(line, chances, values, gaps, error):
    missing = np.isnan(values)
    last = np.nanmax(values, axis=1, keepdims=True)
    values = np.where(missing, last, values)
    shares = line.share(values)
    between = np.diff(line.chance_below(chances, shares), axis=1) / 2
    stands_for = np.zeros(values.shape)
    stands_for[:, :-1] += between
    stands_for[:, 1:] += between
    width = np.full(values.shape, LEAST_SHARE / 2)
    density = line.chance_below(chances, shares + width) - line.chance_below(
        chances, shares - width
    )
    stands_for = np.maximum(stands_for, density)
    distance = np.abs(gaps).max(axis=2)
    with np.errstate(divide="ignore"):
        score = np.log(stands_for) + error.log_match(np.where(missing, 0, distance))
    score[missing] = -np.inf
    found = np.exp(score - score.max(axis=1, keepdims=True))
    return Posterior(values, found / found.sum(axis=1, keepdims=True))


def _taken(places, *arrays):
    return [np.take_along_axis(array, places, axis=1) for array in arrays]


def _ends(values, whole):
    """Reach beyond the own records by their range, but not to another sign."""
    low, high = values[0], values[-1]
    reach = high - low
    ends = [low - reach, high + reach]
    if low >= 0:
        ends[0] = max(ends[0], low / 2)
    if high <= 0:
        ends[1] = min(ends[1], high / 2)
    return np.array([np.ceil(ends[0]), np.floor(ends[1])] if whole else ends)
