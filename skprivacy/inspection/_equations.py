"""Who was in training, as the solution of equations that the leaves of trees keep.

A leaf that says how many training rows it holds is a linear equation: of the candidates
that fall into it, so many were in. A leaf of boosting whose answer is a step of Newton
says that the gradients of its rows, weighted, sum to zero. Hundreds of trees make
thousands of equations, often more than there are candidates.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.utils import gen_batches

from skprivacy.inspection._interior_point import gram_matrix, solve_between
from skprivacy.inspection._trees import TreeNodes

__all__ = [
    "Equations",
    "count_equations",
    "equation_log_ratio",
    "gradients",
    "membership_shares",
    "step_equations",
    "weight_equations",
]

#: Standard deviation of an equation's rounding, in rows; a smaller one changes nothing.
ROUNDING = 0.05

#: Candidates up to whom the equations are solved to the end, with a matrix of them.
MOST_EXACT = 6_000

#: Equations of each candidate below which steps down the slope are as exact.
MANY = 10

#: Standard deviations of an equation that are tried for more, one after the other.
TEMPERATURES = (4.0, 1.0, 0.2, ROUNDING)

#: Coefficients that evidence is drawn from at the same time.
ENTRIES = 2**20

#: Steps of the solver at each of them, at most.
N_STEPS = (200, 200, 300, 1000)


class Equations(NamedTuple):
    """Linear equations in the memberships of candidates, 1 for in and 0 for out.

    Parameters
    ----------
    coefficient : sparse array of shape (n_equations, n_candidates)
        What a candidate adds if it was in.

    total : ndarray of shape (n_equations,)
        What all who were in add up to.

    scale : ndarray of shape (n_nodes,) or None, default=None
        What the equation of each node of the tree was divided by, so that equations of
        further candidates can be made alike; None where it is 1.
    """

    coefficient: sparse.csr_array
    total: np.ndarray
    scale: np.ndarray | None = None


def count_equations(nodes: TreeNodes, leaf, label=None, n_labels=1) -> Equations:
    """Return the equations of one tree's counts.

    Parameters
    ----------
    nodes : TreeNodes
        A tree that was trained on all training rows, each once.

    leaf : ndarray of int of shape (n_candidates,)
        Leaf of each candidate.

    label : ndarray of int of shape (n_candidates,) or None, default=None
        Column of the nodes' answers that belongs to each candidate, where the answers
        are shares of classes.

    n_labels : int, default=1
        Columns of such answers; 1 where they are something else.

    Returns
    -------
    equations : Equations
        One a leaf, or one a leaf and class.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.inspection import read_trees
    >>> tree = read_trees(DecisionTreeClassifier().fit([[1], [4]], [0, 1])).trees[0]
    >>> equations = count_equations(tree, np.array([1, 1, 2]))
    >>> equations.coefficient.toarray().tolist(), equations.total.tolist()
    ([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [1.0, 1.0])
    """
    total = nodes.n_samples[:, None].astype(float)
    if n_labels > 1:
        by_class = total * nodes.value
        # Where classes have weights, shares are no counts.
        if np.abs(by_class - np.rint(by_class)).max() < 1e-3:
            total = np.rint(by_class)
        else:
            n_labels = 1
    one = np.ones(len(leaf))
    label = 0 if n_labels == 1 else label
    return _one_a_leaf(nodes, leaf, one, total, label, n_labels)


def step_equations(
    nodes: TreeNodes, leaf, gradient, hessian, step=1.0, penalty=0.0, scale=None
) -> Equations:
    """Return the equations of the answers of one tree of boosting.

    Each leaf answers ``value = -step * sum(gradient) / (sum(hessian) + penalty)``.

    Parameters
    ----------
    nodes : TreeNodes
        The tree.

    leaf : ndarray of int of shape (n_candidates,)
        Leaf of each candidate.

    gradient, hessian : ndarray of shape (n_candidates,)
        Derivatives of each candidate's loss before the tree.

    step : float, default=1.0
        Learning rate.

    penalty : float, default=0.0
        Of the square of a leaf's value.

    scale : ndarray of shape (n_nodes,) or None, default=None
        Of equations of the same tree in other candidates; None: settled by these.

    Returns
    -------
    equations : Equations
        One a leaf, each scaled so that a usual candidate adds about 1.

    Examples
    --------
    Two rows in the root, with gradients of -1 and 3, make the answer -1. A third one
    with a gradient of 7 was not there.

    >>> from skprivacy.inspection._trees import TreeNodes
    >>> root = np.array([-1])
    >>> value = np.array([[-1.0]])
    >>> tree = TreeNodes(root, root, root, root, root, root, value, root)
    >>> ones = np.ones(3)
    >>> equations = step_equations(tree, 0 * root.repeat(3), np.array([-1, 3, 7]), ones)
    >>> equations.coefficient.toarray().round(2).tolist(), equations.total.tolist()
    ([[-0.52, 0.52, 1.57]], [0.0])
    """
    value = nodes.value[:, 0]
    coefficient = value[leaf] * hessian + step * gradient
    if scale is None:
        # Where all rows are alike the two parts cancel, and rounding is all that is
        # left.
        scale = np.maximum(
            _root_mean_square(coefficient, leaf, len(value)),
            1e-3 * _root_mean_square(step * gradient, leaf, len(value)),
        )
        scale = np.maximum(scale, 1e-12)
    total = -penalty * value / scale
    made = _one_a_leaf(nodes, leaf, coefficient / scale[leaf], total)
    return made._replace(scale=scale)


def _root_mean_square(number, leaf, n_nodes):
    there = np.maximum(np.bincount(leaf, minlength=n_nodes), 1)
    return np.sqrt(np.bincount(leaf, number**2, minlength=n_nodes) / there)


def weight_equations(nodes: TreeNodes, leaf, hessian, scale=None) -> Equations:
    """Return the equations of a tree whose nodes hold the sum of their hessians.

    Parameters
    ----------
    nodes : TreeNodes
        The tree.

    leaf : ndarray of int of shape (n_candidates,)
        Leaf of each candidate.

    hessian : ndarray of shape (n_candidates,)
        Second derivative of each candidate's loss before the tree.

    scale : ndarray of shape (n_nodes,) or None, default=None
        As for :func:`step_equations`.

    Returns
    -------
    equations : Equations
        One a leaf, each scaled so that a usual candidate adds about 1.
    """
    if scale is None:
        scale = np.maximum(_root_mean_square(hessian, leaf, len(nodes.left)), 1e-12)
    made = _one_a_leaf(nodes, leaf, hessian / scale[leaf], nodes.hessian / scale)
    return made._replace(scale=scale)


def _one_a_leaf(nodes, leaf, coefficient, total, label=0, n_labels=1):
    """Make an equation of each leaf, or of each leaf and class."""
    leaves = np.flatnonzero(nodes.is_leaf)
    place = np.zeros(len(nodes.left), dtype=int)
    place[leaves] = np.arange(len(leaves))
    row = place[leaf] * n_labels + label
    total = total.reshape(-1, n_labels)[leaves].ravel()
    where = row, np.arange(len(leaf))
    shape = len(total), len(leaf)
    return Equations(sparse.csr_array((coefficient, where), shape), total)


def gradients(raw, label, loss):
    """Return the derivatives of a loss by the raw prediction.

    Parameters
    ----------
    raw : ndarray of shape (n_candidates, n_outputs)
        Raw predictions.

    label : ndarray of shape (n_candidates,)
        Number of the class, or the target.

    loss : {"log_loss", "squared_error"}
        The loss; the squared one is halved.

    Returns
    -------
    gradient, hessian : ndarray of shape (n_candidates, n_outputs)

    Examples
    --------
    >>> gradient, hessian = gradients(np.zeros((1, 1)), np.array([1]), "log_loss")
    >>> gradient.tolist(), hessian.tolist()
    ([[-0.5]], [[0.25]])
    """
    if loss == "squared_error":
        return raw - label[:, None], np.ones_like(raw)
    if raw.shape[1] == 1:
        chance, truth = expit(raw), label[:, None]
    else:
        chance = softmax(raw, axis=1)
        truth = np.eye(raw.shape[1])[label]
    return chance - truth, chance * (1 - chance)


def membership_shares(equations: Equations, prior):
    """Solve the equations, with shares of membership between 0 and 1.

    Of all solutions it is the one next to the prior: least squares, each equation with
    an error of its own and each share with the variance of its prior chance.

    Parameters
    ----------
    equations : Equations
        Of all trees.

    prior : ndarray of shape (n_candidates,)
        Chance of each candidate, by everything else; strictly between 0 and 1.

    Returns
    -------
    share : ndarray of shape (n_candidates,)
        Between 0 and 1.

    noise : float
        Standard deviation of an equation, in rows: large where the list lacks many
        of the training rows.

    Examples
    --------
    Both of the first two, and one of the last two, were in:

    >>> two_of_two = [[1.0, 1, 0, 0], [0, 0, 1, 1]]
    >>> equations = Equations(sparse.csr_array(two_of_two), np.array([2.0, 1.0]))
    >>> membership_shares(equations, np.full(4, 0.5))[0].round(2).tolist()
    [1.0, 1.0, 0.5, 0.5]
    """
    coefficient, total, _ = equations
    reached = np.diff(coefficient.indptr) > 0
    if not reached.any():
        return prior, ROUNDING
    few = coefficient.nnz < MANY * len(prior)
    if few or len(prior) > MOST_EXACT:
        return _first_order(coefficient, total, prior, reached)
    gram, pull = gram_matrix(coefficient), 1 / (prior * (1 - prior))
    noise = ROUNDING
    # What the best solution misses the totals by is the likeliest error.
    for _ in range(2):
        share = solve_between(coefficient, total, gram, prior, pull, noise)
        error = np.sqrt(np.mean((coefficient @ share - total)[reached] ** 2))
        if error <= noise:
            break
        noise = min(error, TEMPERATURES[0])
    return share, noise


def _first_order(coefficient, total, prior, reached):
    """Go down the slope, with smaller and smaller errors, as long as they hold."""
    back = coefficient.T
    share = prior
    largest = _largest_squares(coefficient, back)
    for noise, n_steps in zip(TEMPERATURES, N_STEPS, strict=True):
        system = coefficient, back, total, largest
        share = _descend(system, share, prior, noise, n_steps)
        error = (coefficient @ share - total)[reached]
        if np.sqrt(np.mean(error**2)) > noise:
            break
    return share, noise


def _largest_squares(coefficient, back):
    """Bound of the squared system by a diagonal one, by the power method."""
    own = np.bincount(
        coefficient.indices, coefficient.data**2, minlength=coefficient.shape[1]
    )
    own = np.maximum(own, 1e-12)
    vector, size = np.ones(len(own)), 1.0
    for _ in range(20):
        vector = vector / np.sqrt(own)
        vector = (back @ (coefficient @ vector)) / np.sqrt(own)
        size = max(np.linalg.norm(vector), 1e-12)
        vector = vector / size
    return 1.05 * size * own


def _descend(system, share, prior, noise, n_steps):
    """Accelerated projected gradient descent, restarted where it overshoots."""
    coefficient, back, total, largest = system
    weight, variance = 1 / noise**2, prior * (1 - prior)
    step = 1 / (weight * largest + 1 / variance)
    ahead, pace = share, 1.0
    for _ in range(n_steps):
        slope = weight * (back @ (coefficient @ ahead - total))
        slope += (ahead - prior) / variance
        new = np.clip(ahead - step * slope, 0, 1)
        change = new - share
        if slope @ change > 0:
            pace = 1.0
        next_pace = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        ahead = new + (pace - 1) / next_pace * change
        share, pace = new, next_pace
        if np.abs(change).max() < 1e-5:
            break
    return share


def equation_log_ratio(coefficient, error, spread, noise, share=None):
    """Log-likelihood ratio of each record, from all equations that it is in.

    The other candidates are taken as they were solved, each with the variance of a
    chance; what they add up to is taken to be normal.

    Parameters
    ----------
    coefficient : sparse array of shape (n_equations, n_records)
        Of the candidates, or of further records.

    error : ndarray of shape (n_equations,)
        By how much the candidates' shares add up to more than the total.

    spread : ndarray of shape (n_equations,)
        Variance of what the candidates add up to.

    noise : float
        Standard deviation of an equation.

    share : ndarray of shape (n_records,) or None, default=None
        The records' shares within the error and the spread; None for further records,
        who have none.

    Returns
    -------
    log_ratio : ndarray of shape (n_records,)

    Examples
    --------
    A leaf is one row short, with an error of 1/2. One row more would mend it, which is
    2 squared standard deviations, halved:

    >>> one = sparse.csr_array([[1.0]])
    >>> equation_log_ratio(one, np.array([-1.0]), np.zeros(1), 0.5).tolist()
    [2.0]
    """
    n_equations, n_records = coefficient.shape
    total = np.zeros(n_records)
    row_of = np.repeat(np.arange(n_equations), np.diff(coefficient.indptr))
    for part in gen_batches(coefficient.nnz, ENTRIES):
        row, column = row_of[part], coefficient.indices[part]
        data = coefficient.data[part]
        own = np.zeros(len(row)) if share is None else share[column]
        variance = spread[row] - data**2 * own * (1 - own)
        variance = noise**2 + np.maximum(variance, 0)
        message = data * (data * (own - 0.5) - error[row]) / variance
        total += np.bincount(column, message, minlength=n_records)
    return total
