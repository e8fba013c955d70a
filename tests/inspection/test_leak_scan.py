"""The scan finds what fitted objects keep, and tells no value of it."""

import functools
import types
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA, KernelPCA
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.impute import KNNImputer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KernelDensity, KNeighborsClassifier, LocalOutlierFactor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    QuantileTransformer,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skprivacy.inspection import leak_scan
from skprivacy.inspection._leak_kinds import KINDS, SEVERITIES

X, Y = load_iris(return_X_y=True)
SHUFFLED = np.random.default_rng(0).permutation(len(Y))
X, Y = X[SHUFFLED], Y[SHUFFLED]


def found(model, **options):
    """Return what was found: kind -> paths."""
    table = leak_scan(model, **options)
    return table.groupby("kind")["where"].agg(list).to_dict()


def row_of(table, where, kind=None):
    rows = table[table["where"] == where]
    if kind:
        rows = rows[rows["kind"] == kind]
    assert len(rows) == 1, table["where"].tolist()
    return rows.iloc[0]


class TestStoredRows:
    @pytest.mark.parametrize(
        ("model", "where", "n_rows"),
        [
            (KNeighborsClassifier(algorithm="brute"), "_fit_X", 150),
            (KNeighborsClassifier(algorithm="kd_tree"), "_tree.data", 150),
            (KNeighborsClassifier(algorithm="ball_tree"), "_tree.data", 150),
            (LocalOutlierFactor(novelty=True), "_fit_X", 150),
            (KernelDensity(), "tree_.data", 150),
            (GaussianProcessRegressor(optimizer=None), "X_train_", 150),
            (KernelPCA(2), "X_fit_", 150),
            (KNNImputer(), "_fit_X", 150),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_are_critical(self, model, where, n_rows):
        row = row_of(leak_scan(model.fit(X, Y)), where)
        assert (row["kind"], row["severity"]) == ("training_rows", "critical")
        assert row["n_rows"] == n_rows

    def test_support_vectors_dense_and_sparse(self):
        for table in (X, sparse.csr_array(X)):
            model = SVC().fit(table, Y)
            leaks = leak_scan(model)
            n_rows = len(model.support_)
            assert row_of(leaks, "support_vectors_")["n_rows"] == n_rows
            assert row_of(leaks, "dual_coef_")["n_rows"] == n_rows
            assert row_of(leaks, "support_")["kind"] == "row_numbers"

    def test_labels_beside_them(self):
        leaks = found(KNeighborsClassifier().fit(X, Y))
        assert leaks["training_labels"] == ["_y"]

    def test_rows_under_a_name_that_nobody_knows(self):
        model = LogisticRegression(max_iter=1000).fit(X, Y)
        model.memory_of_old_days = X
        model.hidden = [Y.tolist()]
        assert "training_rows" not in found(model)
        leaks = found(model, n_train=150)
        assert leaks["training_rows"] == ["memory_of_old_days"]
        assert leaks["per_record"] == ["hidden[0]"]

    def test_coefficients_are_no_rows(self):
        square = np.random.default_rng(0).normal(size=(30, 30))
        model = LogisticRegression(max_iter=1000).fit(square, np.arange(30) % 2)
        assert leak_scan(model, n_train=30).empty


class TestTrees:
    def test_hand_computed_stump(self):
        # Rows 1 | 4, 8: the threshold is (1 + 4) / 2, its left leaf holds one row.
        tree = DecisionTreeClassifier(max_leaf_nodes=2).fit([[1], [4], [8]], [0, 1, 1])
        leaks = leak_scan(tree)
        leaf = row_of(leaks, "tree_.n_node_samples", "single_record_leaves")
        assert (leaf["n_rows"], leaf["n_values"]) == (1, 1)
        assert row_of(leaks, "tree_.threshold")["n_values"] == 1
        nodes = row_of(leaks, "tree_.n_node_samples", "node_counts")
        assert (nodes["n_rows"], nodes["n_values"]) == (3, 3)

    def test_members_are_counted_and_not_listed(self):
        forest = RandomForestClassifier(30, oob_score=True).fit(X, Y)
        leaks = leak_scan(forest)
        thresholds = row_of(leaks, "estimators_[*].tree_.threshold")
        inner = sum(tree.tree_.node_count - tree.get_n_leaves() for tree in forest)
        assert (thresholds["n_objects"], thresholds["n_values"]) == (30, inner)
        assert row_of(leaks, "oob_decision_function_")["kind"] == "per_record"
        # The seeds of the trees, though the forest has none.
        seeds = row_of(leaks, "estimators_[*].random_state")
        assert (seeds["kind"], seeds["severity"]) == ("bootstrap_seed", "critical")
        assert seeds["n_rows"] == 150

    def test_seeds_say_what_they_replay(self):
        draws = RandomForestClassifier(3, random_state=0).fit(X, Y)
        assert len(found(draws)["bootstrap_seed"]) == 2
        all_rows = RandomForestClassifier(3, bootstrap=False, random_state=0).fit(X, Y)
        assert "bootstrap_seed" not in found(all_rows)
        assert len(found(all_rows)["seed"]) == 2
        for model in (
            BaggingClassifier(n_estimators=3),
            IsolationForest(n_estimators=3),
        ):
            assert found(model.fit(X, Y))["bootstrap_seed"] == ["_seeds"]

    @pytest.mark.parametrize(
        "model",
        [
            HistGradientBoostingClassifier(max_iter=3, early_stopping=True),
            GradientBoostingClassifier(n_estimators=3, subsample=0.5),
            MLPClassifier(max_iter=5, early_stopping=True),
        ],
        ids=lambda model: type(model).__name__,
    )
    def test_rows_held_out_can_be_named(self, model):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.set_params(random_state=3).fit(X, Y)
        assert "random_state" in found(model)["split_seed"]

    def test_random_thresholds_are_not_exact(self):
        assert "exact_thresholds" not in found(ExtraTreesClassifier(5).fit(X, Y))

    def test_moved_thresholds_are_not_exact(self):
        tree = DecisionTreeClassifier(random_state=0).fit(X, Y)
        inner = tree.tree_.children_left >= 0
        rng = np.random.default_rng(0)
        tree.tree_.threshold[inner] += 1e-3 * rng.random(inner.sum())
        assert "exact_thresholds" not in found(tree)

    def test_a_leaf_of_a_regressor_is_a_label(self):
        forest = RandomForestRegressor(3).fit(X[:, :3], X[:, 3])
        where = "estimators_[*].tree_.n_node_samples"
        row = row_of(leak_scan(forest), where, "single_record_leaves")
        assert row["severity"] == "critical"

    def test_histogram_boosting(self):
        model = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=1)
        leaks = found(model.fit(X, Y))
        assert leaks["column_values"] == ["_bin_mapper.bin_thresholds_[*]"]
        assert "_predictors[*][*].nodes" in leaks["single_record_leaves"]
        assert "_baseline_prediction" in leaks["counts"]

    def test_every_model_of_boosting_libraries_is_said_to_be_opaque(self):
        lightgbm = pytest.importorskip("lightgbm")
        model = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1).fit(X, Y)
        assert found(model)["not_visible"] == ["_Booster"]


