from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from skprivacy.metrics import (
    Interval,
    roc_auc_interval,
    tpr_at_fpr,
    tpr_at_fpr_interval,
)
from skprivacy.metrics._intervals import delong_variance, placements, tpr_bounds

INTERVALS = {
    "auc": roc_auc_interval,
    "tpr@20%": partial(tpr_at_fpr_interval, fpr=0.2),
    "tpr@50%": partial(tpr_at_fpr_interval, fpr=0.5),
}

few_values = st.integers(-4, 4)
samples = st.tuples(
    st.lists(few_values, min_size=5, max_size=40),
    st.lists(few_values, min_size=5, max_size=40),
)


@pytest.fixture(params=INTERVALS, ids=str)
def interval_of(request):
    return INTERVALS[request.param]


def lay_together(members, non_members):
    y = np.repeat([1, 0], [len(members), len(non_members)])
    return y, np.append(members, non_members)


@settings(max_examples=60, deadline=None)
@given(sample=samples)
def test_interval_contains_the_estimate_and_stays_in_0_1(sample):
    y, score = lay_together(*sample)
    for interval_of in INTERVALS.values():
        interval = interval_of(y, score)
        assert 0 <= interval.low <= interval.estimate <= interval.high <= 1
        assert (interval.n_members, interval.n_non_members) == tuple(map(len, sample))


@settings(max_examples=60, deadline=None)
@given(sample=samples)
def test_interval_grows_as_n_falls(sample):
    y, score = lay_together(*sample)
    for interval_of in INTERVALS.values():
        small = interval_of(y, score)
        large = interval_of(np.tile(y, 4), np.tile(score, 4))
        assert small.estimate == pytest.approx(large.estimate)
        assert large.high - large.low <= small.high - small.low


@settings(max_examples=40, deadline=None)
@given(sample=samples)
def test_monotone_transformation_changes_nothing(sample):
    y, score = lay_together(*sample)
    for interval_of in INTERVALS.values():
        assert interval_of(y, score) == interval_of(y, np.exp(score))


@settings(max_examples=40, deadline=None)
@given(sample=samples)
def test_more_confidence_and_more_comparisons_are_wider(sample):
    y, score = lay_together(*sample)
    for interval_of in INTERVALS.values():
        narrow = interval_of(y, score, confidence=0.9)
        for wide in (
            interval_of(y, score, confidence=0.99),
            interval_of(y, score, confidence=0.9, n_comparisons=5),
        ):
            assert wide.low <= narrow.low + 1e-12
            assert wide.high >= narrow.high - 1e-12


def test_comparisons_are_paid_by_bonferroni(interval_of):
    y = np.repeat([0, 1], 60)
    score = np.random.default_rng(0).normal(y)
    shared = interval_of(y, score, confidence=0.95, n_comparisons=10)
    single = interval_of(y, score, confidence=0.995)
    assert (shared.low, shared.high) == pytest.approx((single.low, single.high))
    assert shared.confidence == 0.95


@settings(max_examples=60, deadline=None)
@given(sample=samples)
def test_fast_delong_variance_is_the_slow_one(sample):
    members, non_members = (np.sort(np.array(side, dtype=float)) for side in sample)
    m, n = len(members), len(non_members)
    wins = (members[:, None] > non_members) + (members[:, None] == non_members) / 2
    slow = ((wins.mean(axis=1) - wins.mean()) ** 2).sum() / (m - 1) / m + (
        (wins.mean(axis=0) - wins.mean()) ** 2
    ).sum() / (n - 1) / n
    assert delong_variance(*placements(members, non_members)) == pytest.approx(slow)
    y, score = lay_together(*sample)
    assert roc_auc_interval(y, score).estimate == pytest.approx(roc_auc_score(y, score))


def test_placements_by_hand():
    # The member at 2 beats 1 and ties with 2: (1 + .5) / 3; the member at 5 beats all.
    # The non-member 1 loses to both; 2 ties with one and loses to one: (.5 + 1) / 2.
    of_members, of_non_members = placements(np.array([2, 5]), np.array([1, 2, 4]))
    assert of_members.tolist() == [0.5, 1.0]
    assert of_non_members.tolist() == [1.0, 0.75, 0.5]


def test_auc_interval_is_delongs_in_the_middle():
    # Without skewness, and with n so large that one more record does not matter.
    y = np.repeat([0, 1], 20_000)
    score = np.random.default_rng(0).normal(y * 0.2)
    interval = roc_auc_interval(y, score)
    members, non_members = np.sort(score[y == 1]), np.sort(score[y == 0])
    reach = stats.norm.ppf(0.975) * np.sqrt(
        delong_variance(*placements(members, non_members))
    )
    assert interval.high - interval.estimate == pytest.approx(reach, rel=0.01)
    assert interval.estimate - interval.low == pytest.approx(reach, rel=0.01)


def test_perfect_separation_has_an_interval_about_the_rule_of_three():
    # Were 0.75% of the 500 members at the bottom, none might have been drawn with
    # probability 0.9925 ** 500 = 0.023: the interval must reach down about that far.
    y = np.repeat([0, 1], 500)
    interval = roc_auc_interval(y, y)
    assert (interval.estimate, interval.high) == (1.0, 1.0)
    assert 0.990 < interval.low < 0.9926
    turned = roc_auc_interval(1 - y, y)
    assert (turned.low, turned.high) == pytest.approx((0, 1 - interval.low))


