"""Mean and variance of signals over the shadow models with, or without, a record."""

from typing import NamedTuple

import numpy as np

__all__ = ["Moments", "moments"]


class Moments(NamedTuple):
    """Number, mean and variance of values for each record.

    Parameters
    ----------
    n : ndarray of int of shape (n_records,)
        Values.

    mean : ndarray of shape (n_records,)
        Their mean; NaN where there are none.

    variance : ndarray of shape (n_records,)
        Their unbiased variance; NaN where there are fewer than two.
    """

    n: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


def moments(values: np.ndarray, mask: np.ndarray) -> Moments:
    """Moments over the models that ``mask`` takes, record by record.

    Parameters
    ----------
    values : ndarray of shape (n_models, n_records)
        Finite numbers.

    mask : ndarray of bool of shape (n_models, n_records)
        Which values count.

    Returns
    -------
    result : Moments

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([[1.0, 5.0], [3.0, 9.0]])
    >>> moments(values, np.array([[True, True], [True, False]]))
    Moments(n=array([2, 1]), mean=array([2., 5.]), variance=array([ 2., nan]))
    """
    n = mask.sum(axis=0)
    weights = mask.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.einsum("ij,ij->j", values, weights) / n
        residual = (values - np.where(n > 0, mean, 0)) * weights
        variance = np.einsum("ij,ij->j", residual, residual) / (n - 1)
    return Moments(n, mean, np.where(n > 1, variance, np.nan))
