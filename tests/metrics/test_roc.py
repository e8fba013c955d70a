import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_curve

from skprivacy.metrics import membership_advantage, tpr_at_fpr

# Non-members .1 .2 .3 .8, members .2 .4 .9
Y = [0, 0, 0, 0, 1, 1, 1]
SCORE = [0.1, 0.2, 0.3, 0.8, 0.2, 0.4, 0.9]

# Few distinct values, so that ties are common.
labelled_scores = st.lists(
    st.tuples(st.booleans(), st.integers(-5, 5)), min_size=4, max_size=60
).filter(lambda pairs: len({label for label, _ in pairs}) == 2)


@pytest.mark.parametrize(
    ("fpr", "expected"),
    [
        (0.25, 2 / 3),  # one false positive, .8: above .3 are .4 and .9
        (0.49, 2 / 3),  # still one, as 0.49 * 4 = 1.96
        (0.50, 2 / 3),  # .8 and .3: above .2 are .4 and .9; the member at .2 is not
        (0.75, 1.0),  # down to above .1
        (1.0, 1.0),
    ],
)
def test_tpr_at_fpr_by_hand(fpr, expected):
    assert tpr_at_fpr(Y, SCORE, fpr) == expected


def test_tied_non_members_are_accused_together():
    # Three of four non-members share the score 1: a rate of .5 admits two of them, a
    # threshold at 1 accuses three, so only the member above 1 can be named.
    y, score = [0, 0, 0, 0, 1, 1], [1, 1, 1, 0, 1, 2]
    assert tpr_at_fpr(y, score, 0.5) == 0.5
    assert tpr_at_fpr(y, score, 0.75) == 1.0


@pytest.mark.parametrize("fpr", [0.01, 0.5, 0.999])
def test_constant_score_names_nobody(fpr):
    y = np.repeat([0, 1], 1000)
    assert tpr_at_fpr(y, np.zeros(2000), fpr) == 0.0
    assert tpr_at_fpr(y, np.zeros(2000), 1.0) == 1.0


def test_rate_that_is_a_whole_number_of_records_is_not_rounded_down():
    # 0.29 * 100 is 28.999999999999996 in floating point; 29 non-members are meant.
    y, score = np.repeat([0, 1], [100, 1]), np.append(np.arange(100.0), 70.5)
    assert tpr_at_fpr(y, score, 0.29) == 1.0
    assert tpr_at_fpr(y, score, 0.28) == 0.0


def test_too_few_non_members_give_nan_and_say_how_many_it_takes():
    y, score = np.repeat([0, 1], [999, 5]), np.arange(1004)
    with pytest.warns(UserWarning, match=r"0.001 .* 999 .* at least 1,000"):
        assert np.isnan(tpr_at_fpr(y, score, 0.001))
    assert tpr_at_fpr(np.append(y, 0), np.append(score, 0), 0.001) == 1.0


@pytest.mark.parametrize("fpr", [0, -0.1, 1.1, "0.1"])
def test_bad_fpr_is_named(fpr):
    with pytest.raises(ValueError, match="'fpr' parameter"):
        tpr_at_fpr(Y, SCORE, fpr)


@given(labelled_scores, st.integers(1, 10))
def test_tpr_at_fpr_is_the_best_point_of_the_roc_curve(pairs, tenths):
    y, score = map(np.array, zip(*pairs, strict=True))
    n_allowed = tenths * (~y).sum() // 10
    if n_allowed == 0:
        return
    fpr, tpr, _ = roc_curve(y, score, drop_intermediate=False)
    best = tpr[np.rint(fpr * (~y).sum()) <= n_allowed].max()
    assert tpr_at_fpr(y, score, tenths / 10) == pytest.approx(best)


@given(labelled_scores)
def test_monotone_transformations_change_nothing(pairs):
    y, score = map(np.array, zip(*pairs, strict=True))
    moved = np.exp(score / 3.0) - 7
    assert membership_advantage(y, moved) == membership_advantage(y, score)
    assert tpr_at_fpr(y, moved, 1.0) == tpr_at_fpr(y, score, 1.0)


@given(labelled_scores)
def test_advantage_is_the_largest_gap_of_the_roc_curve(pairs):
    y, score = map(np.array, zip(*pairs, strict=True))
    fpr, tpr, _ = roc_curve(y, score, drop_intermediate=False)
    assert membership_advantage(y, score) == pytest.approx((tpr - fpr).max())


def test_advantage_by_hand():
    # At .4 and above: 2 of 3 members, 1 of 4 non-members (.8).
    assert membership_advantage(Y, SCORE) == pytest.approx(2 / 3 - 1 / 4)


def test_advantage_of_decisions_is_that_of_the_decisions():
    # 1 of 2 members accused, 1 of 4 non-members.
    y, accused = [1, 1, 0, 0, 0, 0], [1, 0, 1, 0, 0, 0]
    assert membership_advantage(y, accused) == 0.25
    assert membership_advantage(y, np.array(accused) == 0) == 0.0


def test_advantage_without_leakage_is_as_documented():
    # Mean of 300 runs: 0.0396 expected, standard error about 0.0012, so a band of 5
    # standard errors raises a false alarm less than once in a million seeds.
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 500)
    mean = np.mean([membership_advantage(y, rng.normal(size=1000)) for _ in range(300)])
    assert mean == pytest.approx(0.63 * np.sqrt(2 / 500), abs=0.006)
