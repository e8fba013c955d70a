"""All that shadow models say of a record, as columns to learn from."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from skprivacy.membership._base_score import log_mean_exp, tempered_log_confidence
from skprivacy.shadow import Moments, moments
from skprivacy.shadow._likelihood import (
    contrast,
    log_likelihood_ratio,
    pull_together,
)
from skprivacy.shadow._shrinkage import (
    Prior,
    estimated_variance,
    normal_prior,
    variance_prior,
)
from skprivacy.shadow._store import in_blocks
from skprivacy.signals import (
    compute_signal,
    confidence,
    decision_log_odds,
    label_log_odds,
)

__all__ = [
    "Evidence",
    "Priors",
    "evidence_columns",
    "fit_signal",
    "learn_priors",
    "moments_of_signals",
    "stack_signals",
]


class Priors(NamedTuple):
    """What all records together say of the Gaussians of any one of them.

    Parameters
    ----------
    inside, outside : Prior
        Of the variances with a record, and without it.

    distance, log_ratio : Prior
        Of how far the two Gaussians lie apart, in mean and in variance.
    """

    inside: Prior
    outside: Prior
    distance: Prior
    log_ratio: Prior


class Evidence(NamedTuple):
    """What is known of each record of a list.

    Parameters
    ----------
    online : ndarray of shape (n_records, n_columns)
        With statistics of models that have the record; NaN where there are none.

    offline : ndarray of shape (n_records, n_fewer_columns)
        From models without the record alone.

    shown : ndarray of shape (n_records, 3)
        For neighbors: how far the answer stands from what is expected of a record that
        may be a member, how far from the middle between both kinds of models, and the
        probability of membership less 1/2.

    direction : ndarray of shape (n_records,)
        Where a member's answer moves to: records of equal direction move together.
    """

    online: np.ndarray
    offline: np.ndarray
    shown: np.ndarray
    direction: np.ndarray


def stack_signals(answers, truth, response, scale=1.0):
    """Return the signals whose distributions are compared, the leading one first.

    Parameters
    ----------
    answers : ndarray of shape (..., n_records, n_columns)
        Answers of a model or of several.

    truth : ndarray of shape (n_records,)
        Position of each record's label, or its true value.

    response : {"proba", "decision", "label", "value"}
        Kind of answer.

    scale : float, default=1.0
        Unit of a regressor's errors.

    Returns
    -------
    signals : list of ndarray of shape (..., n_records)

    Examples
    --------
    >>> import numpy as np
    >>> signals = stack_signals(np.array([[0.5, 0.5]]), np.array([0]), "proba")
    >>> [float(signal[0]) for signal in signals]
    [0.0, 0.0, 0.5]
    """
    if response == "value":
        return [answers[..., 0] / scale]
    if response == "label":
        return [compute_signal("correctness", answers, truth, response)]
    if response == "decision":
        own = compute_signal("confidence", answers, truth, response)
        return [decision_log_odds(answers, truth), own]
    smooth = [label_log_odds(answers, truth, s) for s in SMOOTHINGS]
    return [*smooth, confidence(answers, truth)]


def fit_signal(answers, truth, response, scale=1.0):
    """How well an answer fits its record, without comparison.

    Parameters
    ----------
    answers : ndarray of shape (n_records, n_columns)
        Answers of a model.

    truth, response, scale
        As in `stack_signals`.

    Returns
    -------
    signal : ndarray of shape (n_records,)
        Of a regressor the error, which is what training bounds.

    Examples
    --------
    >>> import numpy as np
    >>> float(fit_signal(np.array([[3.0]]), np.array([5.0]), "value", 2.0)[0])
    1.0
    """
    leading = stack_signals(answers, truth, response, scale)[0]
    return np.abs(leading - truth / scale) if response == "value" else leading


def learn_priors(inside, outside):
    """Learn what holds of any record from all of them, for one signal.

    Parameters
    ----------
    inside, outside : Moments
        Of the signal with each record and without it.

    Returns
    -------
    priors : Priors
    """
    of_inside = variance_prior(inside.variance, inside.n)
    of_outside = variance_prior(outside.variance, outside.n)
    apart = contrast(
        inside,
        outside,
        _variance(inside, of_inside),
        _variance(outside, of_outside),
    )
    return Priors(
        of_inside,
        of_outside,
        normal_prior(apart.distance, apart.distance_error),
        normal_prior(apart.log_ratio, apart.log_ratio_error),
    )


def moments_of_signals(answers, membership, truth, response, scale):
    """Moments of each of the signals, with each record and without it.

    Parameters
    ----------
    answers : ndarray of shape (n_models, n_records, n_columns)
        Answers of shadow models.

    membership, truth, response, scale
        As in `evidence_columns`.

    Returns
    -------
    moments : list of (Moments, Moments)
        One pair a signal.
    """

    def of_block(rows):
        own = truth[rows]
        signals = stack_signals(answers[:, rows], own, response, scale)
        drawn = membership[:, rows]
        towards = direction_of_members(signals[0], drawn, own, response, scale)
        pairs = [_both_sides(s, drawn, towards) for s in signals]
        return tuple(one for pair in pairs for side in pair for one in side)

    found = in_blocks(of_block, *membership.shape)
    sides = [Moments(*found[i : i + 3]) for i in range(0, len(found), 3)]
    return list(zip(sides[::2], sides[1::2], strict=True))


def evidence_columns(
    answers, shadow_answers, membership, truth, response, scale, priors
):
    """Compare the answers of a model with those of shadow models.

    Parameters
    ----------
    answers : ndarray of shape (n_records, n_columns)
        Answers of the target, or of the shadow model that plays it.

    shadow_answers : ndarray of shape (n_models, n_records, n_columns)
        Answers of the shadow models; the one that plays the target is not among them.

    membership : ndarray of bool of shape (n_models, n_records)
        Which of them was trained on which record.

    truth : ndarray of shape (n_records,)
        Position of each record's label, or its true value.

    response : {"proba", "decision", "label", "value"}
        Kind of answer.

    scale : float
        Unit of a regressor's errors.

    priors : list of Priors
        One a signal.

    Returns
    -------
    evidence : Evidence
    """
    own = stack_signals(answers, truth, response, scale)
    others = stack_signals(shadow_answers, truth, response, scale)
    towards = direction_of_members(others[0], membership, truth, response, scale)
    parts = [
        _of_one_signal(x * towards, s, membership, towards, p)
        for x, s, p in zip(own, others, priors, strict=True)
    ]
    ratio_in, ratio_out = _ratios(
        answers, shadow_answers, membership, truth, response, scale
    )
    rank_in, rank_out, closeness = _ranks(
        own[-1], others[-1], membership, truth, response, scale
    )
    # The label itself: how hard its class is.
    label = truth if response == "value" else truth.astype(float)
    offline = np.column_stack(
        [p.offline for p in parts] + [ratio_out, rank_out, closeness, label]
    )
    online = np.column_stack(
        [offline] + [p.online for p in parts] + [ratio_in, rank_in]
    )
    direction = towards if response == "value" else truth
    return Evidence(online, offline, parts[0].shown, direction)


def direction_of_members(signals, membership, truth, response, scale):
    """Where a member's signal moves to: 1 up; of a regressor towards the true value."""
    if response != "value":
        return np.ones(len(truth))
    mean = np.nan_to_num(moments(signals, ~membership).mean)
    return np.where(truth / scale >= mean, 1.0, -1.0)


