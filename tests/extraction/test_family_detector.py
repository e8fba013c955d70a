import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skprivacy.extraction import FamilyDetector
from skprivacy.extraction._family_signs import (
    bend,
    common_denominator,
    find_feature,
    interaction,
)
from skprivacy.targets import BlackBox

TABLES = {
    "cancer": load_breast_cancer(return_X_y=True),
    "wine": load_wine(return_X_y=True),
    "diabetes": load_diabetes(return_X_y=True),
}


def scaled(model):
    return make_pipeline(StandardScaler(), model)


@pytest.mark.parametrize(
    "table, model, family",
    [
        ("cancer", scaled(LogisticRegression()), "linear"),
        ("wine", scaled(LogisticRegression()), "linear"),
        ("diabetes", Ridge(), "linear"),
        ("wine", QuadraticDiscriminantAnalysis(reg_param=0.1), "quadratic"),
        ("cancer", GaussianNB(), "naive_bayes"),
        ("cancer", DecisionTreeClassifier(random_state=0), "tree"),
        ("diabetes", DecisionTreeRegressor(max_depth=6, random_state=0), "tree"),
        ("cancer", RandomForestClassifier(random_state=0), "forest"),
        ("wine", RandomForestClassifier(random_state=0), "forest"),
        ("cancer", HistGradientBoostingClassifier(max_iter=50), "boosting"),
        ("diabetes", GradientBoostingRegressor(random_state=0), "ensemble"),
        ("cancer", AdaBoostClassifier(random_state=0), "stumps"),
        ("cancer", scaled(KNeighborsClassifier()), "neighbors"),
        ("cancer", scaled(MLPClassifier(max_iter=400, random_state=0)), "network"),
        ("wine", scaled(SVC()), "kernel"),
        ("diabetes", SVR(), "kernel"),
        ("diabetes", DummyRegressor(), "constant"),
    ],
)
def test_tells_families(table, model, family):
    X, y = TABLES[table]
    box = BlackBox(model.fit(X[::2], y[::2]))
    detector = FamilyDetector(box, random_state=0).fit(X[1::2])
    assert detector.family_ == family
    assert detector.n_queries_ == box.n_queries_ < 1000


def test_number_of_trees_and_of_neighbors():
    X, y = TABLES["cancer"]
    for model, n in (
        (RandomForestClassifier(40, random_state=0), 40),
        (scaled(KNeighborsClassifier(7)), 7),
    ):
        box = BlackBox(model.fit(X[::2], y[::2]))
        evidence = FamilyDetector(box, random_state=0).fit(X[1::2]).evidence_
        # A divisor of it, where the few answers seen happen to have one.
        assert n % evidence["multiple_of"] == 0


def test_rounded_answers_are_said_to_be():
    X, y = TABLES["cancer"]
    model = scaled(LogisticRegression(C=1e-3)).fit(X, y)
    box = BlackBox(model, decimals=3)
    assert FamilyDetector(box, random_state=0).fit(X).family_ == "rounded"


def test_refusals():
    X, y = TABLES["cancer"]
    model = DecisionTreeClassifier(max_depth=2).fit(X, y)
    with pytest.raises(ValueError, match="response='label'"):
        FamilyDetector(BlackBox(model, response="label")).fit(X)
    box = BlackBox(model, budget=100)
    with pytest.raises(ValueError, match="telling the family needs .* only 100 are"):
        FamilyDetector(box).fit(X)
    assert box.n_queries_ == 0


def test_whole_numbers_alone_show_nothing():
    X = np.arange(40).reshape(20, 2)
    box = BlackBox(lambda X: X.sum(axis=1) * 1.0)
    assert FamilyDetector(box).fit(X).family_ == "unknown"


def test_signs_by_hand():
    def step(points):
        return (points[:, 1:2] > 0.5) * 1.0

    low, high = np.array([0.0, 0.4, 0.0]), np.array([0.1, 0.6, 0.1])
    assert find_feature(step, low, high, np.array([1.0])) == 1

    def slanted(points):
        return (points.sum(axis=1, keepdims=True) > 0.7) * 1.0

    assert find_feature(slanted, low, high, np.array([1.0])) is None
    scores = np.array([[[0.0]], [[1.0]], [[4.0]], [[5.0]]])
    np.testing.assert_allclose(interaction(*scores), [0])
    none = np.zeros((1, 1))
    np.testing.assert_array_equal(interaction(none, none, none, none), [np.inf])
    # Second differences of 0, 1, 4 are 2, and the spread is 4.
    np.testing.assert_allclose(bend(np.array([[[0.0], [1.0], [4.0]]]), 2), [0.5])
    assert common_denominator(np.array([[1 / 3, 2 / 3], [1 / 6, 5 / 6]])) == 6
    assert common_denominator(np.array([[1 / np.pi, 1 - 1 / np.pi]])) is None
