"""Training tables in which nobody is alone."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from skprivacy.defenses import KAnonymizer
from skprivacy.defenses._representatives import (
    certainty_penalty,
    replace_columns,
    representative_rows,
)
from skprivacy.defenses._value_tree import ColumnValues, Ranges, ValueTree, roundest
from skprivacy.membership import LiRA
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox


def mixed_table(seed, n):
    """Numbers, texts, categories, booleans and dates, most with missing values."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "number": rng.normal(size=n),
            "count": rng.integers(0, 5, n),
            "text": rng.choice(list("abcdefgh"), n),
            "category": pd.Categorical(rng.choice(["x", "y"], n)),
            "ordered": pd.Categorical(
                rng.choice(["low", "high"], n), ["low", "mid", "high"], ordered=True
            ),
            "flag": rng.random(n) < 0.3,
            "nullable": pd.array(rng.integers(0, 9, n), dtype="Int64"),
            "date": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
            "empty": np.full(n, np.nan),
            "anything": rng.choice(np.array([1, "1", 2.5, None], dtype=object), n),
        }
    )
    for column in ["number", "text", "category", "nullable", "date"]:
        table.loc[rng.random(n) < 0.2, column] = None
    labels = [
        rng.integers(0, 2, n),
        rng.choice(list("pqr"), n),
        rng.normal(size=n),
    ][seed % 3]
    return table, labels


def group_sizes(table):
    return table.groupby(list(table.columns), dropna=False, observed=True).size()


class TestTheGuarantee:
    @pytest.mark.parametrize("seed", range(9))
    def test_every_combination_occurs_k_times(self, seed):
        rng = np.random.default_rng(seed)
        k = int(rng.integers(2, 20))
        X, y = mixed_table(seed, int(rng.integers(20, 120)))
        anonymizer = KAnonymizer(k, random_state=seed)
        told = anonymizer.fit_transform(X, y)
        sizes = group_sizes(told)
        assert sizes.min() == anonymizer.smallest_group_ >= k
        assert len(sizes) == anonymizer.n_groups_
        assert 0 <= anonymizer.ncp_ <= 1
        pd.testing.assert_series_equal(told.dtypes, X.dtypes)
        # Records that were not there get combinations that were.
        fresh = anonymizer.transform(mixed_table(seed + 50, 30)[0])
        both = pd.concat([told, fresh])
        assert len(group_sizes(both)) == len(sizes)

    def test_most_are_alone_before(self):
        X, _ = mixed_table(0, 60)
        assert (group_sizes(X) == 1).all()

    def test_named_columns_alone(self):
        X, y = mixed_table(1, 60)
        quasi = ["text", "number"]
        anonymizer = KAnonymizer(7, quasi, random_state=0)
        told = anonymizer.fit_transform(X, y)
        assert group_sizes(told[quasi]).min() >= 7
        pd.testing.assert_frame_equal(told.drop(columns=quasi), X.drop(columns=quasi))
        assert sorted(anonymizer.quasi_identifiers_) == sorted(quasi)
        # By position it is the same.
        same = KAnonymizer(7, [0, 2], random_state=0).fit_transform(X, y)
        pd.testing.assert_frame_equal(same, told)

    def test_what_stands_for_a_group_occurs_in_it(self):
        X, y = mixed_table(2, 80)
        told = KAnonymizer(8, random_state=0).fit_transform(X, y)
        for column in X:
            assert set(told[column].dropna()) <= set(X[column].dropna())

    def test_by_hand(self):
        X = np.array([[1.0], [2.0], [4.0], [7.0], [8.0], [9.0]])
        anonymizer = KAnonymizer(3, random_state=0)
        told = anonymizer.fit_transform(X, [0, 0, 0, 1, 1, 1])
        assert told[:, 0].tolist() == [2, 2, 2, 8, 8, 8]
        # Between 4 and 7, 5 is the roundest number.
        assert anonymizer.transform([[5.0], [5.1], [-9.0]])[:, 0].tolist() == [2, 8, 2]
        assert (anonymizer.n_groups_, anonymizer.smallest_group_) == (2, 3)
        # Ranges of 3 and 2, of 8.
        assert anonymizer.ncp_ == (3 / 8 + 2 / 8) / 2


