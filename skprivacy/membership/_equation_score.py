"""Membership of candidates as the solution of what the leaves of all trees hold."""

import numpy as np
from scipy.special import expit, logit

from skprivacy.inspection._equations import (
    ROUNDING,
    Equations,
    equation_log_ratio,
    membership_shares,
)
from skprivacy.inspection._leaf_equations import leaf_equations, put_together

__all__ = ["SolvedMembership"]

#: Candidates times trees that are solved at once: some 500 MB.
MOST_VISITS = 10_000_000

#: Share of the error that is left when answers whose rows had weights are left out.
MUCH_LESS = 0.25

#: No chance by other evidence is nearer to 0 or 1: the equations have the last word.
NEAREST = 0.01


class SolvedMembership:
    """Solve the equations of all trees for the candidates.

    Parameters
    ----------
    ensemble : TreeEnsemble
        A model of which `has_equations` is true.

    values : ndarray of shape (n_candidates, n_columns)
        What the trees compare.

    truth : ndarray of shape (n_candidates,)
        Number of the class, or the target.

    log_ratio : ndarray of shape (n_candidates,)
        All other evidence.

    share : float
        Share of the candidates that are thought to be members.

    n_labels : int
        Columns of the trees' answers that are shares of classes, 1 where they are not.

    Attributes
    ----------
    score : ndarray of shape (n_candidates,)
        Log-likelihood ratio of all evidence.
    """

    def __init__(self, ensemble, values, truth, log_ratio, share, n_labels):
        self._ensemble, self._share, self._n_labels = ensemble, share, n_labels
        self._n_trees = max(1, min(len(ensemble.trees), MOST_VISITS // len(values)))
        prior = self._chance(log_ratio)
        self._scales = None
        counts, steps = self._equations(values, truth)
        self._scales = [part.scale for part in steps]
        self._counts_alone = not steps
        equations = put_together(counts + steps)
        n_counts = sum(len(part.total) for part in counts) if steps else 0
        # They are large, and all in the equations.
        del counts, steps
        solved, noise = membership_shares(equations, prior)
        if n_counts and noise > ROUNDING:
            # Rows may have had weights, which change the answers and not the counts.
            coefficient, total, _ = equations
            alone = Equations(coefficient[:n_counts], total[:n_counts])
            plain = membership_shares(alone, prior)
            if plain[1] < MUCH_LESS * noise:
                equations, (solved, noise) = alone, plain
                self._counts_alone = True
        coefficient, total, _ = equations
        self._noise, self._error = noise, coefficient @ solved - total
        self._spread = coefficient.multiply(coefficient) @ (solved * (1 - solved))
        self.score = log_ratio + equation_log_ratio(
            coefficient, self._error, self._spread, noise, solved
        )

    def score_others(self, values, truth, log_ratio):
        """Score records as if each were added to the candidates, alone.

        Parameters
        ----------
        values : ndarray of shape (n_records, n_columns)
            What the trees compare.

        truth : ndarray of shape (n_records,)
            Number of the class, or the target.

        log_ratio : ndarray of shape (n_records,)
            All other evidence.

        Returns
        -------
        score : ndarray of shape (n_records,)
        """
        counts, steps = self._equations(values, truth)
        parts = counts if self._counts_alone else counts + steps
        coefficient = put_together(parts).coefficient
        return log_ratio + equation_log_ratio(
            coefficient, self._error, self._spread, self._noise
        )

    def _chance(self, log_ratio):
        chance = expit(logit(self._share) + log_ratio)
        return np.clip(chance, NEAREST, 1 - NEAREST)

    def _equations(self, values, truth):
        known = self._n_labels, self._n_trees, self._scales
        return leaf_equations(self._ensemble, values, truth, *known)
