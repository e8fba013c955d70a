"""Which records each shadow model is trained on."""

import numpy as np

__all__ = ["draw_memberships"]


def draw_memberships(groups, labels, n_models, subsample, paired, rng):
    """Draw the training set of each shadow model.

    Equal records go in or out together, so that "the record was not in the training
    set" is true of every copy of it.

    Parameters
    ----------
    groups : ndarray of shape (n_records,)
        Equal for equal records.

    labels : ndarray of int of shape (n_records,) or None
        Class of each record; None for a regression.

    n_models : int
        Shadow models.

    subsample : float
        Share of the records that each is trained on.

    paired : bool
        Models 2i and 2i + 1 share the records out between them.

    rng : RandomState
        Source of randomness.

    Returns
    -------
    membership : ndarray of bool of shape (n_models, n_records)

    Notes
    -----
    A plain random half may miss a rare class altogether. Only then are the records of
    each class halved on their own, as evenly as they can be.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.RandomState(0)
    >>> membership = draw_memberships(np.arange(6), None, 2, 0.5, True, rng)
    >>> membership.sum(axis=1), membership.sum(axis=0)
    (array([3, 3]), array([1, 1, 1, 1, 1, 1]))
    """
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    # Numbered by first appearance, so that the draw does not depend on hash values.
    rank = np.empty(len(first), dtype=int)
    rank[np.argsort(first)] = np.arange(len(first))
    group, first = rank[group], np.sort(first)
    group_labels = None
    if labels is not None:  # numbered, so that they are counted in no time
        group_labels = np.unique(labels[first], return_inverse=True)[1]
    n_draws = (n_models + 1) // 2 if paired else n_models
    membership = []
    for _ in range(n_draws):
        drawn = _draw_groups(len(first), group_labels, subsample, paired, rng)
        membership.append(drawn[group])
        if paired:
            membership.append(~drawn[group])
    return np.array(membership[:n_models])


def _draw_groups(n_groups, labels, subsample, paired, rng):
    drawn = _draw_share(n_groups, subsample, rng)
    if labels is None or not _misses_a_class(drawn, labels, paired):
        return drawn
    drawn = np.zeros(n_groups, dtype=bool)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        drawn[rows] = _draw_share(len(rows), subsample, rng)
    return drawn


def _draw_share(n, share, rng):
    """Draw a share of ``n``; what does not divide is rounded at random."""
    exact = n * share
    size = int(exact) + int(rng.random_sample() < exact - int(exact))
    # Neither side may be empty where both can have one.
    size = min(max(size, 1), max(n - 1, 1))
    drawn = np.zeros(n, dtype=bool)
    drawn[rng.permutation(n)[:size]] = True
    return drawn


def _misses_a_class(drawn, labels, paired):
    n_all = np.bincount(labels)
    n_drawn = np.bincount(labels[drawn], minlength=len(n_all))
    return not n_drawn.all() or (paired and (n_drawn == n_all).any())
