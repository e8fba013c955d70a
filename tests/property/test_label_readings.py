"""Shares of classes are read where they stand."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skprivacy.property._label_readings import label_readings

X = np.random.RandomState(0).normal(size=(200, 2))
TWO = np.repeat(["n", "y"], [140, 60])
THREE = np.repeat(["a", "b", "c"], [100, 60, 40])


def best(model, value):
    return max(label_readings(model, value), key=lambda found: found.exact)


@pytest.mark.parametrize(
    "model",
    [
        HistGradientBoostingClassifier(max_iter=2),
        GradientBoostingClassifier(n_estimators=2),
        GaussianNB(),
        LinearDiscriminantAnalysis(),
        KNeighborsClassifier(),
        DecisionTreeClassifier(),
        DummyClassifier(),
        make_pipeline(StandardScaler(), GaussianNB()),
    ],
)
def test_every_class_is_counted(model):
    for y in (TWO, THREE):
        fitted = model.fit(X, y)
        for value in np.unique(y):
            found = best(fitted, value)
            assert found.share == pytest.approx(np.mean(y == value))
            assert found.exact


def test_roots_of_forests_scatter():
    forest = RandomForestClassifier(50, random_state=0).fit(X, TWO)
    found = best(forest, "y")
    assert not found.exact
    assert found.low < 0.3 < found.high
    assert found.high - found.low < 0.03


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        RandomForestClassifier(3, class_weight="balanced"),
        HistGradientBoostingClassifier(max_iter=2, class_weight="balanced"),
        GaussianNB(priors=[0.5, 0.5]),
        CalibratedClassifierCV(LogisticRegression(), cv=2),
    ],
)
def test_what_does_not_tell(model):
    shares = [found.share for found in label_readings(model.fit(X, TWO), "y")]
    assert shares == ([pytest.approx(0.3)] if isinstance(model, GaussianNB) else [])


def test_what_early_stopping_holds_out_is_not_counted():
    model = HistGradientBoostingClassifier(max_iter=2, early_stopping=True)
    found = best(model.fit(X, TWO), "y")
    assert found.share == pytest.approx(0.3, abs=0.05)
    assert not found.exact


def test_members_on_draws_are_averaged():
    bag = BaggingClassifier(GaussianNB(), 20, random_state=0).fit(X, TWO)
    (found,) = label_readings(bag, "y")
    assert not found.exact
    assert found.low < 0.3 < found.high


def test_members_know_the_classes_by_their_places():
    bag = BaggingClassifier(GaussianNB(), 2, random_state=0)
    (found,) = label_readings(bag.fit(X, np.where(TWO == "y", 1, 2)), 1)
    assert found.share == pytest.approx(0.3, abs=0.1)
