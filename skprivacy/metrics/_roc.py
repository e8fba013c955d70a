"""Rates at a threshold: what an attacker achieves who accuses the top scores."""

from numbers import Real

from sklearn.utils._param_validation import Interval, validate_params

from skprivacy.metrics._scores import (
    allowed_false_positives,
    enough_non_members,
    operating_points,
    split_scores,
)

__all__ = ["count_above", "membership_advantage", "tpr_at_fpr"]


def count_above(members, non_members, n_false):
    """Members above the threshold that accuses at most ``n_false`` non-members.

    Parameters
    ----------
    members, non_members : ndarray
        Scores in ascending order.

    n_false : int
        Number of non-members that may be accused.

    Returns
    -------
    n_true : int
        Members that score strictly higher than the first non-member who must not be
        accused. Who scores the same as that non-member is not accused.
    """
    if n_false >= len(non_members):
        return len(members)
    spared = non_members[len(non_members) - 1 - n_false]
    return int(len(members) - members.searchsorted(spared, side="right"))


@validate_params(
    {
        "y": ["array-like"],
        "score": ["array-like"],
        "fpr": [Interval(Real, 0, 1, closed="right")],
        "pos_label": [Real, str, "boolean", None],
    },
    prefer_skip_nested_validation=True,
)
def tpr_at_fpr(y, score, fpr: float, *, pos_label=None) -> float:
    """Return the true positive rate at a false positive rate.

    The share of members that an attacker names who may accuse at most a share `fpr`
    of the non-members.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Two labels: whether each record is a member. Of the two, the larger (``True``,
        1) stands for members, unless `pos_label` says otherwise.

    score : array-like of shape (n_records,)
        Larger means more likely a member. May be infinite.

    fpr : float
        False positive rate, in (0, 1].

    pos_label : int, float, bool or str, default=None
        The label of the members.

    Returns
    -------
    tpr : float
        Highest true positive rate of a threshold whose false positive rate is at most
        `fpr`. NaN, with a warning, where there are fewer than ``1 / fpr``
        non-members.

    Raises
    ------
    ValueError
        If `y` has not two labels, `score` holds NaN, or their lengths differ.

    See Also
    --------
    tpr_at_fpr_interval : The same rate with a confidence interval.

    Notes
    -----
    A threshold cannot split equal scores: they are accused together or not at all, and
    there is no interpolation between thresholds. A constant score therefore has a true
    positive rate of 0 at every `fpr` below 1.

    References
    ----------
    N. Carlini, S. Chien, M. Nasr, S. Song, A. Terzis and F. Tramer, "Membership
    Inference Attacks From First Principles", IEEE Symposium on Security and Privacy,
    2022.

    Examples
    --------
    Four non-members; at a rate of 0.25 one of them may be accused, so the threshold
    lies above the second highest, 0.3. Two of the three members are above it.

    >>> from skprivacy.metrics import tpr_at_fpr
    >>> y = [0, 0, 0, 0, 1, 1, 1]
    >>> score = [0.1, 0.2, 0.3, 0.8, 0.2, 0.4, 0.9]
    >>> round(tpr_at_fpr(y, score, 0.25), 3)
    0.667
    """
    members, non_members = split_scores(y, score, pos_label)
    if not enough_non_members(len(non_members), fpr):
        return float("nan")
    n_false = allowed_false_positives(len(non_members), fpr)
    return count_above(members, non_members, n_false) / len(members)


@validate_params(
    {
        "y": ["array-like"],
        "score": ["array-like"],
        "pos_label": [Real, str, "boolean", None],
    },
    prefer_skip_nested_validation=True,
)
def membership_advantage(y, score, *, pos_label=None) -> float:
    """Membership advantage: the largest TPR - FPR over all thresholds.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Two labels: whether each record is a member. Of the two, the larger (``True``,
        1) stands for members, unless `pos_label` says otherwise.

    score : array-like of shape (n_records,)
        Larger means more likely a member. May be infinite. An attack's 0/1 decisions
        are scores too: their advantage is that of the decisions, or 0 where this is
        negative.

    pos_label : int, float, bool or str, default=None
        The label of the members.

    Returns
    -------
    advantage : float
        Between 0 (whoever accuses nobody has that) and 1. Equal scores are accused
        together.

    Raises
    ------
    ValueError
        If `y` has not two labels, `score` holds NaN, or their lengths differ.

    Notes
    -----
    The advantage of an adversary is defined for a fixed rule [1]_ (Definition 4). Here
    the best threshold is found on the records that the advantage is computed on, which
    errs upward: for scores that say nothing, the expected value is about
    ``0.63 * sqrt(1 / n_members + 1 / n_non_members)``, not 0. Pass decisions rather
    than scores where the threshold was chosen beforehand.

    References
    ----------
    .. [1] S. Yeom, I. Giacomelli, M. Fredrikson and S. Jha, "Privacy Risk in Machine
       Learning: Analyzing the Connection to Overfitting", IEEE Computer Security
       Foundations Symposium, 2018.

    Examples
    --------
    The threshold 0.4 accuses 2 of 3 members and 1 of 4 non-members: 2/3 - 1/4.

    >>> from skprivacy.metrics import membership_advantage
    >>> y = [0, 0, 0, 0, 1, 1, 1]
    >>> score = [0.1, 0.2, 0.3, 0.8, 0.2, 0.4, 0.9]
    >>> round(membership_advantage(y, score), 3)
    0.417
    """
    members, non_members = split_scores(y, score, pos_label)
    n_false, n_true = operating_points(members, non_members)
    return float((n_true / len(members) - n_false / len(non_members)).max())
