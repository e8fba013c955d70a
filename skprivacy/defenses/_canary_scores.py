"""Evidence that canaries were in a model, from models with and without them."""

import numpy as np

from skprivacy.shadow import best_on_pretend_targets, moments, pretend_targets
from skprivacy.shadow._likelihood import (
    SMOOTHING,
    contrast,
    log_likelihood_ratio,
    pull_together,
)
from skprivacy.shadow._robustness import answer_evidence, right_rates, usual_gain
from skprivacy.shadow._shrinkage import (
    estimated_variance,
    normal_prior,
    variance_prior,
)
from skprivacy.signals import correctness, decision_log_odds, label_log_odds

__all__ = ["gaussian_evidence", "label_evidence", "leave_one_out_scores"]

#: Models on a side from which on each canary has a variance of its own.
_FEWEST_FOR_OWN_VARIANCE = 4


def leave_one_out_scores(answers, truth, membership, response) -> np.ndarray:
    """Attack each model with the others.

    The attack is told what the others were trained on, and adapts to what they show:
    the likelihood ratio of the log-odds of the label, smoothed by as much as is best on
    the others, or of the predicted label, whichever is stronger on the others. A model
    of complementary canaries is left out too: it would tell the truth.

    Parameters
    ----------
    answers : ndarray of shape (n_models, n_canaries, n_classes)
        Answers of each model to each canary.

    truth : ndarray of int of shape (n_canaries,)
        Position of the label that each canary is trained with.

    membership : ndarray of bool of shape (n_models, n_canaries)
        Which model has which canary; models 2i and 2i + 1 complement each other.

    response : {"proba", "decision", "label"}
        What the answers are.

    Returns
    -------
    scores : ndarray of shape (n_models, n_canaries)
        Log-likelihood ratios, in nats: larger for who is more likely in the model.
    """
    signals = _signals(answers, truth, response)
    scores = np.zeros(membership.shape)
    for target, others in pretend_targets(membership, len(membership)):
        best = _strongest(signals, membership, others)
        scores[target] = _evidence(best, signals, membership, target, others)
    return scores


def gaussian_evidence(signal, signals, membership) -> np.ndarray:
    """Log-likelihood ratio of Gaussians with and without each canary.

    Parameters
    ----------
    signal : ndarray of shape (n_canaries,)
        Signal of the model under attack.

    signals : ndarray of shape (n_models, n_canaries)
        Signals of the others.

    membership : ndarray of bool of shape (n_models, n_canaries)
        Which of the others has which canary.

    Returns
    -------
    evidence : ndarray of shape (n_canaries,)
        0 for a canary that all others have, or none.

    References
    ----------
    Carlini et al. 2022, Algorithm 1, with what few models leave open estimated from
    all canaries, as in :class:`~skprivacy.membership.LiRA`.

    Examples
    --------
    >>> signals = np.array([[1.0], [1.2], [0.0], [-0.2]])
    >>> membership = np.array([[True], [True], [False], [False]])
    >>> gaussian_evidence(np.array([1.1]), signals, membership) > 0
    array([ True])
    """
    inside, outside = moments(signals, membership), moments(signals, ~membership)
    smaller_side = np.median(np.minimum(inside.n, outside.n))
    kind = "shrunk" if smaller_side >= _FEWEST_FOR_OWN_VARIANCE else "global"
    variance = [
        estimated_variance(s.variance, s.n, variance_prior(s.variance, s.n), kind)
        for s in (inside, outside)
    ]
    gaussians = inside.mean, variance[0], outside.mean, variance[1]
    if kind == "shrunk":
        apart = contrast(inside, outside, *variance)
        gaussians = pull_together(
            apart,
            normal_prior(apart.distance, apart.distance_error),
            normal_prior(apart.log_ratio, apart.log_ratio_error),
            (inside.mean + outside.mean) / 2,
            variance,
        )
    return np.nan_to_num(log_likelihood_ratio(signal, *gaussians))


def label_evidence(right, rights, membership) -> np.ndarray:
    """Log-likelihood ratio of a right, or wrong, answer with and without each canary.

    From the counts of each canary, smoothed by what is usual.

    Parameters
    ----------
    right : ndarray of shape (n_canaries,)
        1 where the model under attack gives the label of the canary, 0 elsewhere.

    rights : ndarray of shape (n_models, n_canaries)
        The same of the others.

    membership : ndarray of bool of shape (n_models, n_canaries)
        Which of the others has which canary.

    Returns
    -------
    evidence : ndarray of shape (n_canaries,)

    Examples
    --------
    Without the canary (0 + 1/6) / 3 = 1/18 are right, with it (2 + 1/18 + 0.9 * 17/18)
    / 3 = 0.969; 1/6 is usual, and 0.9 of what is wrong usually mended.

    >>> rights = np.array([[1], [1], [0], [0]])
    >>> membership = np.array([[True], [True], [False], [False]])
    >>> label_evidence(np.array([1]), rights, membership).round(2)
    array([2.86])
    """
    outside = rights[~membership]
    base = (outside.sum() + 0.5) / (outside.size + 1)
    gain = usual_gain(rights[..., None], membership)
    rates = right_rates(rights[..., None], membership, base, gain)
    return answer_evidence(right[:, None], rates)


def _signals(answers, truth, response):
    """List what evidence may be taken from: its function, and all models' signals."""
    shown = []
    if response == "decision":
        shown = [decision_log_odds(answers, truth)]
    elif response == "proba":
        shown = [label_log_odds(answers, truth, s) for s in SMOOTHING]
    # Whoever shows more shows the label too, which no masking of the rest can change.
    return [
        *((gaussian_evidence, signal) for signal in shown),
        (label_evidence, correctness(answers, truth)),
    ]


def _strongest(signals, membership, others):
    """Find the signal that tells most of the other models."""
    if len(signals) == 1:
        return 0
    known = membership[others]
    parts = [(function, signal[others]) for function, signal in signals]

    def attack(target, rest, canaries):
        def score(number):
            return _evidence(number, parts, known, target, rest)[canaries]

        return score

    return best_on_pretend_targets(range(len(signals)), attack, known)


def _evidence(number, signals, membership, target, others):
    function, signal = signals[number]
    return function(signal[target], signal[others], membership[others])
