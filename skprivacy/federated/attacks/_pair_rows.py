"""Records from differences of units, in a network of two classes."""

import numpy as np

__all__ = ["pair_rows", "unit_effects"]

#: Differences are the same that are as close as this share of their range.
SAME = 1e-9
#: Fewer equal differences are chance.
LEAST_PAIRS = 3
#: Units that are compared with each other.
MOST_UNITS = 2000


def unit_effects(network, parameters):
    """Return how far each hidden unit moves class 1 against class 0.

    Parameters
    ----------
    network : DenseNetwork
        The model.

    parameters : ndarray of shape (n_values,) or None
        What was sent out before the round.

    Returns
    -------
    effects : ndarray of shape (n_units,) or None
        None where the model is not known, has not one hidden layer, or more classes.
    """
    if parameters is None or len(network.sizes) != 3 or network.sizes[-1] > 2:
        return None
    weights, _ = network.layers(parameters)[1]
    return weights[:, -1] - (weights[:, 0] if network.sizes[-1] == 2 else 0)


def pair_rows(weights, biases, effects):
    r"""Divide differences of units that one record tells apart.

    With two classes, the gradient of unit j divided by its effect :math:`c_j` is
    :math:`\sum_{i \in S_j} r_i (x_i, 1)`, where :math:`S_j` are the records that it is
    active for, and :math:`r_i` does not depend on the unit. Two units whose sets differ
    by record i alone differ by :math:`r_i (x_i, 1)`, and as many pairs as have this
    difference have exactly the same one.

    Parameters
    ----------
    weights : ndarray of shape (n_features, n_units)
        Gradient of the weights.

    biases : ndarray of shape (n_units,)
        Gradient of the biases.

    effects : ndarray of shape (n_units,)
        Of :func:`unit_effects`.

    Returns
    -------
    rows : ndarray of shape (n_rows, n_features)
        At most as many as units, those of most pairs first.

    n_pairs : ndarray of shape (n_rows,)
        Pairs of units that gave each.
    """
    clear = np.flatnonzero(np.abs(effects) > 1e-6 * np.abs(effects).max(initial=0))
    clear = clear[:MOST_UNITS]
    sums = np.vstack([weights, biases])[:, clear] / effects[clear]
    # A unit that no record moves stands for the empty set.
    sums = np.hstack([sums, np.zeros((len(sums), 1))])
    along = np.random.RandomState(0).normal(size=len(sums)) @ sums
    order = np.argsort(along, kind="stable")
    along, sums = along[order], sums[:, order]
    size = np.ptp(along)
    new = np.append(True, np.diff(along) > 100 * SAME * size)
    along, sums = along[new], sums[:, new]
    first, second = np.triu_indices(len(along), 1)
    differences = along[second] - along[first]
    order = np.argsort(differences, kind="stable")
    new = np.diff(differences[order], prepend=-np.inf) > SAME * size
    starts = np.flatnonzero(new)
    n_pairs = np.diff(np.append(starts, len(order)))
    found = np.argsort(-n_pairs, kind="stable")[: len(effects)]
    found = found[n_pairs[found] >= LEAST_PAIRS]
    pick = order[starts[found]]
    rows = sums[:, second[pick]] - sums[:, first[pick]]
    # Two records of opposite sign may cancel in the bias.
    kept = np.abs(rows[-1]) > SAME * np.abs(rows[-1]).max(initial=0)
    return (rows[:-1, kept] / rows[-1, kept]).T, n_pairs[found][kept]
