"""What trees split on is read by columns."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skprivacy.defenses import SanitizedClassifier
from skprivacy.property._structure import read_structure

RNG = np.random.RandomState(0)
TABLE = pd.DataFrame(
    {"age": RNG.normal(size=200), "sex": RNG.choice(["f", "m"], 200, p=[0.3, 0.7])}
)
Y = ((TABLE["age"] > 0) ^ (TABLE["sex"] == "f")).astype(int).to_numpy()


def encoded(model):
    encoder = make_column_transformer(
        (OneHotEncoder(drop="first"), ["sex"]), remainder="passthrough"
    )
    return make_pipeline(encoder, model)


def test_a_tree_by_hand():
    # The root splits a at 0.5 (1 of 4 left), its right child b at 0.5 (1 of 3 left).
    X = np.array([[0, 0], [1, 0], [1, 1], [1, 1]])
    numbers = read_structure(DecisionTreeRegressor(random_state=0).fit(X, [0, 5, 9, 9]))
    assert numbers["splits x0"] == numbers["splits x1"] == 0.5
    assert numbers["splits by records x0"] == 4 / 7
    assert numbers["left share x0"] == 1 / 4
    assert numbers["left share of largest x1"] == pytest.approx(1 / 3)
    assert numbers["threshold 0.9 x0"] == 0.5
    assert numbers["difference x1"] == 4
    assert numbers["leaves"] == 3
    assert numbers["root answer 0"] == 23 / 4
    # Squared error: 54.75 in the root, 32 / 3 in its right child.
    assert numbers["importance x0"] == pytest.approx((54.75 - 32 / 3) / 54.75)


def test_the_order_of_trees_changes_nothing():
    forest = encoded(RandomForestClassifier(5, random_state=0)).fit(TABLE, Y)
    first = read_structure(forest)
    forest[-1].estimators_ = forest[-1].estimators_[::-1]
    second = read_structure(forest)
    assert second == pytest.approx(first)
    assert "left share onehotencoder__sex_m" in first


def test_columns_that_members_choose_are_named_by_the_whole_table():
    X = TABLE.assign(sex=(TABLE["sex"] == "f") * 1.0, other=0.0)[
        ["other", "sex", "age"]
    ]
    bag = BaggingClassifier(
        DecisionTreeClassifier(), n_estimators=4, max_features=2, random_state=0
    ).fit(X, Y)
    numbers = read_structure(bag)
    assert numbers["splits sex"] > 0
    assert "splits other" not in numbers


def test_categories_of_histogram_boosting_are_named():
    X = TABLE.assign(sex=TABLE["sex"].astype("category"))
    model = HistGradientBoostingClassifier(max_iter=3).fit(X, Y)
    numbers = read_structure(model)
    shares = {name for name in numbers if name.startswith("left share of largest")}
    assert shares == {
        "left share of largest sex",
        "left share of largest age",
    }
    assert numbers["baseline 0"] == pytest.approx(np.log(Y.mean() / (1 - Y.mean())))


def test_trees_without_counts_are_read_all_the_same():
    numeric = TABLE.assign(sex=(TABLE["sex"] == "f") * 1.0)
    model = SanitizedClassifier(DecisionTreeClassifier(max_depth=2), random_state=0)
    numbers = read_structure(model.fit(numeric, Y))
    assert numbers["splits sex"] > 0
    assert not any(name.startswith("left share") for name in numbers)
    assert all(np.isfinite(list(numbers.values())))


def test_members_that_have_trees():
    members = [("tree", DecisionTreeClassifier()), ("line", LogisticRegression())]
    X = TABLE[["age"]]
    numbers = read_structure(StackingClassifier(members).fit(X, Y))
    assert "tree left share age" in numbers
    assert not any(name.startswith("line") for name in numbers)


def test_no_trees_no_numbers():
    assert read_structure(LogisticRegression().fit(TABLE[["age"]], Y)) == {}


def test_a_tree_without_splits():
    numbers = read_structure(DecisionTreeRegressor().fit([[0.0], [1.0]], [3.0, 3.0]))
    assert numbers["leaves"] == 1
    assert numbers["splits a tree"] == 0