class TestFormulas:
    def test_penalty_by_hand(self):
        # Two groups of three; of the number one is missing.
        codes = np.array(
            [[0.0, 0], [2.0, 0], [np.nan, 0], [6.0, 1], [8.0, 2], [8.0, np.nan]]
        )
        groups = np.array([0, 0, 0, 1, 1, 1])
        found = certainty_penalty(codes, np.array([False, True]), groups)
        # Ranges of 2 and 2 of 8; one of four values and three of four.
        np.testing.assert_allclose(found, [0.25, (3 * 0 + 3 * 3 / 4) / 6])

    def test_each_alone_loses_nothing_and_all_together_everything(self):
        codes = np.random.default_rng(0).integers(0, 4, (20, 2)).astype(float)
        is_category = np.array([False, True])
        alone, together = np.arange(20), np.zeros(20, dtype=int)
        assert (certainty_penalty(codes, is_category, alone) == 0).all()
        assert (certainty_penalty(codes, is_category, together) == 1).all()

    def test_the_middle_and_the_most_common(self):
        numbers = np.array([1.0, 2.0, 4.0, 90.0, np.nan])
        kinds = np.array([2.0, 0.0, 2.0, 1.0, np.nan])
        codes = np.column_stack([numbers, kinds])
        groups = np.zeros(5, dtype=int)
        # The median of four is 3; 2 and 4 are as near.
        rows = representative_rows(codes, np.array([False, True]), groups)
        assert rows.tolist() == [[1, 0]]
        most_missing = np.array([[np.nan], [np.nan], [3.0]])
        assert representative_rows(most_missing, np.array([False]), groups[:3]) == [[0]]

    def test_records_that_are_not_to_be_looked_at(self):
        codes = np.array([[1.0], [2.0], [3.0], [100.0]])
        groups = np.array([-1, 0, 0, 1])
        rows = representative_rows(codes, np.array([False]), groups)
        assert rows.tolist() == [[1], [3]]

    def test_values_are_put_in_place_without_loss(self):
        whole = np.array([[1, 2], [3, 4]])
        found = replace_columns(whole, [0], [np.array([0.5])], [np.array([0, 0])])
        np.testing.assert_array_equal(found, [[0.5, 2], [0.5, 4]])
        np.testing.assert_array_equal(whole, [[1, 2], [3, 4]])

    @pytest.mark.parametrize("seed", range(5))
    def test_round_numbers_lie_between(self, seed):
        rng = np.random.default_rng(seed)
        for _ in range(100):
            scale = 10.0 ** rng.integers(-12, 13)
            low, high = np.sort(rng.normal(size=2) * scale)
            assert low <= roundest(low, high) < high
        assert roundest(1.0, np.nextafter(1.0, 2)) == 1.0
        assert roundest(-1e308, -1e-308) < 0

    def test_categories_are_ordered_by_outcome(self):
        table = pd.DataFrame({"job": ["a", "b", "c", "a", None, "b"]})
        coding = ColumnValues(table, np.array([2.0, 0, 1, 2, 9, 0]))
        assert coding.values[0].tolist() == ["b", "c", "a"]
        unknown = coding(pd.DataFrame({"job": ["z", "a"]}))
        np.testing.assert_array_equal(unknown, [[np.nan], [2]])
        own = pd.Categorical(["x", "y"], ["y", "x", "z"], ordered=True)
        coding = ColumnValues(pd.DataFrame({"own": own}), np.array([0.0, 1.0]))
        assert coding.values[0].tolist() == ["y", "x", "z"]

    def test_the_trees_leaves_are_those_of_training(self):
        X, y = mixed_table(0, 100)
        tree = ValueTree(X, y, False, min_samples_leaf=4, random_state=0)
        inner = tree._recipe.apply(tree._ranks)
        np.testing.assert_array_equal(tree.apply(X), inner)

    def test_ranges(self):
        ranges = Ranges(np.array([1.0, 2.0]), 0)
        assert ranges([0.0, 1.0, 1.5, 2.0, 3.0, np.nan]).tolist() == [0, 0, 1, 1, 2, 0]


class TestLabels:
    X = np.arange(12.0)[:, None]

    def test_the_tree_reads_labels(self):
        y = np.repeat(["a", "b"], 6)
        told = KAnonymizer(3, random_state=0).fit_transform(self.X, y)
        assert len(set(told[:6, 0]) & set(told[6:, 0])) == 0

    def test_or_predictions(self):
        y = np.repeat([0, 1], 6)
        nothing = KAnonymizer(3, estimator=DummyClassifier(), random_state=0)
        assert nothing.fit(self.X, y).n_groups_ == 1
        frozen = DecisionTreeClassifier(random_state=0).fit(self.X, y)
        asked = KAnonymizer(3, estimator=FrozenEstimator(frozen), random_state=0)
        assert asked.fit(self.X, 1 - y).n_groups_ == 2

    def test_no_model_of_the_raw_table_is_kept(self):
        y = np.repeat([0, 1], 6)
        model = DecisionTreeClassifier(random_state=0)
        anonymizer = KAnonymizer(3, estimator=model).fit(self.X, y)
        kept = pickle.dumps({**vars(anonymizer), "estimator": None})
        assert b"DecisionTreeClassifier" not in kept

    def test_numbers_or_classes(self):
        # By classes, each of which occurs once, no split is better than another.
        y = np.arange(12) ** 2
        by = {
            task: KAnonymizer(6, task=task, random_state=0).fit(self.X, y)
            for task in ("auto", "classification", "regression")
        }
        assert by["auto"].n_groups_ == by["classification"].n_groups_
        assert by["regression"]._tree.threshold[0] == 5
        predicted = KAnonymizer(6, estimator=DummyRegressor()).fit(self.X, y)
        assert predicted.n_groups_ == 1

    def test_one_class(self):
        anonymizer = KAnonymizer(2).fit(self.X, ["a"] * 12)
        assert anonymizer.n_groups_ == 1
        assert anonymizer.privacy_guarantee_ is None


