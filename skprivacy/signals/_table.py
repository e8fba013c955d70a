"""Which signals each kind of answer offers, and how they are computed."""

import numpy as np

from skprivacy.signals import _classification as classification
from skprivacy.signals import _regression as regression

__all__ = ["available_signals", "compute_signal"]


def available_signals(response: str) -> tuple[str, ...]:
    """Names of the signals that an answer offers, in a fixed order.

    Parameters
    ----------
    response : {"proba", "decision", "label", "value"}
        Kind of answer, as in :class:`~skprivacy.targets.BlackBox`.

    Returns
    -------
    names : tuple of str

    Raises
    ------
    ValueError
        If there is no such kind of answer.

    Examples
    --------
    >>> available_signals("label")
    ('loss', 'correctness')
    """
    return tuple(_signals_of(response))


def compute_signal(
    name: str,
    answers: np.ndarray,
    truth: np.ndarray,
    response: str,
    scale: float = 1.0,
) -> np.ndarray:
    """Compute one signal from answers.

    Parameters
    ----------
    name : str
        One of :func:`available_signals`.

    answers : ndarray of shape (..., n_records, n_columns)
        Answers as :meth:`BlackBox.query <skprivacy.targets.BlackBox.query>` gives them.

    truth : ndarray of shape (n_records,)
        Position of each record's label among the classes, -1 where the target does not
        know it; for a regressor the true value.

    response : {"proba", "decision", "label", "value"}
        Kind of answer.

    scale : float, default=1.0
        Standard deviation for "gaussian_log_likelihood".

    Returns
    -------
    signal : ndarray of shape (..., n_records)
        Larger means more like a member.

    Raises
    ------
    ValueError
        If the answers do not offer the signal.

    Examples
    --------
    >>> import numpy as np
    >>> compute_signal("loss", np.array([[0.5, 0.5]]), np.array([0]), "proba").round(3)
    array([-0.693])
    """
    check_signal(name, response)
    return _SIGNALS[response][name](answers, truth, scale)


def check_signal(name: str, response: str) -> None:
    """Refuse a signal that the answers do not offer."""
    offered = list(_signals_of(response))
    if not isinstance(name, str) or name not in offered:
        raise ValueError(
            f"signal={name!r} can't be had from a target that answers with "
            f"response={response!r}, which offers {offered}."
        )


def _signals_of(response):
    if not isinstance(response, str) or response not in _SIGNALS:
        raise ValueError(f"response must be one of {list(_SIGNALS)}; got {response!r}.")
    return _SIGNALS[response]


def _of_probabilities(function):
    return lambda answers, label, scale: function(answers, label)


def _of_decisions(function):
    return lambda answers, label, scale: function(
        classification.decision_probabilities(answers), label
    )


def _of_values(function):
    return lambda answers, y, scale: function(answers[..., 0], y)


_PROBABILITY_SIGNALS = {
    "confidence": classification.confidence,
    "logit": classification.label_log_odds,
    "loss": classification.negative_log_loss,
    "entropy": classification.negative_entropy,
    "modified_entropy": classification.negative_modified_entropy,
    "margin": classification.margin,
    "correctness": classification.correctness,
}
_OF_THE_DECISION_ITSELF = {
    "logit": classification.decision_log_odds,
    "margin": classification.margin,
    "correctness": classification.correctness,
}

_SIGNALS = {
    "proba": {k: _of_probabilities(f) for k, f in _PROBABILITY_SIGNALS.items()},
    "decision": {
        k: _of_probabilities(_OF_THE_DECISION_ITSELF[k])
        if k in _OF_THE_DECISION_ITSELF
        else _of_decisions(f)
        for k, f in _PROBABILITY_SIGNALS.items()
    },
    # Where there is a label alone, the loss is the zero-one loss.
    "label": {
        "loss": lambda answers, label, scale: (
            classification.correctness(answers, label) - 1
        ),
        "correctness": _of_probabilities(classification.correctness),
    },
    "value": {
        "loss": _of_values(regression.negative_squared_residual),
        "absolute_residual": _of_values(regression.negative_absolute_residual),
        "squared_residual": _of_values(regression.negative_squared_residual),
        "gaussian_log_likelihood": lambda answers, y, scale: (
            regression.gaussian_log_likelihood(answers[..., 0], y, scale)
        ),
    },
}
