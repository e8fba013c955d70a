"""Answers as numbers in which a linear model is linear."""

import numpy as np
from scipy.special import softmax

from skprivacy.extraction._shares import log_shares

__all__ = ["LINKS", "link_noise", "scores_of", "to_answers"]

#: What is tried: probabilities are looked at as log-odds, numbers as they are, then
#: by their logarithm.
LINKS = {
    "proba": ("softmax",),
    "decision": ("identity",),
    "value": ("identity", "log"),
}


def scores_of(answers, link):
    """Bring answers to the scale on which they are sums over the features.

    Parameters
    ----------
    answers : ndarray of shape (n_points, n_columns)
        Probabilities, decision values or numbers.

    link : {"softmax", "identity", "log"}
        - "softmax": log-odds of each class against the last, log p_k - log p_K;
        - "identity": the answers themselves;
        - "log": their logarithms.

    Returns
    -------
    scores : ndarray of shape (n_points, n_scores)
        One column less than there are classes for "softmax". Infinite or NaN where an
        answer has no logarithm.

    Examples
    --------
    >>> import numpy as np
    >>> scores_of(np.array([[0.5, 0.5], [0.75, 0.25]]), "softmax").round(3)
    array([[0.   ],
           [1.099]])
    """
    if link == "identity":
        return answers
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(answers)
        return logs if link == "log" else logs[:, :-1] - logs[:, -1:]


def to_answers(scores, link):
    """Turn scores back into answers; the inverse of `scores_of`.

    Parameters
    ----------
    scores : ndarray of shape (n_points, n_scores)
        Scores.

    link : {"softmax", "identity", "log", "one_vs_rest"}
        As in `scores_of`; the last are shares of sigmoids, one a class, of which the
        answers do not tell the scores point by point.

    Returns
    -------
    answers : ndarray of shape (n_points, n_columns)
    """
    if link == "identity":
        return scores
    if link == "one_vs_rest":
        return np.exp(log_shares(scores))
    if link == "log":
        with np.errstate(over="ignore"):
            return np.exp(scores)
    return softmax(np.hstack([scores, np.zeros((len(scores), 1))]), axis=1)


def link_noise(answers, link):
    """How far floating-point numbers leave scores unsure.

    A probability computed as 1 - p is a multiple of 2^-53, so that its logarithm is the
    less sure the smaller it is; one that was computed by itself is as sure as any other
    number.

    Parameters
    ----------
    answers : ndarray of shape (n_points, n_columns)
        Answers.

    link : {"softmax", "identity", "log"}
        As in `scores_of`.

    Returns
    -------
    noise : ndarray of shape (n_points,)
        Largest error of a score; infinite where an answer has no logarithm.
    """
    if link == "identity":
        return np.zeros(len(answers))
    with np.errstate(divide="ignore", invalid="ignore"):
        coarse = np.where(np.ldexp(answers, 53) % 1 == 0, 2.0**-53 / answers, 2.0**-52)
        # The smallest numbers there are have fewer digits.
        coarse = np.maximum(coarse, np.nextafter(0, 1) / answers)
    return np.where(answers > 0, coarse, np.inf).max(axis=1)
