"""Who is told how far the training of shadow models has got."""

from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["report_progress", "tell_progress"]

_LISTENER: ContextVar[Callable[[int, int], None] | None] = ContextVar(
    "training_progress", default=None
)


@contextmanager
def report_progress(callback: Callable[[int, int], None]):
    """Call ``callback(done, total)`` as models are fitted, within a ``with`` block.

    Shadow models are told one by one; runs of :mod:`skprivacy.auditing` in batches,
    from 0 again for each method.

    Parameters
    ----------
    callback : callable
        Takes the number of models that are done and the number in all.

    Yields
    ------
    None

    See Also
    --------
    skprivacy.shadow.ShadowModels : Takes scikit-learn's callbacks too, where the
        installed version has them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from skprivacy.shadow import ShadowModels, report_progress
    >>> records = np.random.RandomState(0).rand(20, 3)
    >>> with report_progress(lambda done, total: print(f"{done}/{total}")):
    ...     _ = ShadowModels(Ridge(), n_models=2).fit(records)
    1/2
    2/2
    """
    token = _LISTENER.set(callback)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def tell_progress(done, total):
    """Tell whoever listens."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(done, total)
