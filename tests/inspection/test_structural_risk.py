"""Groups that a model can't tell apart, counted fast and slowly."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skprivacy.inspection import count_parameters, structural_risk

X, Y = load_iris(return_X_y=True)


def test_hand_computed_stump():
    # One split between 2 and 10. Left: labels a, a, b of three records; right: b, b.
    x = np.array([[1.0], [2.0], [1.5], [10.0], [11.0]])
    y = np.array(["a", "a", "b", "b", "b"])
    stump = DecisionTreeClassifier(max_depth=1, min_samples_leaf=2).fit(x, y)
    risk = structural_risk(stump, x, y, threshold=3)
    assert risk.groups == "leaves"
    assert risk.records["k"].tolist() == [3, 3, 3, 2, 2]
    # The right leaf rules out a; the left has 2 of a and 1 of b, both below 3. The
    # right has 2 of b, below 3 as well.
    assert risk.records["class_disclosure"].tolist() == [False] * 3 + [True] * 2
    assert risk.records["small_group"].tolist() == [True] * 5
    assert risk.records["one_label"].tolist() == [False] * 3 + [True] * 2
    assert (risk.k_anonymity, risk.n_groups, risk.n_below) == (2, 2, 2)
    # Feature and threshold, and a share in each of two leaves.
    assert (risk.n_parameters, risk.residual_dof) == (4, 1)
    assert risk.risks == {
        "k_anonymity": True,
        "class_disclosure": True,
        "small_group": True,
        "degrees_of_freedom": True,
    }


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(8, max_depth=3, random_state=0),
        make_pipeline(StandardScaler(), RandomForestClassifier(8, random_state=0)),
        GradientBoostingClassifier(n_estimators=4, random_state=0),
        BaggingClassifier(
            DecisionTreeClassifier(max_depth=2),
            max_features=2,
            n_estimators=4,
            random_state=0,
        ),
    ],
    ids=lambda model: type(model).__name__,
)
def test_fast_way_is_the_slow_way(model):
    model.fit(X, Y)
    last, seen = (
        (model[-1], model[0].transform(X)) if hasattr(model, "steps") else (model, X)
    )
    members = np.ravel(last.estimators_)
    columns = getattr(last, "estimators_features_", [slice(None)] * len(members))
    leaves = np.column_stack(
        [tree.apply(seen[:, c]) for tree, c in zip(members, columns, strict=True)]
    )
    slow = (leaves[:, None] == leaves[None]).all(axis=2).sum(axis=1)
    risk = structural_risk(model, X, Y)
    assert risk.records["k"].tolist() == slow.tolist()
    assert risk.n_groups == len(np.unique(leaves, axis=0))


def test_equal_answers_make_the_groups_of_other_models():
    model = KNeighborsClassifier(5).fit(X, Y)
    risk = structural_risk(model, X, Y)
    _, counts = np.unique(model.predict_proba(X), axis=0, return_counts=True)
    assert risk.groups == "answers"
    assert sorted(risk.records.groupby("group")["k"].first()) == sorted(counts)
    assert risk.residual_dof is None
    assert risk.risks["degrees_of_freedom"] is None


def test_model_without_probabilities_is_judged_by_the_labels():
    x = np.repeat([[0.0], [1.0]], [3, 2], axis=0)
    model = LinearSVC().fit(x, [0, 0, 1, 1, 1])
    risk = structural_risk(model, x, [0, 0, 1, 1, 1], threshold=2)
    assert risk.records["k"].tolist() == [3, 3, 3, 2, 2]
    assert risk.records["small_group"].tolist() == [True] * 3 + [False] * 2
    assert risk.records["class_disclosure"].tolist() == [False] * 3 + [True] * 2


def test_regressors_have_groups_but_no_classes():
    forest = RandomForestRegressor(3, max_depth=2, random_state=0).fit(X, Y)
    risk = structural_risk(forest, X, Y)
    assert risk.records["class_disclosure"].isna().all()
    assert risk.risks["class_disclosure"] is risk.risks["small_group"] is None


def test_tables_keep_their_index_and_may_have_any_order_of_columns():
    table = pd.DataFrame(X, columns=[*"abcd"], index=np.arange(150) + 1000)
    model = DecisionTreeClassifier(random_state=0).fit(table, Y)
    risk = structural_risk(FrozenEstimator(model), table[[*"dcba"]], Y)
    assert risk.records.index.equals(table.index)
    expected = structural_risk(model, table, Y).records
    pd.testing.assert_frame_equal(risk.records, expected)


@pytest.mark.parametrize(
    ("model", "n_parameters"),
    [
        # 3 classes x (4 weights + an intercept)
        (LogisticRegression(max_iter=1000), 15),
        (make_pipeline(StandardScaler(), LogisticRegression()), 15),
        (Ridge(), 5),
        # 3 x 4 means and variances, 2 free priors
        (GaussianNB(), 26),
        # 4 x 5 + 5, then 5 x 3 + 3
        (MLPClassifier([5], max_iter=2000, alpha=1, random_state=0), 43),
        # A split and two leaves of two free shares each, with 3 members
        (
            AdaBoostClassifier(
                DecisionTreeClassifier(max_depth=1), n_estimators=3, random_state=0
            ),
            18,
        ),
        # A stump and a number in each of two leaves: 2 rounds of 3 classes
        (GradientBoostingClassifier(n_estimators=2, max_depth=1), 24),
        (VotingClassifier([("a", GaussianNB()), ("b", GaussianNB())]), 52),
        (VotingClassifier([("a", GaussianNB()), ("b", KNeighborsClassifier())]), None),
        (GridSearchCV(GaussianNB(), {}), 26),
        (KNeighborsClassifier(), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_parameters(model, n_parameters):
    assert count_parameters(model.fit(X, Y)) == n_parameters


def test_parameters_that_are_zero_are_not_counted():
    model = LogisticRegression(max_iter=1000)
    model.fit(X, Y)
    model.coef_ = np.array([[1.0, 0, 0, 2.0]])
    model.intercept_ = np.zeros(1)
    assert count_parameters(model) == 3
    svc = SVC().fit(X, Y)
    # Pairs of classes share support vectors: 2 x n_SV numbers less zeros, 3 offsets.
    assert count_parameters(svc) == np.count_nonzero(svc.dual_coef_) + 3


def test_a_model_that_does_not_look_fitted():
    class Plain(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            self.inner = GaussianNB().fit(X, y)
            return self

        def predict(self, X):
            return self.inner.predict(X)

    risk = structural_risk(Plain().fit(X, Y), X, Y)
    assert risk.n_groups == 3
    assert risk.n_parameters is None


class TestBadInput:
    def test_unfitted(self):
        with pytest.raises(ValueError, match="model must be fitted; got GaussianNB"):
            structural_risk(GaussianNB(), X, Y)

    def test_labels(self):
        model = GaussianNB().fit(X, Y)
        with pytest.raises(ValueError, match="y_train must hold one label for each"):
            structural_risk(model, X, Y[:-1])

    def test_features(self):
        model = GaussianNB().fit(X, Y)
        with pytest.raises(ValueError, match="X_train: the records have 3 features"):
            structural_risk(model, X[:, :3], Y)

    def test_threshold(self):
        with pytest.raises(ValueError, match="'threshold' parameter"):
            structural_risk(GaussianNB().fit(X, Y), X, Y, threshold=0)


@pytest.mark.parametrize("model", [GaussianNB, "model", None])
def test_what_is_no_model_is_refused(model):
    with pytest.raises(TypeError, match="model must be a fitted model"):
        structural_risk(model, [[0.0], [1.0]], [0, 1])
