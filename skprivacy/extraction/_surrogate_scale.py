"""The scale on which a surrogate learns answers."""

import numpy as np
from scipy.special import softmax

__all__ = ["AnswerScale", "finest_probability"]


def finest_probability(answers, least):
    """Half the smallest probability above 0, if some are 0; else `least`.

    A forest answers in multiples of one over its number of trees, so that 0 stands for
    less than half of that.

    Parameters
    ----------
    answers : ndarray of shape (n_points, n_classes)
        Probabilities.

    least : float
        Smallest result.

    Returns
    -------
    eps : float

    Examples
    --------
    >>> finest_probability(np.array([[0.0, 1.0], [0.02, 0.98]]), 1e-3)
    0.01
    """
    if not (answers <= 0).any():
        return least
    return float(np.clip(answers[answers > 0].min() / 2, least, 0.05))


class AnswerScale:
    """Brings answers to the scale on which they are learned, and back.

    Parameters
    ----------
    kind : {"proba", "decision", "label", "value"}
        What the answers are.

    is_logit : bool
        Whether probabilities are learned as log-odds.

    eps : float
        Added to each probability before its logarithm is taken.
    """

    def __init__(self, kind, is_logit, eps):
        self.kind, self.is_logit, self.eps = kind, is_logit, eps

    def forward(self, answers):
        """Answers, shape (n, n_columns), as what is learned, shape (n, n_learned)."""
        if self.kind == "value":
            return answers
        if self.is_logit and self.kind != "decision":
            logs = np.log(np.clip(answers, 0, 1) + self.eps)
            answers = logs - logs.mean(axis=1, keepdims=True)
        if answers.shape[1] != 2:
            return answers
        if self.is_logit or self.kind == "decision":
            return answers[:, 1:] - answers[:, :1]
        return answers[:, 1:]

    def backward(self, learned):
        """Turn what was predicted back into answers."""
        learned = learned.reshape(len(learned), -1)
        if self.kind == "value":
            return learned
        if self.kind == "decision":
            if learned.shape[1] == 1:
                return np.column_stack([np.zeros(len(learned)), learned])
            return learned
        if self.is_logit:
            if learned.shape[1] == 1:
                learned = np.column_stack([np.zeros(len(learned)), learned])
            shares = softmax(learned, axis=1)
            proba = shares * (1 + shares.shape[1] * self.eps) - self.eps
        elif learned.shape[1] == 1:
            proba = np.column_stack([1 - learned, learned])
        else:
            proba = learned
        proba = np.clip(proba, 0, 1)
        total = proba.sum(axis=1, keepdims=True)
        even = np.full_like(proba, 1 / proba.shape[1])
        return np.divide(proba, total, out=even, where=total > 0)
