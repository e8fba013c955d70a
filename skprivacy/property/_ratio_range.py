"""Which shares are studied, and how models of other records vary about them."""

import numpy as np

from skprivacy.property._sampling import world_sizes

__all__ = ["SpreadShares", "check_range", "default_range", "pool_factor"]

#: The default range is from the share whose odds are so many times less than those of
#: the attacker's records to the one whose odds are as many times more.
ODDS = 4.0


def default_range(base_rate) -> tuple[float, float]:
    """Return the shares between which the target's share is looked for.

    Parameters
    ----------
    base_rate : float
        Share of the property in the attacker's records.

    Returns
    -------
    low, high : float
        The shares with a fourth, and four times, the odds.

    Examples
    --------
    >>> default_range(0.5)
    (0.2, 0.8)
    """
    odds = base_rate / (1 - base_rate)
    low, high = odds / ODDS, odds * ODDS
    return round(low / (1 + low), 4), round(high / (1 + high), 4)


def check_range(ratios, base_rate) -> tuple[float, float]:
    """Return the ends of the range as two different shares.

    Parameters
    ----------
    ratios : pair of float or None
        As :func:`skprivacy.property.audit_property` takes it.

    base_rate : float
        Share of the property in the attacker's records.

    Returns
    -------
    low, high : float

    Raises
    ------
    ValueError
        If they are not two different shares from 0 to 1.
    """
    if ratios is None:
        return default_range(base_rate)
    try:
        ends = tuple(sorted(float(ratio) for ratio in ratios))
    except (TypeError, ValueError):
        ends = ()
    if len(ends) != 2 or not 0 <= ends[0] < ends[1] <= 1:
        raise ValueError(
            "ratios must be two different shares from 0 to 1, such as (0.3, 0.7), "
            f"between which the target's share is looked for; got {ratios!r}."
        )
    return ends


class SpreadShares:
    """Shares of shadow models: half of them at both ends, half spread between.

    Models 2i and 2i + 1 share records, so both are of one kind: the two ends, or two
    shares on either side of the middle.

    Parameters
    ----------
    low, high : float
        The ends.
    """

    def __init__(self, low, high):
        self.low = low
        self.high = high

    def rvs(self, size, random_state):
        """Draw the share of each model.

        Parameters
        ----------
        size : int
            Number of models.

        random_state : RandomState
            Source of randomness.

        Returns
        -------
        ratios : ndarray of shape (size,)
        """
        n_pairs = -(-size // 2)
        n_between = n_pairs // 2
        # One pair in each of as many even steps from the low end to the middle.
        steps = (np.arange(n_between) + random_state.uniform(size=n_between)) / max(
            n_between, 1
        )
        below = self.low + (self.high - self.low) / 2 * random_state.permutation(steps)
        # No two models have the very same share: that says which ones are a pair.
        least = 1e-9 * np.arange(n_pairs)
        pairs = np.column_stack([self.low + least, self.high - least])
        pairs[1 : 2 * n_between : 2] = np.column_stack(
            [below, self.low + self.high - below]
        )
        return pairs.ravel()[:size]

    def __repr__(self):
        return f"SpreadShares({self.low}, {self.high})"


def pool_factor(strata, ratios, size) -> np.ndarray:
    r"""Say how much more models of other records vary than shadow models do.

    Training sets that are drawn from one pool without replacement vary less than those
    of other people: what one stratum gives, :math:`n_s` of :math:`N_s` records, has a
    mean of variance :math:`\sigma^2 (1/n_s - 1/N_s)` about that of the pool. The mean
    of as many records of other people has :math:`\sigma^2 (1/n_s + 1/N_s)`: they are
    not of the pool, and the pool itself is off. Of the mean over all strata it is the
    ratio

    .. math:: \sum_s n_s (1 + n_s / N_s) \Big/ \sum_s n_s (1 - n_s / N_s).

    Parameters
    ----------
    strata : ndarray of int of shape (n_records,)
        Stratum of each record that training sets are drawn from; see
        :func:`skprivacy.property._sampling.strata_of`.

    ratios : ndarray of shape (n_ratios,)
        Shares of the property.

    size : int
        Records in a training set.

    Returns
    -------
    factor : ndarray of shape (n_ratios,)
        At least 1. It is exact for the mean of a number over the training set, and too
        large for what the model's own randomness adds.

    Examples
    --------
    >>> import numpy as np
    >>> pool_factor(np.repeat([0, 1], 100), np.array([0.5]), size=100)
    array([3.])
    """
    n_strata = 2 * (int(strata.max()) // 2 + 1)
    there = np.maximum(np.bincount(strata, minlength=n_strata), 1)
    factors = []
    for ratio in np.asarray(ratios, dtype=float):
        taken = world_sizes(strata, ratio, size)
        used = taken / there
        left = (taken * (1 - used)).sum()
        factors.append((taken * (1 + used)).sum() / max(left, 1e-3 * size))
    return np.array(factors)
