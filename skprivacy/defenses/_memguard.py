"""Noise on answers after which a membership classifier can't decide."""

import numpy as np
from scipy.special import expit, softmax

from skprivacy.defenses._membership_classifier import LEAST
from skprivacy.defenses._rounding import round_to_sum

__all__ = ["distortion", "undecided_answers", "use_within_bound"]

#: Decimals of an answer with noise: its last bits would tell what it was made from.
DECIMALS = 6
#: Length of a step, and steps at most, of the search for noise.
STEP, N_STEPS = 0.2, 100
#: Weight of the label in the search, and of the distortion: the first, and its growth.
LABEL_WEIGHT, FIRST_WEIGHT, GROWTH, N_WEIGHTS = 10.0, 0.1, 10.0, 7
#: By how much the label's logarithm is ahead of the others.
LEAD = 1e-3
#: Halvings of the step at which the classifier changes its mind.
N_HALVINGS = 50


def undecided_answers(proba, classifier):
    """Find answers near to these, with their labels, that tell nothing of membership.

    Parameters
    ----------
    proba : ndarray of shape (n_records, n_classes)
        Answers.

    classifier : MembershipClassifier
        Which is not to be sure.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)
        Those for which the classifier says 1/2; where none was found, the same.

    Notes
    -----
    Noise on the logarithms is found by steps of one length against the gradient of
    ``|log_odds| + 10 * max(0, others - label) + c * |answer - told|``, until the
    classifier has changed its mind and the label is what it was, with ever larger
    ``c``; of all that is found the nearest is told. Other than in the paper, the last
    step is halved until the classifier is undecided, not just past it.

    References
    ----------
    J. Jia, A. Salem, M. Backes, Y. Zhang, N. Z. Gong. "MemGuard: defending against
    black-box membership inference attacks via adversarial examples". CCS 2019: phase I,
    with weights as in the authors' code.
    """
    order = np.argsort(-proba, axis=1, kind="stable")
    ranked = np.take_along_axis(proba, order, axis=1)
    # A forest gives the same few answers again and again.
    ranked, which = np.unique(ranked, axis=0, return_inverse=True)
    told = ranked.copy()
    nearest = np.full(len(ranked), np.inf)
    open_ = np.arange(len(ranked))
    for k in range(N_WEIGHTS):
        found, at = _cross(ranked[open_], classifier, FIRST_WEIGHT * GROWTH**k)
        open_ = open_[at]
        if not len(open_):
            break
        found = round_to_sum(found, DECIMALS)
        off = distortion(ranked[open_], found)
        better = off < nearest[open_]
        told[open_[better]] = found[better]
        nearest[open_[better]] = off[better]
    back = np.empty_like(proba)
    np.put_along_axis(back, order, told[which.ravel()], axis=1)
    return back


def _cross(ranked, classifier, weight):
    """Step until the classifier changes its mind; the answers, and which did."""
    side = np.sign(classifier.log_odds(ranked))
    # None is so small that it can't be moved.
    start = np.log(np.maximum(ranked, LEAST))
    here, before = start.copy(), start.copy()
    ends, starts = start.copy(), start.copy()
    walking, crossed = np.arange(len(ranked)), np.zeros(len(ranked), dtype=bool)
    for _ in range(N_STEPS):
        log_odds, by_logit = classifier.gradient(here[walking])
        done = (log_odds * side[walking] <= 0) & _keeps_label(here[walking])
        over = walking[done]
        crossed[over] = True
        ends[over], starts[over] = here[over], before[over]
        walking = walking[~done]
        if not len(walking):
            break
        slope = np.sign(log_odds[~done])[:, None] * by_logit[~done]
        slope += LABEL_WEIGHT * _label_gradient(here[walking])
        slope += weight * _distortion_gradient(here[walking], ranked[walking])
        length = np.linalg.norm(slope, axis=1, keepdims=True)
        before[walking] = here[walking]
        here[walking] -= STEP * slope / np.maximum(length, 1e-12)
    at = np.flatnonzero(crossed)
    middle = _halve(starts[at], ends[at], side[at], classifier)
    keeps = _keeps_label(middle)[:, None]
    return softmax(np.where(keeps, middle, ends[at]), axis=1), at


def _halve(starts, ends, side, classifier):
    """Find where between two answers the log-odds are 0."""
    low, high = np.zeros(len(starts)), np.ones(len(starts))
    for _ in range(N_HALVINGS if len(starts) else 0):
        middle = (low + high) / 2
        logits = starts + middle[:, None] * (ends - starts)
        past = classifier.log_odds(softmax(logits, axis=1)) * side <= 0
        low, high = np.where(past, low, middle), np.where(past, middle, high)
    return starts + high[:, None] * (ends - starts)


def _keeps_label(logits):
    """Whether the first, which the label is, is ahead."""
    return logits[:, 0] - logits[:, 1:].max(axis=1) >= LEAD


def _label_gradient(logits):
    """Gradient of how far the label is behind."""
    gradient = np.zeros_like(logits)
    behind = np.flatnonzero(~_keeps_label(logits))
    gradient[behind, 1 + logits[behind, 1:].argmax(axis=1)] = 1
    gradient[behind, 0] = -1
    return gradient


def _distortion_gradient(logits, ranked):
    """Gradient of the summed difference of the answers."""
    now = softmax(logits, axis=1)
    sign = np.sign(now - ranked)
    return now * (sign - (now * sign).sum(axis=1, keepdims=True))


def distortion(proba, told):
    """Sum up the absolute differences of each answer to what is told.

    Parameters
    ----------
    proba, told : ndarray of shape (n_records, n_classes)
        Probabilities.

    Returns
    -------
    distortion : ndarray of shape (n_records,)
        From 0 to 2.

    Examples
    --------
    >>> distortion(np.array([[0.9, 0.1]]), np.array([[0.6, 0.4]])).round(2)
    array([0.6])
    """
    return np.abs(proba - told).sum(axis=1)


def use_within_bound(proba, told, classifier, max_distortion, uniforms):
    """Tell some of the changed answers, so that the bound holds on average.

    Parameters
    ----------
    proba : ndarray of shape (n_records, n_classes)
        Answers.

    told : ndarray of shape (n_records, n_classes)
        Those of :func:`undecided_answers`.

    classifier : MembershipClassifier
        Which is not to be sure.

    max_distortion : float
        Bound of the expected summed difference, for each record.

    uniforms : ndarray of shape (n_records,)
        A random number for each record, always the same one.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)
        What is told with a chance of ``min(1, max_distortion / distortion)`` where the
        classifier is less sure then, and the answer itself otherwise.

    References
    ----------
    J. Jia et al. "MemGuard: defending against black-box membership inference attacks
    via adversarial examples". CCS 2019: phase II.
    """
    off = distortion(proba, told)
    chance = np.minimum(1.0, max_distortion / np.maximum(off, 1e-300))
    before, after = (np.abs(expit(classifier.log_odds(p)) - 0.5) for p in (proba, told))
    use = (uniforms < chance) & (after < before)
    return np.where(use[:, None], told, proba)
