"""What is known of which rows each tree was trained on, and what follows of leaves."""

from typing import NamedTuple

import numpy as np

from skprivacy.inspection._multiplicity import LARGEST_COUNT, rows_of_class

__all__ = ["Draws", "class_units", "draws_of", "expected_by_count", "rows_by_count"]


class Draws(NamedTuple):
    """Which rows each tree was trained on, as far as it is known.

    Parameters
    ----------
    counts : ndarray of int of shape (n_rows, n_trees)
        How often each row was drawn, at most ``LARGEST_COUNT``; one row for all where
        that is not known, or all are in.

    n_rows : int
        Training rows.

    inside : ndarray of float of shape (n_trees,)
        Share of the rows that each tree has.

    known : bool
        Whether `counts` tells rows apart.
    """

    counts: np.ndarray
    n_rows: int
    inside: np.ndarray
    known: bool


def draws_of(ensemble, replay) -> Draws:
    """Lay out what is known of an ensemble's draws.

    Parameters
    ----------
    ensemble : TreeEnsemble
        The trees.

    replay : BootstrapCounts or None
        Draws that were found again; of use where each part of the model is one tree.

    Returns
    -------
    draws : Draws
    """
    roots = np.array([nodes.n_samples[0] for nodes in ensemble.trees], dtype=float)
    if replay is not None and replay.counts.shape[1] == len(roots):
        counts = np.minimum(replay.counts, LARGEST_COUNT).astype(int)
        return Draws(counts, len(counts), (counts > 0).mean(axis=0), True)
    largest = max(nodes.weight[0] for nodes in ensemble.trees)
    n_rows = getattr(ensemble.model, "_n_samples", None) or max(largest, roots.max())
    inside = np.clip(roots / n_rows, 1e-6, 1.0)
    return Draws(np.ones((1, len(roots)), dtype=int), int(n_rows), inside, False)


def rows_by_count(draws, t):
    """Count the rows of a tree that were drawn 1, 2, ... times.

    Parameters
    ----------
    draws : Draws
        What is known of the rows of each tree.

    t : int
        Number of the tree.

    Returns
    -------
    rows : ndarray of shape (LARGEST_COUNT,)
        All in the first where the draws are not known.
    """
    if draws.known:
        return np.bincount(draws.counts[:, t], minlength=LARGEST_COUNT + 1)[1:]
    shares = np.zeros(LARGEST_COUNT)
    shares[0] = draws.inside[t]
    return shares * draws.n_rows


def expected_by_count(n_rows, own, other, known):
    """Rows of one class in each leaf that were drawn 1, 2, ... times, on average.

    Parameters
    ----------
    n_rows : ndarray of int of shape (n_leaves,)
        Different rows in each leaf.

    own, other : ndarray of int of shape (n_leaves,)
        Draws of the rows of the class, and of all others.

    known : bool
        Whether draws are known. If not, all rows count as drawn once.

    Returns
    -------
    rows : ndarray of shape (n_leaves, LARGEST_COUNT)

    Examples
    --------
    >>> one, two, three = np.array([1]), np.array([2]), np.array([3])
    >>> expected_by_count(one, two, 0 * one, known=True).round(6)
    array([[0., 1., 0., 0., 0.]])
    """
    if known:
        # One number for all three, since rows of a table are slow to tell apart.
        base = int(max(n_rows.max(), own.max(), other.max(), 0)) + 1
        code = (n_rows.astype(np.int64) * base + own) * base + other
        _, first, place = np.unique(code, return_index=True, return_inverse=True)
        table = np.column_stack([n_rows, own, other])[first].tolist()
        return np.array([rows_of_class(*row) for row in table])[np.ravel(place)]
    expected = np.zeros((len(n_rows), LARGEST_COUNT))
    expected[:, 0] = n_rows * own / np.maximum(own + other, 1)
    return expected


def class_units(ensemble):
    """Weight of one draw of each class: 1, unless classes are weighted.

    Parameters
    ----------
    ensemble : TreeEnsemble
        Trees that answer with shares of classes.

    Returns
    -------
    unit : ndarray of shape (n_classes,)
    """
    weights = np.concatenate(
        [
            (nodes.value * nodes.weight[:, None])[nodes.is_leaf]
            for nodes in ensemble.trees
        ]
    )
    unit = np.ones(weights.shape[1])
    for c in range(weights.shape[1]):
        found = weights[:, c][weights[:, c] > 1e-9]
        if len(found) and np.mean(np.abs(found - np.rint(found)) < 1e-3) < 0.9:
            unit[c] = found.min()
    return unit
