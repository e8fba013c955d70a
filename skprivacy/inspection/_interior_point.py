"""Least squares with numbers between 0 and 1, solved to the end by an interior point.

First-order steps need thousands of rounds where hundreds of leaves overlap; a dozen of
Newton's steps do, as long as a square matrix of the unknowns fits into memory.
"""

import numpy as np
from scipy.linalg import blas, cho_factor, cho_solve

__all__ = ["gram_matrix", "solve_between"]

#: Rounds at most; a dozen is usual.
MOST_ROUNDS = 40

#: Gap between the bounds of the minimum, as a share of it, at which it is found.
GAP = 1e-2

#: Share of the way to a bound that a step goes.
NEARLY = 0.995

#: Products of entries above which a dense multiplication is faster.
SPARSE_WORK = 2e7

#: Equations that are made dense at once.
BLOCK = 2_000


def gram_matrix(coefficient):
    """Products of all pairs of columns; the lower triangle alone is to be trusted.

    Parameters
    ----------
    coefficient : sparse array of shape (n_equations, n_unknowns)
        The equations.

    Returns
    -------
    gram : ndarray of float32 of shape (n_unknowns, n_unknowns)

    Examples
    --------
    >>> from scipy import sparse
    >>> gram_matrix(sparse.csr_array([[1.0, 2.0]])).tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    n_equations, n_unknowns = coefficient.shape
    per_equation = np.diff(coefficient.indptr).astype(float)
    if per_equation @ per_equation < SPARSE_WORK:
        return (coefficient.T @ coefficient).toarray().astype(np.float32)
    gram = np.zeros((n_unknowns, n_unknowns), dtype=np.float32, order="F")
    for start in range(0, n_equations, BLOCK):
        part = coefficient[start : start + BLOCK].astype(np.float32).toarray()
        gram = blas.ssyrk(1.0, part.T, beta=1.0, c=gram, lower=1, overwrite_c=1)
    return gram


def solve_between(coefficient, total, gram, near, pull, noise):
    """Minimize ``|A z - b|^2 / noise^2 + sum(pull * (z - near)^2)``, z from 0 to 1.

    A primal-dual interior-point method with a predictor and a corrector.

    Parameters
    ----------
    coefficient : sparse array of shape (n_equations, n_unknowns)
        ``A``.

    total : ndarray of shape (n_equations,)
        ``b``.

    gram : ndarray of shape (n_unknowns, n_unknowns)
        From :func:`gram_matrix`.

    near, pull : ndarray of shape (n_unknowns,)
        Where each number would be, and how much it is pulled there.

    noise : float
        Standard deviation of an equation.

    Returns
    -------
    z : ndarray of shape (n_unknowns,)
        Strictly between 0 and 1.

    Examples
    --------
    The sum of both is 2, so that both are 1:

    >>> from scipy import sparse
    >>> one = sparse.csr_array([[1.0, 1.0]])
    >>> half, gram = np.full(2, 0.5), gram_matrix(one)
    >>> solve_between(one, np.array([2.0]), gram, half, np.ones(2), 0.01).round(2)
    array([1., 1.])
    """
    back = coefficient.T.tocsr()
    weight = 1 / noise**2
    fixed = weight * (back @ total) + pull * near
    least = (weight * total @ total + pull @ near**2) / 2
    z = np.clip(near, 0.05, 0.95)
    slope = _slope(coefficient, back, weight, pull, z) - fixed
    start = max(0.05 * np.abs(slope).mean(), 1e-8)
    low = np.maximum(slope, 0) + start / z
    high = np.maximum(-slope, 0) + start / (1 - z)
    for _ in range(MOST_ROUNDS):
        left = 1 - z
        slope = _slope(coefficient, back, weight, pull, z) - fixed
        value = z @ (slope - fixed) / 2 + least
        gap = z @ low + left @ high
        if gap < GAP * abs(value) and np.abs(slope - low + high).mean() < GAP:
            break
        matrix = gram * np.float32(weight)
        matrix[np.diag_indices_from(matrix)] += pull + low / z + high / left
        factor = cho_factor(matrix, lower=True, overwrite_a=True, check_finite=False)
        point = z, left, low, high, slope
        mean = gap / (2 * len(z))
        nothing = np.zeros(len(z))
        dz, d_low, d_high = _direction(factor, point, nothing, nothing)
        ahead = min(_room(z, dz), _room(left, -dz))
        behind = min(_room(low, d_low), _room(high, d_high))
        reached = (z + ahead * dz) @ (low + behind * d_low)
        reached += (left - ahead * dz) @ (high + behind * d_high)
        center = mean * (reached / gap) ** 3
        # What the step's own curvature adds is taken back.
        dz, d_low, d_high = _direction(
            factor, point, center - dz * d_low, center + dz * d_high
        )
        ahead = NEARLY * min(_room(z, dz), _room(left, -dz))
        behind = NEARLY * min(_room(low, d_low), _room(high, d_high))
        z = z + ahead * dz
        low, high = low + behind * d_low, high + behind * d_high
    return z


def _slope(coefficient, back, weight, pull, z):
    return weight * (back @ (coefficient @ z)) + pull * z


def _direction(factor, point, to_low, to_high):
    """Newton's step towards given products of each bound's distance and its force."""
    z, left, low, high, slope = point
    aim = -slope + to_low / z - to_high / left
    dz = cho_solve(factor, aim.astype(np.float32), check_finite=False).astype(float)
    d_low = (to_low - low * dz) / z - low
    d_high = (to_high + high * dz) / left - high
    return dz, d_low, d_high


def _room(number, change):
    """How far numbers can go before one of them is 0, at most a whole step."""
    falls = change < 0
    if not falls.any():
        return 1.0
    return min(1.0, (-number[falls] / change[falls]).min())
