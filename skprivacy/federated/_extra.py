"""Packages that only this folder needs."""

import importlib
from functools import cache

__all__ = ["load"]


@cache
def load(name):
    """Import a module of the extra ``federated``.

    Parameters
    ----------
    name : str
        Full name of the module.

    Returns
    -------
    module : module

    Raises
    ------
    ImportError
        If it is not installed; says how to install it.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"skprivacy.federated needs {name.split('.')[0]!r}, which is not "
            "installed: pip install 'skprivacy[federated]'."
        ) from error
