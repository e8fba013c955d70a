"""Signals from a classifier's probabilities, as plain functions on arrays.

Each takes probabilities of shape (..., n_records, n_classes) and the position of each
record's own label, shape (n_records,), -1 for a label that the model does not know;
each returns shape (..., n_records). Larger always means "more like a member".
"""

import numpy as np

__all__ = [
    "OPEN_UNIT",
    "confidence",
    "correctness",
    "decision_log_odds",
    "decision_probabilities",
    "label_log_odds",
    "label_mass",
    "margin",
    "negative_entropy",
    "negative_log_loss",
    "negative_modified_entropy",
]

#: Probabilities are kept at least this far from 0 before a logarithm is taken: about
#: the distance of 1 to the next double, so that no information is lost above it.
OPEN_UNIT = 1e-16


def label_mass(proba: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probability of each record's own label, and of all other labels together.

    The second is summed, not taken as one minus the first, so that it stays exact where
    the first is nearly 1.

    Parameters
    ----------
    proba : ndarray of shape (..., n_records, n_classes)
        Probabilities.

    label : ndarray of int of shape (n_records,)
        Position of each record's label; -1 where the model does not know it.

    Returns
    -------
    own, others : ndarray of shape (..., n_records)

    Examples
    --------
    >>> import numpy as np
    >>> own, others = label_mass(np.array([[0.7, 0.3], [0.7, 0.3]]), np.array([0, -1]))
    >>> own
    array([0.7, 0. ])
    >>> others
    array([0.3, 1. ])
    """
    own = _own(proba, label)
    others = np.array(proba, dtype=float)
    others[..., np.flatnonzero(label >= 0), label[label >= 0]] = 0
    return own, others.sum(axis=-1)


def confidence(proba: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Probability of the record's own label; 0 for a class that the model never saw.

    Parameters
    ----------
    proba : ndarray of shape (..., n_records, n_classes)
        Probabilities.

    label : ndarray of int of shape (n_records,)
        Position of each record's label.

    Returns
    -------
    signal : ndarray of shape (..., n_records)

    Examples
    --------
    >>> import numpy as np
    >>> confidence(np.array([[0.7, 0.3], [0.7, 0.3]]), np.array([1, -1]))
    array([0.3, 0. ])
    """
    return _own(proba, label)


def label_log_odds(
    proba: np.ndarray, label: np.ndarray, smoothing: float = OPEN_UNIT
) -> np.ndarray:
    r"""Log-odds of the record's own label: the scaled logit.

    :math:`\log \frac{p_y + s}{\sum_{c \ne y} p_c + s}`, with smoothing :math:`s`.

    Parameters
    ----------
    proba : ndarray of shape (..., n_records, n_classes)
        Probabilities, which may be exactly 0 or 1.

    label : ndarray of int of shape (n_records,)
        Position of each record's label.

    smoothing : float, default=1e-16
        Added to both probabilities. A larger value pulls in the extremes of models
        whose probabilities are coarse, such as forests.

    Returns
    -------
    signal : ndarray of shape (..., n_records)

    References
    ----------
    N. Carlini, S. Chien, M. Nasr, S. Song, A. Terzis, F. Tramer. "Membership inference
    attacks from first principles". IEEE S&P 2022.

    Examples
    --------
    >>> import numpy as np
    >>> label_log_odds(np.array([[0.5, 0.5], [0.0, 1.0]]), np.array([0, 1])).round(2)
    array([ 0.  , 36.84])
    """
    own, others = label_mass(proba, label)
    return np.log(own + smoothing) - np.log(others + smoothing)


def negative_log_loss(proba: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Minus the cross-entropy loss of the record, in nats.

    Parameters
    ----------
    proba : ndarray of shape (..., n_records, n_classes)
        Probabilities.

    label : ndarray of int of shape (n_records,)
        Position of each record's label.

    Returns
    -------
    signal : ndarray of shape (..., n_records)

    Examples
    --------
    >>> import numpy as np
    >>> negative_log_loss(np.array([[0.5, 0.5]]), np.array([0])).round(3)
    array([-0.693])
    """
    return np.log(np.maximum(_own(proba, label), OPEN_UNIT))


def negative_entropy(proba: np.ndarray, label=None) -> np.ndarray:
    """Minus the entropy of the answer, in nats; the label is not used.

    Parameters
    ----------
    proba : ndarray of shape (..., n_records, n_classes)
        Probabilities.

    label : object
        Ignored.

    Returns
    -------
    signal : ndarray of shape (..., n_records)

    Examples
    --------
    >>> import numpy as np
    >>> negative_entropy(np.array([[0.5, 0.5]])).round(3)
    array([-0.693])
    """
    return (proba * np.log(np.maximum(proba, OPEN_UNIT))).sum(axis=-1)


def negative_modified_entropy(proba: np.ndarray, label: np.ndarray) -> np.ndarray:
    r"""Minus the modified entropy of the answer, in nats.

    :math:`(1 - p_y) \log p_y + \sum_{c \ne y} p_c \log (1 - p_c)`: as entropy, but an
    answer that is sure and wrong is far from a member, not near to one.

    Parameters
    ----------
    proba : ndarray of shape (..., n_records, n_classes)
        Probabilities.

    label : ndarray of int of shape (n_records,)
        Position of each record's label.

    Returns
    -------
    signal : ndarray of shape (..., n_records)

    References
    ----------
    L. Song, P. Mittal. "Systematic evaluation of privacy risks of machine learning
    models". USENIX Security 2021; the sign is turned here.

    Examples
    --------
    >>> import numpy as np
    >>> negative_modified_entropy(np.array([[0.8, 0.2]]), np.array([0])).round(3)
    array([-0.089])
    """
    own, others = label_mass(proba, label)
    # log(1 - p_c), from the mass of the other classes where p_c is nearly 1.
    rest = np.maximum(1 - proba, OPEN_UNIT)
    terms = proba * np.log(rest)
    known = np.flatnonzero(label >= 0)
    terms[..., known, label[known]] = 0
    return others * np.log(np.maximum(own, OPEN_UNIT)) + terms.sum(axis=-1)


def margin(scores: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Own label's score minus the largest score of another label.

    Parameters
    ----------
    scores : ndarray of shape (..., n_records, n_classes)
        Probabilities or decision values.

    label : ndarray of int of shape (n_records,)
        Position of each record's label.

    Returns
    -------
    signal : ndarray of shape (..., n_records)
        For a label that the model does not know: minus the largest score.

    Examples
    --------
    >>> import numpy as np
    >>> margin(np.array([[0.7, 0.2, 0.1]]), np.array([1])).round(3)
    array([-0.5])
    """
    others = np.array(scores, dtype=float)
    known = np.flatnonzero(label >= 0)
    others[..., known, label[known]] = -np.inf
    return _own(scores, label) - others.max(axis=-1)


def correctness(scores: np.ndarray, label: np.ndarray) -> np.ndarray:
    """1 where the record's own label has the largest score, 0 elsewhere.

    Of labels with equal scores the first counts as predicted, as ``argmax`` has it.

    Parameters
    ----------
    scores : ndarray of shape (..., n_records, n_classes)
        Probabilities, decision values, or the predicted label as a one among zeros.

    label : ndarray of int of shape (n_records,)
        Position of each record's label.

    Returns
    -------
    signal : ndarray of shape (..., n_records)

    Examples
    --------
    >>> import numpy as np
    >>> correctness(np.array([[0.7, 0.3], [0.7, 0.3]]), np.array([0, 1]))
    array([1., 0.])
    """
    return (scores.argmax(axis=-1) == label).astype(float)


def decision_probabilities(decision: np.ndarray) -> np.ndarray:
    """Softmax of decision values, one column a class.

    Parameters
    ----------
    decision : ndarray of shape (..., n_records, n_classes)
        Decision values; minus infinity for a class that the model never saw.

    Returns
    -------
    proba : ndarray of shape (..., n_records, n_classes)

    Examples
    --------
    >>> import numpy as np
    >>> decision_probabilities(np.array([[0.0, 0.0]]))
    array([[0.5, 0.5]])
    """
    shifted = np.exp(decision - decision.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def decision_log_odds(decision: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Log-odds of the own label under the softmax of decision values.

    With two classes this is the decision value itself, towards the own label.

    Parameters
    ----------
    decision : ndarray of shape (..., n_records, n_classes)
        Decision values.

    label : ndarray of int of shape (n_records,)
        Position of each record's label.

    Returns
    -------
    signal : ndarray of shape (..., n_records)

    Examples
    --------
    >>> import numpy as np
    >>> decision_log_odds(np.array([[0.0, 40.0], [0.0, 40.0]]), np.array([1, 0]))
    array([ 40., -40.])
    """
    limit = -np.log(OPEN_UNIT)
    own = np.where(label >= 0, _own(decision, label), -np.inf)
    others = np.array(decision, dtype=float)
    known = np.flatnonzero(label >= 0)
    others[..., known, label[known]] = -np.inf
    top = others.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        others = np.log(np.exp(others - top).sum(axis=-1)) + top[..., 0]
    # A class that was never seen is as unlikely as a probability of 0.
    odds = np.where(np.isneginf(own), -limit, np.where(np.isneginf(others), limit, 0.0))
    finite = np.isfinite(own) & np.isfinite(others)
    return np.where(
        finite, np.where(finite, own, 0) - np.where(finite, others, 0), odds
    )


def _own(scores, label):
    """Score of the own label, 0 where the model does not know it."""
    own = scores[..., np.arange(len(label)), np.maximum(label, 0)]
    return np.where(label >= 0, own, 0.0)
