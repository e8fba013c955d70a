"""Loads diffprivlib where scikit-learn is newer than it knows, without side effects."""

import importlib
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression

__all__ = ["LoadsLibrary", "library_model", "load_diffprivlib"]


def _running_sum(array, **kwargs):
    """Stand in for what scikit-learn had under the name ``stable_cumsum``."""
    return np.cumsum(array, dtype=np.float64)


#: What it imports, and newer releases of scikit-learn don't have any more.
GONE = [
    ("sklearn.tree._tree", "DOUBLE", np.float64),
    ("sklearn.tree._tree", "DTYPE", np.float32),
    ("sklearn.utils.extmath", "stable_cumsum", _running_sum),
]


def load_diffprivlib():
    """Import diffprivlib, and leave everything else as it was.

    Returns
    -------
    diffprivlib : module

    Notes
    -----
    Names that are gone are lent to scikit-learn for the import alone. The library also
    installs a filter for one of its warnings; joblib sends the filters to its worker
    processes, which would have to import the library, without this function, to know
    that warning. There every parallel call would end, of whatever estimator.

    Examples
    --------
    >>> load_diffprivlib().__name__
    'diffprivlib'
    """
    lent = []
    for place, name, value in GONE:
        module = importlib.import_module(place)
        if not hasattr(module, name):
            setattr(module, name, value)
            lent.append((module, name))
    try:
        library = importlib.import_module("diffprivlib")
    finally:
        for module, name in lent:
            delattr(module, name)
        warnings.filters[:] = [
            one
            for one in warnings.filters
            if not getattr(one[2], "__module__", "").startswith("diffprivlib")
        ]
    return library


def library_model(name, **params):
    """Make one of the library's models, with an account of its own.

    Parameters
    ----------
    name : str
        Class of ``diffprivlib.models``.

    **params : object
        Its parameters.

    Returns
    -------
    model : estimator of diffprivlib

    Examples
    --------
    >>> library_model("LogisticRegression", epsilon=2.0).epsilon
    2.0
    """
    library = load_diffprivlib()
    params["accountant"] = library.BudgetAccountant()
    model_class = getattr(library.models, name)
    if name != "LogisticRegression":
        return model_class(**params)
    # Its constructor passes on an argument that scikit-learn has no more.
    model = model_class.__new__(model_class)
    own = {"epsilon": 1.0, "data_norm": None, "accountant": None, "classes_": None}
    plain = {key: value for key, value in params.items() if key not in own}
    LogisticRegression.__init__(model, **plain)
    for key, default in own.items():
        setattr(model, key, params.get(key, default))
    return model


class LoadsLibrary:
    """Something whose unpickling loads the library, before what follows it in a pickle.

    Examples
    --------
    >>> import pickle
    >>> pickle.loads(pickle.dumps(LoadsLibrary())).__name__
    'diffprivlib'
    """

    def __reduce__(self):
        return load_diffprivlib, ()
