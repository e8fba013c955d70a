"""Membership of candidates as the solution of what the leaves of all trees hold."""

import numpy as np
from scipy import sparse
from scipy.special import expit, logit
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import BaseDecisionTree

from skprivacy.inspection._equations import (
    ROUNDING,
    Equations,
    count_equations,
    equation_log_ratio,
    gradients,
    membership_shares,
    step_equations,
    weight_equations,
)
from skprivacy.inspection._hist_trees import HIST_MODELS
from skprivacy.inspection._walk import leaf_of

__all__ = ["SolvedMembership", "has_equations"]

FORESTS = (
    RandomForestClassifier,
    RandomForestRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
)
STAGES = (GradientBoostingClassifier, GradientBoostingRegressor)

#: Candidates times trees that are solved at once: some 500 MB.
MOST_VISITS = 10_000_000

#: Share of the error that is left when answers whose rows had weights are left out.
MUCH_LESS = 0.25

#: No chance by other evidence is nearer to 0 or 1: the equations have the last word.
NEAREST = 0.01


def has_equations(ensemble) -> bool:
    """Whether each tree was trained on all training rows, each once, and says of whom.

    By the counts of its leaves, or by the steps that its answers are.

    Parameters
    ----------
    ensemble : TreeEnsemble
        From :func:`read_trees`.

    Returns
    -------
    holds : bool
    """
    model = ensemble.model
    if isinstance(model, FORESTS):
        all_rows = not model.bootstrap
    elif isinstance(model, STAGES):
        all_rows = model.subsample == 1
    else:
        all_rows = isinstance(
            model, (BaseDecisionTree, AdaBoostClassifier, *HIST_MODELS)
        ) or (ensemble.newton is not None)
    if not ensemble.tells_counts:
        return all_rows and ensemble.newton is not None
    n_rows = {int(nodes.n_samples[0]) for nodes in ensemble.trees}
    return all_rows and len(n_rows) == 1


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
        counts, steps = self._equations(values, truth)
        self._counts_alone = not steps
        equations = _together(counts + steps)
        solved, noise = membership_shares(equations, prior)
        if counts and steps and noise > ROUNDING:
            # Rows may have had weights, which change the answers and not the counts.
            plain = membership_shares(_together(counts), prior)
            if plain[1] < MUCH_LESS * noise:
                equations, (solved, noise) = _together(counts), plain
                self._counts_alone = True
        coefficient, total = equations
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
        coefficient = _together(parts).coefficient
        return log_ratio + equation_log_ratio(
            coefficient, self._error, self._spread, self._noise
        )

    def _chance(self, log_ratio):
        chance = expit(logit(self._share) + log_ratio)
        return np.clip(chance, NEAREST, 1 - NEAREST)

    def _equations(self, values, truth):
        newton = self._ensemble.newton
        counts, steps = [], []
        if newton is not None:
            raw = np.tile(newton.start, (len(values), 1))
        for i, nodes in enumerate(self._ensemble.trees[: self._n_trees]):
            leaf = leaf_of(nodes, self._ensemble.tree_values(nodes, values))
            if self._ensemble.tells_counts:
                label = truth if self._n_labels > 1 else None
                counts.append(count_equations(nodes, leaf, label, self._n_labels))
            if newton is None:
                continue
            stage, k = divmod(i, raw.shape[1])
            if k == 0:
                gradient, hessian = gradients(raw, truth, newton.loss)
                hessian = hessian * newton.hessian_scale
            if stage >= newton.first:
                slopes = gradient[:, k], hessian[:, k]
                steps.append(
                    step_equations(nodes, leaf, *slopes, newton.step, newton.penalty)
                )
                if nodes.hessian is not None:
                    steps.append(weight_equations(nodes, leaf, hessian[:, k]))
            raw[:, k] += newton.shrink * nodes.value[leaf, 0]
        return counts, steps


def _together(equations):
    coefficients = [part.coefficient for part in equations]
    coefficient = sparse.csr_array(sparse.vstack(coefficients, format="csr"))
    # Half the memory of what sparse arrays are put together with.
    for name in ("indices", "indptr"):
        setattr(coefficient, name, getattr(coefficient, name).astype(np.int32))
    return Equations(coefficient, np.concatenate([part.total for part in equations]))
