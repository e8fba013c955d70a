"""A bandit that learns which groups of records are worth their price."""

import numpy as np
from sklearn.cluster import KMeans

__all__ = ["draw_actions", "make_actions", "policy", "rewards", "update_preferences"]

#: Most groups, and records that each has at least on average.
MOST_ACTIONS, FEWEST_RECORDS = 30, 20
#: Records that groups are made of.
N_GROUPED = 5000
#: Least probability in a cross-entropy.
SMALL = 1e-6


def make_actions(features, seed):
    """Group records, each group an action of the bandit.

    Parameters
    ----------
    features : ndarray of shape (n_records, n_columns)
        Records, columns of the same spread.

    seed : int
        Seed.

    Returns
    -------
    groups : KMeans
        Its ``predict`` tells the group of any point.
    """
    n_actions = int(np.clip(len(features) // FEWEST_RECORDS, 1, MOST_ACTIONS))
    groups = KMeans(n_actions, n_init=1, random_state=seed)
    return groups.fit(features[:N_GROUPED])


def rewards(answers, told, response, mean):
    """Three rewards of each answer: certainty, diversity and loss.

    Parameters
    ----------
    answers : ndarray of shape (n_points, n_columns)
        What the target answered.

    told : ndarray of shape (n_points, n_columns)
        What a copy said that had not learned from them.

    response : {"proba", "decision", "label", "value"}
        What the answers are.

    mean : ndarray of shape (n_columns,)
        Mean of all answers so far.

    Returns
    -------
    rewards : ndarray of shape (n_points, 3)
        How far the largest answer is above the second; by how much answers exceed their
        mean, summed; and cross-entropy of the copy's probabilities, of other answers
        the squared error. A number has no certainty, and its distance from the mean
        counts on both sides.

    Examples
    --------
    >>> answers, told = np.array([[0.9, 0.1]]), np.array([[0.5, 0.5]])
    >>> rewards(answers, told, "proba", np.array([0.6, 0.4])).round(3).tolist()
    [[0.8, 0.3, 0.693]]
    """
    if response == "value":
        certain = np.zeros(len(answers))
        diverse = np.abs(answers - mean).sum(axis=1)
    else:
        top = np.partition(answers, -2, axis=1)
        certain = top[:, -1] - top[:, -2]
        diverse = np.maximum(answers - mean, 0).sum(axis=1)
    if response in ("proba", "label"):
        loss = -(answers * np.log(np.maximum(told, SMALL))).sum(axis=1)
    else:
        loss = ((answers - told) ** 2).sum(axis=1)
    return np.column_stack([certain, diverse, loss])


def policy(preferences):
    """Probability of each action: the softmax of its preference."""
    weight = np.exp(preferences - preferences.max())
    return weight / weight.sum()


def update_preferences(preferences, counts, baseline, actions, earned):
    """Follow the gradient of the expected reward, one action after the other.

    Parameters
    ----------
    preferences : ndarray of float of shape (n_actions,)
        Preferences, changed in place.

    counts : ndarray of int of shape (n_actions,)
        How often each was taken, changed in place; the step is one divided by it.

    baseline : float
        Mean reward so far.

    actions : ndarray of int of shape (n_taken,)
        Actions that were taken.

    earned : ndarray of float of shape (n_taken,)
        The reward of each.

    Returns
    -------
    baseline : float
        Mean reward, these included.

    Examples
    --------
    >>> preferences, counts = np.zeros(2), np.zeros(2, dtype=int)
    >>> update_preferences(preferences, counts, 0.0, np.array([0, 1]), np.array([1, 0]))
    0.5
    >>> preferences.round(3).tolist()
    [0.25, -0.25]
    """
    for action, reward in zip(actions, earned, strict=True):
        counts[action] += 1
        # The reward counts in the mean that it is held against.
        baseline += (reward - baseline) / counts.sum()
        chance = -policy(preferences)
        chance[action] += 1
        preferences += (reward - baseline) / counts[action] * chance
    return float(baseline)


def draw_actions(chance, n_free, n_drawn, rng):
    """Say how many records each action gives.

    Parameters
    ----------
    chance : ndarray of shape (n_actions,)
        Probability of each.

    n_free : ndarray of int of shape (n_actions,)
        Records that each has left.

    n_drawn : int
        How many are wanted.

    rng : RandomState
        Randomness.

    Returns
    -------
    n_each : ndarray of int of shape (n_actions,)
        None gives more than it has; what is too much goes to the others.
    """
    n_each = np.zeros(len(n_free), dtype=int)
    n_drawn = min(n_drawn, int(n_free.sum()))
    while n_each.sum() < n_drawn:
        has_some = n_each < n_free
        weight = np.where(has_some, chance + 1e-12, 0.0)
        more = rng.multinomial(n_drawn - n_each.sum(), weight / weight.sum())
        n_each = np.minimum(n_each + more, n_free)
    return n_each
