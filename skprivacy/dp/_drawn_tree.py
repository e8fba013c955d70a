"""One of many random trees, drawn with its labels by how many records it gets right."""

import numpy as np
from scipy.special import logsumexp

from skprivacy.dp._random_trees import apply_trees, draw_trees

__all__ = ["draw_labeled_tree", "leaf_counts", "log_weights"]

#: Trees that are looked at together; fewer, where they have many leaves.
BLOCK = 50
#: Numbers of a block, at most.
MOST_NUMBERS = 2**22


def draw_labeled_tree(X, codes, n_classes, edges, n_trees, depth, epsilon, noise):
    r"""Draw a tree and the classes of its leaves by the exponential mechanism.

    A tree with classes :math:`c` at its leaves gets :math:`u = \sum_l n_{l, c_l}`
    records right. It is drawn with a chance in proportion to
    :math:`\exp(\varepsilon u / 2)`, of all trees with all classes: first the tree, by
    the sum over all classes that it may have, then the class of each leaf.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Records.

    codes : ndarray of int of shape (n_records,)
        Their classes, from 0.

    n_classes : int
        Classes.

    edges : list of ndarray
        Where columns may be split, known of no record.

    n_trees : int
        Random trees to draw from.

    depth : int
        Splits on the way to a leaf.

    epsilon : float
        The draw is ``epsilon``-private where a record becomes another one, by which
        any tree gets one more right, or one less.

    noise : NoiseSource
        Where chance comes from.

    Returns
    -------
    feature, threshold : ndarray of shape (1, 2**depth - 1)
        The tree, as of :func:`draw_trees`.

    labels : ndarray of int of shape (2**depth,)
        Class of each leaf.
    """
    best = -np.inf, None, None
    size = 2**depth * max(n_classes, len(edges))
    block = int(np.clip(MOST_NUMBERS // size, 1, BLOCK))
    for start in range(0, n_trees, block):
        trees = draw_trees(edges, min(block, n_trees - start), depth, noise)
        counts = leaf_counts(apply_trees(X, *trees), codes, 2**depth, n_classes)
        # The largest of logarithms with Gumbel noise is drawn by its weight.
        keys = log_weights(counts, epsilon) + noise.gumbel(len(counts))
        place = int(keys.argmax())
        if keys[place] > best[0]:
            tree = [one[place : place + 1].copy() for one in trees]
            best = keys[place], tree, counts[place]
    _, (feature, threshold), counts = best
    labels = (epsilon / 2 * counts + noise.gumbel(counts.shape)).argmax(axis=1)
    return feature, threshold, labels


def log_weights(counts, epsilon) -> np.ndarray:
    """Logarithms of the weights of trees, over all classes their leaves may have.

    Parameters
    ----------
    counts : ndarray of shape (n_trees, n_leaves, n_classes)
        Records in the leaves.

    epsilon : float
        Of the draw.

    Returns
    -------
    weights : ndarray of shape (n_trees,)

    Examples
    --------
    Of two classes in two leaves there are four pairs. They get all right, none, and
    twice one of two.

    >>> counts = np.array([[[1, 0], [0, 1]]])
    >>> log_weights(counts, 2.0), np.log(np.exp(2) + 1 + 2 * np.exp(1))
    (array([2.62652338]), np.float64(2.626523...))
    """
    return logsumexp(epsilon / 2 * counts, axis=2).sum(axis=1)


def leaf_counts(leaves, codes, n_leaves, n_classes) -> np.ndarray:
    """Count the records of each class in each leaf.

    Parameters
    ----------
    leaves : ndarray of int of shape (n_records, n_trees)
        Leaves.

    codes : ndarray of int of shape (n_records,)
        Classes, from 0.

    n_leaves, n_classes : int
        How many there are.

    Returns
    -------
    counts : ndarray of int of shape (n_trees, n_leaves, n_classes)

    Examples
    --------
    >>> leaf_counts(np.array([[0], [1], [1]]), np.array([0, 0, 1]), 2, 2).tolist()
    [[[1, 0], [1, 1]]]
    """
    shape = leaves.shape[1], n_leaves, n_classes
    first = np.arange(shape[0]) * n_leaves
    cells = (leaves + first) * n_classes + codes[:, None]
    return np.bincount(cells.ravel(), minlength=np.prod(shape)).reshape(shape)
