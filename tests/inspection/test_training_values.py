"""What is certified of the training set is true, and nothing else is certified."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skprivacy.defenses import sanitize
from skprivacy.inspection import _training_values as module
from skprivacy.inspection import leak_scan, read_trees, recover_training_values
from skprivacy.inspection._training_values import certified_share


def whole_numbers(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(20, 150)
    X = rng.integers(-5, rng.integers(3, 50), size=(n, 3)).astype(float)
    X[:, 1] **= 2
    return pd.DataFrame(X, columns=list("abc")), rng.integers(0, 2, n)


def untrue(found, X):
    """Findings that the training set contradicts."""
    wrong = []
    for row in found.itertuples():
        values = X[row.feature].dropna().to_numpy(dtype=float)
        inside = values[(values > row.low + 1e-6) & (values < row.high - 1e-6)]
        if row.kind == "value":
            fine = np.isclose(values, row.low).any()
        elif row.kind == "empty":
            fine = row.scope != "training set" or not len(inside)
        else:
            near = np.abs(values - row.middle) <= row.high - row.middle + 1e-3
            left, right = values[near & (values < row.middle)], values[near]
            fine = any(
                np.isclose(2 * row.middle - a, right, atol=1e-3).any() for a in left
            )
        if not fine:
            wrong.append(row)
    return wrong


def certified(found, feature):
    chosen = found[(found["feature"] == feature) & (found["kind"] == "value")]
    return chosen["low"].tolist()


RECIPES = [
    RandomForestClassifier(5, random_state=0),
    RandomForestClassifier(5, bootstrap=False, random_state=0),
    DecisionTreeRegressor(random_state=0),
    GradientBoostingClassifier(n_estimators=4, random_state=0),
    BaggingClassifier(n_estimators=4, max_features=0.7, random_state=0),
    make_pipeline(StandardScaler(), RandomForestClassifier(4, random_state=0)),
    make_pipeline(RobustScaler(), MinMaxScaler(), DecisionTreeClassifier()),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=repr)
def test_all_that_is_certified_is_true(recipe):
    n_values = n_empty = 0
    for seed in range(6):
        X, y = whole_numbers(seed)
        others = pd.DataFrame(
            np.random.default_rng(seed).integers(-9, 60, (50, 3)), columns=list("abc")
        )
        model = recipe.fit(X, y)
        for candidates in (None, X, pd.concat([X, others])):
            found = recover_training_values(model, candidates)
            assert untrue(found, X) == []
            n_values += (found["kind"] == "value").sum()
            n_empty += (found["kind"] == "empty").sum()
    assert n_values > 50 and n_empty > 5


def test_by_hand():
    # Sorted 1 2 | 3 5: labels change everywhere. The root is at 2.5 or at an end; below
    # it 1.5 and 4. Half gaps at 1.5 and 2.5 are 1/2; at 4 = (3 + 5) / 2 it is 1, and
    # 2.5 bounds it: 1/2 + d <= 4 - 2.5.
    X = np.array([[1.0], [2.0], [3.0], [5.0]])
    found = recover_training_values(DecisionTreeClassifier().fit(X, [0, 1, 0, 1]))
    assert certified(found, "x0") == [1, 2, 3, 5]
    empty = found[found["kind"] == "empty"]
    assert empty[["low", "high"]].to_numpy().tolist() == [[3, 5]]
    assert set(empty["scope"]) == {"training set"}
    assert set(found["by"]) == {"steps of 1"}


def test_one_threshold_alone_certifies_no_value():
    # 2.5 is the middle of 2 and 3, and of 1 and 4: nothing tells which.
    tree = DecisionTreeClassifier().fit([[1], [4]], [0, 1])
    found = recover_training_values(tree)
    assert found["kind"].tolist() == ["pair"]
    assert found.at[0, "middle"] == 2.5
    found = recover_training_values(tree, [[1], [2], [4], [9]])
    assert found["kind"].tolist() == ["value", "value", "empty"]
    assert found["low"].tolist() == [1, 4, 1]
    assert found.at[2, "high"] == 4
    # Two pairs of candidates: again nothing.
    found = recover_training_values(tree, [[1], [2], [3], [4]])
    assert found["kind"].tolist()[0] == "pair"
    assert found.at[0, "n_pairs"] == 2


def test_candidates_that_miss_values_give_matches_only():
    X = np.array([[1.0], [4.0], [11.0], [31.0]])
    tree = DecisionTreeClassifier().fit(X, [0, 1, 0, 1])
    found = recover_training_values(tree, X[:2])
    assert set(found["kind"]) == {"match", "pair"}
    assert found[found["kind"] == "match"]["low"].tolist() == [1, 4]


def test_numbers_that_are_not_on_a_grid_certify_nothing_alone():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 2))
    tree = DecisionTreeClassifier().fit(X, rng.integers(0, 2, 100))
    assert set(recover_training_values(tree)["kind"]) == {"pair"}
    found = recover_training_values(tree, X)
    for feature, column in (("x0", 0), ("x1", 1)):
        assert set(certified(found, feature)) <= set(X[:, column])
    assert len(certified(found, "x0")) > 20


def test_half_numbers_are_not_taken_for_whole_ones():
    X = np.arange(30)[:, None] + 0.5
    tree = DecisionTreeClassifier().fit(X, np.arange(30) % 2)
    # The thresholds 1, 2, 3, ... are whole, but closer than whole numbers allow.
    assert set(recover_training_values(tree)["kind"]) == {"pair"}


def test_rows_that_a_tree_does_not_see_are_not_spoken_for():
    X, y = whole_numbers(3)
    X = 2 * X[["b"]]
    forest = RandomForestClassifier(9, bootstrap=False, random_state=0)
    whole = recover_training_values(forest.fit(X, y))
    forest.set_params(bootstrap=True)
    drawn = recover_training_values(forest.fit(X, y))
    assert set(whole["scope"]) == {"training set"}
    assert set(drawn[drawn["kind"] == "empty"]["scope"]) == {"rows of these trees"}


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "age": rng.integers(18, 80, 300),
            "town": rng.choice(["York", "Leeds", "Hull"], 300),
            "size": np.round(rng.normal(170, 10, 300), 1),
            "grade": rng.choice(["a", "b", "c", "d"], 300),
        }
    )
    return X, rng.integers(0, 2, 300)


def test_values_come_back_in_the_units_of_the_table(people):
    X, y = people
    before = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler(), MaxAbsScaler()), ["age"]),
        (OneHotEncoder(), ["town"]),
        (OrdinalEncoder(), ["grade"]),
        remainder="passthrough",
    )
    model = make_pipeline(before, RandomForestClassifier(20, random_state=0)).fit(X, y)
    found = recover_training_values(model)
    ages = certified(found, "age")
    assert len(ages) > 20 and set(ages) <= set(X["age"])
    assert set(certified(found, "size")) <= set(X["size"])
    assert len(certified(found, "size")) > 5
    assert certified(found, "town=York") == [0, 1]
    assert set(found[found["feature"] == "town=York"]["by"]) == {"encoding"}
    assert certified(found, "grade") == [0, 1, 2, 3]
    with_list = recover_training_values(model, X)
    assert set(certified(with_list, "age")) >= set(ages)


def test_what_stands_for_missing_values_is_not_certified():
    X = np.repeat(np.arange(20.0), 3)[:, None]
    y = np.arange(60) // 3 % 2
    X[X == 10] = np.nan
    before = SimpleImputer(strategy="constant", fill_value=10)
    model = make_pipeline(before, DecisionTreeClassifier()).fit(X, y)
    assert 10 not in certified(recover_training_values(model), "x0")
    assert 9 in certified(recover_training_values(model), "x0")


def test_columns_of_other_transformers_say_so(people):
    X, y = people
    model = make_pipeline(PolynomialFeatures(2), DecisionTreeClassifier())
    model.fit(X[["age", "size"]], y)
    found = recover_training_values(model)
    assert "age size (PolynomialFeatures)" in set(found["feature"])
    assert set(found["kind"]) == {"pair"}


def test_random_thresholds_certify_nothing(people):
    X, y = people
    model = ExtraTreesClassifier(5).fit(X[["age"]], y)
    found = recover_training_values(model)
    assert found.empty and "n_thresholds" in found


def with_edges(monkeypatch, X):
    """A model of bins, read as one that has its edges."""
    y = np.arange(len(X)) % 2
    boosting = HistGradientBoostingClassifier(max_iter=1).fit(X, y)
    tree = DecisionTreeClassifier(max_depth=1).fit(X, y)
    edges = tuple(boosting._bin_mapper.bin_thresholds_)
    ensemble = replace(
        read_trees(tree), model=boosting, splits="edge", edges=edges, dtype=np.float64
    )
    monkeypatch.setattr(module, "read_trees", lambda model: ensemble)
    return boosting


def test_bin_edges_of_few_values_give_all_of_them(monkeypatch):
    X = np.array([0, 1, 2, 3, 4, 7, 8, 9, 20.0]).repeat(9)[:, None]
    found = recover_training_values(with_edges(monkeypatch, X))
    assert certified(found, "x0") == np.unique(X).tolist()
    assert untrue(found, pd.DataFrame(X, columns=["x0"])) == []


def test_bin_edges_with_candidates(monkeypatch):
    # Edges 2.5 and 5.5 come of 2 3 8 as well as of 1 4 7, but 8 is no candidate.
    X = np.array([1.0, 4, 7]).repeat(30)[:, None]
    boosting = with_edges(monkeypatch, X)
    assert certified(recover_training_values(boosting), "x0") == []
    candidates = np.array([[1.0], [2], [3], [4], [7]])
    assert certified(recover_training_values(boosting, candidates), "x0") == [1, 4, 7]


def test_quantiles_certify_nothing(monkeypatch):
    # More values than bins, most of them in the last one: edges 0, 2, 4, 6 at most.
    X = np.concatenate([np.repeat([0, 2, 4, 6, 8], 20_000), 9 + np.arange(390)])
    boosting = with_edges(monkeypatch, X[:, None].astype(float))
    assert len(np.unique(boosting._bin_mapper.bin_thresholds_[0])) < 10
    assert recover_training_values(boosting).empty


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("leaf", [1, 5])
def test_a_sanitized_model_certifies_nothing(people, scaled, leaf):
    X, y = people
    X = X[["age", "size"]]
    forest = RandomForestClassifier(20, min_samples_leaf=leaf, random_state=0)
    model = (make_pipeline(StandardScaler(), forest) if scaled else forest).fit(X, y)
    assert certified_share(model, X)["n_from_file"].sum() > 15
    safer = sanitize(model, X_train=X, random_state=1)
    counts = certified_share(safer, X)
    assert counts[["n_from_file", "n_from_list"]].sum().sum() == 0
    for candidates in (None, X):
        kinds = recover_training_values(safer, candidates)["kind"]
        assert not {"value", "empty"} & set(kinds)
    kinds = set(leak_scan(safer)["kind"])
    gone = {"bootstrap_seed", "exact_thresholds", "node_counts", "single_record_leaves"}
    assert not kinds & gone
    assert {"bootstrap_seed", "exact_thresholds"} <= set(leak_scan(model)["kind"])


def test_counts_are_of_values_that_are_there(people):
    X, y = people
    model = RandomForestClassifier(10, random_state=0).fit(X[["age", "size"]], y)
    counts = certified_share(model, X[["age", "size"]]).set_index("feature")
    found = recover_training_values(model)
    assert counts.at["age", "n_values"] == X["age"].nunique()
    assert counts.at["age", "n_from_file"] == len(certified(found, "age"))
    assert counts.at["age", "n_from_list"] >= counts.at["age", "n_from_file"]
    few = certified_share(model, X[["age", "size"]], max_splits=150)
    assert few.attrs["n_trees"] < 10


def test_bad_input(people):
    X, y = people
    tree = DecisionTreeClassifier().fit(X[["age", "size"]], y)
    with pytest.raises(ValueError, match="feature_names must name the 2 features"):
        recover_training_values(tree, feature_names=["a"])
    with pytest.raises(TypeError, match="decision trees.*got LogisticRegression"):
        recover_training_values(LogisticRegression().fit(X[["age"]], y))
    with pytest.raises(ValueError, match="trained on"):
        recover_training_values(tree, X[["age"]])
