"""The values within each step of the grid on which a number is looked for."""

from typing import NamedTuple

import numpy as np

__all__ = ["Posterior", "StepValues"]

#: Most values that stand for a step.
PER_STEP = 8
#: Most values of a record that are tried beside the grid.
MOST_TRIED = 32
#: Chances that differ by less are level.
SAME = 1e-9


class StepValues:
    """Values of the attacker's own records that lie within each step of a grid.

    Parameters
    ----------
    secret : ndarray of shape (n_records, 1)
        Numbers of the attacker's own records.

    candidates : Candidates
        The grid.

    Attributes
    ----------
    values : ndarray of shape (n_values,)
        Values beside those of the grid, at most `PER_STEP` a step, of equal frequency.

    step : ndarray of int of shape (n_values,)
        Step of each.

    share : ndarray of shape (n_values,)
        How many of the step's records each stands for, relative to the others.

    grid_share : ndarray of shape (n_steps,)
        The same for the values of the grid.
    """

    def __init__(self, secret, candidates):
        self._grid = candidates.classes.astype(float)
        self._candidates = candidates
        self._codes = candidates.encode(secret)
        self._secret = secret[:, 0]
        at = (np.arange(PER_STEP) + 0.5) / PER_STEP
        values, step, share = [], [], []
        self.grid_share = np.ones(len(candidates))
        for c, middle in enumerate(candidates.classes):
            inside = np.sort(self._secret[self._codes == c])
            if not len(inside):
                continue
            picked = inside[(at * len(inside)).astype(int)]
            found, count = np.unique(picked, return_counts=True)
            is_new = found != middle
            self.grid_share[c] += count[~is_new].sum()
            values.append(found[is_new])
            step.append(np.full(is_new.sum(), c))
            share.append(count[is_new])
        self.values = np.concatenate(values)
        self.step = np.concatenate(step)
        self.share = np.concatenate(share).astype(float)

    def draw(self, secret, rng):
        """Let a value of each step stand for it, drawn for each record.

        Parameters
        ----------
        secret : ndarray of shape (n_records, 1)
            True values, each of which stands for its own step.

        rng : RandomState
            Draws the others among the attacker's own records.

        Returns
        -------
        values : ndarray of shape (n_steps, n_records, 1)
        """
        drawn = np.empty((len(self._candidates), len(secret)), secret.dtype)
        for c, middle in enumerate(self._candidates.classes):
            inside = self._secret[self._codes == c]
            inside = inside if len(inside) else np.array([middle])
            drawn[c] = inside[rng.randint(len(inside), size=len(secret))]
        drawn[self._candidates.encode(secret), np.arange(len(secret))] = secret[:, 0]
        return drawn[:, :, None]

    def around(self, chances, n_most=MOST_TRIED):
        """Pick what is worth trying of each record: values of its likeliest steps.

        Parameters
        ----------
        chances : ndarray of shape (n_records, n_steps)
            How likely each step is.

        n_most : int, default=MOST_TRIED
            Most values of a record.

        Returns
        -------
        picked : ndarray of int of shape (n_records, n_picked)
            Positions among `values`, those of the likeliest step first.
        """
        rank = np.argsort(np.argsort(-chances, axis=1, kind="stable"), axis=1)
        order = np.argsort(rank[:, self.step], axis=1, kind="stable")
        return order[:, : max(n_most, 0)]

    def spread(self, scores, picked):
        """Divide the chance of each step among the values that stand for it.

        Parameters
        ----------
        scores : ndarray of shape (n_records, n_steps + n_picked)
            Log of how likely a step is, judged by each value that stands for it: of
            the grid, and those that were picked.

        picked : ndarray of int of shape (n_records, n_picked)
            Which were.

        Returns
        -------
        posterior : Posterior
        """
        n_records, n_steps = len(scores), len(self.grid_share)
        share = np.empty(scores.shape)
        share[:, :n_steps] = self.grid_share
        share[:, n_steps:] = self.share[picked]
        total = np.tile(self.grid_share, (n_records, 1))
        rows = np.arange(n_records)[:, None]
        np.add.at(total, (rows, self.step[picked]), share[:, n_steps:])
        share /= np.take_along_axis(total, self.steps_of(picked), axis=1)
        chances = np.exp(scores - scores.max(axis=1, keepdims=True)) * share
        values = np.empty(scores.shape)
        values[:, :n_steps] = self._grid
        values[:, n_steps:] = self.values[picked]
        return Posterior(values, chances / chances.sum(axis=1, keepdims=True))

    def steps_of(self, picked):
        """Step of the values of the grid and of those that were picked.

        Parameters
        ----------
        picked : ndarray of int of shape (n_records, n_picked)
            Positions among `values`.

        Returns
        -------
        step : ndarray of int of shape (n_records, n_steps + n_picked)
        """
        grid = np.tile(np.arange(len(self.grid_share)), (len(picked), 1))
        return np.concatenate([grid, self.step[picked]], axis=1)


class Posterior(NamedTuple):
    """How likely an attack takes numbers to be.

    Parameters
    ----------
    values : ndarray of shape (n_records, n_values)
        Numbers that were tried; each record has its own.

    chances : ndarray of shape (n_records, n_values)
        Rows sum to 1.

    center : ndarray of shape (n_records,) or None, default=None
        The mean, where it is known better than from the chances.

    Examples
    --------
    >>> posterior = Posterior(np.array([[1.0, 2.0, 9.0]]), np.array([[0.3, 0.3, 0.4]]))
    >>> posterior.mean(), posterior.likeliest(tolerance=1.0)
    (array([4.5]), array([1.]))
    """

    values: np.ndarray
    chances: np.ndarray
    center: np.ndarray | None = None

    def mean(self):
        """Mean of each record: what comes nearest in squares, as R2 counts.

        Returns
        -------
        mean : ndarray of shape (n_records,)
        """
        if self.center is not None:
            return self.center
        return (self.values * self.chances).sum(axis=1)

    def likeliest(self, tolerance):
        """Return the number within `tolerance` of which most of the chance lies.

        Parameters
        ----------
        tolerance : float
            How far a guess may be off.

        Returns
        -------
        guess : ndarray of shape (n_records,)
            One of `values`.
        """
        order = np.argsort(self.values, axis=1, kind="stable")
        values = np.take_along_axis(self.values, order, axis=1)
        chances = np.take_along_axis(self.chances, order, axis=1)
        below = np.concatenate([np.zeros((len(values), 1)), chances.cumsum(axis=1)], 1)
        guess = np.empty(len(values))
        for i, row in enumerate(values):
            first = np.searchsorted(row, row - tolerance, side="left")
            last = np.searchsorted(row, row + tolerance, side="right")
            near = below[i, last] - below[i, first]
            # Of several with as much around them, that which is likeliest itself.
            best = near >= near.max() - SAME
            guess[i] = row[np.argmax(np.where(best, chances[i], -1))]
        return guess
