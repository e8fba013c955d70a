"""Symmetric matrices as numbers to be released, each once."""

import numpy as np

__all__ = ["from_triangle", "noise_reach", "triangle"]


def triangle(matrix) -> np.ndarray:
    """Return the numbers of a symmetric matrix, those off the diagonal times root 2.

    Their Euclidean norm is the Frobenius norm of the matrix: so each is released once,
    with noise for the distance of whole matrices.

    Parameters
    ----------
    matrix : ndarray of shape (n_columns, n_columns)
        Symmetric.

    Returns
    -------
    numbers : ndarray of shape (n_columns * (n_columns + 1) / 2,)
        Row after row, from the diagonal on.

    Examples
    --------
    >>> triangle(np.array([[1.0, 2.0], [2.0, 3.0]])).round(3)
    array([1.   , 2.828, 3.   ])
    """
    rows, columns = np.triu_indices(len(matrix))
    return matrix[rows, columns] * np.where(rows == columns, 1.0, np.sqrt(2))


def from_triangle(numbers, n_columns) -> np.ndarray:
    """Return the matrix of numbers as of :func:`triangle`.

    Parameters
    ----------
    numbers : ndarray
        Numbers.

    n_columns : int
        Columns of the matrix.

    Returns
    -------
    matrix : ndarray of shape (n_columns, n_columns)

    Examples
    --------
    >>> from_triangle(np.array([1.0, 2 * 2**0.5, 3.0]), 2)
    array([[1., 2.],
           [2., 3.]])
    """
    rows, columns = np.triu_indices(n_columns)
    matrix = np.zeros((n_columns, n_columns))
    matrix[rows, columns] = numbers / np.where(rows == columns, 1.0, np.sqrt(2))
    matrix[columns, rows] = matrix[rows, columns]
    return matrix


def noise_reach(n_columns, deviation) -> float:
    """How large an eigenvalue of a matrix of noise alone is, with many columns.

    Parameters
    ----------
    n_columns : int
        Columns.

    deviation : float
        Of the noise in each number of the triangle.

    Returns
    -------
    reach : float
        By Wigner's law.

    Examples
    --------
    >>> noise_reach(8, 1.0)
    4.0
    """
    return float(deviation * np.sqrt(2 * n_columns))
