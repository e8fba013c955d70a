"""One of many random trees, drawn with its labels by how many records it gets right."""

import numpy as np
from scipy.special import logsumexp

from skprivacy.dp._observed import Release, observed
from skprivacy.dp._random_trees import apply_trees, draw_trees

__all__ = ["CandidateTrees", "draw_labeled_tree", "leaf_counts", "log_weights"]

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
    sizes = [min(BLOCK, n_trees - start) for start in range(0, n_trees, BLOCK)]
    parts = [draw_trees(edges, size, depth, noise) for size in sizes]
    trees = [np.concatenate(part) for part in zip(*parts, strict=True)]
    candidates = CandidateTrees(X, codes, n_classes, *trees)

    def draw():
        # The largest of logarithms with Gumbel noise is drawn by its weight.
        keys = np.concatenate(
            [
                log_weights(counts, epsilon) + noise.gumbel(len(counts))
                for counts in candidates.counts()
            ]
        )
        place = int(keys.argmax())
        counts = candidates.counts_of(slice(place, place + 1))[0]
        labels = (epsilon / 2 * counts + noise.gumbel(counts.shape)).argmax(axis=1)
        return place, labels

    release = Release("labeled_tree", candidates, 1.0, 2 / epsilon)
    place, labels = observed(release, draw, noise)
    return *(one[place : place + 1].copy() for one in trees), labels


class CandidateTrees:
    """Random trees, and how many records of each class their leaves have.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Records.

    codes : ndarray of int of shape (n_records,)
        Their classes, from 0.

    n_classes : int
        Classes.

    feature, threshold : ndarray of shape (n_trees, n_nodes)
        The trees, as of :func:`draw_trees`.
    """

    def __init__(self, X, codes, n_classes, feature, threshold):
        self.X, self.codes, self.n_classes = X, codes, n_classes
        self.feature, self.threshold = feature, threshold

    def counts_of(self, which) -> np.ndarray:
        """Count records, as :func:`leaf_counts`, for a slice of the trees."""
        leaves = apply_trees(self.X, self.feature[which], self.threshold[which])
        n_leaves = self.feature.shape[1] + 1
        return leaf_counts(leaves, self.codes, n_leaves, self.n_classes)

    def counts(self):
        """Count records in all trees, a block at a time, which is all that is held.

        Yields
        ------
        counts : ndarray of int of shape (n_in_block, n_leaves, n_classes)
        """
        n_trees, n_nodes = self.feature.shape
        size = (n_nodes + 1) * max(self.n_classes, self.X.shape[1])
        block = int(np.clip(MOST_NUMBERS // size, 1, BLOCK))
        for start in range(0, n_trees, block):
            yield self.counts_of(slice(start, start + block))


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
