"""Points at which no class is all but certain, so that log-odds are sure."""

import numpy as np

from skprivacy.extraction._links import LINKS, link_noise

__all__ = ["MOST_NOISE", "ask_near", "find_center"]

#: Log-odds that floating-point numbers leave less sure than this are asked elsewhere.
MOST_NOISE = 1e-12
#: How often a point is moved three quarters of the way to the center.
N_RETREATS = 24
#: Records among which a center is looked for.
N_CENTERS = 64


def find_center(oracle, space):
    """Find a point at which no class is all but certain.

    The medians come first, then records, then points between two of different classes.

    Returns
    -------
    center : ndarray of shape (n_features,)
    answer : ndarray of shape (1, n_columns)
    """
    link = LINKS[oracle.response][0]
    best = space.snap(np.median(space.records, axis=0))[None]
    answer = oracle.ask(best)
    noise = link_noise(answer, link)
    if noise[0] <= MOST_NOISE:
        return best[0], answer
    n_tried = int(min(N_CENTERS, len(space.records), oracle.left))
    rows = np.linspace(0, len(space.records) - 1, n_tried).astype(int)
    points = np.vstack([best, space.records[rows]])
    answers = np.vstack([answer, oracle.ask(points[1:])])
    noise = link_noise(answers, link)
    # Of points where some class has no chance left, the one that is least sure.
    least = int(np.lexsort((answers.max(axis=1), noise))[0])
    label = answers.argmax(axis=1)
    if noise[least] <= MOST_NOISE or (label == label[0]).all():
        return points[least], answers[least : least + 1]
    low, high = points[0], points[np.flatnonzero(label != label[0])[0]]
    best, answer, least = points[least], answers[least : least + 1], noise[least]
    for _ in range(N_RETREATS):
        middle = space.snap((low + high) / 2)
        told = oracle.ask(middle[None])
        found = link_noise(told, link)[0]
        if found < least:
            best, answer, least = middle, told, found
        if least <= MOST_NOISE:
            break
        low, high = (middle, high) if told.argmax() == label[0] else (low, middle)
    return best, answer


def ask_near(oracle, space, center, moves, most_noise):
    """Ask about points around the center, nearer to it where answers are extreme.

    Parameters
    ----------
    oracle : Oracle
        The target.

    space : QuerySpace
        What may be asked.

    center : ndarray of shape (n_features,)
        Center.

    moves : ndarray of shape (n_points, n_free)
        Moves away from it.

    most_noise : float
        Log-odds that are less sure are asked again, a quarter as far away.

    Returns
    -------
    points : ndarray of shape (n_points, n_features)
    answers : ndarray of shape (n_points, n_columns)
    """
    link = LINKS[oracle.response][0]
    points = np.tile(center, (len(moves), 1))
    points[:, space.free] += moves
    points = space.snap(points)
    if not len(points):
        return points, np.empty((0, 1))
    answers = oracle.ask(points)
    share = 1.0
    for _ in range(N_RETREATS):
        share /= 4
        nearer = np.tile(center, (len(moves), 1))
        nearer[:, space.free] += share * moves
        nearer = space.snap(nearer)
        # Whole numbers cannot come nearer than one.
        is_same = (nearer == points).all(axis=1) | (nearer == center).all(axis=1)
        bad = (link_noise(answers, link) > most_noise) & ~is_same
        if not bad.any() or oracle.left < bad.sum():
            break
        points[bad], answers[bad] = nearer[bad], oracle.ask(nearer[bad])
    return points, answers
