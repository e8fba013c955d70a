"""Functions that are linear but for kinks, and where the kinks are."""

from dataclasses import dataclass

import numpy as np

__all__ = ["TooManyKinks", "find_kinks", "jump_at"]

#: Values that differ from a line by so many times their noise do not lie on it.
SIGNIFICANT = 30
#: Shares of a way that are told apart.
NARROW = 1e-7
#: Values that are less sure are not read.
MOST_NOISE = 1e-11
#: Intervals in which only some are sure are parted down to this width.
ROUGH = 1 / 64
#: The slope at an end of an interval is taken over this share of it.
SHARE = 1e-2
#: A kink must lie within this share of the room around it.
BESIDE = 1e-3
#: A way of so many intervals is not one of lines.
MOST_INTERVALS = 2000


class TooManyKinks(Exception):
    """The function is smooth, or has more kinks than can be told apart."""


def find_kinks(ask):
    """Find all kinks of a function on the way from 0 to 1.

    Two lines, those at both ends of an interval, meet at its kink if it has but one.
    Where the function does not go through that point, the interval is halved.

    Parameters
    ----------
    ask : callable
        Takes shares of the way, shape (n,); gives values, shape (n, n_scores), and
        their noise, shape (n,).

    Returns
    -------
    kinks : ndarray of shape (n_kinks,)
        In order.

    Raises
    ------
    TooManyKinks
        If the function is not made of lines.

    Examples
    --------
    >>> import numpy as np
    >>> def ask(t):
    ...     return (abs(t - 0.25) + abs(3 * t - 1.8))[:, None], np.full(len(t), 1e-15)
    >>> find_kinks(ask).round(9)
    array([0.25, 0.6 ])
    """
    kinks, open_, n_done = [], [(0.0, 1.0)], 0
    while open_:
        n_done += len(open_)
        if n_done > MOST_INTERVALS:
            raise TooManyKinks
        low, high = np.array(open_).T
        width = high - low
        # Both ends, a point next to each, and two in between that no kink is likely at.
        at = np.stack(
            [
                low,
                low + SHARE * width,
                low + 0.382 * width,
                low + 0.618 * width,
                high - SHARE * width,
                high,
            ]
        )
        values, noise = ask(at.ravel())
        values = values.reshape(*at.shape, -1)
        noise = noise.reshape(at.shape)
        most, least = noise.max(axis=0), noise.min(axis=0)
        crossings, found, halved = [], [], []
        for i in range(len(low)):
            v = values[:, i]
            limit = SIGNIFICANT * most[i]
            if most[i] > MOST_NOISE:
                if least[i] <= MOST_NOISE and width[i] > ROUGH:
                    halved.append(i)
                continue
            chord = v[0] + (at[:, i, None] - low[i]) / width[i] * (v[-1] - v[0])
            if np.abs(v - chord).max() <= limit:
                continue
            if width[i] < NARROW:
                raise TooManyKinks
            crossings.append(_meeting(at[:, i], v, limit))
            found.append(i)
        open_ = []
        known = [k for k, c in enumerate(crossings) if c is not None]
        met = _are_met(ask, [crossings[k] for k in known], dict.fromkeys(known, False))
        for k, i in enumerate(found):
            if met.get(k):
                kinks.append(crossings[k].share)
            else:
                halved.append(i)
        for i in halved:
            middle = low[i] + 0.5 * width[i]
            open_ += [(low[i], middle), (middle, high[i])]
    return np.sort(np.array(kinks))


@dataclass
class Meeting:
    """Two lines that meet within an interval, as they would at its only kink."""

    share: float
    points: np.ndarray
    values: np.ndarray
    limit: float


def _are_met(ask, meetings, met):
    """Ask where lines meet, and on both of them, whether the function goes there."""
    if not meetings:
        return met
    at = np.concatenate([meeting.points for meeting in meetings])
    told, noise = ask(at)
    told, noise = np.split(told, len(meetings)), np.split(noise, len(meetings))
    for k, meeting, values, unsure in zip(met, meetings, told, noise, strict=True):
        off = np.abs(values - meeting.values).max()
        met[k] = off <= max(meeting.limit, SIGNIFICANT * unsure.max())
    return met


