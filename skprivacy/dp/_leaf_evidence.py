"""What noisy sums of leaves are worth, when many trees are averaged."""

import numpy as np
from scipy.special import chdtri

__all__ = ["expected_shares", "leaf_evidence"]

#: Least share of an even one that leaves and classes are taken to hold.
LEAST_SHARE = 0.05
#: Bounds of the variance of a share from leaf to leaf.
VARIANCES = 1e-4, 0.25
#: How seldom noise alone makes classes of one size be taken for uneven ones. What is
#: wrong about the classes is wrong in every leaf, and outweighs what leaves say.
FALSE_ALARM = 0.01


def expected_shares(counts, n_records, deviation) -> np.ndarray:
    """Shares of the classes: even ones, unless noise alone would hardly be so uneven.

    The number of records is known, so that what all classes have too much is noise.
    What is left, over the noise, has a chi-squared law with one degree of freedom less
    than there are classes, if these are even. Shares that pass the test are drawn
    towards even ones by the noise that is in them.

    Parameters
    ----------
    counts : ndarray of shape (n_trees, n_leaves, n_classes)
        Counts with noise.

    n_records : int
        Records.

    deviation : float
        Standard deviation of the noise of a count.

    Returns
    -------
    shares : ndarray of shape (n_classes,)

    Examples
    --------
    >>> counts = np.array([[[6.0, 1.0], [0.0, 1.0]]])
    >>> expected_shares(counts, 8, 0.0), expected_shares(counts, 8, 100.0)
    (array([0.75, 0.25]), array([0.5, 0.5]))
    """
    n_trees, n_leaves, n_classes = counts.shape
    even = n_records / n_classes
    away = counts.sum(axis=(0, 1)) / n_trees
    away = away - away.mean()
    noise = deviation**2 * n_leaves / n_trees
    uneven = np.sum(away**2)
    passes = uneven > noise * chdtri(n_classes - 1, FALSE_ALARM)
    believed = 1 - (n_classes - 1) * noise / uneven if passes else 0.0
    totals = np.maximum(even + believed * away, LEAST_SHARE * even)
    return totals / totals.sum()


def leaf_evidence(sums, sizes, n_records, deviation, size_deviation, spread):
    """Means of the leaves, shrunken to serve in an average over trees.

    A mean is drawn towards 0 by what it would vary with as many records as the leaf
    has, and by noise: that of the whole forest, for single trees are averaged. What
    leaves differ by in truth is taken from the sums themselves.

    Parameters
    ----------
    sums : ndarray of shape (n_trees, n_leaves, n_values)
        Sums of numbers of mean 0, with noise.

    sizes : ndarray of shape (n_trees, n_leaves)
        Records, with noise.

    n_records : int
        Records.

    deviation, size_deviation : float
        Standard deviations of the noise of sums and sizes.

    spread : float
        Variance of the numbers.

    Returns
    -------
    means : ndarray of shape (n_trees, n_leaves, n_values)

    error : float
        Typical standard deviation that noise has in the average over the trees.

    Examples
    --------
    >>> sums, sizes = np.array([[[4.0], [-4.0]]]), np.array([[8.0, 8.0]])
    >>> means, error = leaf_evidence(sums, sizes, 16, 0.0, 0.0, 0.25)
    >>> means.ravel().round(2), error
    (array([ 0.44, -0.44]), 0.0)
    """
    n_trees, n_leaves, _ = sums.shape
    even = n_records / n_leaves
    varies = max(sizes.var() - size_deviation**2, 0.0)
    believed = varies / (varies + size_deviation**2) if varies > 0 else 0.0
    sizes = np.maximum(even + believed * (sizes - even), LEAST_SHARE * even)
    explained = np.mean(sums**2) - deviation**2
    between = float(np.clip(explained / np.mean(sizes**2), *VARIANCES))
    noise = deviation**2 / n_trees
    weights = sizes / (sizes**2 + (sizes * spread + noise) / between)
    error = deviation * np.sqrt(np.mean(weights**2) / n_trees)
    return sums * weights[:, :, None], float(error)
