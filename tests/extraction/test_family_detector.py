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
from skprivacy.extraction._family_probes import change_on_the_way, hybrids
from skprivacy.extraction._family_signs import (
    bend,
    common_denominator,
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
    assert detector.n_queries_ == box.n_queries_ <= 200


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
    box = BlackBox(model, budget=10)
    with pytest.raises(ValueError, match="telling the family needs .* only 10 are"):
        FamilyDetector(box).fit(X)
    assert box.n_queries_ == 0


@pytest.mark.parametrize(
    "function, family",
    [
        (lambda X: X @ [1.0, -2.0, 0.5], "linear"),
        (lambda X: X**2 @ [1.0, -2.0, 0.5], "naive_bayes"),
        (lambda X: X[:, 0] * X[:, 1] + X[:, 2], "quadratic"),
        (lambda X: (X // 9) ** 2 @ [1.0, 0.3, 0.7], "stumps"),
        (lambda X: np.where(X[:, 0] > 17, X[:, 1] > 5, 2 + (X[:, 2] > 30)), "tree"),
        (lambda X: np.sin(X[:, 0] + X[:, 1]) * X[:, 2], "unknown"),
    ],
)
def test_whole_numbers_alone(function, family):
    X = np.random.RandomState(0).randint(0, 41, size=(60, 3))
    box = BlackBox(lambda X: function(X) * 1.0)
    for seed in range(3):
        assert FamilyDetector(box, random_state=seed).fit(X).family_ == family


def test_two_values_of_each_feature_are_linear_if_they_add_up():
    X = np.random.RandomState(0).randint(0, 2, size=(60, 4))
    box = BlackBox(lambda X: X @ [1.0, -2.0, 0.5, 4.0])
    assert FamilyDetector(box, random_state=0).fit(X).family_ == "linear"


def test_a_target_that_contradicts_itself():
    rng = np.random.RandomState(0)
    X = rng.uniform(size=(60, 3))
    box = BlackBox(lambda X: X.sum(axis=1) + 0.1 * rng.normal(size=len(X)))
    detector = FamilyDetector(box, random_state=0).fit(X)
    assert detector.family_ == "noisy" and detector.evidence_["noise"] > 1e-3
    assert detector.n_queries_ == 11


def test_a_budget_that_runs_out_leaves_the_family_unknown():
    X, y = TABLES["cancer"]
    box = BlackBox(RandomForestClassifier(random_state=0).fit(X, y), budget=30)
    assert FamilyDetector(box, random_state=0).fit(X).family_ == "unknown"
    assert box.n_queries_ <= 30


def test_records_on_the_border_of_a_step_do_not_make_a_forest_smooth():
    # Thresholds lie halfway between whole numbers, where half of the records are.
    X = np.random.RandomState(0).randint(0, 20, size=(300, 4)) / 2.0
    whole = X[(X % 1 == 0).all(axis=1)]
    X_train = np.vstack([whole, X.round()])
    y = (X_train.sum(axis=1) > 20) * 1
    model = RandomForestClassifier(50, random_state=0).fit(X_train, y)
    for seed in range(3):
        family = FamilyDetector(BlackBox(model), random_state=seed).fit(X).family_
        assert family == "forest"


def test_ways_by_hand():
    points, sizes = hybrids(np.zeros(4), np.ones(4), np.array([3, 1, 0, 2]), 1)
    np.testing.assert_array_equal(points, [[0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1]])
    np.testing.assert_array_equal(sizes, [0, 2, 4])

    def second(points):
        return (points[:, 1:2] > 0.5) * 1.0

    feature, low, answer = change_on_the_way(
        second, np.zeros(4), np.ones(4), np.array([3, 1, 0, 2]), np.zeros(1)
    )
    assert feature == 1 and answer == 1.0
    np.testing.assert_array_equal(low, [0, 0, 0, 1])


def test_signs_by_hand():
    scores = np.array([[[0.0]], [[1.0]], [[4.0]], [[5.0]]])
    np.testing.assert_allclose(interaction(*scores), [0])
    none = np.zeros((1, 1))
    np.testing.assert_array_equal(interaction(none, none, none, none), [np.inf])
    # Second differences of 0, 1, 4 are 2, and the spread is 4.
    np.testing.assert_allclose(bend(np.array([[[0.0], [1.0], [4.0]]]), 2), [0.5])
    assert common_denominator(np.array([[1 / 3, 2 / 3], [1 / 6, 5 / 6]])) == 6
    assert common_denominator(np.array([[1 / np.pi, 1 - 1 / np.pi]])) is None
