"""Train one recipe on many subsets of the same records."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import joblib
import numpy as np
import sklearn

from skprivacy._progress import tell_progress
from skprivacy.shadow._memory import as_memory, content_hash, recalled
from skprivacy.shadow._parallel import inner_jobs, train_together
from skprivacy.shadow._train import content_key, name_of, train

__all__ = ["fit_on_subsets"]


@dataclass
class SubsetTask:
    """All that the training of one model depends on."""

    index: int
    seed: int
    recipe: Any
    X: Any
    y: np.ndarray
    rows: np.ndarray
    data_key: str
    fit_params: dict = field(default_factory=dict)

    def key(self):
        """Equal for tasks with equal results."""
        return joblib.hash((self.data_key, self.rows, self.seed))


def fit_on_subsets(recipe, X, y, subsets, seeds, *, memory=None, n_jobs=None):
    """Train a clone of the recipe on each subset, one after the other.

    Parameters
    ----------
    recipe : estimator
        Unfitted model.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Features of all records.

    y : ndarray of shape (n_records,)
        Labels.

    subsets : list of ndarray of int
        Records that each model is trained on.

    seeds : sequence of int
        Decides the randomness of each model.

    memory : str, path-like, joblib.Memory or None, default=None
        Models are stored here as they finish, and recalled.

    n_jobs : int or None, default=None
        Models trained at the same time; the result does not depend on it.

    Yields
    ------
    model : estimator
        Fitted, in the order of the subsets.

    Raises
    ------
    ShadowFitError
        If a model can't be trained; names its number, its seed and the cause.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyRegressor
    >>> from skprivacy.shadow import fit_on_subsets
    >>> X, y = np.zeros((4, 1)), np.array([0.0, 1.0, 2.0, 3.0])
    >>> halves = [np.array([0, 1]), np.array([2, 3])]
    >>> models = fit_on_subsets(DummyRegressor(), X, y, halves, seeds=[0, 1])
    >>> [float(model.predict(X[:1])[0]) for model in models]
    [0.5, 2.5]
    """
    memory = as_memory(memory)
    # A later scikit-learn may train another model from the same recipe.
    versions = (sklearn.__version__, np.__version__)
    key = None
    if memory is not None:
        what = (type(recipe), recipe.get_params(), content_key(X), content_key(y))
        key = content_hash((what, versions))
    tasks = [
        SubsetTask(i, int(seed), recipe, X, y, rows, key)
        for i, (seed, rows) in enumerate(zip(seeds, subsets, strict=True))
    ]
    if not tasks:
        return
    jobs = inner_jobs(recipe)
    models = train_together(partial(_fit, memory=memory), tasks, n_jobs)
    for done, model in enumerate(models, start=1):
        if jobs:
            model.set_params(**jobs)
        tell_progress(done, len(tasks))
        yield model


def _fit(task, memory):
    if memory is None:
        return train(task)
    key = ("subset", task.key())
    return recalled(lambda: train(task), key, memory, name_of(task))
