"""Least squares of answers that are rounded or noisy."""

import numpy as np

from skprivacy.extraction._links import scores_of, to_answers

__all__ = ["fit_answers", "slopes"]

#: Most steps towards the least squares.
N_STEPS = 60


def slopes(scores, link):
    """How fast each answer changes with its own score.

    Parameters
    ----------
    scores : ndarray of shape (n_points, n_scores)
        Scores.

    link : {"softmax", "identity", "log"}
        What answers are made of them.

    Returns
    -------
    slopes : ndarray of shape (n_points, n_scores)
    """
    if link == "softmax":
        p = to_answers(scores, link)[:, :-1]
        return p * (1 - p)
    return np.ones_like(scores) if link == "identity" else to_answers(scores, link)


def fit_answers(terms, answers, link, unit, start=None):
    """Least squares of the answers themselves, whose errors are all alike.

    Parameters
    ----------
    terms : ndarray of shape (n_points, n_terms)
        Terms of the points.

    answers : ndarray of shape (n_points, n_columns)
        Rounded or noisy answers.

    link : {"softmax", "identity", "log"}
        Scale on which they are sums of the terms.

    unit : float
        Smallest difference between answers.

    start : ndarray of shape (n_terms, n_scores) or None, default=None
        Where to begin. None: at the solution on the scale of the link.

    Returns
    -------
    coefficients : ndarray of shape (n_terms, n_scores)
    """
    if link == "identity":
        return np.linalg.lstsq(terms, answers, rcond=None)[0]
    if start is None:
        least = unit / 4
        held = np.maximum(answers, least)
        weight = held.min(axis=1, keepdims=True) if link == "softmax" else held
        start = np.linalg.lstsq(
            weight * terms, weight * scores_of(held, link), rcond=None
        )[0]
    return _levenberg(terms, answers, link, start)


def _levenberg(terms, answers, link, fit):
    """Gauss-Newton steps, damped until the sum of squares goes down."""
    n_terms, n_scores = fit.shape
    damping, loss = 1e-3, None
    for _ in range(N_STEPS):
        found = to_answers(terms @ fit, link)
        left = answers - found
        loss = (left**2).sum()
        normal, gradient = _normal_equations(terms, found, left, link, n_scores)
        size = np.diag(normal).copy()
        for _ in range(12):
            damped = normal + np.diag(damping * size + 1e-15 * size.max() + 1e-300)
            step = np.linalg.solve(damped, gradient).reshape(n_scores, n_terms).T
            new = ((answers - to_answers(terms @ (fit + step), link)) ** 2).sum()
            if new <= loss:
                break
            damping *= 4
        else:
            return fit
        fit, damping = fit + step, max(damping / 10, 1e-12)
        if loss - new <= 1e-9 * loss:
            break
    return fit


def _normal_equations(terms, found, left, link, n_scores):
    """Return the sum of squares' derivatives: J'J and J' times what is left."""
    n_terms = terms.shape[1]
    if link == "log":
        rows = found * terms
        return rows.T @ rows, rows.T @ left[:, 0]
    normal = np.empty((n_scores, n_terms, n_scores, n_terms))
    gradient = np.empty((n_scores, n_terms))
    # dp_c / ds_k = p_c (1[c = k] - p_k), with the last class's score held at 0.
    p = found
    inner = (p**2).sum(axis=1)
    for k in range(n_scores):
        slope = p[:, k] * (left[:, k] - (left * p).sum(axis=1))
        gradient[k] = terms.T @ slope
        for m in range(k, n_scores):
            weight = p[:, k] * p[:, m] * (inner - p[:, k] - p[:, m] + (k == m) * 1.0)
            if k == m:
                weight = p[:, k] ** 2 * (1 - 2 * p[:, k] + inner)
            normal[k, :, m] = (terms * weight[:, None]).T @ terms
            normal[m, :, k] = normal[k, :, m].T
    size = n_scores * n_terms
    return normal.reshape(size, size), gradient.reshape(size)
