"""Hold the answers of all shadow models once."""

import numpy as np

__all__ = ["in_one_array", "is_whole_pool", "read_only"]


def in_one_array(results, n_models):
    """Collect answers as they come, so that none is held twice.

    Parameters
    ----------
    results : iterable of ShadowResult
        One a model.

    n_models : int
        How many there are.

    Returns
    -------
    answers : ndarray of shape (n_models, n_records, n_columns)

    models : list
        The fitted models, or None for each.
    """
    answers, models = None, []
    for result in results:
        if answers is None:
            shape = (n_models, *result.answers.shape)
            answers = np.empty(shape, dtype=result.answers.dtype)
        answers[len(models)] = result.answers
        models.append(result.model)
    return answers, models


def is_whole_pool(position, n_records) -> bool:
    """Whether records are those of the pool, all of them and in its order.

    Examples
    --------
    >>> is_whole_pool(np.array([0, 1, 2]), 3), is_whole_pool(np.array([1, 0, 2]), 3)
    (True, False)
    """
    return len(position) == n_records and np.array_equal(position, np.arange(n_records))


def read_only(array):
    """Return a view that can't be written to.

    Examples
    --------
    >>> read_only(np.zeros(2)).flags.writeable
    False
    """
    view = array.view()
    view.flags.writeable = False
    return view