def recipe(k):
    columns = make_column_transformer(
        (
            OneHotEncoder(handle_unknown="ignore"),
            make_column_selector(dtype_exclude="number"),
        ),
        remainder="passthrough",
    )
    model = DecisionTreeClassifier(random_state=0)
    return make_pipeline(KAnonymizer(k, random_state=0), columns, model)


def people(n):
    rng = np.random.default_rng(0)
    age, town = rng.integers(18, 90, n), rng.choice(["Bonn", "Ulm"], n)
    income = np.where(age + rng.normal(size=n) * 20 > 50, "high", "low")
    return pd.DataFrame({"age": age, "town": town, "income": income})


class TestComposition:
    def test_grid_search(self):
        table = people(120)
        X, y = table.drop(columns="income"), table["income"]
        search = GridSearchCV(recipe(2), {"kanonymizer__k": [3, 30]}, cv=2)
        assert search.fit(X, y).best_score_ > 0.6

    def test_the_recipe_of_shadow_models_includes_it(self):
        table = people(80)
        train = table[:40]
        model = recipe(5).fit(train.drop(columns="income"), train["income"])
        shadow = ShadowModels(n_models=2, keep_models=True, random_state=0)
        attack = LiRA(BlackBox(model), shadow=shadow, label="income", smoothing=0.1)
        attack.fit(table)
        steps = [shadow_model[0] for shadow_model in attack.shadow_.models_]
        assert [step.smallest_group_ >= 5 for step in steps] == [True, True]

    def test_containers_names_and_copies(self):
        X, y = mixed_table(0, 40)
        anonymizer = KAnonymizer(5, random_state=0)
        told = anonymizer.fit_transform(X, y)
        assert anonymizer.get_feature_names_out().tolist() == X.columns.tolist()
        again = pickle.loads(pickle.dumps(anonymizer)).transform(X)
        pd.testing.assert_frame_equal(again, told)
        assert clone(anonymizer).get_params() == anonymizer.get_params()
        moved = anonymizer.transform(X.set_axis(range(5, 45)))
        assert moved.index.tolist() == list(range(5, 45))
        numbers = X[["count", "flag"]].to_numpy(dtype=float)
        frame = anonymizer.set_output(transform="pandas").fit_transform(numbers, y)
        assert list(frame.columns) == ["x0", "x1"]

    def test_arrays_of_objects_are_tables_too(self):
        X = np.array([["a", 1], ["a", 2], ["b", 3], ["b", 4]], dtype=object)
        told = KAnonymizer(2, random_state=0).fit_transform(X, [0, 0, 1, 1])
        assert told.tolist() == [["a", 1], ["a", 1], ["b", 3], ["b", 3]]

    def test_values_that_were_not_there(self):
        X = pd.DataFrame({"town": ["a"] * 6 + ["b"] * 3})
        anonymizer = KAnonymizer(3, random_state=0).fit(X, [0] * 6 + [1] * 3)
        fresh = pd.DataFrame({"town": ["z", None, "b"]})
        assert anonymizer.transform(fresh)["town"].tolist() == ["a", "a", "b"]


class TestBadInput:
    X = np.arange(8.0).reshape(4, 2)

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"k": 5}, r"k=5 needs as many records at least; X has n_samples=4"),
            ({"k": 0}, "'k' parameter"),
            ({"k": 2, "quasi_identifiers": []}, "must name one column"),
            ({"k": 2, "quasi_identifiers": [2]}, "positions 0 to 1"),
            ({"k": 2, "quasi_identifiers": ["age"]}, "'age' is not a column"),
            ({"k": 2, "task": "ranking"}, "'task' parameter"),
        ],
    )
    def test_settings(self, settings, message):
        with pytest.raises(ValueError, match=message):
            KAnonymizer(**settings).fit(self.X, [0, 1, 0, 1])

    def test_tables(self):
        anonymizer = KAnonymizer(2)
        with pytest.raises(ValueError, match="requires y to be passed"):
            anonymizer.fit(self.X, None)
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            anonymizer.fit(self.X, [0, 1])
        infinite = pd.DataFrame({"age": [1.0, np.inf]})
        with pytest.raises(ValueError, match="column 'age' holds infinity"):
            anonymizer.fit(infinite, [0, 1])
        with pytest.raises(TypeError, match="sample_weight"):
            anonymizer.fit(self.X, [0, 1, 0, 1], sample_weight=np.ones(4))