class _Part(NamedTuple):
    online: np.ndarray
    offline: np.ndarray
    shown: np.ndarray


def _of_one_signal(signal, signals, membership, towards, priors):
    inside, outside = _both_sides(signals, membership, towards)
    v_in = _variance(inside, priors.inside)
    v_out = _variance(outside, priors.outside)
    middle = (inside.mean + outside.mean) / 2
    apart = contrast(inside, outside, v_in, v_out)
    pulled = pull_together(
        apart, priors.distance, priors.log_ratio, middle, (v_in, v_out)
    )
    mean_in, pulled_in, mean_out, pulled_out = pulled
    ratio = log_likelihood_ratio(signal, *pulled)
    z_out = (signal - outside.mean) / np.sqrt(v_out)
    offline = [signal, z_out, signal - outside.mean, outside.mean, np.log(v_out)]
    online = [
        ratio,
        (signal - mean_out) / np.sqrt(pulled_out),
        (signal - mean_in) / np.sqrt(pulled_in),
        signal - inside.mean,
        inside.mean - outside.mean,
        np.log(v_in),
    ]
    chance = expit(ratio)
    expected = chance * inside.mean + (1 - chance) * outside.mean
    spread = np.sqrt((v_in + v_out) / 2)
    shown = np.column_stack(
        [(signal - expected) / spread, (signal - middle) / spread, chance - 0.5]
    )
    # A neighbor that no pair of models brackets shows nothing.
    shown = np.clip(np.nan_to_num(shown), -5, 5)
    return _Part(np.column_stack(online), np.column_stack(offline), shown)


def _both_sides(signals, membership, towards):
    inside, outside = moments(signals, membership), moments(signals, ~membership)
    return (
        Moments(inside.n, inside.mean * towards, inside.variance),
        Moments(outside.n, outside.mean * towards, outside.variance),
    )


def _variance(side, prior):
    return estimated_variance(side.variance, side.n, prior, "shrunk")


def _ratios(answers, shadow_answers, membership, truth, response, scale):
    """Ratio of RMIA with and without models that have the record, as logarithms."""
    own = tempered_log_confidence(answers, truth, response, scale=scale)
    others = tempered_log_confidence(shadow_answers, truth, response, scale=scale)
    inside = log_mean_exp(others, membership)
    outside = log_mean_exp(others, ~membership)
    with np.errstate(invalid="ignore"):
        both = np.logaddexp(inside, outside) - np.log(2)
    return own - both, own - outside


def _ranks(signal, signals, membership, truth, response, scale):
    """Share of models with, and without, the record that the answer is above of."""
    if response == "value":
        signal = -np.abs(signal - truth / scale)
        signals = -np.abs(signals - truth / scale)
    above = (signals < signal) + 0.5 * (signals == signal)
    with np.errstate(invalid="ignore"):
        rank_in = (above * membership).sum(axis=0) / membership.sum(axis=0)
        rank_out = (above * ~membership).sum(axis=0) / (~membership).sum(axis=0)
    return rank_in, rank_out, signal


#: Smoothings of the log-odds: one that suits coarse probabilities, one for fine ones.
SMOOTHINGS = (5e-2, 1e-3)
