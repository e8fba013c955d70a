"""Records that say no more than a model needs."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from skprivacy.defenses import DataMinimizer
from skprivacy.defenses._generalization import readable, relative_score
from skprivacy.defenses._value_tree import Ranges


class Rule(ClassifierMixin, BaseEstimator):
    """Let those pass who are over 40, or no guest."""

    def fit(self, X, y=None):
        self.classes_ = np.array(["no", "yes"])
        return self

    def predict(self, X):
        is_over = X["age"].to_numpy() > 40
        is_guest = X["role"].isin(["guest", "visitor"]).to_numpy()
        return np.where(is_over | ~is_guest, "yes", "no")


class Sum(RegressorMixin, BaseEstimator):
    """Add the first column and a tenth of the second."""

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):
        return X[:, 0] + X[:, 1] / 10


def people(n=300, seed=0):
    rng = np.random.default_rng(seed)
    roles = ["guest", "visitor", "staff", "owner"]
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, n),
            "role": pd.Categorical(rng.choice(roles, n)),
            "shoe": rng.normal(42, 3, n),
            "member": rng.random(n) < 0.5,
        }
    )


X = people()
RULE = FrozenEstimator(Rule().fit(X))


@pytest.fixture(scope="module")
def exact():
    """Minimize without any loss."""
    return DataMinimizer(RULE, 1.0, random_state=0).fit(X, X_val=people(300, 1))


class TestWhatIsCollected:
    def test_ranges_groups_and_nothing(self, exact):
        found = exact.generalizations_
        assert [str(part) for part in found["age"]] == ["(-inf, 40.0]", "(40.0, inf]"]
        groups = {frozenset(group) for group in found["role"]}
        assert groups == {
            frozenset(["guest", "visitor"]),
            frozenset(["staff", "owner"]),
        }
        assert exact.features_dropped_.tolist() == ["shoe", "member"]
        assert exact.features_exact_.tolist() == []
        assert exact.accuracy_ == 1.0

    def test_penalty_by_hand(self, exact):
        age = X["age"]
        low, high = age[age <= 40], age[age > 40]
        inside = len(low) * np.ptp(low) + len(high) * np.ptp(high)
        # Two of four roles for everybody, and two columns of which nothing is told.
        expected = (inside / len(age) / np.ptp(age) + 2 / 4 + 1 + 1) / 4
        assert exact.ncp_ == pytest.approx(expected)

    def test_the_model_answers_alike(self, exact):
        fresh = people(500, seed=2)
        told = exact.transform(fresh)
        np.testing.assert_array_equal(RULE.predict(told), RULE.predict(fresh))
        pd.testing.assert_series_equal(told.dtypes, fresh.dtypes)
        assert told["shoe"].nunique() == told["member"].nunique() == 1
        assert told["age"].nunique() == told["role"].nunique() == 2

    def test_any_value_of_a_range_may_stand_for_it(self, exact):
        fresh = people(100, seed=3)
        vague = fresh.assign(age=np.where(fresh["age"] > 40, 89, 18))
        other = {"guest": "visitor", "visitor": "guest", "staff": "owner"}
        vague["role"] = pd.Categorical(
            [other.get(role, "staff") for role in fresh["role"]],
            fresh["role"].cat.categories,
        )
        pd.testing.assert_frame_equal(exact.transform(vague), exact.transform(fresh))

    def test_dropped_columns_need_not_come(self, exact):
        fresh = people(50, seed=4)
        few = fresh[["role", "age"]]
        pd.testing.assert_frame_equal(exact.transform(few), exact.transform(fresh))
        with pytest.raises(ValueError, match="Feature names"):
            exact.transform(fresh[["age", "shoe"]])

    def test_the_lower_the_target_the_less_is_told(self):
        found = [
            DataMinimizer(RULE, target, random_state=0).fit(X)
            for target in (1.0, 0.8, 0.5)
        ]
        penalties = [minimizer.ncp_ for minimizer in found]
        assert penalties == sorted(penalties) and penalties[0] < penalties[-1] == 1
        assert all(m.accuracy_ >= m.target_accuracy for m in found)
        assert found[-1].features_dropped_.tolist() == list(X.columns)
        assert found[-1].generalizations_ == {}


class TestWhereRangesAreNotEnough:
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.random(80) * 10, rng.random((80, 2))])
    model = FrozenEstimator(Sum().fit(X))

    def test_columns_become_exact(self):
        # Ten records to a leaf cannot tell a number well enough.
        minimizer = DataMinimizer(
            self.model, 0.9999, min_samples_leaf=10, random_state=0
        )
        told = minimizer.fit_transform(self.X)
        assert 0 in minimizer.features_exact_
        np.testing.assert_array_equal(told[:, 0], self.X[:, 0])
        assert 2 in minimizer.features_dropped_
        assert minimizer.accuracy_ >= 0.9999

    def test_all_of_them_if_need_be(self):
        minimizer = DataMinimizer(
            self.model, 1.0, features=[0, 1], min_samples_leaf=10, random_state=0
        ).fit(self.X)
        assert minimizer.features_exact_.tolist() == [0, 1, 2]
        assert (minimizer.ncp_, minimizer.accuracy_) == (0.0, 1.0)
        np.testing.assert_array_equal(minimizer.transform(self.X), self.X)

    def test_numbers_are_judged_by_r_squared(self):
        minimizer = DataMinimizer(self.model, 0.8, random_state=0).fit(self.X)
        assert minimizer.features_dropped_.tolist() == [1, 2]
        told = self.model.predict(minimizer.transform(self.X))
        assert relative_score(told, self.model.predict(self.X), True) > 0.75


class TestFormulas:
    def test_scores(self):
        assert relative_score(["a", "b"], ["a", "a"], False) == 0.5
        assert relative_score([1.0, 2.0, 4.0], [1.0, 2.0, 3.0], True) == 0.5
        assert relative_score([2.0, 2.0], [2.0, 2.0], True) == 1
        assert relative_score([2.0, 2.1], [2.0, 2.0], True) == -np.inf

    def test_missing_values_can_be_read(self):
        apart, together = Ranges(np.array([1.0]), 2), Ranges(np.array([1.0]), 0)
        whole = [pd.Interval(-np.inf, 1.0), pd.Interval(1.0, np.inf)]
        assert readable(apart, None, False, True) == [*whole, None]
        assert readable(together, None, False, True) == whole
        kinds = pd.Index(["a", "b", "c"])
        assert readable(apart, kinds, False, True) == [["a", "b"], ["c"], [None]]
        assert readable(together, kinds, False, True) == [["a", "b", None], ["c"]]
        day = readable(Ranges(np.array([1.0]), 0), None, True, False)[0]
        assert day.right == pd.Timestamp("1970-01-02")

    def test_missing_values_are_told_apart_where_it_matters(self):
        rng = np.random.default_rng(0)
        table = pd.DataFrame({"age": rng.normal(size=200), "noise": rng.random(200)})
        table.loc[::3, "age"] = np.nan
        y = table["age"].isna().to_numpy()
        model = DecisionTreeClassifier(random_state=0).fit(table, y)
        minimizer = DataMinimizer(FrozenEstimator(model), 1.0, random_state=0)
        told = minimizer.fit_transform(table)
        np.testing.assert_array_equal(told["age"].isna(), y)
        assert [str(part) for part in minimizer.generalizations_["age"]] == [
            "(-inf, inf]",
            "None",
        ]
        assert minimizer.features_dropped_.tolist() == ["noise"]


class TestComposition:
    def test_an_untrained_model_in_a_pipeline(self):
        y = Rule().fit(X).predict(X)
        numbers = X[["age", "shoe"]]
        model = LogisticRegression()
        search = GridSearchCV(
            make_pipeline(DataMinimizer(model, random_state=0), model),
            {"dataminimizer__target_accuracy": [0.7, 0.95]},
            cv=2,
        ).fit(numbers, y)
        assert search.best_score_ > 0.7

    def test_some_features(self):
        minimizer = DataMinimizer(RULE, 0.5, features=["age"], random_state=0).fit(X)
        assert minimizer.features_dropped_.tolist() == ["age"]
        assert minimizer.features_exact_.tolist() == ["role", "shoe", "member"]
        told = minimizer.transform(X)
        pd.testing.assert_frame_equal(told.drop(columns="age"), X.drop(columns="age"))

    def test_names_and_copies(self, exact):
        assert exact.get_feature_names_out().tolist() == X.columns.tolist()
        assert exact.privacy_guarantee_ is None
        again = pickle.loads(pickle.dumps(exact)).transform(X)
        pd.testing.assert_frame_equal(again, exact.transform(X))
        with pytest.raises(NotFittedError):
            clone(exact).transform(X)

    def test_the_same_seed_gives_the_same(self):
        one, two = (DataMinimizer(RULE, 0.8, random_state=0).fit(X) for _ in range(2))
        assert one.generalizations_ == two.generalizations_


class TestBadInput:
    def test_a_bare_fitted_model_is_refused(self):
        model = DecisionTreeClassifier().fit(X[["age"]], X["member"])
        with pytest.raises(TypeError, match=r"FrozenEstimator\(model\)"):
            DataMinimizer(model).fit(X[["age"]], X["member"])

    def test_labels_that_are_needed(self):
        with pytest.raises(ValueError, match="requires y to be passed"):
            DataMinimizer(DecisionTreeClassifier()).fit(X[["age"]])

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"target_accuracy": 1.1}, "'target_accuracy' parameter"),
            ({"target_accuracy": 0}, "'target_accuracy' parameter"),
            ({"features": ["height"]}, "features: 'height' is not a column"),
            ({"validation_fraction": 1.0}, "'validation_fraction' parameter"),
        ],
    )
    def test_settings(self, settings, message):
        with pytest.raises(ValueError, match=message):
            DataMinimizer(RULE, **settings).fit(X)

    def test_tables(self):
        with pytest.raises(ValueError, match="n_samples=1"):
            DataMinimizer(RULE).fit(X[:1])
        with pytest.raises(ValueError, match="Feature names"):
            DataMinimizer(RULE).fit(X, X_val=X[["age"]])
