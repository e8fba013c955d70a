import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skprivacy.extraction import LowdMeekAttack
from skprivacy.extraction._boundaries import (
    boundaries_from_points,
    spanning_pairs,
    weights_by_sides,
)
from skprivacy.extraction._labels import bisect_labels, find_labels
from skprivacy.extraction._oracle import Oracle
from skprivacy.extraction._space import QuerySpace
from skprivacy.targets import BlackBox

CANCER = load_breast_cancer(return_X_y=True)
WINE = load_wine(return_X_y=True)


def labels_of(model, **given):
    return BlackBox(model, response="label", **given)


def cosine(first, second):
    first, second = first.ravel(), second.ravel()
    return first @ second / np.linalg.norm(first) / np.linalg.norm(second)


@pytest.mark.parametrize("model", [LogisticRegression(), LinearSVC(C=0.1)])
@pytest.mark.parametrize("n_per_feature, least", [(20, 0.9999), (40, 1 - 1e-12)])
def test_coefficients_of_two_classes(model, n_per_feature, least):
    X, y = CANCER
    model = make_pipeline(StandardScaler(), model).fit(X[::2], y[::2])
    attack = LowdMeekAttack(
        labels_of(model), n_per_feature=n_per_feature, random_state=0
    )
    copy = attack.fit(X)
    assert copy.n_queries_ <= n_per_feature * 30
    assert copy.score(X) == 1
    # In units of the features' spread, as else the smallest of them decides.
    assert cosine(copy.coef_ * model[0].scale_, model[-1].coef_) > least
    assert np.linalg.norm(copy.coef_) == pytest.approx(1)


def test_coefficients_of_three_classes():
    X, y = WINE
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    copy = LowdMeekAttack(labels_of(model), random_state=0).fit(X)
    assert cosine(copy.coef_ * X.std(axis=0), model[-1].coef_) > 1 - 1e-9
    assert copy.n_queries_ <= 40 * 13 * 3
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))


def test_classes_that_never_meet_still_agree():
    # The first and the last species have no common boundary within the ranges.
    X, y = load_iris(return_X_y=True)
    model = LogisticRegression(max_iter=1000).fit(X, y)
    copy = LowdMeekAttack(labels_of(model), random_state=0).fit(X)
    assert copy.score(X) == 1


def test_only_labels_are_used_of_a_target_that_tells_more():
    X, y = CANCER
    model = SVC(kernel="linear", C=0.01).fit(StandardScaler().fit_transform(X), y)
    X = StandardScaler().fit_transform(X)
    attack = LowdMeekAttack(BlackBox(model), random_state=0)
    assert not hasattr(attack, "predict_proba")
    copy = attack.fit(X)
    assert copy.score(X) == 1
    decision = copy.decision_function(X)
    assert np.corrcoef(decision, model.decision_function(X))[0, 1] > 1 - 1e-9


def test_names_of_classes_and_columns():
    X, y = CANCER
    table = pd.DataFrame(X[:, :4], columns=[*"abcd"])
    names = np.array(["ill", "well"])[y]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(table, names)
    copy = LowdMeekAttack(labels_of(model), random_state=0).fit(table)
    np.testing.assert_array_equal(copy.predict(table), model.predict(table))


def test_whole_numbers_are_held_while_others_are_bisected():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"age": rng.integers(20, 60, 300), "size": rng.normal(size=300)}
    ).assign(sex=rng.integers(2, size=300), weight=rng.normal(size=300))

    def function(X):
        assert (X["age"] % 1 == 0).all()
        score = X["age"] / 20 - 2 + 2 * X["size"] + X["sex"] - X["weight"]
        return (score > 0).astype(int)

    box = BlackBox(function, classes=[0, 1], response="label")
    copy = LowdMeekAttack(box, random_state=0).fit(table)
    assert cosine(copy.coef_, np.array([1 / 20, 2, 1, -1])) > 1 - 1e-9
    # Nothing can be asked between whole numbers.
    with pytest.raises(ValueError, match="between whole numbers nothing can be asked"):
        LowdMeekAttack(
            BlackBox(lambda X: X[:, 0] > 1, classes=[False, True], response="label"),
            random_state=0,
        ).fit(np.arange(12).reshape(6, 2))


