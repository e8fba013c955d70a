"""Which rows each part of an ensemble was trained on, drawn again from its seeds."""

from typing import NamedTuple

import numpy as np
from sklearn.base import is_classifier
from sklearn.ensemble import BaggingClassifier, BaggingRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.tree import BaseDecisionTree
from sklearn.utils import check_random_state
from sklearn.utils.random import sample_without_replacement

__all__ = ["COMMON_SEEDS", "BootstrapCounts", "replay_bootstrap"]

#: What people write for ``random_state``, tried where a model's seeds were removed.
COMMON_SEEDS = (
    *range(31),
    *(33, 37, 42, 43, 44, 50, 64, 66, 69, 77, 88, 99, 100, 101, 111, 123, 124, 128),
    *(200, 222, 256, 314, 321, 333, 400, 404, 420, 444, 456, 500, 512, 555, 600, 666),
    *(700, 777, 789, 800, 888, 900, 999, 1000, 1024, 1111, 1234, 1337, 1729, 1984),
    *range(1990, 2031),
    *(2048, 3141, 3407, 4096, 4242, 4321, 5000, 9999, 10000, 12345, 31415, 54321),
    *(65536, 99999, 123456, 314159, 654321, 1000000, 1234567, 12345678, 123456789),
)

MAX_SEED = np.iinfo(np.int32).max


class BootstrapCounts(NamedTuple):
    """How often each training row was drawn for each part of an ensemble.

    Parameters
    ----------
    counts : ndarray of uint8 of shape (n_rows, n_parts)
        Times that the row was drawn; 0 where it was left out.

    seed : int or None
        The ensemble's ``random_state`` from which the draws were found again; None
        where the parts keep seeds of their own.
    """

    counts: np.ndarray
    seed: int | None


def replay_bootstrap(model, seed="auto") -> BootstrapCounts | None:
    """Draw the bootstrap samples of a fitted ensemble again.

    Parameters
    ----------
    model : fitted estimator
        A forest, a bagging model, or a pipeline that ends in one.

    seed : "auto" or int, default="auto"
        "auto": the seeds that the parts keep; where they were removed, the ensemble's
        ``random_state``, then numbers that people often write. A number: the
        ensemble's ``random_state``.

    Returns
    -------
    replay : BootstrapCounts or None
        None where the model drew no samples, or no seed fits. A seed fits where every
        tree's root holds as many different rows as the draw.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = RandomForestClassifier(5, random_state=42).fit(X, y)
    >>> for tree in model.estimators_:
    ...     tree.random_state = None
    >>> model.random_state = None
    >>> replay = replay_bootstrap(model)
    >>> replay.counts.shape, replay.counts.sum(axis=0).tolist(), replay.seed
    ((150, 5), [150, 150, 150, 150, 150], 42)
    """
    model = _last(model)
    draw = _drawer(model)
    # One row, or none: the counts were removed, and every seed would fit.
    if draw is None or _n_rows(model) < 2:
        return None
    if seed != "auto":
        return _checked(model, draw, seed)
    kept = _kept_seeds(model)
    if kept is not None and _fits(model, draw, kept):
        return BootstrapCounts(_counts(model, draw, kept), None)
    own = getattr(model, "random_state", None)
    first = (int(own),) if isinstance(own, (int, np.integer)) else ()
    for candidate in dict.fromkeys(first + COMMON_SEEDS):
        found = _checked(model, draw, candidate)
        if found is not None:
            return found
    return None


def _last(model):
    while isinstance(model, (FrozenEstimator, Pipeline)):
        model = model.estimator if isinstance(model, FrozenEstimator) else model[-1]
    return model


def _checked(model, draw, seed):
    seeds = _seeds_from(model, seed)
    if not _fits(model, draw, seeds):
        return None
    return BootstrapCounts(_counts(model, draw, seeds), seed)


def _drawer(model):
    """Return how a part's rows follow from its seed; None where all rows are used."""
    if isinstance(model, (BaggingClassifier, BaggingRegressor)):
        size = getattr(model, "_max_samples", None)
        if size is None or (not model.bootstrap and size == _n_rows(model)):
            return None
        return _draw_bagging
    if getattr(model, "bootstrap", False) and hasattr(model, "estimators_"):
        return _draw_forest
    return None


def _n_rows(model):
    kept = getattr(model, "_n_samples", None)
    if kept is not None:
        return int(kept)
    return int(round(model.estimators_[0].tree_.weighted_n_node_samples[0]))


def _draw_forest(model, seed):
    size = getattr(model, "_n_samples_bootstrap", None) or _n_rows(model)
    return np.random.RandomState(seed).randint(0, _n_rows(model), size)


def _draw_bagging(model, seed):
    rng, n = np.random.RandomState(seed), _n_rows(model)
    n_features = model.n_features_in_
    size = getattr(model, "_max_features", n_features)
    # The columns are drawn first, from the same stream.
    if model.bootstrap_features:
        rng.randint(0, n_features, size)
    else:
        sample_without_replacement(n_features, size, random_state=rng)
    if model.bootstrap:
        return rng.randint(0, n, model._max_samples)
    return sample_without_replacement(n, model._max_samples, random_state=rng)


def _kept_seeds(model):
    if hasattr(model, "_seeds"):
        return None if model._seeds is None else list(model._seeds)
    seeds = [getattr(part, "random_state", None) for part in model.estimators_]
    known = all(isinstance(seed, (int, np.integer)) for seed in seeds)
    return [int(seed) for seed in seeds] if known else None


def _seeds_from(model, seed):
    """Return the parts' seeds as the ensemble draws them from its own."""
    rng, n_parts = check_random_state(seed), len(model.estimators_)
    if _drawer(model) is _draw_bagging:
        return list(rng.randint(MAX_SEED, size=n_parts))
    return [rng.randint(MAX_SEED) for _ in range(n_parts)]


def _fits(model, draw, seeds):
    parts = np.asarray(model.estimators_, dtype=object).ravel()
    if len(seeds) != len(parts):
        return False
    for part, seed in zip(parts, seeds, strict=True):
        tree = _last(part)
        if not isinstance(tree, BaseDecisionTree):
            continue
        if len(np.unique(draw(model, seed))) != tree.tree_.n_node_samples[0]:
            return False
    # Without a tree nothing contradicts a wrong seed: only kept ones are believed.
    return isinstance(_last(parts[0]), BaseDecisionTree) or hasattr(model, "_seeds")


def _counts(model, draw, seeds):
    n = _n_rows(model)
    counts = np.zeros((n, len(seeds)), dtype=np.uint8)
    for t, seed in enumerate(seeds):
        counts[:, t] = np.minimum(np.bincount(draw(model, seed), minlength=n), 255)
    return counts


def tells_classes(model) -> bool:
    """Whether the trees of a model answer with shares of classes.

    Parameters
    ----------
    model : fitted estimator
        A model that holds trees.

    Returns
    -------
    tells : bool
    """
    part = np.asarray(getattr(model, "estimators_", [model]), dtype=object).ravel()[0]
    # A boosted model is a classifier whose trees answer with steps.
    return isinstance(_last(part), BaseDecisionTree) and is_classifier(_last(part))
