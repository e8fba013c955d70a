"""Splits further down tell the share at the root."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skprivacy.inspection import read_trees
from skprivacy.property._encoding import Encoded
from skprivacy.property._tree_shares import (
    ToldShares,
    numbers_apart,
    share_at_root,
    told_shares,
)


def told(shares, sizes, paths, total=1000):
    n = len(shares)
    return ToldShares(
        np.array(shares, dtype=float),
        np.array(sizes, dtype=float),
        np.full(n, float(total)),
        paths,
        np.zeros(1),
        np.ones(1),
    )


def test_a_split_at_the_root_is_the_share():
    share, deviation = share_at_root(told([0.3], [1000], [{}]))
    assert share == pytest.approx(0.3, abs=1e-3)
    # Of a draw of 1,000 records at a share of a half.
    assert deviation == pytest.approx(np.sqrt(0.25 / 1000), rel=1e-2)


def test_a_step_cancels_where_both_sides_are_told():
    # One tenth goes right, where the share is 0.9; on the left it is 0.1.
    both = told([0.1, 0.9], [900, 100], [{"x": -0.1}, {"x": 0.9}])
    assert share_at_root(both)[0] == pytest.approx(0.18, abs=0.02)


def test_a_step_is_learned_in_one_tree_and_used_in_another():
    first = told([0.1, 0.5], [500, 500], [{"x": -0.5}, {"x": 0.5}])
    more = told([0.1, 0.5, 0.5], [500, 500, 500], [{"x": -0.5}, {"x": 0.5}, {"x": 0.5}])
    assert share_at_root(more)[0] == pytest.approx(share_at_root(first)[0], abs=0.02)
    # The mean of the nodes would be taken in.
    assert np.mean(more.shares) - share_at_root(more)[0] > 0.04


def test_far_from_the_root_less_is_known():
    near = share_at_root(told([0.3], [900], [{"x": -0.1}]))
    far = share_at_root(told([0.3], [60], [{"x": -0.1, "y": 0.9}]))
    assert far[1] > 3 * near[1]


def test_small_nodes_are_left_out_where_there_are_large_ones():
    paths = [{} for _ in range(80)]
    mixed = told([0.3] * 60 + [0.9] * 20, [500] * 60 + [10] * 20, paths)
    large = told([0.3] * 60, [500] * 60, paths[:60])
    assert share_at_root(mixed) == share_at_root(large)


def people(n=1200, share=0.3, seed=0):
    """Records of which a share is of the group f, on which the other columns depend."""
    rng = np.random.RandomState(seed)
    group = rng.permutation(np.arange(n) < share * n)
    table = pd.DataFrame(
        {
            "sex": np.where(group, "f", "m"),
            "x": rng.normal(size=n) + group,
            "town": rng.choice(["a", "b", "c"], size=n),
            "z": rng.normal(size=n),
        }
    )
    noise = rng.normal(size=n)
    return table, (table["x"] + table["z"] - 1.5 * group + noise > 0.5).astype(int)


ONE_HOT = make_column_transformer(
    (OneHotEncoder(), ["sex", "town"]), (StandardScaler(), ["x", "z"])
)
ORDINAL = make_column_transformer(
    (OrdinalEncoder(), ["sex", "town"]), (StandardScaler(), ["x", "z"])
)


@pytest.mark.parametrize("encoder", [ONE_HOT, ORDINAL])
@pytest.mark.parametrize("share", [0.2, 0.6])
@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(30, min_samples_leaf=5, random_state=0),
        ExtraTreesClassifier(30, min_samples_leaf=5, random_state=0),
        HistGradientBoostingClassifier(max_iter=30, random_state=0),
    ],
)
def test_the_share_is_found(encoder, share, model):
    table, y = people(share=share)
    trees = read_trees(make_pipeline(encoder, model).fit(table, y))
    for value, wanted in (("f", share), ("m", 1 - share)):
        found, deviation = share_at_root(told_shares(trees, 0, value))
        assert found == pytest.approx(wanted, abs=0.03)
        assert abs(found - wanted) < 3 * deviation


def test_bounds_hold_in_every_tree_of_all_records():
    table, y = people()
    model = make_pipeline(
        ONE_HOT, ExtraTreesClassifier(20, max_depth=4, random_state=0)
    )
    found = told_shares(read_trees(model.fit(table, y)), 0, "f")
    assert np.all(found.low <= 0.3 + 1e-9)
    assert np.all(found.high >= 0.3 - 1e-9)
    assert found.low.max() > 0


def test_one_value_of_three():
    table, y = people()
    model = make_pipeline(ORDINAL, RandomForestClassifier(20, random_state=0))
    trees = read_trees(model.fit(table, y))
    share = np.mean(table["town"] == "a")
    assert share_at_root(told_shares(trees, 2, "a"))[0] == pytest.approx(
        share, abs=0.05
    )


def test_native_categories():
    table, y = people()
    table = table.astype({"sex": "category", "town": "category"})
    model = HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(table, y)
    found, _ = share_at_root(told_shares(read_trees(model), 0, "f"))
    assert found == pytest.approx(0.3, abs=0.03)


def test_members_that_see_some_columns():
    table, y = people()
    numbers = table.assign(sex=(table["sex"] == "f") * 1.0).drop(columns="town")
    bag = BaggingClassifier(
        DecisionTreeClassifier(min_samples_leaf=20),
        n_estimators=20,
        max_features=2,
        random_state=0,
    ).fit(numbers, y)
    found, _ = share_at_root(told_shares(read_trees(bag), 0, 1))
    assert found == pytest.approx(0.3, abs=0.03)


def test_a_column_of_many_numbers_tells_no_value():
    table, y = people()
    tree = DecisionTreeClassifier(max_depth=5).fit(table[["x", "z"]], y)
    assert len(told_shares(read_trees(tree), 0, 1.0).shares) == 0


@pytest.mark.parametrize("value", [0, 1, 2])
def test_whole_numbers_that_trees_tell_apart(value):
    table, y = people()
    table = table.assign(town=table["town"].map({"a": 0, "b": 1, "c": 2}))
    table = table.drop(columns="sex")
    y = y ^ (table["town"] == 1)
    for scaler in ("passthrough", StandardScaler()):
        model = make_pipeline(scaler, RandomForestClassifier(20, random_state=0))
        trees = read_trees(model.fit(table.to_numpy(), y))
        share = np.mean(table["town"] == value)
        found = share_at_root(told_shares(trees, 1, value))[0]
        assert found == pytest.approx(share, abs=0.03)


def test_whole_numbers_with_a_gap_are_not_told_apart():
    column = Encoded(0)
    # A split at 0.5 has 1, 2 and 3 on its right, one at 2.5 has 0, 1 and 2 on its left.
    assert numbers_apart(column, np.array([0.5, 2.5]), 1) == [1, 0, 2, 3]
    assert numbers_apart(column, np.array([0.5]), 1) == [1, -0.5]
    assert numbers_apart(column, np.array([1.0]), 2) == [2, 0]
    assert numbers_apart(column, np.arange(13) + 0.5, 1) is None
