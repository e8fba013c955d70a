"""Trees read off models answer as the models do."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from skprivacy.inspection import read_trees

X, Y = load_iris(return_X_y=True)


def walk(nodes, row):
    """Follow one row from the root to its leaf."""
    node = 0
    while not nodes.is_leaf[node]:
        goes_left = row[nodes.feature[node]] <= nodes.threshold[node]
        node = nodes.left[node] if goes_left else nodes.right[node]
    return node


def test_hand_computed_stump():
    # Values 1, 2 | 4, 8: the split in the middle of 2 and 4.
    tree = DecisionTreeClassifier().fit([[1], [2], [4], [8]], [0, 0, 1, 1])
    nodes = read_trees(tree).trees[0]
    assert nodes.feature.tolist() == [0, -1, -1]
    assert nodes.threshold[0] == 3
    assert nodes.n_samples.tolist() == [4, 2, 2]
    assert nodes.value.tolist() == [[0.5, 0.5], [1, 0], [0, 1]]


@pytest.mark.parametrize(
    "model",
    [
        DecisionTreeClassifier(random_state=0),
        RandomForestClassifier(5, random_state=0),
        BaggingClassifier(
            DecisionTreeClassifier(), max_features=0.5, n_estimators=5, random_state=0
        ),
        make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=0)),
    ],
    ids=repr,
)
def test_mean_of_the_leaves_is_the_models_answer(model):
    ensemble = read_trees(model.fit(X, Y))
    values = ensemble.transform(X)[::10]
    answers = []
    for nodes in ensemble.trees:
        seen = values if nodes.columns is None else values[:, nodes.columns]
        answers.append([nodes.value[walk(nodes, row)] for row in seen])
    np.testing.assert_allclose(np.mean(answers, axis=0), model.predict_proba(X[::10]))


def test_random_thresholds_are_told_from_midpoints():
    assert read_trees(ExtraTreeClassifier().fit(X, Y)).splits == "random"
    assert read_trees(DecisionTreeClassifier().fit(X, Y)).splits == "midpoint"


def test_model_without_trees_is_refused():
    with pytest.raises(TypeError, match="must hold decision trees.*LogisticRegression"):
        read_trees(LogisticRegression(max_iter=1000).fit(X, Y))


def test_unfitted_model_is_refused():
    with pytest.raises(NotFittedError):
        read_trees(RandomForestClassifier())
