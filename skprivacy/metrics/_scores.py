"""Scores of members and non-members, checked and taken apart."""

import warnings

import numpy as np

__all__ = [
    "allowed_false_positives",
    "enough_non_members",
    "operating_points",
    "split_scores",
]

# Products such as 0.29 * 100 fall just below the whole number that is meant.
ROUNDING_SLACK = 1e-9


def split_scores(y, score, pos_label=None, *, names=("y", "score")):
    """Sorted scores of the members and of the non-members.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Two labels: member or not.

    score : array-like of shape (n_records,)
        Numbers, infinite ones included.

    pos_label : int, float, bool or str, default=None
        The label of the members; by default the larger of the two.

    names : tuple of two str, default=("y", "score")
        What the caller calls the first two arguments, for error messages.

    Returns
    -------
    members : ndarray of shape (n_members,)
        In ascending order.

    non_members : ndarray of shape (n_non_members,)
        In ascending order.

    Raises
    ------
    ValueError
        If ``y`` has not two labels, ``score`` holds NaN, or the lengths differ.
    """
    y_name, score_name = names
    y, score = _as_vector(y, y_name), _as_vector(score, score_name)
    if len(y) != len(score):
        raise ValueError(
            f"{y_name} and {score_name} must be of the same length; got {len(y)} "
            f"labels and {len(score)} scores."
        )
    score = _as_numbers(score, score_name)
    is_member = y == _member_label(y, pos_label, y_name)
    return np.sort(score[is_member]), np.sort(score[~is_member])


def _as_vector(values, name):
    values = np.asarray(values)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise ValueError(
            f"{name} must be one-dimensional; got an array of shape {values.shape}."
        )
    return values


def _as_numbers(score, name):
    try:
        score = score.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} must hold numbers; got values of type {score.dtype}."
        ) from error
    n_missing = int(np.isnan(score).sum())
    if n_missing:
        raise ValueError(
            f"{name} must not hold NaN; got {n_missing} among {len(score)} scores. "
            "A record without a score needs one that says what the attacker would "
            "assume of it, such as -inf for a non-member."
        )
    return score


def _member_label(y, pos_label, name):
    try:
        labels = np.unique(y).tolist()
    except TypeError as error:
        raise ValueError(
            f"{name} must hold two labels that can be compared; got values "
            f"of types {sorted({type(label).__name__ for label in y.tolist()})}."
        ) from error
    missing = any(label != label for label in labels)
    if len(labels) != 2 or missing:
        shown = ", ".join(map(repr, labels[:5])) + (", ..." if len(labels) > 5 else "")
        raise ValueError(
            f"{name} must hold exactly two labels, that of members and that of "
            f"non-members; got {len(labels)}: [{shown}]."
        )
    if pos_label is None:
        return labels[1]
    if pos_label not in labels:
        raise ValueError(
            f"pos_label must be one of the labels in {name}, {labels}; got "
            f"{pos_label!r}."
        )
    return pos_label


def allowed_false_positives(n_non_members, fpr):
    """How many non-members a threshold may accuse at this false positive rate."""
    return int(np.floor(fpr * n_non_members + ROUNDING_SLACK))


def enough_non_members(n_non_members, fpr):
    """Whether one false positive is no more than the rate; warn where it is.

    Parameters
    ----------
    n_non_members : int
        Number of non-members.

    fpr : float
        False positive rate.

    Returns
    -------
    enough : bool
    """
    if allowed_false_positives(n_non_members, fpr) >= 1:
        return True
    needed = int(np.ceil(1 / fpr - ROUNDING_SLACK))
    warnings.warn(
        f"A false positive rate of {fpr:g} cannot be measured with {n_non_members:,} "
        f"non-members; it takes at least {needed:,}. The answer is NaN.",
        UserWarning,
        stacklevel=4,
    )
    return False


def operating_points(members, non_members):
    """Count the accused records at every threshold that the scores allow.

    A threshold accuses every record that scores at least as high, so equal scores are
    accused together.

    Parameters
    ----------
    members, non_members : ndarray
        Scores in ascending order.

    Returns
    -------
    n_false, n_true : ndarray of int of shape (n_thresholds,)
        Accused non-members and accused members, from the highest threshold (nobody)
        to the lowest (everybody).
    """
    thresholds = np.unique(np.concatenate([members, non_members]))[::-1]
    n_true = len(members) - np.searchsorted(members, thresholds)
    n_false = len(non_members) - np.searchsorted(non_members, thresholds)
    return np.append(0, n_false), np.append(0, n_true)
