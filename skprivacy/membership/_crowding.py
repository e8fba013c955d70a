"""Answers that many records share."""

import numpy as np
from scipy.spatial import cKDTree

__all__ = ["crowding"]

#: Neighbors whose distance is near, and far.
NEAR, FAR = 8, 100
#: Distances below this are rounding.
SMALLEST = 1e-9


def crowding(signal: np.ndarray, pool: np.ndarray) -> np.ndarray:
    """How much closer the nearest answers are than those around them.

    Training puts some members' answers on the very same value: those of support vectors
    lie on the margin. In a smooth crowd the 8th nearest answer is about 8/100 as far as
    the 100th; on such a value it is much nearer.

    Parameters
    ----------
    signal : ndarray of shape (n_records,)
        Signal of each record.

    pool : ndarray of shape (n_pool,)
        Signals of the same model for the records that it is compared with; a record
        that is among them counts itself.

    Returns
    -------
    columns : ndarray of shape (n_records, 2)
        Logarithm of the near distance, and of the near distance over the far one.

    Examples
    --------
    >>> import numpy as np
    >>> pool = np.concatenate([np.linspace(0, 1, 101), np.full(20, 0.5)])
    >>> near, relative = crowding(np.array([0.5, 0.8]), pool).T
    >>> bool(relative[0] < relative[1])
    True
    """
    # One more, for the record itself.
    steps = [min(k + 1, len(pool)) for k in (NEAR, FAR)]
    distance, _ = cKDTree(pool[:, None]).query(signal[:, None], k=steps)
    near, far = np.log(distance + SMALLEST).T
    return np.column_stack([near, near - far])
