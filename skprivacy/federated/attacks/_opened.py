"""Updates of single clients that were taken out of sums."""

import numpy as np

__all__ = ["share_opened"]


def share_opened(opened, updates, tolerance):
    """Return the share of clients whose vector was found.

    Parameters
    ----------
    opened : list of (id, ndarray of shape (n_values,))
        What an attack found.

    updates : dict of {id: array-like of shape (n_values,)}
        What the clients sent.

    tolerance : float
        The largest error of a value.

    Returns
    -------
    share : float

    Raises
    ------
    ValueError
        If there are no updates, or they have another length.
    """
    if not updates:
        raise ValueError("updates must name one client at least; got none.")
    found = dict.fromkeys(updates, False)
    for client, vector in opened:
        if client not in updates:
            continue
        truth = np.asarray(updates[client], dtype=float)
        if truth.shape != vector.shape:
            raise ValueError(
                f"updates must have shape {vector.shape}; got {truth.shape} of client "
                f"{client!r}."
            )
        found[client] |= bool(np.abs(vector - truth).max() <= tolerance)
    return float(np.mean(list(found.values())))
