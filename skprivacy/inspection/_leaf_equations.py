"""The equations of all trees of a model in what its training rows were."""

import numpy as np
from scipy import sparse
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
    Equations,
    count_equations,
    gradients,
    step_equations,
    weight_equations,
)
from skprivacy.inspection._hist_trees import HIST_MODELS
from skprivacy.inspection._walk import leaf_of

__all__ = ["STAGES", "has_equations", "leaf_equations", "put_together"]

FORESTS = (
    RandomForestClassifier,
    RandomForestRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
)
STAGES = (GradientBoostingClassifier, GradientBoostingRegressor)


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


def leaf_equations(ensemble, values, truth, n_labels, n_trees=None, scales=None):
    """Return the equations that the leaves of a model hold.

    Parameters
    ----------
    ensemble : TreeEnsemble
        A model of which `has_equations` is true.

    values : ndarray of shape (n_candidates, n_columns)
        What the trees compare.

    truth : ndarray of shape (n_candidates,)
        Number of the class, or the target.

    n_labels : int
        Columns of the trees' answers that are shares of classes, 1 where they are not.

    n_trees : int or None, default=None
        Trees that are read, from the first; None: all.

    scales : list of ndarray or None, default=None
        Scales of the steps in other candidates, to be taken for these; None: settled
        by these.

    Returns
    -------
    counts, steps : list of Equations
        Of the counts of each tree's leaves, where they are told; of their answers and
        sums of hessians, where those are steps of Newton.
    """
    newton = ensemble.newton
    counts, steps = [], []
    scales = iter([] if scales is None else scales)
    if newton is not None:
        raw = np.tile(newton.start, (len(values), 1))
    for i, nodes in enumerate(ensemble.trees[:n_trees]):
        leaf = leaf_of(nodes, ensemble.tree_values(nodes, values))
        if ensemble.tells_counts:
            label = truth if n_labels > 1 else None
            counts.append(count_equations(nodes, leaf, label, n_labels))
        if newton is None:
            continue
        stage, k = divmod(i, raw.shape[1])
        if k == 0:
            gradient, hessian = gradients(raw, truth, newton.loss)
            hessian = hessian * newton.hessian_scale
        if stage >= newton.first:
            slopes = gradient[:, k], hessian[:, k]
            made = newton.step, newton.penalty, next(scales, None)
            steps.append(step_equations(nodes, leaf, *slopes, *made))
            if nodes.hessian is not None:
                scale = next(scales, None)
                steps.append(weight_equations(nodes, leaf, hessian[:, k], scale))
        raw[:, k] += newton.shrink * nodes.value[leaf, 0]
    return counts, steps


def put_together(equations):
    """Put equations below each other.

    Parameters
    ----------
    equations : list of Equations
        In the same candidates.

    Returns
    -------
    equations : Equations
    """
    coefficients = [part.coefficient for part in equations]
    coefficient = sparse.csr_array(sparse.vstack(coefficients, format="csr"))
    # Half the memory of what sparse arrays are put together with.
    for name in ("indices", "indptr"):
        setattr(coefficient, name, getattr(coefficient, name).astype(np.int32))
    return Equations(coefficient, np.concatenate([part.total for part in equations]))
