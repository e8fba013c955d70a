"""Answers to members and to others."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from skprivacy.defenses._cross_fit import member_and_other_answers
from skprivacy.records import hash_records

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 2)), np.array(["no", "yes"] * 20)
CLASSES = np.array(["no", "yes"])
TREE = DecisionTreeClassifier(random_state=0)


def answers(recipe=TREE, X=X, y=Y, classes=CLASSES, cv=4, **params):
    random = np.random.RandomState(0)
    return member_and_other_answers(recipe, X, y, classes, cv, random, params)


class Remembers(ClassifierMixin, BaseEstimator):
    """Answers "yes" to the records that it was trained on."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.known_ = set(hash_records(X).tolist())
        return self

    def predict_proba(self, X):
        known = [record in self.known_ for record in hash_records(X).tolist()]
        return np.eye(2)[np.array(known, dtype=int)]


@pytest.mark.parametrize("as_frame", [False, True])
def test_members_are_those_that_a_model_was_trained_on(as_frame):
    proba, is_member = answers(Remembers(), X=pd.DataFrame(X) if as_frame else X)
    assert proba.shape == (80, 2)
    assert is_member.sum() == 40
    np.testing.assert_array_equal(proba[:, 1], is_member)


def test_columns_are_those_of_the_classes():
    y = np.array(["no", "yes"] * 18 + ["no", "no", "rare", "rare"])
    proba, _ = answers(y=y, classes=np.array(["no", "rare", "yes"]), cv=10)
    assert proba.shape[1] == 3
    np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_weights_are_divided_like_the_records():
    weight = np.where(Y == "yes", 1e-9, 1.0)
    proba, _ = answers(LogisticRegression(), sample_weight=weight)
    assert proba[:, 1].max() < 0.1


def test_what_cannot_be_trained_anew():
    frozen = FrozenEstimator(TREE.fit(X, Y))
    with pytest.raises(ValueError, match="a FrozenEstimator can't be"):
        answers(frozen)
    y = np.array(["no"] * 39 + ["yes"])
    with pytest.raises(ValueError, match=r"needs 2 records .* class .*yes.* has 1"):
        answers(y=y)
