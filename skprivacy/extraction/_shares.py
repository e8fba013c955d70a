"""Probabilities that are shares of sigmoids, one a class, each of a sum of terms."""

from itertools import product

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.special import expit, log_expit, logsumexp

__all__ = ["fit_shares", "log_shares"]

#: Most rounds, and most attempts at each.
N_ROUNDS, N_ATTEMPTS = 60, 15
#: Root mean squared error of the logarithms that counts as none.
EXACT = 1e-13
#: What the sum of sigmoids is taken for at first, and how fast it is taken to decay
#: away from the first point; one after the other, until the error is this small.
TOTALS, DECAYS, GOOD = (1.0, 0.5, 0.1), (0.0, 2.0, -2.0, 4.0), 1e-9
#: A round must take away so much of the error; a few may take less.
LEAST_GAIN, N_POOR = 0.05, 4


def log_shares(scores):
    """Logarithms of the shares that sigmoids have of their sum.

    Parameters
    ----------
    scores : ndarray of shape (n_points, n_classes)
        What the sigmoids are of.

    Returns
    -------
    logs : ndarray of shape (n_points, n_classes)

    Examples
    --------
    >>> import numpy as np
    >>> np.exp(log_shares(np.array([[0.0, 0.0, -np.log(3)]])))
    array([[0.4, 0.4, 0.2]])
    """
    logs = log_expit(scores)
    return logs - logsumexp(logs, axis=1, keepdims=True)


def fit_shares(terms, answers):
    """Coefficients of the sigmoids whose shares the answers are.

    What is seen is each sigmoid by their sum, of which nothing is known. At first the
    sum is taken for known, so that log-odds of single sigmoids are linear; from
    there on the logarithms of all shares are fitted by damped least squares.

    Parameters
    ----------
    terms : ndarray of shape (n_points, n_terms)
        Terms, 1 among them.

    answers : ndarray of shape (n_points, n_classes)
        Probabilities, none of them 0. Each point gives one equation less than there
        are classes.

    Returns
    -------
    coefficients : ndarray of shape (n_terms, n_classes)

    error : float
        Root mean squared error of the logarithms.
    """
    truth = np.log(answers)
    best = None, np.inf
    far = np.linalg.norm(terms - terms[0], axis=1)
    far /= far.max() + 1e-300
    for total, decay in product(TOTALS, DECAYS):
        # All that a sum can be, for the largest share to be a sigmoid.
        sums = np.minimum(total * np.exp(-decay * far), 0.999 / answers.max(axis=1))
        sure = np.clip(sums[:, None] * answers, 1e-12, 1 - 1e-9)
        start = np.linalg.lstsq(terms, np.log(sure / (1 - sure)), rcond=None)[0]
        found = _descend(terms, truth, start)
        best = min(best, found, key=lambda pair: pair[1])
        if best[1] < GOOD:
            break
    return best


def _descend(terms, truth, found):
    """Damped least squares from a start; coefficients, and the error that is left."""
    n_classes, n_terms = truth.shape[1], terms.shape[1]
    rest, damping, n_poor = log_shares(terms @ found) - truth, 1e-3, 0
    error = np.sqrt((rest**2).mean())
    for _ in range(N_ROUNDS):
        if error < EXACT or n_poor == N_POOR:
            break
        slopes = _slopes(terms, terms @ found)
        size = np.sqrt((slopes**2).sum(axis=0)) + 1e-300
        slopes /= size
        square, aim = slopes.T @ slopes, slopes.T @ rest.ravel()
        before = error
        for _ in range(N_ATTEMPTS):
            step = _solve(square, aim, damping)
            new = found - (step / size).reshape(n_classes, n_terms).T
            new_rest = log_shares(terms @ new) - truth
            new_error = np.sqrt((new_rest**2).mean())
            if new_error < error:
                found, rest, error = new, new_rest, new_error
                damping = max(damping / 10, 1e-15)
                break
            damping = max(4 * damping, 1e-15)
        n_poor = n_poor + 1 if error > (1 - LEAST_GAIN) * before else 0
    return found, float(error)


def _slopes(terms, scores):
    """Differentiate log shares, (n_points * n_classes, n_classes * n_terms)."""
    n, n_classes = scores.shape
    down, shares = expit(-scores), np.exp(log_shares(scores))
    # Of share k by score j: down_j (1[j = k] - share_j), the same for all k but j.
    slopes = np.eye(n_classes) * down[:, None] - (down * shares)[:, None]
    return (slopes[..., None] * terms[:, None, None]).reshape(n * n_classes, -1)


def _solve(square, aim, damping):
    """Step of damped least squares; none where the equations leave it open."""
    try:
        factor = cho_factor(square + damping * np.eye(len(square)))
    except LinAlgError:
        return np.zeros(len(aim))
    return cho_solve(factor, aim)