class TestOtherKinds:
    @pytest.mark.parametrize(
        ("model", "kind", "where"),
        [
            (GaussianNB(), "statistics", "theta_"),
            (GaussianNB(), "counts", "class_count_"),
            (PCA(2), "statistics", "mean_"),
            (MinMaxScaler(), "extreme_values", "data_max_"),
            (StandardScaler(), "counts", "n_samples_seen_"),
            (SplineTransformer(), "extreme_values", "bsplines_[*]"),
            (QuantileTransformer(n_quantiles=10), "column_values", "quantiles_"),
            (RidgeCV(store_cv_results=True), "per_record", "cv_results_"),
            (GridSearchCV(GaussianNB(), {}), "scores", "cv_results_[*]"),
        ],
        ids=lambda value: value if isinstance(value, str) else type(value).__name__,
    )
    def test_attribute(self, model, kind, where):
        assert where in found(model.fit(X, Y))[kind]

    def test_as_many_quantiles_as_records_are_the_records_values(self):
        for n_quantiles, severity in ((149, "warning"), (150, "critical")):
            model = QuantileTransformer(n_quantiles=n_quantiles).fit(X)
            leaks = leak_scan(model, n_train=150)
            assert leaks[["where", "severity"]].to_numpy().tolist() == [
                ["quantiles_", severity]
            ]

    def test_bins(self):
        model = KBinsDiscretizer(4, strategy="kmeans").fit(X)
        assert found(model)["column_values"] == ["bin_edges_[*]"]

    def test_isotonic(self):
        model = IsotonicRegression().fit(X[:, 0], Y)
        assert found(model)["column_values"] == ["X_thresholds_"]

    def test_network(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            leaks = found(MLPClassifier(max_iter=5).fit(X, Y))
        assert leaks["scores"] == ["loss_curve_"]
        assert leaks["random_generator"] == ["_random_state"]

    def test_encoders(self):
        table = pd.DataFrame({"town": ["a", "b", "c"] * 10 + ["rare"]})
        y = [0, 1] * 15 + [1]
        rare = OneHotEncoder(min_frequency=5).fit(table)
        assert found(rare)["rare_categories"] == ["_infrequent_indices[0]"]
        assert found(rare)["categories"] == ["categories_[0]"]
        target = leak_scan(TargetEncoder(smooth=0.0).fit(table, y))
        assert row_of(target, "encodings_[0]")["severity"] == "critical"
        smoothed = leak_scan(TargetEncoder(smooth=10.0).fit(table, y))
        assert row_of(smoothed, "encodings_[0]")["severity"] == "warning"

    def test_as_many_categories_as_records_are_identifiers(self):
        encoder = OneHotEncoder().fit(np.arange(40)[:, None].astype(str))
        few = row_of(leak_scan(encoder, n_train=4000), "categories_[0]")
        many = row_of(leak_scan(encoder, n_train=40), "categories_[0]")
        assert (few["severity"], many["severity"]) == ("info", "warning")

    def test_names_that_are_values(self):
        names = ["age", "visit 2024-01-31", "jane@example.org", "patient 1234567"]
        model = GaussianNB().fit(pd.DataFrame(X, columns=names), Y)
        row = row_of(leak_scan(model), "feature_names_in_")
        assert row["n_values"] == 3

    def test_tables_and_closures_left_behind(self):
        model = GaussianNB().fit(X, Y)
        table = pd.DataFrame(X)

        def look_up(values):
            return values + table.mean().to_numpy()

        model.frame, model.function = table.copy(), look_up
        model.small = pd.Series([1, 2])
        model.partial = functools.partial(np.add, X)
        leaks = leak_scan(model)
        for where in ("frame", "function.<closure>.table", "partial.args[0]"):
            row = row_of(leaks, where)
            assert (row["severity"], row["n_rows"]) == ("critical", 150)
        small = row_of(leaks, "small")
        assert (small["severity"], small["n_rows"]) == ("warning", 2)

    def test_arguments_of_a_function_transformer(self):
        step = FunctionTransformer(np.add, kw_args={"x2": X})
        assert found(step)["closure"] == ["kw_args[key 0]"]

    def test_memory_maps(self, tmp_path):
        model = KNeighborsClassifier(algorithm="brute").fit(X, Y)
        mapped = np.memmap(tmp_path / "rows", X.dtype, "w+", shape=X.shape)
        model._fit_X = mapped
        leaks = found(model)
        assert leaks["memory_map"] == ["_fit_X.filename"]
        assert leaks["training_rows"] == ["_fit_X"]

    def test_seeds_of_noise(self):
        Noisy = type("GaussianNB", (GaussianNB,), {"__module__": "diffprivlib.models"})
        model = Noisy()
        model.random_state = 0
        row = row_of(leak_scan(model), "random_state")
        assert (row["kind"], row["severity"]) == ("noise_seed", "critical")


class TestContract:
    def test_pipelines_with_columns(self):
        table = pd.DataFrame(X, columns=[*"abcd"]).assign(e=["x", "y", "z"] * 50)
        columns = make_column_transformer(
            (TargetEncoder(), ["e"]), remainder=MinMaxScaler()
        )
        search = GridSearchCV(make_pipeline(columns, SVC()), {"svc__C": [1.0]}, cv=3)
        where = set(leak_scan(search.fit(table, Y))["where"])
        inside = "best_estimator_.steps[0][1].transformers_"
        assert f"{inside}[0][1].encodings_[*]" in where
        assert f"{inside}[1][1].data_min_" in where
        assert "best_estimator_.steps[1][1].support_vectors_" in where

    def test_columns_order_and_words(self):
        leaks = leak_scan(KNeighborsClassifier().fit(X, Y))
        assert str(leaks["n_rows"].dtype) == "Int64"
        ranks = [SEVERITIES.index(severity) for severity in leaks["severity"]]
        assert ranks == sorted(ranks)
        assert "150 rows" in leaks["meaning"][1]

    def test_nothing_in_an_unfitted_model(self):
        leaks = leak_scan(make_pipeline(StandardScaler(), RandomForestClassifier()))
        assert leaks.empty
        assert "severity" in leaks

    @pytest.mark.parametrize("thing", [None, 3, "text", object(), leak_scan, np, []])
    def test_any_object(self, thing):
        assert leak_scan(thing).empty

    def test_attributes_that_are_not_what_their_name_says(self):
        strange = types.SimpleNamespace()
        for names in ("support_", "scores_", "encodings_", "class_count_", "nodes"):
            setattr(strange, names, object())
        strange.n_samples_ = np.nan
        strange.vocabulary_ = [object()]
        strange.class_count_ = np.array([object()], dtype=object)
        leak_scan(strange)

    def test_a_rule_that_fails_is_told(self, monkeypatch):
        def fails(item, known):
            raise RuntimeError

        monkeypatch.setattr("skprivacy.inspection._leak_rules.RULES", (fails,))
        assert found(3) == {"not_scanned": ["model"]}

    def test_no_training_value_is_told(self):
        table = pd.DataFrame({"name": [f"person-{i}" for i in range(40)]})
        encoder = OneHotEncoder().fit(table)
        encoder.by_name = {name: np.arange(40) for name in table["name"]}
        text = leak_scan(encoder, n_train=40).to_json()
        assert "person-" not in text

    def test_every_kind_has_a_known_severity(self):
        assert {kind.severity for kind in KINDS.values()} <= set(SEVERITIES)

    def test_bad_n_train(self):
        with pytest.raises(ValueError, match="'n_train' parameter of leak_scan"):
            leak_scan(None, n_train=0)

    def test_the_model_is_not_changed(self):
        model = SVC(random_state=0).fit(X, Y)
        before = dict(vars(model))
        leak_scan(model)
        assert vars(model) == before


def test_means_of_flags_are_shares_of_groups():
    flags = np.column_stack([X[:, 0], X[:, 1] > 3, X[:, 2] > 2, np.ones(len(X))])
    scaler = StandardScaler().fit(flags)
    table = leak_scan(scaler)
    assert row_of(table, "mean_", "group_shares")["n_values"] == 2
    assert row_of(table, "mean_", "statistics")["n_values"] == 4
    assert found(GaussianNB().fit(flags, Y))["group_shares"] == ["theta_"]
    assert "group_shares" not in found(StandardScaler().fit(X))
    assert "group_shares" not in found(GaussianNB().fit(X, Y))
