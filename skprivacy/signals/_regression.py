"""Signals from a regressor's predictions, as plain functions on arrays.

Each takes predictions of shape (..., n_records) and the true values of shape
(n_records,). Larger always means "more like a member".
"""

import numpy as np

__all__ = [
    "gaussian_log_likelihood",
    "negative_absolute_residual",
    "negative_squared_residual",
    "residual_scale",
]


def negative_absolute_residual(value: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Minus the distance of the prediction from the true value.

    Parameters
    ----------
    value : ndarray of shape (..., n_records)
        Predictions.

    y : ndarray of shape (n_records,)
        True values.

    Returns
    -------
    signal : ndarray of shape (..., n_records)

    Examples
    --------
    >>> import numpy as np
    >>> negative_absolute_residual(np.array([3.0]), np.array([1.0]))
    array([-2.])
    """
    return -np.abs(value - y)


def negative_squared_residual(value: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Minus the squared distance of the prediction from the true value.

    Parameters
    ----------
    value : ndarray of shape (..., n_records)
        Predictions.

    y : ndarray of shape (n_records,)
        True values.

    Returns
    -------
    signal : ndarray of shape (..., n_records)

    Examples
    --------
    >>> import numpy as np
    >>> negative_squared_residual(np.array([3.0]), np.array([1.0]))
    array([-4.])
    """
    return -((value - y) ** 2)


def gaussian_log_likelihood(
    value: np.ndarray, y: np.ndarray, scale: float
) -> np.ndarray:
    """Log-density of the true value under a Gaussian around the prediction.

    Parameters
    ----------
    value : ndarray of shape (..., n_records)
        Predictions.

    y : ndarray of shape (n_records,)
        True values.

    scale : float
        Standard deviation, in the unit of ``y``.

    Returns
    -------
    signal : ndarray of shape (..., n_records)

    Examples
    --------
    >>> import numpy as np
    >>> gaussian_log_likelihood(np.array([1.0]), np.array([1.0]), 1.0).round(3)
    array([-0.919])
    """
    z = (value - y) / scale
    return -0.5 * z**2 - np.log(scale) - 0.5 * np.log(2 * np.pi)


def residual_scale(residual: np.ndarray) -> float:
    """Robust standard deviation of residuals: their median size over 0.6745.

    Where more than half of the residuals are zero, their root mean square; where all
    are, or there are none, 1.

    Parameters
    ----------
    residual : ndarray
        Residuals, of any shape.

    Returns
    -------
    scale : float

    Examples
    --------
    >>> import numpy as np
    >>> round(residual_scale(np.array([-1.0, 1.0, 2.0, -2.0])), 3)
    2.224
    """
    if not np.size(residual):
        return 1.0
    # 0.6745 is the upper quartile of the standard Gaussian.
    scale = float(np.median(np.abs(residual)) / 0.6744897501960817)
    if scale == 0:
        scale = float(np.sqrt(np.mean(np.square(residual))))
    return scale if scale > 0 else 1.0
