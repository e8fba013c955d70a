"""Models of disjoint parts of the records, and one that combines what they say."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_iris, make_classification
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.defenses import StackedPartitionClassifier
from skprivacy.membership import CalibratedAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

X, Y = load_iris(return_X_y=True)
LABELS = np.array(["setosa", "versicolor", "virginica"])[Y]
TREE = DecisionTreeClassifier(random_state=0)


class Remembers(ClassifierMixin, BaseEstimator):
    """Is certain of the records that it was trained on, and of no others."""

    def fit(self, X, y):
        self.classes_, self.X_, self.y_ = np.unique(y), np.array(X), np.array(y)
        return self

    def predict_proba(self, X):
        same = (np.asarray(X)[:, None] == self.X_).all(axis=2)
        own = same.astype(float) @ (self.y_[:, None] == self.classes_)
        rest = 1 / len(self.classes_)
        return np.where(same.any(axis=1)[:, None], own, rest)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def test_each_record_is_in_one_part():
    records = np.arange(90.0)[:, None]
    y = np.tile([0, 1], 45)
    model = StackedPartitionClassifier(Remembers(), Remembers(), n_parts=4)
    model.set_params(random_state=0).fit(records, y)
    held = [base.X_.ravel() for base in model.estimators_]
    assert [len(part) for part in held] == [23, 23, 22]
    combined = model.final_estimator_.X_
    assert combined.shape == (22, 3 * 2)
    # The combiner is given answers of models that have none of its records.
    np.testing.assert_array_equal(combined, 0.5)
    assert len(set(np.concatenate(held))) == 68


def test_it_narrows_the_gap_between_members_and_others():
    # 300 members, 300 others, of which a third has a random label: the accuracies of a
    # tree are 1 and about .65, with deviations of .03. One tree of five knows a member.
    X, y = make_classification(600, 10, flip_y=0.3, random_state=0)
    members, others = (X[:300], y[:300]), (X[300:], y[300:])
    model = StackedPartitionClassifier(TREE, n_parts=6, random_state=0).fit(*members)
    assert clone(TREE).fit(*members).score(*members) == 1
    assert model.score(*members) - model.score(*others) < 0.2


def test_learns_and_is_the_same_again():
    model = StackedPartitionClassifier(TREE, random_state=0).fit(X, LABELS)
    assert model.score(X, LABELS) > 0.9
    assert model.privacy_guarantee_ is None
    assert len(model.estimators_) == 2
    proba = model.predict_proba(X)
    for same in (pickle.loads(pickle.dumps(model)), clone(model).fit(X, LABELS)):
        np.testing.assert_array_equal(same.predict_proba(X), proba)


def test_classes_that_parts_have_not():
    y = LABELS.copy()
    y[7] = "alone"
    model = StackedPartitionClassifier(TREE, n_parts=5, random_state=0).fit(X, y)
    proba = model.predict_proba(X)
    assert proba.shape == (150, 4)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    one = StackedPartitionClassifier(TREE).fit(X[:9], LABELS[:9])
    assert set(one.predict(X)) == {"setosa"}


def test_models_of_any_kind():
    table = pd.DataFrame(X, columns=[*"abcd"])
    bases = make_pipeline(StandardScaler(), LinearSVC())
    model = StackedPartitionClassifier(bases, TREE, random_state=0)
    assert model.fit(table, LABELS).score(table, LABELS) > 0.85
    assert model.feature_names_in_.tolist() == [*"abcd"]
    labels_alone = StackedPartitionClassifier(TREE, LinearSVC())
    assert not hasattr(labels_alone, "predict_proba")


def test_searches_pipelines_and_shadow_models():
    grid = {"estimator__max_depth": [1, 3], "n_parts": [2, 3]}
    search = GridSearchCV(StackedPartitionClassifier(TREE, random_state=0), grid, cv=2)
    steps = make_pipeline(StandardScaler(), search)
    assert steps.fit(X, LABELS).score(X, LABELS) > 0.85
    model = StackedPartitionClassifier(TREE, random_state=0).fit(X[::2], Y[::2])
    shadow = ShadowModels(n_models=2, keep_models=True, random_state=0)
    attack = CalibratedAttack(BlackBox(model), shadow=shadow)
    attack.fit(np.column_stack([X, Y]))
    assert all(isinstance(m, type(model)) for m in attack.shadow_.models_)


def test_refuses():
    with pytest.raises(ValueError, match="final_estimator must be a classifier"):
        StackedPartitionClassifier(TREE, LinearRegression()).fit(X, Y)
    with pytest.raises(ValueError, match="n_parts=3 needs at least 3 records.*=2"):
        StackedPartitionClassifier(TREE).fit(X[:2], Y[:2])
    with pytest.raises(ValueError, match="'n_parts' parameter"):
        StackedPartitionClassifier(TREE, n_parts=1).fit(X, Y)
    with pytest.raises(TypeError, match="sample_weight"):
        StackedPartitionClassifier(TREE).fit(X, Y, sample_weight=np.ones(150))


@parametrize_with_checks([StackedPartitionClassifier(TREE, random_state=0)])
def test_scikit_learn_contract(estimator, check):
    check(estimator)
