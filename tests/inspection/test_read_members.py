"""Trees inside other models answer as those models do."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skprivacy.inspection import read_trees
from skprivacy.inspection._walk import leaf_of

X, Y = load_iris(return_X_y=True)


def leaf_values(ensemble, X):
    """Answers of all trees: trees x records x columns."""
    values = ensemble.transform(X)
    return np.array(
        [
            nodes.value[leaf_of(nodes, ensemble.tree_values(nodes, values))]
            for nodes in ensemble.trees
        ]
    )


@pytest.mark.parametrize(
    "model",
    [
        BaggingClassifier(
            make_pipeline(StandardScaler(), DecisionTreeClassifier()),
            max_features=0.5,
            random_state=0,
        ),
        VotingClassifier(
            [
                ("a", RandomForestClassifier(3, random_state=0)),
                (
                    "b",
                    make_pipeline(
                        StandardScaler(), RandomForestClassifier(3, random_state=1)
                    ),
                ),
            ],
            voting="soft",
        ),
    ],
    ids=lambda model: type(model).__name__,
)
def test_mean_of_the_leaves_is_the_members_answer(model):
    model.fit(X, Y)
    answers = leaf_values(read_trees(model), X).mean(axis=0)
    np.testing.assert_allclose(answers, model.predict_proba(X))


def test_bagged_histogram_boosting_adds_up_member_by_member():
    bag = HistGradientBoostingRegressor(max_iter=4)
    model = BaggingRegressor(bag, 3, random_state=0).fit(X, Y)
    ensemble = read_trees(model)
    sums = leaf_values(ensemble, X)[..., 0].reshape(3, 4, -1).sum(axis=1)
    start = [np.ravel(part._baseline_prediction) for part in model.estimators_]
    np.testing.assert_allclose((sums + start).mean(axis=0), model.predict(X))
    # Each has bins of its own.
    assert ensemble.splits == "random" and ensemble.edges is None


def test_threshold_is_looked_through():
    y = (Y == 2).astype(int)
    model = FixedThresholdClassifier(RandomForestClassifier(3, random_state=0))
    answers = leaf_values(read_trees(model.fit(X, y)), X).mean(axis=0)
    np.testing.assert_allclose(answers, model.estimator_.predict_proba(X))


def test_isolation_forest_and_ada_boost_hold_all_their_trees():
    assert len(read_trees(IsolationForest(n_estimators=7).fit(X)).trees) == 7
    model = AdaBoostClassifier(DecisionTreeClassifier(max_depth=1), n_estimators=5)
    assert len(read_trees(model.fit(X, Y)).trees) == len(model.estimators_)


def test_members_that_differ_are_refused():
    model = VotingRegressor(
        [("a", RandomForestRegressor(2)), ("b", HistGradientBoostingRegressor())]
    )
    with pytest.raises(TypeError, match="trees of one kind.*HistGradient.*Random"):
        read_trees(model.fit(X, Y))
    model = VotingClassifier(
        [("a", RandomForestClassifier(2)), ("b", GradientBoostingClassifier())]
    )
    with pytest.raises(TypeError, match="trees of one kind"):
        read_trees(model.fit(X, Y))


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (OneVsRestClassifier(DecisionTreeClassifier()), "one against the rest"),
        (
            StackingClassifier(
                [("a", DecisionTreeClassifier())], LogisticRegression(max_iter=999)
            ),
            "in place of records",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_refusal_says_why(model, why):
    with pytest.raises(TypeError, match=why):
        read_trees(model.fit(X, Y))
