"""Training sets in which a group has a public share."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from skprivacy.defenses import PropertyResampler
from skprivacy.defenses._property_resampler import draw_group, group_sizes

N = 100
#: Of 30 women 10 smoke, of 70 men 35.
X = pd.DataFrame({"sex": ["f"] * 30 + ["m"] * 70, "row": np.arange(N)})
Y = np.array(["yes"] * 10 + ["no"] * 20 + ["yes"] * 35 + ["no"] * 35)
WOMEN = ("sex", "f")


def draw(ratio=0.5, **settings):
    settings = {"random_state": 0} | settings
    return PropertyResampler(WOMEN, ratio, **settings).fit(X, Y).sample_indices_


class TestSizes:
    def test_by_hand(self):
        assert group_sizes(70, 30, 0.5) == (30, 30)
        assert group_sizes(70, 30, 0.3) == (70, 30)
        # 50 women more for 30 of 80%: 70 men would be 20%, of 350.
        assert group_sizes(70, 30, 0.8, "over") == (70, 280)
        assert group_sizes(70, 30, 0.8, "mixed") == (20, 80)
        assert group_sizes(70, 30, 0.8, "mixed", 10) == (2, 8)

    def test_nothing_is_repeated_or_left_out_that_need_not_be(self):
        rng = np.random.default_rng(0)
        for _ in range(500):
            counts = rng.integers(2, 60, 2)
            ratio = rng.uniform(0.1, 0.9)
            if min(ratio, 1 - ratio) * counts.min() < 1:
                continue
            under = np.array(group_sizes(*counts, ratio))
            assert (under <= counts).all()
            over = np.array(group_sizes(*counts, ratio, "over"))
            assert (over >= counts).all()
            for sizes in (under, over):
                assert abs(sizes[1] - ratio * sizes.sum()) <= 0.5 + 1e-9

    def test_refuses_what_can_not_be_reached(self):
        with pytest.raises(ValueError, match=r'size=61 is more than .*"under" leaves'):
            group_sizes(70, 30, 0.5, size=61)
        with pytest.raises(ValueError, match="leaves 0 records of the group and 10"):
            group_sizes(70, 30, 0.01, size=10)


class TestDraws:
    def test_classes_keep_their_shares(self):
        codes = np.repeat([0, 1, 2], [50, 30, 20])
        for size in (10, 100, 250):
            drawn = codes[draw_group(codes, size, np.random.RandomState(0))]
            expected = np.array([0.5, 0.3, 0.2]) * size
            np.testing.assert_allclose(np.bincount(drawn), expected)

    def test_repeats_are_spread_evenly(self):
        codes = np.repeat([0, 1], [3, 5])
        drawn = draw_group(codes, 20, np.random.RandomState(0))
        times = np.bincount(drawn, minlength=8)
        assert times.sum() == 20
        assert set(times) <= {2, 3}

    def test_chance_decides_which_of_equal_remainders_is_rounded_up(self):
        codes = np.arange(10)
        drawn = [draw_group(codes, 5, np.random.RandomState(i)) for i in range(200)]
        # Each of the ten half of the time: five deviations are 35 of 200.
        assert abs(np.bincount(np.concatenate(drawn)) - 100).max() < 36


@pytest.mark.parametrize("strategy", ["under", "over", "mixed"])
@pytest.mark.parametrize("ratio", [0.2, 0.5, 0.75])
def test_the_group_has_its_share_and_within_it_the_classes_theirs(strategy, ratio):
    rows = draw(ratio, strategy=strategy)
    women = (X["sex"] == "f").to_numpy()[rows]
    yes = (Y == "yes")[rows]
    assert women.mean() == pytest.approx(ratio, abs=1 / len(rows))
    assert yes[women].mean() == pytest.approx(1 / 3, abs=1 / women.sum())
    assert yes[~women].mean() == pytest.approx(1 / 2, abs=1 / (~women).sum())


def test_what_strategies_do():
    assert len(np.unique(draw())) == len(draw()) == 60
    assert set(draw(strategy="over")) == set(range(N))
    assert len(draw(strategy="over")) == 140
    assert len(draw(strategy="mixed")) == N
    assert len(draw(size=24)) == 24


def test_of_a_fixed_size_nothing_tells_the_share_before():
    # The same women and men, drawn from tables of which a third and two thirds are.
    half = [np.arange(0, 30), np.arange(30, 60)]
    sums = []
    for women, men in ((half[0][:10], half[1][:20]), (half[0][:20], half[1][:10])):
        table = X.iloc[np.concatenate([women, men])]
        resampler = PropertyResampler(WOMEN, 0.5, size=20)
        drawn, _ = resampler.fit_resample(table, np.zeros(len(table)))
        sums.append((drawn["sex"] == "f").sum())
        assert len(set(drawn["row"])) == 20
    assert sums == [10, 10]


def test_rows_are_in_no_order():
    women = (X["sex"] == "f").to_numpy()[draw()]
    assert 5 < women[:30].sum() < 25


def test_what_belongs_to_a_record_goes_along():
    weight = np.arange(N) / 10
    for y in (Y, list(Y), pd.Series(Y, index=X.index[::-1])):
        resampler = PropertyResampler(WOMEN, random_state=0)
        X_new, y_new, weight_new, names = resampler.fit_resample(
            X, y, weight=weight, names=[f"n{i}" for i in range(N)]
        )
        rows = resampler.sample_indices_
        assert X_new["row"].tolist() == rows.tolist()
        assert list(y_new) == Y[rows].tolist()
        np.testing.assert_array_equal(weight_new, weight[rows])
        assert names[3] == f"n{rows[3]}"
    assert resampler.privacy_guarantee_ is None


def test_groups_may_be_named_in_any_way():
    expected = draw()
    for sensitive in ("sex == 'f'", lambda records: records["sex"] == "f"):
        found = PropertyResampler(sensitive, random_state=0).fit(X, Y).sample_indices_
        np.testing.assert_array_equal(found, expected)
    table = X.to_numpy()
    found = PropertyResampler((0, "f"), random_state=0).fit(table, Y)
    np.testing.assert_array_equal(found.sample_indices_, expected)


def test_the_label_may_be_part_of_it():
    y = pd.Series(Y, name="smokes")
    asked = "smokes == 'yes' and sex == 'f'"
    rows = PropertyResampler(asked, 0.25).fit(X, y).sample_indices_
    assert ((Y == "yes") & (X["sex"] == "f"))[rows].mean() == pytest.approx(0.25)
    named = PropertyResampler(asked, 0.25, label="smokes").fit(X, Y)
    assert len(named.sample_indices_) == 40
    last = PropertyResampler(lambda records: records[:, -1] == "yes")
    assert (Y[last.fit(X.to_numpy(), Y).sample_indices_] == "yes").mean() == 0.5


def test_a_label_with_the_name_of_a_feature_is_called_label():
    y = pd.Series(Y, name="sex")
    asked = "label == 'yes' and sex == 'f'"
    assert len(PropertyResampler(asked).fit(X, y).sample_indices_) == 20
    table = X.rename(columns={"row": "label"})
    asked = PropertyResampler("label < 30 and label_ == 'yes'")
    assert len(asked.fit(table, y).sample_indices_) == 20


def test_numbers_keep_their_distribution_up_to_chance():
    y = np.where(X["sex"] == "f", 0.25, 0.5) + np.linspace(0, 0.1, N)
    X_new, y_new = PropertyResampler(WOMEN, random_state=0).fit_resample(X, y)
    assert y_new[X_new["sex"] == "f"].mean() == pytest.approx(y[:30].mean(), abs=0.01)
    assert y_new[X_new["sex"] == "m"].mean() == pytest.approx(y[30:].mean(), abs=0.02)


def test_a_seed_decides_all():
    np.testing.assert_array_equal(draw(), draw())
    assert draw().tolist() != draw(random_state=1).tolist()
    resampler = clone(PropertyResampler(WOMEN, 0.4, size=9))
    assert resampler.get_params()["size"] == 9


def test_bad_input():
    with pytest.raises(ValueError, match=r"true of 0 of n_samples=100 records"):
        PropertyResampler(("sex", "x")).fit(X, Y)
    with pytest.raises(ValueError, match="names the column 'age'"):
        PropertyResampler(("age", 3)).fit(X, Y)
    with pytest.raises(ValueError, match="'target_ratio' parameter"):
        PropertyResampler(WOMEN, 1.0).fit(X, Y)
    with pytest.raises(ValueError, match="'strategy' parameter"):
        PropertyResampler(WOMEN, strategy="smote").fit(X, Y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        PropertyResampler(WOMEN).fit_resample(X, Y, weight=[1.0])
    rare = Y.astype(object)
    rare[99] = "once"
    with pytest.warns(UserWarning, match="1 of the classes of y .*'once'"):
        PropertyResampler(WOMEN, size=4, random_state=0).fit(X, rare)
