import numpy as np
import pandas as pd
import pytest

from skprivacy.metrics import (
    epsilon_from_roc,
    epsilon_from_roc_interval,
    membership_advantage,
    roc_auc_interval,
    tpr_at_fpr,
    tpr_at_fpr_interval,
)
from skprivacy.metrics._scores import operating_points, split_scores

Y = np.repeat([0, 1], 40)
SCORE = np.random.default_rng(0).normal(Y)

METRICS = {
    "tpr_at_fpr": lambda y, s, **kw: tpr_at_fpr(y, s, 0.1, **kw),
    "membership_advantage": membership_advantage,
    "roc_auc_interval": roc_auc_interval,
    "tpr_at_fpr_interval": lambda y, s, **kw: tpr_at_fpr_interval(y, s, 0.1, **kw),
    "epsilon_from_roc": epsilon_from_roc,
    "epsilon_from_roc_interval": epsilon_from_roc_interval,
}


@pytest.fixture(params=METRICS, ids=str)
def metric(request):
    return METRICS[request.param]


@pytest.mark.parametrize(
    "y",
    [
        Y.astype(bool),
        np.where(Y == 1, 1, -1),
        np.where(Y == 1, "out", "in"),
        pd.Series(Y.astype(bool), dtype=object, index=range(100, 180)),
        pd.Series(Y, dtype="Int64"),
        Y.tolist(),
        Y[:, np.newaxis],
    ],
    ids=["bool", "signs", "strings", "objects", "nullable", "list", "column"],
)
def test_the_larger_of_two_labels_stands_for_members(metric, y):
    assert metric(y, SCORE) == metric(Y, SCORE)


def test_pos_label_turns_the_sides(metric):
    assert metric(Y, SCORE, pos_label=0) == metric(1 - Y, SCORE)
    assert metric(Y, SCORE, pos_label=1) == metric(Y, SCORE)


def test_order_of_records_does_not_matter(metric):
    order = np.random.default_rng(1).permutation(len(Y))
    assert metric(Y[order], SCORE[order]) == metric(Y, SCORE)


def test_infinite_scores_are_scores(metric):
    infinite, finite = SCORE.copy(), SCORE.copy()
    infinite[[0, 1, 45]], finite[[0, 1, 45]] = [-np.inf, np.inf, np.inf], [-9, 9, 9]
    assert metric(Y, infinite) == metric(Y, finite)


@pytest.mark.parametrize(
    ("y", "score", "message"),
    [
        (Y[:-1], SCORE, "y and score must be of the same length; got 79 labels and 80"),
        (Y * 0, SCORE, r"y must hold exactly two labels.* got 1: \[0\]"),
        (np.arange(80), SCORE, r"y must hold exactly two labels.* got 80: .*\.\.\."),
        (np.where(Y == 1, np.nan, 0), SCORE, r"y must hold .* got 2: \[0.0, nan\]"),
        ([True, None] * 40, SCORE, "y must hold .* types .*'NoneType', 'bool'"),
        (np.eye(80), SCORE, r"y must be one-dimensional; .* \(80, 80\)"),
        (Y, np.eye(80), "score must be one-dimensional"),
        (Y, np.append(SCORE[:-1], np.nan), "score must not hold NaN; got 1 among 80"),
        (Y, ["high"] * 80, "score must hold numbers"),
    ],
)
def test_bad_input_is_named(metric, y, score, message):
    with pytest.raises(ValueError, match=message):
        metric(y, score)


def test_unknown_pos_label_is_named(metric):
    with pytest.raises(ValueError, match=r"pos_label must be .* \[0, 1\]; got 2"):
        metric(Y, SCORE, pos_label=2)


def test_operating_points_keep_equal_scores_together():
    # Thresholds from above: 3 (one non-member), 2 (two members and a non-member at
    # once), 1 (a member).
    members, non_members = split_scores([1, 1, 1, 0, 0], [2, 2, 1, 2, 3])
    n_false, n_true = operating_points(members, non_members)
    assert n_false.tolist() == [0, 1, 2, 2]
    assert n_true.tolist() == [0, 0, 2, 3]
