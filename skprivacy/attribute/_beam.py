"""Looking for the best of too many completions to try them all."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

__all__ = [
    "beam_search",
    "best_slots",
    "choice_weights",
    "likeliest_cells",
    "with_neighbors",
]

#: Penalty on the square of a weight, in choices of one record.
PENALTY = 1.0


def beam_search(n_records, n_columns, propose, judge, width, n_judged):
    """Settle one column after the other, and keep the best beginnings.

    Parameters
    ----------
    n_records, n_columns : int
        Size of the table of cells that are not known.

    propose : callable
        ``propose(codes)`` gives for beginnings, of shape
        ``(n_records, n_slots, n_settled)``, the log-chance of each value of the next
        column, ``(n_records, n_slots, n_values)``; -inf for those that are not tried.

    judge : callable
        ``judge(codes, log_chance)`` gives the score of each beginning, shape
        ``(n_records, n_slots)``, from its log-chance.

    width : int
        Beginnings that are kept.

    n_judged : int
        Beginnings that are judged: those of which the score of the parent and the
        log-chance of the value have the largest sum.

    Returns
    -------
    codes : ndarray of int of shape (n_records, n_slots, n_columns)
        All completions that were judged; a code is the position of a value.

    score : ndarray of shape (n_records, n_slots)
        Their scores; -inf for slots without a completion.

    Examples
    --------
    >>> def propose(codes):
    ...     return np.log(np.broadcast_to([0.6, 0.4], (*codes.shape[:2], 2)))
    >>> def judge(codes, log_chance):
    ...     return log_chance + 2 * (codes == 1).all(axis=-1)
    >>> codes, score = beam_search(1, 2, propose, judge, width=1, n_judged=2)
    >>> codes[0, score[0].argmax()]
    array([1, 1])
    """
    codes = np.zeros((n_records, 1, 0), dtype=int)
    log_chance = np.zeros((n_records, 1))
    score = log_chance
    for _ in range(n_columns):
        kept = best_slots(score, width)
        codes = np.take_along_axis(codes, kept[:, :, None], axis=1)
        log_chance = np.take_along_axis(log_chance, kept, axis=1)
        score = np.take_along_axis(score, kept, axis=1)
        step = propose(codes)
        n_values = step.shape[2]
        slots = best_slots((score[:, :, None] + step).reshape(n_records, -1), n_judged)
        parent, value = slots // n_values, slots % n_values
        before = np.take_along_axis(codes, parent[:, :, None], axis=1)
        codes = np.concatenate([before, value[:, :, None]], axis=2)
        step = np.take_along_axis(step.reshape(n_records, -1), slots, axis=1)
        log_chance = np.take_along_axis(log_chance, parent, axis=1) + step
        possible = np.isfinite(log_chance)
        found = judge(codes, np.where(possible, log_chance, 0.0))
        score = np.where(possible, found, -np.inf)
    return codes, score


def with_neighbors(codes, score, judge, n_values, n_best):
    """Try, for each column in turn, all its values in the best completions.

    Parameters
    ----------
    codes : ndarray of int of shape (n_records, n_slots, n_columns)
        Completions, such as a beam search leaves.

    score : ndarray of shape (n_records, n_slots)
        Their scores.

    judge : callable
        ``judge(codes)`` gives the scores of completions.

    n_values : list of int
        Values of each column.

    n_best : int
        Completions that are varied.

    Returns
    -------
    codes : ndarray of int of shape (n_records, n_more_slots, n_columns)
        The same and all that were tried.

    score : ndarray of shape (n_records, n_more_slots)
        Their scores; -inf for a completion that is there before.

    Examples
    --------
    >>> codes, score = np.array([[[0, 0]]]), np.array([[0.0]])
    >>> def judge(codes):
    ...     return codes.sum(axis=2).astype(float)
    >>> codes, score = with_neighbors(codes, score, judge, [2, 3], n_best=1)
    >>> codes[0, score[0].argmax()]
    array([1, 2])
    """
    for j, n in enumerate(n_values):
        best = best_slots(score, n_best)[:, :, None]
        varied = np.repeat(np.take_along_axis(codes, best, axis=1), n, axis=1)
        varied[:, :, j] = np.tile(np.arange(n), best.shape[1])
        codes = np.concatenate([codes, varied], axis=1)
        score = np.concatenate([score, judge(varied)], axis=1)
        score = np.where(_there_before(codes, n_values), -np.inf, score)
    return codes, score


def _there_before(codes, n_values):
    key = np.ravel_multi_index(np.moveaxis(codes, 2, 0), n_values)
    order = np.argsort(key, axis=1, kind="stable")
    in_order = np.take_along_axis(key, order, axis=1)
    again = np.zeros(key.shape, dtype=bool)
    again[:, 1:] = in_order[:, 1:] == in_order[:, :-1]
    there = np.empty_like(again)
    np.put_along_axis(there, order, again, axis=1)
    return there


def best_slots(score, n_best):
    """Positions of the largest scores of each row, the best first.

    Parameters
    ----------
    score : ndarray of shape (n_records, n_slots)
        Scores.

    n_best : int
        How many; all, if there are fewer.

    Returns
    -------
    slots : ndarray of int of shape (n_records, min(n_best, n_slots))

    Examples
    --------
    >>> best_slots(np.array([[1.0, 3.0, 3.0]]), 2)
    array([[1, 2]])
    """
    return np.argsort(-score, axis=1, kind="stable")[:, :n_best]


def choice_weights(evidence, weight, drawn_by=None):
    """Learn how much each kind of evidence counts in a choice.

    The chance of a completion is taken to be the softmax, over the completions of a
    record, of a weighted sum of its evidence (conditional logit).

    Parameters
    ----------
    evidence : ndarray of shape (n_records, n_slots, n_columns)
        Evidence of each completion, the right one in the first slot.

    weight : ndarray of shape (n_records,)
        Weights of the records.

    drawn_by : int or None, default=None
        Column with the log-chance by which the wrong completions were drawn. Such a
        sample holds likely ones so much the more often that the log-chance counts
        once less in it than among all completions.

    Returns
    -------
    weights : ndarray of shape (n_columns,)
        For a choice among all completions. None of them is negative: evidence speaks
        for a completion.

    Examples
    --------
    >>> told = np.array([[[1.0, 0.0], [0.0, 1.0]]] * 8)
    >>> choice_weights(told, np.ones(8)).round(2)
    array([2.48, 0.  ])
    """
    scale = evidence.std(axis=1).mean(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    scaled = evidence / scale
    told = weight @ scaled[:, 0]

    def loss(weights):
        score = scaled @ weights
        log_chance = log_softmax(score, axis=1)[:, 0]
        mean = np.einsum("rs,rsc->rc", softmax(score, axis=1), scaled)
        slope = weight @ mean - told + PENALTY * weights
        return PENALTY / 2 * weights @ weights - weight @ log_chance, slope

    n_columns = evidence.shape[2]
    once = np.zeros(n_columns)
    if drawn_by is not None:
        once[drawn_by] = 1.0
    bounds = [(least, None) for least in -once * scale]
    found = minimize(
        loss, np.zeros(n_columns), jac=True, bounds=bounds, method="L-BFGS-B"
    )
    return found.x / scale + once


def likeliest_cells(codes, score, alike):
    """Choose each cell by itself, over all completions that were judged.

    Parameters
    ----------
    codes : ndarray of int of shape (n_records, n_slots, n_columns)
        Completions.

    score : ndarray of shape (n_records, n_slots)
        Log of their chances, up to a constant for each record.

    alike : list of ndarray of bool of shape (n_values, n_values)
        For each column, which values count as the same.

    Returns
    -------
    best : ndarray of int of shape (n_records, n_columns)
        The value with the largest chance that it, or one like it, is right; of several
        the one that is itself the likeliest.

    Examples
    --------
    >>> codes, score = np.array([[[0], [1], [2]]]), np.log([[0.4, 0.3, 0.3]])
    >>> likeliest_cells(codes, score, [np.eye(3, dtype=bool)])
    array([[0]])
    >>> near = np.array([[1, 0, 0], [0, 1, 1], [0, 1, 1]], dtype=bool)
    >>> likeliest_cells(codes, score, [near])
    array([[1]])
    """
    chance = softmax(score, axis=1)
    best = np.empty((len(codes), codes.shape[2]), dtype=int)
    rows = np.arange(len(codes))[:, None]
    for j, same in enumerate(alike):
        own = np.zeros((len(codes), len(same)))
        np.add.at(own, (rows, codes[:, :, j]), chance)
        best[:, j] = (own @ same + 1e-6 * own).argmax(axis=1)
    return best
