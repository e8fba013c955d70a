"""How far a model's answers diverge from those of each world."""

import numpy as np
from scipy.special import expit, softmax, xlogy

__all__ = ["WorldAnswers", "answer_probabilities", "divergence_to_worlds"]

#: A probability of 0 is taken for half of what 500 votes could show.
LEAST_PROBABILITY = 1e-3


def answer_probabilities(numbers, n_queries) -> np.ndarray:
    """Turn the numbers of answers back into probabilities.

    Parameters
    ----------
    numbers : ndarray of shape (n_models, n_queries * n_numbers)
        Log-odds of the second of two classes; of more classes, logarithms about their
        mean, without the last; labels alone as a one among zeros.

    n_queries : int
        Queries.

    Returns
    -------
    proba : ndarray of shape (n_models, n_queries, n_classes)

    Examples
    --------
    >>> import numpy as np
    >>> answer_probabilities(np.array([[0.0, np.log(3)]]), 2).round(2)
    array([[[0.5 , 0.5 ],
            [0.25, 0.75]]])
    """
    numbers = numbers.reshape(len(numbers), n_queries, -1)
    if np.isin(numbers, (0, 1)).all():
        first = 1 - numbers.sum(axis=2, keepdims=True)
        return np.concatenate([first, numbers], axis=2)
    if numbers.shape[2] == 1:
        return np.concatenate([expit(-numbers), expit(numbers)], axis=2)
    last = -numbers.sum(axis=2, keepdims=True)
    return softmax(np.concatenate([numbers, last], axis=2), axis=2)


def divergence_to_worlds(proba, shadow_proba, worlds) -> np.ndarray:
    """Mean divergence of a model's answers from those of the models of each world.

    Parameters
    ----------
    proba : ndarray of shape (n_models, n_queries, n_classes)
        Answers of the models under attack.

    shadow_proba : ndarray of shape (n_shadow_models, n_queries, n_classes)
        Answers of the shadow models.

    worlds : ndarray of int of shape (n_shadow_models,)
        World of each shadow model.

    Returns
    -------
    divergence : ndarray of shape (n_models, n_worlds)
        Of the model's answer from the shadow model's, in nats: the mean over queries,
        and over the shadow models of the world.

    Examples
    --------
    >>> import numpy as np
    >>> answers = np.array([[[0.5, 0.5]], [[0.2, 0.8]]])
    >>> divergence_to_worlds(answers[:1], answers, np.array([0, 1])).round(3)
    array([[0.   , 0.223]])
    """
    proba, shadow_proba = _open(proba), _open(shadow_proba)
    n_queries = proba.shape[1]
    own = xlogy(proba, proba).sum(axis=(1, 2))
    logs = np.log(shadow_proba).reshape(len(shadow_proba), -1)
    crossed = proba.reshape(len(proba), -1) @ logs.T
    each = (own[:, None] - crossed) / n_queries
    return np.column_stack(
        [each[:, worlds == world].mean(axis=1) for world in range(worlds.max() + 1)]
    )


class WorldAnswers:
    """Answers of the models of each world.

    Parameters
    ----------
    numbers : ndarray of shape (n_models, n_numbers)
        Numbers of the answers of shadow models.

    worlds : ndarray of int of shape (n_models,)
        World of each.

    n_queries : int
        Queries.
    """

    def __init__(self, numbers, worlds, n_queries):
        self.worlds = worlds
        self.n_queries = n_queries
        self.proba = answer_probabilities(numbers, n_queries)

    def scores(self, numbers) -> np.ndarray:
        """Score worlds: minus the divergence from their models.

        Parameters
        ----------
        numbers : ndarray of shape (n_models, n_numbers)
            Numbers of the answers of models under attack.

        Returns
        -------
        scores : ndarray of shape (n_models, n_worlds)
        """
        proba = answer_probabilities(numbers, self.n_queries)
        return -divergence_to_worlds(proba, self.proba, self.worlds)


def _open(proba):
    """Probabilities that no logarithm is infinite of."""
    proba = np.maximum(proba, LEAST_PROBABILITY)
    return proba / proba.sum(axis=-1, keepdims=True)