def test_constant_target():
    X, y = CANCER
    model = DummyClassifier(strategy="constant", constant=1).fit(X, y)
    with pytest.warns(UserWarning, match="the label 1 to all 800 points"):
        copy = LowdMeekAttack(labels_of(model), random_state=0).fit(X)
    assert copy.score(X) == 1
    assert (copy.decision_function(X) == np.inf).all()


def test_tree_is_refused():
    X, y = CANCER
    model = DecisionTreeClassifier(random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="lie on the wrong side of the lines"):
        LowdMeekAttack(labels_of(model), random_state=0).fit(X)


def test_numbers_are_refused():
    X, y = CANCER
    with pytest.raises(ValueError, match="response='value'.*EquationSolvingAttack"):
        LowdMeekAttack(BlackBox(LinearRegression().fit(X, y))).fit(X)


def test_budget_that_is_too_small():
    X, y = CANCER
    box = labels_of(DummyClassifier().fit(X, y), budget=1000)
    with pytest.raises(ValueError, match="n_per_feature=40, needs 1200 queries"):
        LowdMeekAttack(box).fit(X)
    assert box.n_queries_ == 0


def test_bisection_tells_the_labels_on_both_sides():
    def ask(points):
        return np.digitize(points[:, 0], [0.25, 0.75])

    low, high = np.array([[0.0], [0.5]]), np.array([[0.5], [1.0]])
    ends = np.array([0, 1]), np.array([1, 2])
    points, first, second = bisect_labels(ask, low, high, *ends, 50)
    np.testing.assert_allclose(points[:, 0], [0.25, 0.75], atol=1e-12)
    assert (first.tolist(), second.tolist()) == ([0, 1], [1, 2])


def test_rare_labels_are_looked_for_beyond_the_records():
    X = np.zeros((50, 2)) + [[0.5, 0.5]]
    bounds = [[0, 1], [0, 1]]
    box = BlackBox(lambda X: X[:, 0] > 0.9, classes=[False, True], response="label")
    points, labels = find_labels(
        Oracle(box, QuerySpace(X, bounds)),
        QuerySpace(X, bounds),
        np.random.RandomState(0),
    )
    # A tenth of the box: 350 points miss it with a chance of 1e-16.
    assert set(labels) == {0, 1}
    assert len(points) == len(labels)


def test_boundaries_from_points_by_hand():
    # x = 1 parts classes 0 and 1, x = 3 parts 1 and 2; they have the same slopes
    # towards each other only if a third point says so: 0 and 2 meet at x = 2.
    terms = np.array([[1.0, 1.0], [1.0, 3.0]])
    first, second = np.array([0, 1]), np.array([1, 2])
    assert len(boundaries_from_points(terms, first, second, 3)) == 2
    terms = np.vstack([terms, [[1.0, 2.0]]])
    first, second = np.append(first, 0), np.append(second, 2)
    theta = boundaries_from_points(terms, first, second, 3)
    assert len(theta) == 1
    gaps = theta[0][first] - theta[0][second]
    np.testing.assert_allclose((gaps * terms).sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(theta[0].sum(axis=0), 0, atol=1e-12)


def test_weights_put_points_on_their_side():
    solutions = np.array([[[0.0, 1.0], [0.0, -1.0]], [[1.0, 0.0], [-1.0, 0.0]]])
    terms = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, -1.0]])
    codes = np.array([0, 0, 1])
    theta = np.tensordot(weights_by_sides(solutions, terms, codes), solutions, 1)
    np.testing.assert_array_equal((terms @ theta.T).argmax(axis=1), codes)


def test_pairs_span_all():
    points = np.array([[0.0, 0.0], [9.0, 0.0], [1.0, 0.0], [9.0, 1.0]])
    assert spanning_pairs(points) == [(0, 2), (2, 1), (1, 3)]
