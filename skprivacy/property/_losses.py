"""How well models do on the test records of each world."""

import numpy as np

from skprivacy.records import has_property, take_rows
from skprivacy.signals import ask, correctness, decision_probabilities, label_mass
from skprivacy.targets import BlackBox

__all__ = ["best_threshold", "group_losses", "world_losses"]

#: A probability of 0 is taken for half of what 500 votes could show.
LEAST_PROBABILITY = 1e-3


def group_losses(models, records, property, label=-1) -> np.ndarray:
    """Mean loss of models on the records without and with a property.

    Parameters
    ----------
    models : list of fitted models
        Models.

    records : DataFrame or ndarray of shape (n_records, n_features + 1)
        Test records, the label among their columns.

    property : tuple, str or callable
        Which of them have the property; see :func:`has_property`.

    label : str or int, default=-1
        The label's column.

    Returns
    -------
    losses : ndarray of shape (n_models, 2)
        Cross-entropy, share of wrong labels where a model gives labels alone, squared
        error of a regressor.
    """
    mask = has_property(property, records)
    if mask.all() or not mask.any():
        raise ValueError(
            "test_records must hold records with the property and without it; "
            f"{int(mask.sum())} of {len(mask)} have it ({property!r})."
        )
    groups = [take_rows(records, np.flatnonzero(mask == value)) for value in (0, 1)]
    return np.array(
        [[_mean_loss(model, group, label) for group in groups] for model in models]
    )


def world_losses(losses, ratios) -> np.ndarray:
    """Mean loss on the test records of each world.

    A test set of a world is a mixture of the two groups, so that no such set need be
    drawn.

    Parameters
    ----------
    losses : ndarray of shape (n_models, 2)
        Mean loss on records without and with the property.

    ratios : ndarray of shape (n_worlds,)
        Share of the property in each world.

    Returns
    -------
    losses : ndarray of shape (n_models, n_worlds)

    Examples
    --------
    >>> import numpy as np
    >>> world_losses(np.array([[1.0, 2.0]]), np.array([0.3, 0.7])).round(1)
    array([[1.3, 1.7]])
    """
    return losses @ np.vstack([1 - ratios, ratios])


def best_threshold(losses, worlds) -> tuple[int, float, int]:
    """Find the test set and the loss that tell two worlds apart best.

    Parameters
    ----------
    losses : ndarray of shape (n_models, n_sets)
        Mean loss of shadow models on several test sets.

    worlds : ndarray of int of shape (n_models,)
        World of each, 0 or 1.

    Returns
    -------
    column : int
        Test set.

    threshold : float
        In the middle between two shadow models.

    sign : int
        1 where a larger loss stands for world 1, -1 for the opposite.

    Examples
    --------
    >>> import numpy as np
    >>> losses = np.array([[0.1], [0.2], [0.4], [0.5]])
    >>> best_threshold(losses, np.array([1, 1, 0, 0]))
    (0, 0.30000000000000004, -1)
    """
    n_each = np.bincount(worlds, minlength=2)
    best = (-1.0, 0, 0.0, 1)
    for column, values in enumerate(losses.T):
        order = np.argsort(values, kind="stable")
        ordered, of_world = values[order], worlds[order]
        # Share of each world at or below each model.
        below = np.column_stack(
            [np.cumsum(of_world == world) / n_each[world] for world in (0, 1)]
        )
        gap = (below[:, 0] - below[:, 1])[:-1]
        gap = np.where(ordered[1:] > ordered[:-1], gap, 0.0)
        if not len(gap):
            continue
        at = int(np.argmax(np.abs(gap)))
        middle = float((ordered[at] + ordered[at + 1]) / 2)
        found = (abs(gap[at]), column, middle, 1 if gap[at] >= 0 else -1)
        # On a tie the first test set.
        best = max(best, found, key=lambda one: one[0])
    return best[1:]


def _mean_loss(model, records, label):
    box = model if isinstance(model, BlackBox) else BlackBox(model)
    answers, truth = ask(box, records, label)
    if box.response_ == "value":
        return float(np.mean((answers[:, 0] - truth) ** 2))
    if box.response_ == "label":
        return float(1 - np.mean(correctness(answers, truth)))
    if box.response_ == "decision":
        answers = decision_probabilities(answers)
    own, _ = label_mass(answers, truth)
    return float(-np.log(np.maximum(own, LEAST_PROBABILITY)).mean())