def _meeting(at, v, limit):
    """Find where the lines at both ends of an interval meet.

    Parameters
    ----------
    at : ndarray of shape (6,)
        Shares: both ends, points next to them, and two in between.

    v : ndarray of shape (6, n_scores)
        Values there.

    limit : float
        How far off values may be.

    Returns
    -------
    meeting : Meeting or None
        None if they do not, or not where the values in between are.
    """
    step = at[1] - at[0]
    left, right = (v[1] - v[0]) / step, (v[5] - v[4]) / (at[5] - at[4])
    gap = left - right
    main = int(np.abs(gap).argmax())
    # Slopes come from values that are unsure, over a hundredth of the way.
    if abs(gap[main]) * step <= limit:
        return None
    share = (v[5][main] - right[main] * at[5] - v[0][main] + left[main] * at[0]) / gap[
        main
    ]
    # A kink right next to an end bends that line, which then meets the other there.
    least = 1e-3 * step
    if not at[1] + least < share < at[4] - least:
        return None
    # Slopes over a hundredth of the way are unsure by a hundred times as much.
    limit *= (at[5] - at[0]) / step
    # Right beside the meeting, or two kinks on one side of it would pass for one; and
    # in between, or a kink next to an end would.
    beside = BESIDE * min(share - at[1], at[4] - share)
    points = np.array(
        [(at[1] + share) / 2, share - beside, share + beside, (share + at[4]) / 2]
    )
    inner = np.r_[at[2:4], points]
    lines = np.where(
        (inner <= share)[:, None],
        v[0] + left * (inner - at[0])[:, None],
        v[5] + right * (inner - at[5])[:, None],
    )
    if np.abs(v[2:4] - lines[:2]).max() > limit:
        return None
    return Meeting(share, points, lines[2:], limit)


def jump_at(ask, point, way, reach, lower, upper):
    """How the gradient changes across a kink.

    Parameters
    ----------
    ask : callable
        Takes points, shape (n, n_features); gives values, shape (n, n_scores), and
        their noise, shape (n,).

    point : ndarray of shape (n_features,)
        A point of the kink.

    way : ndarray of shape (n_features,)
        The way on which it was found.

    reach : float
        Share of the way to both sides that has no other kink.

    lower, upper : float
        Ends of each feature.

    Returns
    -------
    jump : ndarray of shape (n_features, n_scores) or None
        Gradient beyond the kink less that before it; None where other kinks are too
        near.
    """
    gradients = []
    for side in (-1, 1):
        start = np.clip(point + side * reach * way, lower, upper)
        gradient = _gradient(ask, start, lower, upper)
        if gradient is None:
            return None
        gradients.append(gradient)
    return gradients[1] - gradients[0]


def _gradient(ask, start, lower, upper):
    """Gradient at a point, by steps that are shortened until no kink lies on them."""
    d = len(start)
    gradient, open_ = None, np.arange(d)
    base, noise = ask(start[None])
    if noise[0] > MOST_NOISE:
        return None
    step = 1e-2
    while len(open_):
        if step < 1e-8:
            return None
        points = np.tile(start, (2, len(open_), 1))
        rows = np.arange(len(open_))
        # A step to one side and half of it, or of it to the other, are on one line.
        up = np.where(start[open_] + step <= upper[open_], 1.0, -1.0)
        points[0, rows, open_] += up * step
        points[1, rows, open_] += up * step / 2
        values, unsure = ask(points.reshape(-1, d))
        whole, half = values.reshape(2, len(open_), -1)
        limit = SIGNIFICANT * np.maximum(unsure.reshape(2, -1).max(axis=0), noise)
        bent = np.abs(whole - 2 * half + base).max(axis=1) > limit
        bent |= unsure.reshape(2, -1).max(axis=0) > MOST_NOISE
        if gradient is None:
            gradient = np.empty((d, values.shape[1]))
        good = ~bent
        gradient[open_[good]] = (whole - base)[good] / (up * step)[good, None]
        open_ = open_[bent]
        step /= 10
    return gradient