def test_constant_score_has_an_interval_around_one_half():
    y = np.repeat([0, 1], 500)
    interval = roc_auc_interval(y, np.zeros(1000))
    assert interval.estimate == 0.5
    assert 0.494 < interval.low < 0.4963  # 0.5 - 0.0074 / 2, as one side is discordant
    assert interval.high == pytest.approx(1 - interval.low)


def test_one_member_is_enough_for_a_useless_interval():
    interval = roc_auc_interval([1, 0], [1, 0])
    assert (interval.low, interval.high) == (0.0, 1.0)


def test_tpr_interval_by_hand_where_no_non_member_can_be_given_up():
    # 4 non-members at a rate of 1/4: the number N above the threshold is 0 with
    # probability .75 ** 4 = .316, too likely to give up, so nothing bounds the TPR from
    # below. From above N = 4 (.0039) and 3 (.047) count, N = 4 is given up.
    members, non_members = np.arange(10.0, 20.0), np.array([0.0, 1.0, 2.0, 30.0])
    assert tpr_bounds(members, non_members, 0.25, 0.025, 0.025) == (0.0, 1.0)


def test_tpr_bounds_are_clopper_pearson_where_the_threshold_does_not_matter():
    # 300 members above and 700 below every non-member: 300 whatever the threshold, so
    # only the strictest level matters, about 0.009 at the end of the quarter circle.
    members = np.repeat([-1.0, 1.0], [700, 300])
    non_members = np.linspace(-0.5, 0.5, 1000)
    low, high = tpr_bounds(members, non_members, 0.1, 0.025, 0.025)
    exact = stats.binomtest(300, 1000).proportion_ci(0.95)
    strict = stats.binomtest(300, 1000).proportion_ci(0.985)
    assert strict.low < low < exact.low < exact.high < high < strict.high


def test_tpr_interval_pays_for_the_threshold():
    # As many members, fewer non-members: only the threshold is less certain.
    rng = np.random.default_rng(0)
    members, non_members = rng.normal(1, 1, 2000), rng.normal(0, 1, 20_000)
    many = tpr_at_fpr_interval(*lay_together(members, non_members), 0.05)
    few = tpr_at_fpr_interval(*lay_together(members, non_members[:500]), 0.05)
    assert few.high - few.low > 1.5 * (many.high - many.low)


def test_tpr_lower_end_is_zero_exactly_where_documented():
    # log(2 / 0.05) = 3.689 expected false positives are needed for one interval.
    for n, positive in ((3600, False), (3800, True)):
        y, score = lay_together(np.full(1000, 2.0), np.linspace(0, 1, n))
        assert (tpr_at_fpr_interval(y, score, 0.001).low > 0) is positive


def test_estimate_of_the_tpr_interval_is_tpr_at_fpr():
    y = np.repeat([0, 1], 300)
    score = np.random.default_rng(0).normal(y).round(1)
    for fpr in (0.01, 0.1, 0.5, 1.0):
        assert tpr_at_fpr_interval(y, score, fpr).estimate == tpr_at_fpr(y, score, fpr)


def test_everybody_may_be_accused_at_rate_1():
    interval = tpr_at_fpr_interval([0, 1, 0], [1, 1, 1], 1.0)
    assert (interval.low, interval.estimate, interval.high) == (1.0, 1.0, 1.0)


def test_too_few_non_members_give_nan_and_a_warning():
    y = np.repeat([0, 1], 50)
    with pytest.warns(UserWarning, match="50 non-members; it takes at least 100"):
        interval = tpr_at_fpr_interval(y, y, 0.01)
    assert np.isnan([interval.estimate, interval.low, interval.high]).all()
    assert interval.n_non_members == 50


@pytest.mark.parametrize(
    "wrong", [{"confidence": 1.0}, {"confidence": 95}, {"n_comparisons": 0}]
)
def test_bad_parameters_are_named(interval_of, wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"'{name}' parameter"):
        interval_of([0, 1], [0, 1], **wrong)


def test_interval_prints_shortly_and_cannot_be_changed():
    interval = Interval(0.5, 0.25, 0.75, 0.95, 10, 10)
    assert str(interval) == "0.5 [0.25, 0.75]"
    with pytest.raises(AttributeError):
        interval.low = 0.0


def test_values_are_plain_floats(interval_of):
    interval = interval_of(np.repeat([0, 1], 20), np.arange(40))
    fields = (interval.estimate, interval.low, interval.high, interval.confidence)
    assert all(type(value) is float for value in fields)


@pytest.mark.parametrize(
    ("draw", "auc", "tpr"),
    [
        (lambda rng, y: rng.normal(1.19 * y), 0.8, stats.norm.sf(1.2816 - 1.19)),
        (lambda rng, y: rng.random(len(y)) < 0.8 + 0.2 * y, 0.6, 0.0),
        (lambda rng, y: y & (rng.random(len(y)) < 0.99), 0.995, 0.99),
    ],
    ids=["binormal", "two values", "nearly separated"],
)
def test_coverage(draw, auc, tpr):
    # 300 draws of 200 + 200 records. At a true coverage of 95% fewer than 270 of 300
    # cover with probability 0.0002 for each of the six counts.
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 200)
    covered = np.zeros(2)
    for _ in range(300):
        score = draw(rng, y)
        intervals = roc_auc_interval(y, score), tpr_at_fpr_interval(y, score, 0.1)
        covered += [
            interval.low <= truth <= interval.high
            for interval, truth in zip(intervals, (auc, tpr), strict=True)
        ]
    assert (covered >= 270).all(), covered
